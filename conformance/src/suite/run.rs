//! Runs the suites on a stack and gathers what they come to.

use core::ops::ControlFlow;

use super::cells::{Cell, CrossIn, cells};
use super::events::Aim as CellAim;
use super::gather::{Cells, Gather};
use super::histories::{History, histories};
use super::metamorphic::compared::run_comparisons;
use super::random::{self, RandomHistory};
use super::real_time;
use super::time_wait;
use crate::driver::{Aim, Driver};
use crate::oracle::Broken;
use crate::reach::{Needs, Way, ways};
use crate::report::StackReport;
use crate::scenario::Scenario;
use crate::subject::{Description, Factory, IpVersion};
use crate::table::Profile;
use crate::verdict::SignaturePattern;

/// What is run.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Only cells and histories whose name this accepts.
    pub filter: Option<&'a (dyn Fn(&str) -> bool + Sync)>,
    /// Short histories too.
    pub histories: bool,
    /// Comparisons with changed scripts too ([`crate::suite::metamorphic::compared`]).
    pub comparisons: bool,
    /// Seed of everything that the stack draws by chance.
    pub seed: u64,
    /// In place of the declared profile.
    pub profile: Option<Profile>,
    /// Accepted signatures of this stack: a scenario that shows nothing else is waived.
    pub waived: &'a [SignaturePattern],
    /// A part of the oracle that is switched off, to prove that somebody notices.
    pub broken: Broken,
    /// Count in how many scenarios each rule fired ([`StackReport::fired`]); it costs a little time.
    pub count_rules: bool,
    /// On a clock that is real: wait for timers too, for some minutes. A virtual clock has no such choice.
    pub timers: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            filter: None,
            histories: true,
            comparisons: false,
            seed: 0,
            profile: None,
            waived: &[],
            broken: Broken::Nothing,
            count_rules: false,
            timers: true,
        }
    }
}

/// Is told how far the run is; `Break` ends it with what is known so far.
pub trait Progress {
    /// So many of so many scenarios are done.
    fn done(&mut self, done: u64, total: u64, findings: usize) -> ControlFlow<()>;
}

/// Says nothing, stops never.
pub struct NoProgress;

impl Progress for NoProgress {
    fn done(&mut self, _done: u64, _total: u64, _findings: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Anything that has a name and makes a scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// A cell.
    Cell(Cell),
    /// A short history.
    History(History),
    /// A random history; they are no part of [`Case::all`].
    Random(RandomHistory),
}

impl Case {
    /// Every cell, and every history if asked.
    pub fn all(with_histories: bool) -> impl Iterator<Item = Case> {
        let histories = with_histories.then(histories).into_iter().flatten();
        cells().map(Case::Cell).chain(histories.map(Case::History))
    }

    /// The case with this name.
    ///
    /// # Errors
    /// Which part of the name means nothing.
    pub fn from_name(name: &str) -> Result<Case, super::NameError> {
        if name.split(':').next() == Some(random::PREFIX) {
            return RandomHistory::from_name(name).map(Case::Random);
        }
        match Cell::from_name(name) {
            Ok(cell) => Ok(Case::Cell(cell)),
            Err(why) => History::from_name(name).map(Case::History).map_err(|_| why),
        }
    }

    /// What has to be reached before `event`, the event under test. A random history has none.
    pub fn aim(&self, event: usize) -> Option<Aim> {
        if matches!(self, Case::Random(_)) {
            return None;
        }
        self.way().map(|way| Aim { event, handle: way.handle, state: way.state })
    }

    pub(super) fn way(&self) -> Option<&'static Way> {
        match self {
            Case::Cell(cell) => cell.way(),
            Case::History(history) => history.way(),
            Case::Random(history) => history.focus.way(),
        }
    }

    /// What a stack must be able to do for it.
    pub fn needs(&self) -> Needs {
        match self {
            Case::Cell(cell) => cell.needs(),
            Case::History(history) => history.needs(),
            Case::Random(history) => history.focus.needs(),
        }
    }

    /// The script and the index of the event under test.
    pub fn scenario(&self, run: &CrossIn) -> (Scenario, usize) {
        match self {
            Case::Cell(cell) => cell.scenario(run),
            Case::History(history) => history.scenario(run),
            Case::Random(history) => (history.scenario(run), 0),
        }
    }

    /// What the matrix calls its event.
    pub(super) fn kind(&self) -> String {
        match self {
            Case::Cell(cell) => {
                let aim = cell.aim.to_string();
                let kind = aim.split(['@', '/', '~']).next().unwrap_or_default();
                // As in the names of trials: of several calls the first one, and a wait is a wait.
                match cell.aim {
                    CellAim::Time(_) => "time".to_owned(),
                    CellAim::Call(_) => kind.split('-').take(2).collect::<Vec<_>>().join("-"),
                    _ => kind.to_owned(),
                }
            }
            Case::History(_) => "histories".to_owned(),
            Case::Random(_) => "random histories".to_owned(),
        }
    }

    /// Tails of one cell belong together.
    pub(super) fn is_same_cell(&self, other: &Case) -> bool {
        match (self, other) {
            (Case::Cell(a), Case::Cell(b)) => (a.way, a.aim, a.cross) == (b.way, b.aim, b.cross),
            (Case::History(a), Case::History(b)) => (a.way, a.steps) == (b.way, b.steps),
            _ => false,
        }
    }
}

impl core::fmt::Display for Case {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Case::Cell(cell) => cell.fmt(f),
            Case::History(history) => history.fmt(f),
            Case::Random(history) => history.fmt(f),
        }
    }
}

/// A driver as the options want it.
pub(super) fn driver<'f>(factory: &'f dyn Factory, options: &Options<'_>) -> Driver<'f> {
    let mut driver = Driver::new(factory);
    if let Some(profile) = options.profile {
        driver.set_profile(profile);
    }
    driver.break_oracle(options.broken);
    if options.count_rules {
        driver.keep_reached();
    }
    driver
}

/// What a run decides for all scenarios of a stack.
pub fn cross_in(description: &Description, ip: IpVersion, seed: u64) -> CrossIn {
    let mut run = CrossIn::new(ip, &description.profile);
    run.can_set_iss = description.capabilities.iss;
    run.seed = seed;
    run.lacks = Needs::not_in(&description.capabilities);
    run
}

/// Runs every case on a stack. The bool says whether the run was complete.
pub fn run_stack(
    factory: &dyn Factory,
    ip: IpVersion,
    options: &Options<'_>,
    progress: &mut dyn Progress,
) -> (StackReport, bool) {
    if !factory.describe().capabilities.virtual_time {
        return real_time::run_stack(factory, ip, options, progress);
    }
    let mut driver = driver(factory, options);
    let run = cross_in(driver.description(), ip, options.seed);
    let mut gather = Gather::new(driver.description(), ip);
    let total = Case::all(options.histories).count() as u64;
    let mut complete = true;
    let mut cells = Cells::default();
    for (done, case) in Case::all(options.histories).enumerate() {
        if done % 512 == 0 && progress.done(done as u64, total, gather.report.findings.len()).is_break() {
            complete = false;
            break;
        }
        if options.filter.is_some_and(|f| !f(&case.to_string())) {
            continue;
        }
        let verdict = gather.case(&mut driver, &case, &run, options.waived);
        cells.add(&mut gather, case, verdict);
    }
    cells.end(&mut gather);
    if complete && options.filter.is_none_or(|f| f(time_wait::CELL)) {
        gather.time_wait(&mut driver, &run);
    }
    if complete && options.comparisons {
        complete = run_comparisons(&mut driver, &run, options.filter, &mut gather.report, progress);
    }
    (gather.report, complete)
}

/// Names of all cases that a filter accepts.
pub fn names<'a>(filter: &'a dyn Fn(&str) -> bool, histories: bool) -> impl Iterator<Item = String> + 'a {
    let _ = ways();
    Case::all(histories).map(|case| case.to_string()).filter(move |name| filter(name))
}
