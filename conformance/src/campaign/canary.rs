//! A campaign with a planted bug: an engine that does not find it finds nothing.
//!
//! The planted bug is a mutant of the model ([`crate::mutant`]) behind a handshake and a close, so that the engine
//! has to climb to it from no inputs at all. What happens depends on nothing but this build: it is found or not,
//! always at the same execution.

use core::ops::ControlFlow;

use super::{Campaign, INPUT_MAX, Key, Mutator, Plan, Target, Waived, Watch};
use crate::model::Model;
use crate::mutant::{Mutant, of_rule};
use crate::reached::Section;
use crate::verdict::Verdict;

/// The rule whose row is removed from the model: who closed first meets the peer's FIN.
const RULE: &str = "FIN-IN-ORDER-LAST";
/// Far more executions than it takes.
const EXECUTIONS: u64 = 60_000;
/// Things that a campaign has reached by then at least.
const REACHED_MIN: usize = 200;

/// What a canary came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Canary {
    /// The execution that found the planted bug.
    pub execution: u64,
    /// Cells that were reached by then.
    pub cells: usize,
}

/// Ends as soon as it has found what was planted.
struct UntilFound;

impl Watch for UntilFound {
    fn round(&mut self, campaign: &Campaign) -> ControlFlow<()> {
        match planted(campaign) {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }

    fn seconds(&self) -> f64 {
        0.0
    }
}

/// Fuzzes the planted bug through the functions of a target. A target without stacks, or whose stacks are the
/// same, goes by way of `segments`: it is the engine that is proved.
///
/// # Errors
/// What the engine did not do, in a sentence.
pub fn canary(target: Target) -> Result<Canary, String> {
    let target = match target {
        Target::Wire | Target::ScenarioText => Target::Segments,
        other => other,
    };
    let mutant = mutant().ok_or_else(|| format!("there is no mutant of {RULE}"))?;
    let stack = mutant.stack()?;
    let plan = Plan {
        target,
        stacks: [&*stack, &Model::STANDARD],
        seed: 1,
        jobs: 1,
        input_max: INPUT_MAX,
        mutator: Mutator::Meaning,
        waived: &Waived::default(),
    };
    let mut campaign = Campaign::default();
    campaign.run(&plan, EXECUTIONS, &mut UntilFound);
    let reached = campaign.corpus.reached();
    if reached.indices().len() < REACHED_MIN {
        let got = reached.indices().len();
        return Err(format!(
            "coverage does not grow: {got} things reached by {} executions",
            campaign.executions
        ));
    }
    let found = planted(&campaign).and_then(|key| campaign.findings.get(&key));
    let cells = reached.count(Section::Cells);
    found.map(|found| Canary { execution: found.first.0, cells }).ok_or_else(|| {
        format!("the planted bug ({mutant}) was not found by {} executions", campaign.executions)
    })
}

fn mutant() -> Option<Mutant> {
    of_rule(RULE).into_iter().find(|mutant| mutant.what == "row removed")
}

/// The finding that names the planted bug.
fn planted(campaign: &Campaign) -> Option<Key> {
    let names = |key: &Key| key.0 == Some(0) && key.1.rule == RULE;
    let fails = |verdict| verdict == Verdict::Fail;
    let mut all = campaign.findings.iter();
    all.find(|(key, found)| names(key) && fails(found.difference.verdict)).map(|(key, _)| *key)
}
