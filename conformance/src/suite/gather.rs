//! Differences become findings: one a signature, with the worst and then the shortest scenario that shows it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use lastack_core::types::State;

use super::cause::may_follow;
use super::cells::{Cell, CrossIn};
use super::run::Case;
use super::time_wait;
use crate::driver::{Aim, Driver, Summary};
use crate::report::{Finding, StackReport};
use crate::scenario::Scenario;
use crate::subject::{Description, IpVersion};
use crate::verdict::{Difference, Signature, SignaturePattern, Verdict};

/// What the RFCs leave to a stack, by the rule that shows which it chose.
const CHOICES: [(&str, &str); 12] = [
    ("RST-IN-WINDOW", "RST in the window: challenge ACK (RFC 5961 3.2)"),
    ("RST-OVERLAP", "RST that starts left of the window: ignored (RFC 5961 3.2)"),
    ("RST-IN-WINDOW-CLASSIC", "RST in the window: reset (RFC 9293 without RFC 5961)"),
    ("RST-IN-WINDOW-CLASSIC-PASSIVE", "RST in the window: reset (RFC 9293 without RFC 5961)"),
    ("RST-IN-WINDOW-CLASSIC-ACTIVE", "RST in the window: reset (RFC 9293 without RFC 5961)"),
    ("RST-IN-WINDOW-CLASSIC-CLOSING", "RST in the window: reset (RFC 9293 without RFC 5961)"),
    ("SYN-IN-WINDOW", "SYN in a synchronized state: challenge ACK (RFC 5961 4.2)"),
    ("SYN-IN-WINDOW-CLASSIC", "SYN in a synchronized state: reset (RFC 9293 without RFC 5961)"),
    ("ACK-RANGE", "ACK out of range: refused (RFC 5961 5.2, MAY-12)"),
    ("SYN-REOPEN", "SYN in TIME-WAIT: a new connection (MAY-2)"),
    ("TEXT-AFTER-CLOSE", "text after CLOSE: reset (half-duplex close, MAY-1)"),
    ("CALL-CLOSE-UNREAD", "CLOSE with unread text: reset (half-duplex close, MAY-1)"),
];

/// What a scenario came to, and what is counted besides.
#[derive(Debug)]
pub(super) struct Played {
    pub summary: Summary,
    /// What the stack chose, where it had a choice.
    pub chosen: Vec<&'static str>,
    /// Rules that fired, if they are counted.
    pub fired: Vec<&'static str>,
}

/// Runs a case's scenario; `None` where the stack cannot do what it needs.
pub(super) fn play(
    driver: &mut Driver<'_>,
    case: &Case,
    scenario: &Scenario,
    event: usize,
) -> Option<Played> {
    let way = case.way()?;
    if case.needs().lacking(&driver.description().capabilities).is_some() {
        return None;
    }
    let aim = Aim { event, handle: way.handle, state: way.state };
    let summary = driver.run(scenario, Some(aim)).ok()?;
    let choice = |rule| CHOICES.iter().find(|(name, _)| *name == rule).map(|(_, seen)| *seen);
    let chosen = match summary.finding {
        None => driver.settled_rules(event).filter_map(choice).collect(),
        Some(_) => Vec::new(),
    };
    Some(Played { summary, chosen, fired: driver.fired() })
}

/// The report being made.
pub(super) struct Gather {
    pub(super) report: StackReport,
}

impl Gather {
    pub(super) fn new(description: &Description, ip: IpVersion) -> Gather {
        let report = StackReport {
            name: description.name.clone(),
            version: description.version.clone(),
            ip,
            profile: description.profile.to_string(),
            cells: 0,
            scenarios: 0,
            seconds: 0.0,
            counts: Default::default(),
            findings: Default::default(),
            inconclusive: Default::default(),
            seen: Default::default(),
            matrix: Default::default(),
            fired: Default::default(),
            compared: 0,
            worlds: Vec::new(),
            random: None,
            real_time: None,
        };
        Gather { report }
    }

    /// Runs one scenario.
    pub(super) fn case(
        &mut self,
        driver: &mut Driver<'_>,
        case: &Case,
        run: &CrossIn,
        waived: &[SignaturePattern],
    ) -> Verdict {
        let (scenario, event) = case.scenario(run);
        match play(driver, case, &scenario, event) {
            Some(played) => self.take(case, &scenario, played, waived),
            None => Verdict::Unsupported,
        }
    }

    /// Adds what a scenario came to.
    pub(super) fn take(
        &mut self,
        case: &Case,
        scenario: &Scenario,
        played: Played,
        waived: &[SignaturePattern],
    ) -> Verdict {
        let Played { summary, chosen, fired } = played;
        self.report.scenarios += 1;
        for seen in chosen {
            *self.report.seen.entry(seen.to_owned()).or_insert(0) += 1;
        }
        for rule in fired {
            *self.report.fired.entry(rule).or_insert(0) += 1;
        }
        let verdict = verdict_of(&summary, waived);
        self.differences(case, scenario, &summary);
        if let Some(why) = summary.inconclusive.filter(|_| verdict == Verdict::Inconclusive) {
            let way = case.way().map_or("?", |way| way.name);
            *self.report.inconclusive.entry(format!("{way}: {why}")).or_insert(0) += 1;
        }
        verdict
    }

    fn differences(&mut self, case: &Case, scenario: &Scenario, summary: &Summary) {
        for difference in summary.finding.iter().chain(&summary.conceded) {
            let shown = || (case.to_string(), scenario.clone());
            add(&mut self.report.findings, difference, scenario.events.len(), shown);
        }
    }

    /// Where no MSL is declared, any length of TIME-WAIT passes: it is measured, and said. Not on a clock that
    /// is real: that would take an hour.
    pub(super) fn time_wait(&mut self, driver: &mut Driver<'_>, run: &CrossIn) {
        let described = driver.description();
        let needs = Cell::from_name(time_wait::CELL).map(|cell| cell.needs()).unwrap_or_default();
        let able = needs.lacking(&described.capabilities).is_none() && described.capabilities.virtual_time;
        if able && described.profile.msl.is_none() {
            time_wait::report(time_wait::measure(driver, run), &mut self.report);
        }
    }

    /// All tails of one cell have been run.
    fn cell(&mut self, case: &Case, verdict: Verdict) {
        self.report.cells += 1;
        self.report.counts.add(verdict);
        let state = case.way().map_or(State::Closed, |w| w.state);
        self.report.matrix.entry((state, case.kind())).or_default().add(verdict);
    }
}

/// Puts the tails of one cell together, which come one after the other.
#[derive(Default)]
pub(super) struct Cells {
    last: Option<(Case, Verdict)>,
}

impl Cells {
    /// One more scenario of this cell or of the next.
    pub(super) fn add(&mut self, gather: &mut Gather, case: Case, verdict: Verdict) {
        self.last = match self.last.take() {
            Some((cell, worst)) if cell.is_same_cell(&case) => Some((cell, worse(worst, verdict))),
            Some((cell, worst)) => {
                gather.cell(&cell, worst);
                Some((case, verdict))
            }
            None => Some((case, verdict)),
        };
    }

    /// There are no more.
    pub(super) fn end(self, gather: &mut Gather) {
        if let Some((cell, worst)) = self.last {
            gather.cell(&cell, worst);
        }
    }
}

/// What two tails of one cell come to together: the one that matters more.
fn worse(a: Verdict, b: Verdict) -> Verdict {
    const fn weight(verdict: Verdict) -> u8 {
        match verdict {
            Verdict::Unsupported => 0,
            Verdict::Pass => 1,
            Verdict::Allowed => 2,
            Verdict::Waived => 3,
            Verdict::NonStrict => 4,
            Verdict::Inconclusive => 5,
            Verdict::Fail => 6,
        }
    }
    if weight(b) > weight(a) { b } else { a }
}

/// Adds one difference of a scenario of so many events; `shown` gives its name and the scenario itself, where
/// they are to be kept.
pub(super) fn add(
    findings: &mut BTreeMap<Signature, Finding>,
    difference: &Difference,
    events: usize,
    shown: impl FnOnce() -> (String, Scenario),
) {
    match findings.entry(difference.signature) {
        Entry::Vacant(slot) => {
            let (cell, scenario) = shown();
            slot.insert(Finding {
                verdict: difference.verdict,
                level: difference.level,
                cite: difference.cite,
                states: vec![difference.state],
                count: 1,
                example: difference.clone(),
                cell,
                scenario,
                waived: None,
                repeats: None,
            });
        }
        Entry::Occupied(slot) => {
            let finding = slot.into_mut();
            finding.count += 1;
            add_state(&mut finding.states, difference.state);
            let worse = difference.verdict > finding.verdict;
            let shorter = events < finding.scenario.events.len();
            if worse || (difference.verdict == finding.verdict && shorter) {
                finding.verdict = difference.verdict;
                finding.level = difference.level;
                finding.cite = difference.cite;
                finding.example = difference.clone();
                (finding.cell, finding.scenario) = shown();
            }
        }
    }
}

/// What a scenario comes to with what is accepted left aside: a fail that is waived makes no fail of a detail
/// beside it.
pub(super) fn verdict_of(summary: &Summary, waived: &[SignaturePattern]) -> Verdict {
    let differences = || summary.finding.iter().chain(&summary.conceded);
    let known = |d: &Difference| waived.iter().any(|pattern| pattern.admits(&d.signature));
    match differences().filter(|d| !known(d)).map(|d| d.verdict).max() {
        Some(worst) => worst,
        None if differences().next().is_some() => Verdict::Waived,
        None => summary.verdict(),
    }
}

/// Whether a difference that is accepted came first, and another one that is not came later: it may be no
/// more than the first one's consequence.
pub(super) fn follows_known(summary: &Summary, waived: &[SignaturePattern]) -> bool {
    let known = |d: &Difference| waived.iter().any(|pattern| pattern.admits(&d.signature));
    let all = || summary.finding.iter().chain(&summary.conceded);
    if !all().all(|d| known(d) || may_follow(d.signature.kind)) {
        return false;
    }
    let first = all().filter(|d| known(d)).map(|d| d.event).min();
    let fresh = all().filter(|d| !known(d)).map(|d| d.event).min();
    matches!((first, fresh), (Some(first), Some(fresh)) if first < fresh)
}

fn add_state(states: &mut Vec<State>, state: State) {
    if let Err(at) = states.binary_search(&state) {
        states.insert(at, state);
    }
}
