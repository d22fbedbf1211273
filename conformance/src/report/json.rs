//! The report as JSON: a stable interface. Fields are added at the end of an object, never renamed;
//! `schema` changes when one goes or changes its meaning.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Finding, Met, Report, Searched, StackReport, explain, ip_name};
use crate::table::Level;
use crate::verdict::{Signature, Verdict};

/// Raised when a field goes or changes its meaning.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Run<'a> {
    schema: u32,
    version: &'static str,
    seed: u64,
    seconds: f64,
    stacks: Vec<Stack<'a>>,
    interrupted: bool,
}

#[derive(Serialize)]
struct Stack<'a> {
    name: &'a str,
    version: &'a str,
    ip: &'static str,
    profile: &'a str,
    cells: u64,
    scenarios: u64,
    pass: u64,
    allowed: u64,
    non_strict: u64,
    fail: u64,
    unsupported: u64,
    waived: u64,
    inconclusive: u64,
    findings: Vec<Entry<'a>>,
    inconclusive_reasons: &'a BTreeMap<String, u64>,
    seen: &'a BTreeMap<String, u64>,
    /// Scripts compared with themselves under a change that must not matter.
    compared: u64,
    /// Null where no random history was asked for.
    random: Option<Random<'a>>,
    /// Null where the clock is virtual.
    real_time: Option<RealTimeOpen<'a>>,
    /// Worlds with other stacks; empty where none were asked for.
    worlds: Vec<Worlds<'a>>,
}

/// What a run in real time left open.
#[derive(Serialize)]
struct RealTimeOpen<'a> {
    /// Scenarios not run, by reason.
    left_out: &'a BTreeMap<&'static str, u64>,
    /// Differences that never showed again, with the cell: no findings.
    unrepeated: BTreeMap<String, &'a str>,
}

/// Worlds with one partner; their findings stand among the others.
#[derive(Serialize)]
struct Worlds<'a> {
    partner: &'a str,
    worlds: u64,
    clean: u64,
    without_properties: u64,
    partner_broke: u64,
    inconclusive_reasons: &'a BTreeMap<String, u64>,
}

/// Random histories; their findings stand among the others.
#[derive(Serialize)]
struct Random<'a> {
    histories: u64,
    pass: u64,
    allowed: u64,
    non_strict: u64,
    fail: u64,
    unsupported: u64,
    waived: u64,
    inconclusive: u64,
    inconclusive_reasons: &'a BTreeMap<String, u64>,
    reached: &'a BTreeMap<&'static str, u64>,
    /// Only seen after an accepted difference: no findings.
    follow: BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct Entry<'a> {
    signature: String,
    rule: &'static str,
    verdict: &'static str,
    level: &'static str,
    cite: String,
    states: Vec<&'static str>,
    count: u64,
    want: &'a str,
    got: &'a str,
    /// The shortest scenario, as text.
    scenario: String,
    /// The waiver's reason, or null.
    waived: Option<&'a str>,
    /// A cell that shows it.
    cell: &'a str,
    /// Where the clock is real: in how many of how many runs more it showed again; else null.
    repeats: Option<[u32; 2]>,
}

/// Two-space indented JSON with a line feed at the end. The same run gives the same octets, but for
/// `seconds`.
///
/// # Errors
/// None is known: every field is a number or a string.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let run = Run {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        seed: report.seed,
        // Milliseconds are enough, and a short number is easier to strip.
        seconds: (report.seconds * 1000.0).round() / 1000.0,
        stacks: report.stacks.iter().map(stack).collect(),
        interrupted: report.interrupted,
    };
    let mut text = serde_json::to_string_pretty(&run)?;
    text.push('\n');
    Ok(text)
}

fn stack(stack: &StackReport) -> Stack<'_> {
    let counts = &stack.counts;
    Stack {
        name: &stack.name,
        version: &stack.version,
        ip: ip_name(stack.ip),
        profile: &stack.profile,
        cells: stack.cells,
        scenarios: stack.scenarios,
        pass: counts.pass,
        allowed: counts.allowed,
        non_strict: counts.non_strict,
        fail: counts.fail,
        unsupported: counts.unsupported,
        waived: counts.waived,
        inconclusive: counts.inconclusive,
        findings: stack.findings.iter().map(entry).collect(),
        inconclusive_reasons: &stack.inconclusive,
        seen: &stack.seen,
        compared: stack.compared,
        random: stack.random.as_ref().map(random),
        real_time: stack.real_time.as_ref().map(|real| RealTimeOpen {
            left_out: &real.left_out,
            unrepeated: real.unrepeated.iter().map(|(s, cell)| (s.to_string(), cell.as_str())).collect(),
        }),
        worlds: stack.worlds.iter().map(worlds).collect(),
    }
}

fn worlds(met: &Met) -> Worlds<'_> {
    Worlds {
        partner: &met.partner,
        worlds: met.worlds,
        clean: met.clean,
        without_properties: met.without_properties,
        partner_broke: met.partner_broke,
        inconclusive_reasons: &met.inconclusive,
    }
}

fn random(searched: &Searched) -> Random<'_> {
    let counts = &searched.counts;
    Random {
        histories: searched.histories,
        pass: counts.pass,
        allowed: counts.allowed,
        non_strict: counts.non_strict,
        fail: counts.fail,
        unsupported: counts.unsupported,
        waived: counts.waived,
        inconclusive: counts.inconclusive,
        inconclusive_reasons: &searched.inconclusive,
        reached: &searched.reached,
        follow: searched.follow.iter().map(|(signature, count)| (signature.to_string(), *count)).collect(),
    }
}

fn entry<'a>((signature, finding): (&'a Signature, &'a Finding)) -> Entry<'a> {
    Entry {
        signature: signature.to_string(),
        rule: signature.rule,
        verdict: Verdict::name(finding.verdict),
        level: Level::name(finding.level),
        cite: explain::source(finding.cite),
        states: finding.states.iter().map(|state| state.name()).collect(),
        count: finding.count,
        want: &finding.example.want,
        got: &finding.example.got,
        scenario: finding.scenario.to_string(),
        waived: finding.waived.as_ref().map(|accepted| accepted.reason.as_str()),
        cell: &finding.cell,
        repeats: finding.repeats.map(|repeats| [repeats.shown, repeats.runs]),
    }
}
