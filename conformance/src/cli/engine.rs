//! What runs scenarios, as the command line sees it: stands in until the suite's runner and the driver are
//! there under the same names.

use core::ops::ControlFlow;

use lastack_core::types::State;

use crate::report::StackReport;
use crate::scenario::Scenario;
use crate::subject::{Factory, IpVersion};
use crate::table::{Level, Profile};
use crate::trace::Trace;
use crate::verdict::{Difference, SignatureText};

const MISSING: &str = "this build has no driver";

pub type Filter = Box<dyn Fn(&str) -> bool>;

pub struct Options {
    pub filter: Option<Filter>,
    pub level: Level,
    pub profile_override: Option<Profile>,
    pub seed: u64,
    pub histories: bool,
    /// Signatures that are waived for this stack: a cell with no other difference counts as waived.
    pub waived: Vec<SignatureText>,
}

pub trait Progress {
    /// Break ends the run; what is known by then is the report.
    fn cell(&mut self, done: u64, total: u64, findings: usize) -> ControlFlow<()>;
}

#[derive(Default)]
pub struct Outcome {
    pub differences: Vec<Difference>,
    pub inconclusive: Option<String>,
    pub trace: Trace,
    pub states: Vec<Option<State>>,
}

pub fn run_stack(
    _factory: &dyn Factory,
    _ip: IpVersion,
    _options: &Options,
    _progress: &mut dyn Progress,
) -> Result<StackReport, String> {
    Err(MISSING.to_owned())
}

pub fn cell_names(_filter: Option<&Filter>) -> Vec<String> {
    Vec::new()
}

pub fn scenario_of(cell: &str, _factory: &dyn Factory, _ip: IpVersion) -> Result<Scenario, String> {
    Err(format!("{cell}: {MISSING}"))
}

pub fn run_traced(_factory: &dyn Factory, _scenario: &Scenario, _seed: u64) -> Result<Outcome, String> {
    Err(MISSING.to_owned())
}
