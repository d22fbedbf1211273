//! Pins as a matrix of states and events in Markdown: a stack at a glance, for its README.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lastack_core::types::State;

use super::super::kinds::Kind;
use super::Pins;
use crate::verdict::Verdict;

/// What the signs mean.
const LEGEND: &str = "`.` everything is as the table says or a licence allows; `n` at worst non-strict; `F` some trials \
                      fail; `?` a trial without a verdict; empty: no such trial. The number is that of the trials; \
                      a trial is a state, a kind of event and an edge of the window, with all its cells.";

/// Verdicts of the trials of one state and kind.
#[derive(Default)]
struct Square {
    fine: u32,
    non_strict: u32,
    fail: u32,
    unknown: u32,
}

impl Square {
    fn add(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Pass | Verdict::Allowed | Verdict::Unsupported | Verdict::Waived => &mut self.fine,
            Verdict::NonStrict => &mut self.non_strict,
            Verdict::Fail => &mut self.fail,
            Verdict::Inconclusive => &mut self.unknown,
        };
        *count += 1;
    }

    fn sign(&self) -> String {
        match self {
            Square { fail: 0, unknown: 0, non_strict: 0, .. } => ".".to_owned(),
            Square { fail: 0, unknown: 0, non_strict, .. } => format!("n{non_strict}"),
            Square { fail: 0, unknown, .. } => format!("?{unknown}"),
            Square { fail, .. } => format!("F{fail}"),
        }
    }
}

/// Segments in the order of the suite, then calls, then time; states across.
pub fn matrix(pins: &Pins) -> String {
    let mut squares: BTreeMap<(String, State), Square> = BTreeMap::new();
    for (trial, pin) in pins.each() {
        let Some((state, event)) = trial.split_once('/') else { continue };
        let Some(state) = State::ALL.into_iter().find(|s| s.name().eq_ignore_ascii_case(state)) else {
            continue;
        };
        let kind = event.split('@').next().unwrap_or_default();
        squares.entry((kind.to_owned(), state)).or_default().add(pin.verdict);
    }
    let mut out = String::from("| |");
    for state in State::ALL {
        let _ = write!(out, " {state} |");
    }
    let _ = write!(out, "\n| --- |{}\n", " :-: |".repeat(State::ALL.len()));
    for row in rows(&squares) {
        let _ = write!(out, "| {row} |");
        for state in State::ALL {
            let sign = squares.get(&(row.clone(), state)).map(Square::sign).unwrap_or_default();
            let _ = write!(out, " {sign} |");
        }
        out.push('\n');
    }
    let _ = write!(out, "\n{LEGEND}\n");
    out
}

/// The names of the rows in order, each once.
fn rows(squares: &BTreeMap<(String, State), Square>) -> Vec<String> {
    let mut names: Vec<&String> = squares.keys().map(|(name, _)| name).collect();
    names.dedup();
    let place = |name: &str| match Kind::all().position(|kind| kind.name() == name) {
        Some(place) => place,
        None => Kind::all().count() + usize::from(name == "time"),
    };
    names.sort_by_key(|name| place(name));
    names.into_iter().cloned().collect()
}
