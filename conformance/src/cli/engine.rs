//! What runs scenarios, as the command line needs it.

use core::ops::ControlFlow;

use lastack_core::types::State;

use super::exit::Failure;
use crate::driver::{Aim, Driver, Summary};
use crate::scenario::Scenario;
use crate::subject::{Factory, IpVersion};
use crate::suite::metamorphic::Outcome as Compared;
use crate::suite::metamorphic::compared::{Comparison, comparisons};
use crate::suite::random;
use crate::suite::run::{Case, cross_in, names};
use crate::trace::Trace;
use crate::verdict::Difference;

/// Which cells are wanted, by name.
pub type Filter = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// One scenario, run and recorded.
pub struct Outcome {
    /// What no reading of the RFC allows, the gravest last.
    pub differences: Vec<Difference>,
    /// A licence or an undeclared choice was needed.
    pub allowed: bool,
    /// Why nothing can be said.
    pub inconclusive: Option<String>,
    /// Everything that happened.
    pub trace: Trace,
    /// For each entry of the trace the state that the judge knows.
    pub states: Vec<Option<State>>,
}

/// Calls `visit` with the name of every cell and history that is wanted, as long as it asks for more; of the
/// random histories with those that every search with seed 0 begins with.
pub fn each_name(filter: Option<&Filter>, mut visit: impl FnMut(&str) -> ControlFlow<()>) {
    let wanted = |name: &str| filter.is_none_or(|filter| filter(name));
    let random = random::search::first_round(0).into_iter().map(|history| history.to_string());
    let compared = comparisons().map(|comparison| comparison.to_string());
    let others = compared.chain(random).filter(|name| wanted(name));
    for name in names(&wanted, true).chain(others) {
        if visit(&name).is_break() {
            return;
        }
    }
}

/// Runs what a name says; a comparison shows the changed script, and what differs from the unchanged one.
///
/// # Errors
/// What in the name means nothing, or in the set-up the stack cannot do.
pub fn run_named(
    cell: &str,
    factory: &dyn Factory,
    ip: IpVersion,
    seed: u64,
) -> Result<Result<Outcome, String>, Failure> {
    let Some(comparison) = Comparison::from_name(cell) else {
        let (scenario, aim) = scenario_of(cell, factory, ip, seed)?;
        return Ok(run_traced(factory, &scenario, aim));
    };
    let comparison = comparison.map_err(|error| Failure::Usage(format!("{cell:?}: {error}")))?;
    Ok(run_compared(comparison, factory, ip, seed))
}

fn run_compared(
    comparison: Comparison,
    factory: &dyn Factory,
    ip: IpVersion,
    seed: u64,
) -> Result<Outcome, String> {
    let mut driver = Driver::new(factory);
    let run = cross_in(driver.description(), ip, seed);
    let (differences, inconclusive) = match comparison.run(&mut driver, &run) {
        Compared::NotApplicable => return Err(NOT_APPLICABLE.into()),
        Compared::NoBase => {
            (Vec::new(), Some("the script is not comparable: it shows a difference by itself".into()))
        }
        Compared::Same => (Vec::new(), None),
        Compared::Differs(difference, _) => (vec![*difference], None),
    };
    let trace = driver.trace().cloned().unwrap_or_default();
    Ok(Outcome { differences, allowed: false, inconclusive, trace, states: Vec::new() })
}

/// The script that a name stands for; of a comparison the changed one.
///
/// # Errors
/// What in the name means nothing.
pub fn script_of(cell: &str, factory: &dyn Factory, ip: IpVersion, seed: u64) -> Result<Scenario, Failure> {
    match Comparison::from_name(cell) {
        None => scenario_of(cell, factory, ip, seed).map(|(scenario, _)| scenario),
        Some(comparison) => {
            let described = factory.describe();
            let run = cross_in(&described, ip, seed);
            let script = comparison.map(|it| it.script(&run, &described.capabilities));
            let script = script.map_err(|error| Failure::Usage(format!("{cell:?}: {error}")))?;
            script.ok_or_else(|| Failure::Usage(format!("{cell:?}: {}", NOT_APPLICABLE)))
        }
    }
}

/// Why there is nothing to compare.
const NOT_APPLICABLE: &str = "the change means nothing for this history, or for this stack";

/// The script of a cell or history for a stack, and what it aims at.
fn scenario_of(
    cell: &str,
    factory: &dyn Factory,
    ip: IpVersion,
    seed: u64,
) -> Result<(Scenario, Option<Aim>), Failure> {
    let case = Case::from_name(cell).map_err(|error| Failure::Usage(format!("{cell:?}: {error}")))?;
    let (scenario, event) = case.scenario(&cross_in(&factory.describe(), ip, seed));
    Ok((scenario, case.aim(event)))
}

/// Runs a scenario and keeps what happened.
///
/// # Errors
/// What in its set-up the stack cannot do.
pub fn run_traced(factory: &dyn Factory, scenario: &Scenario, aim: Option<Aim>) -> Result<Outcome, String> {
    let mut driver = Driver::new(factory);
    driver.record();
    let summary = driver.run(scenario, aim)?;
    let differences = summary.conceded.iter().chain(&summary.finding).cloned().collect();
    let trace = driver.trace().cloned().unwrap_or_default();
    let Summary { allowed, inconclusive, .. } = summary;
    Ok(Outcome { differences, allowed, inconclusive, trace, states: Vec::new() })
}
