//! What is checked, and what is not: every requirement and every rule, with what checks it or the reason
//! why nothing does.
//!
//! A rule, an obligation, a monitor or a property that cites a requirement's id checks it; what is checked without a
//! citation, and what is not although a rule names it, stands in `cover/claims.rs`. A rule that no scenario can
//! reach checks nothing, and so the requirements that only such rules cite are gaps.

mod claims;

use core::fmt::Write as _;

use self::claims::{CLAIMS, Claim};
use super::explain;
use crate::monitor::MONITORS;
use crate::property::PROPERTIES;
use crate::table::requirements::{Requirement, requirements};
use crate::table::rules::is_executed;
use crate::table::{Event, Guard, Rule, Switch, TimerKind, rule, rules};
use crate::trace::ladder::wrap;
use crate::verdict::Obligation;

/// Whether something is checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cover {
    /// By these rules, obligations, monitors and groups of cells; never empty.
    By(Vec<String>),
    /// By nothing, for this reason.
    Gap(&'static str),
}

/// Everything, in the order of the data.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// Every requirement.
    pub requirements: Vec<(&'static Requirement, Cover)>,
    /// Every rule that no scenario can reach, with the reason. All others are checked by every cell in
    /// which they fire.
    pub unreached: Vec<(&'static str, &'static str)>,
    /// Rules that only explain others.
    pub explanations: usize,
    /// Names of rules, obligations and monitors.
    pub rules: usize,
}

/// Works it out.
pub fn coverage() -> Coverage {
    let mut names: Vec<&'static str> = Vec::new();
    let mut unreached = Vec::new();
    let mut explanations = 0;
    for row in rules::all().map(rule) {
        if names.contains(&row.name) {
            continue;
        }
        names.push(row.name);
        let mut same = rules::all().map(rule).filter(|other| other.name == row.name);
        match gap_of(row) {
            // Rows of one name may stand under different conditions: one that is reached is enough.
            Some(reason) if same.all(|other| gap_of(other).is_some()) => unreached.push((row.name, reason)),
            _ => explanations += usize::from(!is_executed(row)),
        }
    }
    let of = |requirement| (requirement, cover_of(requirement, &unreached));
    Coverage {
        requirements: requirements().iter().map(of).collect(),
        unreached: unreached.clone(),
        explanations,
        rules: names.len(),
    }
}

/// What checks a requirement.
fn cover_of(requirement: &Requirement, unreached: &[(&'static str, &'static str)]) -> Cover {
    let claim = CLAIMS.iter().find(|(id, _)| *id == requirement.id).map(|(_, claim)| claim);
    if let Some(Claim::Gap(reason)) = claim {
        return Cover::Gap(reason);
    }
    let mut by: Vec<String> = Vec::new();
    if let Some(Claim::By(names)) = claim {
        by.extend(names.iter().map(|name| (*name).to_owned()));
    }
    let mut reason = None;
    for name in citing(requirement.id) {
        match unreached.iter().find(|(rule, _)| *rule == name) {
            Some((_, why)) => reason = Some(*why),
            None => by.push(name.to_owned()),
        }
    }
    by.sort_unstable();
    by.dedup();
    match (by.is_empty(), reason) {
        (false, _) => Cover::By(by),
        (true, Some(why)) => Cover::Gap(why),
        (true, None) => Cover::Gap(claims::UNCLAIMED),
    }
}

/// Names of the rules, obligations, monitors and properties that cite an id.
fn citing(id: &str) -> Vec<&'static str> {
    let rows = rules::all().map(rule).filter(|row| is_executed(row)).map(|row| (row.name, row.cite));
    let owed = Obligation::ALL.into_iter().map(|o| (o.name(), o.cite()));
    let watched = MONITORS.iter().map(|monitor| (monitor.name, monitor.cite));
    let cites = |cite: &str| cite.split([' ', ',', ';', '(', ')']).any(|word| word == id);
    let held = PROPERTIES.iter().map(|property| (property.name, property.cite));
    rows.chain(owed)
        .chain(watched)
        .chain(held)
        .filter(|(_, cite)| cites(cite))
        .map(|(name, _)| name)
        .collect()
}

/// Why no scenario reaches a row.
fn gap_of(row: &Rule) -> Option<&'static str> {
    match (row.event, row.switch, row.guard) {
        (Event::Icmp(_), ..) => Some(claims::ICMP),
        (_, Switch::Mls, _) => Some("no stack under test has security compartments"),
        (_, Switch::Timestamps | Switch::Rfc6191, _) => Some(claims::TIMESTAMPS),
        (_, Switch::KeepAlive, _) => Some(claims::KEEP_ALIVE),
        (_, _, Guard::NoAccess | Guard::NoRoom | Guard::BadDiffserv) => {
            Some("no set-up takes a stack's memory or rights away")
        }
        (Event::Timer(TimerKind::R1), ..) => {
            Some("R1 shows to the IP layer and by a signal that few stacks have")
        }
        _ => None,
    }
}

/// Counts first, then the gaps by reason, then what checks each requirement.
pub fn render(coverage: &Coverage) -> String {
    let mut out = String::new();
    let gaps = gaps_by_reason(coverage);
    let missing: usize = gaps.iter().map(|(_, ids)| ids.len()).sum();
    let all = coverage.requirements.len();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{all} requirements: {} checked, {missing} gaps", all - missing);
    let musts = |gap: bool| {
        let is_must = |r: &Requirement| matches!(r.level, "MUST" | "MUST NOT" | "COND-MUST");
        let here = coverage.requirements.iter();
        here.filter(|(r, cover)| is_must(r) && matches!(cover, Cover::Gap(_)) == gap).count()
    };
    let _ = writeln!(out, "  of these MUST or MUST NOT: {} checked, {} gaps", musts(false), musts(true));
    let reached = coverage.rules - coverage.unreached.len() - coverage.explanations;
    let _ = writeln!(
        out,
        "{} rules: {reached} checked in every cell where they fire, {} that only explain others, {} gaps",
        coverage.rules,
        coverage.explanations,
        coverage.unreached.len()
    );
    let _ = writeln!(out, "{} obligations and {} monitors", Obligation::ALL.len(), MONITORS.len());
    let _ = writeln!(
        out,
        "{} changes that must not matter, {} properties of worlds",
        explain::comparisons(),
        PROPERTIES.len()
    );

    out.push_str("\nRequirements that nothing checks, and why\n");
    for (reason, ids) in gaps {
        field(&mut out, 2, &format!("{reason} ({}):", ids.len()));
        field(&mut out, 6, &ids.join(" "));
    }
    out.push_str("\nRules that no scenario reaches, and why\n");
    for (name, reason) in &coverage.unreached {
        let _ = writeln!(out, "  {name}: {reason}");
    }
    out.push_str("\nRequirements, and what checks them\n");
    for (requirement, cover) in &coverage.requirements {
        if let Cover::By(by) = cover {
            field(&mut out, 2, &format!("{} {}: {}", requirement.id, requirement.level, by.join(" ")));
        }
    }
    out
}

/// In one line.
pub fn summary(coverage: &Coverage) -> String {
    let all = coverage.requirements.len();
    let gaps = coverage.requirements.iter().filter(|(_, cover)| matches!(cover, Cover::Gap(_))).count();
    let reached = coverage.rules - coverage.unreached.len() - coverage.explanations;
    let rules = coverage.rules - coverage.explanations;
    format!("{} of {all} requirements and {reached} of {rules} rules are checked", all - gaps)
}

fn gaps_by_reason(coverage: &Coverage) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut gaps: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    for (requirement, cover) in &coverage.requirements {
        let Cover::Gap(reason) = cover else { continue };
        match gaps.iter_mut().find(|(known, _)| known == reason) {
            Some((_, ids)) => ids.push(requirement.id),
            None => gaps.push((reason, vec![requirement.id])),
        }
    }
    gaps
}

/// A paragraph, its further lines indented.
pub fn field(out: &mut String, indent: usize, text: &str) {
    for (i, line) in wrap(text, 100 - indent).iter().enumerate() {
        let indent = if i == 0 { indent } else { indent + 4 };
        let _ = writeln!(out, "{:indent$}{line}", "");
    }
}
