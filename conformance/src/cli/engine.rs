//! What runs scenarios, as the command line needs it.

use lastack_core::types::State;

use super::exit::Failure;
use crate::driver::Driver;
use crate::scenario::Scenario;
use crate::subject::{Factory, IpVersion};
use crate::suite::run::{Case, cross_in, names};
use crate::trace::Trace;
use crate::verdict::Difference;

/// Which cells are wanted, by name.
pub type Filter = Box<dyn Fn(&str) -> bool>;

/// One scenario, run and recorded.
pub struct Outcome {
    /// What no reading of the RFC allows, the gravest last.
    pub differences: Vec<Difference>,
    /// Why nothing can be said.
    pub inconclusive: Option<String>,
    /// Everything that happened.
    pub trace: Trace,
    /// For each entry of the trace the state that the judge knows.
    pub states: Vec<Option<State>>,
}

/// Names of the cells and histories that are wanted.
pub fn cell_names(filter: Option<&Filter>) -> Vec<String> {
    match filter {
        Some(filter) => names(filter, true).collect(),
        None => names(&|_| true, true).collect(),
    }
}

/// The script of a cell or history for a stack.
pub fn scenario_of(cell: &str, factory: &dyn Factory, ip: IpVersion, seed: u64) -> Result<Scenario, Failure> {
    let case = Case::from_name(cell).map_err(|error| Failure::Usage(format!("{cell:?}: {error}")))?;
    Ok(case.scenario(&cross_in(&factory.describe(), ip, seed)).0)
}

/// Runs a scenario and keeps what happened.
///
/// # Errors
/// What in its set-up the stack cannot do.
pub fn run_traced(factory: &dyn Factory, scenario: &Scenario) -> Result<Outcome, String> {
    let mut driver = Driver::new(factory);
    driver.record();
    let summary = driver.run(scenario, None)?;
    let differences = summary.conceded.into_iter().chain(summary.finding).collect();
    let trace = driver.trace().cloned().unwrap_or_default();
    Ok(Outcome { differences, inconclusive: summary.inconclusive, trace, states: Vec::new() })
}
