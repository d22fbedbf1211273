//! From an input that shows something to a shorter one that still does.

use super::findings::{Key, Waived, shown};
use super::{Bench, Target};
use crate::reached::Reached;
use crate::suite::random::shrink::shrink;
use crate::verdict::{Difference, Verdict};

/// The most trials.
const TRIALS_MAX: usize = 1_500;

/// The least input, by the steps of [`crate::suite::random::shrink`], that shows the same: the signature of that
/// stack at least so grave, and not behind something accepted where it was not.
pub fn minimise(
    bench: &mut Bench<'_>,
    target: Target,
    input: &[u8],
    key: &Key,
    (verdict, follows): (Verdict, bool),
    waived: &Waived,
) -> Vec<u8> {
    let mut least = input.to_vec();
    let shows = |bench: &mut Bench<'_>, candidate: &[u8]| {
        difference(bench, candidate, key, follows, waived).is_some_and(|d| d.verdict >= verdict)
    };
    let script = if target == Target::ScenarioText { None } else { bench.scenario(input) };
    match script {
        Some(scenario) => {
            let mut trials = 0;
            let shrunk = shrink(scenario, |candidate| {
                trials += 1;
                trials <= TRIALS_MAX && shows(bench, &candidate.to_bytes())
            });
            let octets = shrunk.to_bytes();
            if octets.len() <= least.len() && shows(bench, &octets) {
                least = octets;
            }
        }
        None => cut(&mut least, |candidate| shows(bench, candidate)),
    }
    least
}

/// What an input shows of this stack and signature, if it does.
pub fn difference(
    bench: &mut Bench<'_>,
    input: &[u8],
    key: &Key,
    follows: bool,
    waived: &Waived,
) -> Option<Difference> {
    let ran = bench.run(input, &mut Reached::new());
    let mut all = shown(bench, input, &ran, waived).into_iter();
    let same = |found: &super::Found| (found.stack, found.difference.signature) == *key;
    all.find(|(found, _, behind)| same(found) && (follows || !behind)).map(|(found, ..)| found.difference)
}

/// Leaves out octets: half of them, a quarter, down to one.
fn cut(least: &mut Vec<u8>, mut shows: impl FnMut(&[u8]) -> bool) {
    let mut trials = 0;
    let mut many = least.len().div_ceil(2);
    while many > 0 {
        let mut at = 0;
        while at < least.len() {
            trials += 1;
            if trials > TRIALS_MAX {
                return;
            }
            let mut candidate = least.clone();
            candidate.drain(at..(at + many).min(least.len()));
            if shows(&candidate) {
                *least = candidate;
            } else {
                at += many;
            }
        }
        many /= 2;
    }
}
