//! Differences become findings: one a signature, with the worst and then the shortest scenario that shows it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use lastack_core::types::State;

use crate::driver::Summary;
use crate::report::Finding;
use crate::scenario::Scenario;
use crate::verdict::{Difference, Signature, SignaturePattern};

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

/// Whether every difference is accepted, and there is one.
pub(super) fn is_waived(summary: &Summary, waived: &[SignaturePattern]) -> bool {
    let mut differences = summary.finding.iter().chain(&summary.conceded).peekable();
    differences.peek().is_some()
        && differences.all(|difference| waived.iter().any(|known| known.admits(&difference.signature)))
}

/// Whether a difference that is accepted came first, and another one that is not came later: it may be no
/// more than the first one's consequence.
pub(super) fn follows_known(summary: &Summary, waived: &[SignaturePattern]) -> bool {
    let known = |d: &Difference| waived.iter().any(|pattern| pattern.admits(&d.signature));
    let all = || summary.finding.iter().chain(&summary.conceded);
    let first = all().filter(|d| known(d)).map(|d| d.event).min();
    let fresh = all().filter(|d| !known(d)).map(|d| d.event).min();
    matches!((first, fresh), (Some(first), Some(fresh)) if first < fresh)
}

fn add_state(states: &mut Vec<State>, state: State) {
    if let Err(at) = states.binary_search(&state) {
        states.insert(at, state);
    }
}
