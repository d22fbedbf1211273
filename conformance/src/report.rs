//! What a run comes to, as data; the forms people and machines read are views of it.

use std::collections::BTreeMap;

use lastack_core::types::State;

use crate::scenario::Scenario;
use crate::subject::IpVersion;
use crate::table::Level;
use crate::verdict::{Difference, Signature, Verdict};

/// A whole run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Seed of everything drawn by chance.
    pub seed: u64,
    /// Wall time, for people; nothing depends on it.
    pub seconds: f64,
    /// One a stack and IP version.
    pub stacks: Vec<StackReport>,
    /// The run was cut short; the figures are those until then.
    pub interrupted: bool,
}

/// How many cells came to what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Counts {
    pub pass: u64,
    pub allowed: u64,
    pub non_strict: u64,
    pub fail: u64,
    pub unsupported: u64,
    pub waived: u64,
    pub inconclusive: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        let slot = match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Allowed => &mut self.allowed,
            Verdict::NonStrict => &mut self.non_strict,
            Verdict::Fail => &mut self.fail,
            Verdict::Unsupported => &mut self.unsupported,
            Verdict::Waived => &mut self.waived,
            Verdict::Inconclusive => &mut self.inconclusive,
        };
        *slot += 1;
    }
}

/// One stack under one IP version.
#[derive(Clone, Debug)]
pub struct StackReport {
    /// Short name.
    pub name: String,
    /// Published version.
    pub version: String,
    /// IP version of this pass.
    pub ip: IpVersion,
    /// The declared profile in one line.
    pub profile: String,
    /// Cells aimed at.
    pub cells: u64,
    /// Scenarios run.
    pub scenarios: u64,
    /// Cells by what they came to.
    pub counts: Counts,
    /// Findings by signature, waived ones included.
    pub findings: BTreeMap<Signature, Finding>,
    /// Reasons of the inconclusive cells, with how many each.
    pub inconclusive: BTreeMap<String, u64>,
    /// What was left to the stack and what it chose, e.g. `RST in window: reset`.
    pub seen: BTreeMap<String, u64>,
    /// Cells by state and kind of event: what the matrix shows.
    pub matrix: BTreeMap<(State, String), Counts>,
    /// Rules that fired, with how many scenarios fired each.
    pub fired: BTreeMap<&'static str, u64>,
}

/// One finding: a signature, where it showed, and the shortest scenario that shows it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// `Fail` or `NonStrict`: the worst seen.
    pub verdict: Verdict,
    /// Level of what was not done.
    pub level: Level,
    /// Sections and requirement ids.
    pub cite: &'static str,
    /// States in which it showed.
    pub states: Vec<State>,
    /// In how many scenarios.
    pub count: u64,
    /// The difference of the scenario below.
    pub example: Difference,
    /// Name of the cell that showed it.
    pub cell: String,
    /// The shortest scenario that shows it.
    pub scenario: Scenario,
    /// The waiver's reason, when it is accepted.
    pub waived: Option<String>,
}
