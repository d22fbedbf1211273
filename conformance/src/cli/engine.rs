//! What runs scenarios, as the command line needs it.

use core::ops::ControlFlow;

use lastack_core::types::State;

use super::exit::Failure;
use crate::driver::{Aim, Driver, Summary};
use crate::scenario::Scenario;
use crate::subject::{Factory, IpVersion};
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
    for name in names(&wanted, true).chain(random.filter(|name| wanted(name))) {
        if visit(&name).is_break() {
            return;
        }
    }
}

/// The script of a cell or history for a stack, and what it aims at.
pub fn scenario_of(
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
