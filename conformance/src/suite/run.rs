//! Runs the suites on a stack and gathers what they come to.

use core::ops::ControlFlow;

use lastack_core::types::State;

use super::cells::{Cell, CrossIn, cells};
use super::events::Aim as CellAim;
use super::gather;
use super::histories::{History, histories};
use super::metamorphic::compared::run_comparisons;
use super::random::{self, RandomHistory};
use super::time_wait;
use crate::driver::{Aim, Driver, Summary};
use crate::oracle::Broken;
use crate::reach::{Needs, Way, ways};
use crate::report::StackReport;
use crate::scenario::Scenario;
use crate::subject::{Description, Factory, IpVersion};
use crate::table::Profile;
use crate::verdict::{SignaturePattern, Verdict};

/// What is run.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Only cells and histories whose name this accepts.
    pub filter: Option<&'a dyn Fn(&str) -> bool>,
    /// Short histories too.
    pub histories: bool,
    /// Comparisons with changed scripts too ([`metamorphic::compared`]).
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

    fn way(&self) -> Option<&'static Way> {
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
    fn kind(&self) -> String {
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
    fn is_same_cell(&self, other: &Case) -> bool {
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
    let mut driver = Driver::new(factory);
    if let Some(profile) = options.profile {
        driver.set_profile(profile);
    }
    driver.break_oracle(options.broken);
    if options.count_rules {
        driver.keep_fired();
    }
    let run = cross_in(driver.description(), ip, options.seed);
    let mut gather = Gather::new(driver.description(), ip);
    let total = Case::all(options.histories).count() as u64;
    let mut complete = true;
    let mut last: Option<(Case, Verdict)> = None;
    for (done, case) in Case::all(options.histories).enumerate() {
        if done % 512 == 0 && progress.done(done as u64, total, gather.report.findings.len()).is_break() {
            complete = false;
            break;
        }
        if options.filter.is_some_and(|f| !f(&case.to_string())) {
            continue;
        }
        let verdict = gather.case(&mut driver, &case, &run, options.waived);
        last = match last {
            Some((cell, worst)) if cell.is_same_cell(&case) => Some((cell, worse(worst, verdict))),
            Some((cell, worst)) => {
                gather.cell(&cell, worst);
                Some((case, verdict))
            }
            None => Some((case, verdict)),
        };
    }
    if let Some((cell, worst)) = last {
        gather.cell(&cell, worst);
    }
    if complete && options.filter.is_none_or(|f| f(time_wait::CELL)) {
        gather.time_wait(&mut driver, &run);
    }
    if complete && options.comparisons {
        complete = run_comparisons(&mut driver, &run, options.filter, &mut gather.report, progress);
    }
    (gather.report, complete)
}

/// What the RFCs leave to a stack, by the rule that shows which it chose.
const CHOICES: [(&str, &str); 12] = [
    ("RST-IN-WINDOW", "RST in the window: challenge ACK (RFC 5961 3.2)"),
    ("RST-OVERLAP", "RST that starts left of the window: ignored (RFC 5961 3.2)"),
    ("RST-IN-WINDOW-CLASSIC", "RST in the window: reset (RFC 9293 without RFC 5961)"),
    ("RST-IN-WINDOW-CLASSIC-PASSIVE", "RST in the window: reset (RFC 9293 without RFC 5961)"),
    ("RST-IN-WINDOW-CLASSIC-ACTIVE", "RST in the window: reset (RFC 9293 without RFC 5961)"),
    ("RST-IN-WINDOW-CLASSIC-CLOSING", "RST in the window: reset (RFC 9293 without RFC 5961)"),
    ("SYN-IN-WINDOW", "SYN in a synchronized state: challenge ACK (RFC 5961 4.2)"),
    ("SYN-IN-WINDOW-CLASSIC", "SYN in a synchronized state: reset (RFC 9293 without RFC 5961)"),
    ("ACK-RANGE", "ACK out of range: refused (RFC 5961 5.2, MAY-12)"),
    ("SYN-REOPEN", "SYN in TIME-WAIT: a new connection (MAY-2)"),
    ("TEXT-AFTER-CLOSE", "text after CLOSE: reset (half-duplex close, MAY-1)"),
    ("CALL-CLOSE-UNREAD", "CLOSE with unread text: reset (half-duplex close, MAY-1)"),
];

/// The report being made.
struct Gather {
    report: StackReport,
}

impl Gather {
    fn new(description: &Description, ip: IpVersion) -> Gather {
        let report = StackReport {
            name: description.name.clone(),
            version: description.version.clone(),
            ip,
            profile: description.profile.to_string(),
            cells: 0,
            scenarios: 0,
            seconds: 0.0,
            counts: Default::default(),
            findings: Default::default(),
            inconclusive: Default::default(),
            seen: Default::default(),
            matrix: Default::default(),
            fired: Default::default(),
            compared: 0,
            random: None,
        };
        Gather { report }
    }

    /// Runs one scenario.
    fn case(
        &mut self,
        driver: &mut Driver<'_>,
        case: &Case,
        run: &CrossIn,
        waived: &[SignaturePattern],
    ) -> Verdict {
        let Some(way) = case.way() else { return Verdict::Inconclusive };
        if case.needs().lacking(&driver.description().capabilities).is_some() {
            return Verdict::Unsupported;
        }
        let (scenario, event) = case.scenario(run);
        let aim = Aim { event, handle: way.handle, state: way.state };
        let summary = match driver.run(&scenario, Some(aim)) {
            Ok(summary) => summary,
            Err(_) => return Verdict::Unsupported,
        };
        self.report.scenarios += 1;
        if summary.finding.is_none() {
            for rule in driver.settled_rules(event) {
                if let Some((_, seen)) = CHOICES.iter().find(|(name, _)| *name == rule) {
                    *self.report.seen.entry((*seen).to_owned()).or_insert(0) += 1;
                }
            }
        }
        for rule in driver.fired() {
            *self.report.fired.entry(rule).or_insert(0) += 1;
        }
        let verdict = if gather::is_waived(&summary, waived) { Verdict::Waived } else { summary.verdict() };
        self.differences(case, &scenario, &summary);
        if let Some(why) = summary.inconclusive.filter(|_| verdict == Verdict::Inconclusive) {
            *self.report.inconclusive.entry(format!("{}: {why}", way.name)).or_insert(0) += 1;
        }
        verdict
    }

    fn differences(&mut self, case: &Case, scenario: &Scenario, summary: &Summary) {
        for difference in summary.finding.iter().chain(&summary.conceded) {
            let shown = || (case.to_string(), scenario.clone());
            gather::add(&mut self.report.findings, difference, scenario.events.len(), shown);
        }
    }

    /// Where no MSL is declared, any length of TIME-WAIT passes: it is measured, and said. Not on a clock that
    /// is real: that would take an hour.
    fn time_wait(&mut self, driver: &mut Driver<'_>, run: &CrossIn) {
        let described = driver.description();
        let needs = Cell::from_name(time_wait::CELL).map(|cell| cell.needs()).unwrap_or_default();
        let able = needs.lacking(&described.capabilities).is_none() && described.capabilities.virtual_time;
        if able && described.profile.msl.is_none() {
            time_wait::report(time_wait::measure(driver, run), &mut self.report);
        }
    }

    /// All tails of one cell have been run.
    fn cell(&mut self, case: &Case, verdict: Verdict) {
        self.report.cells += 1;
        self.report.counts.add(verdict);
        let state = case.way().map_or(State::Closed, |w| w.state);
        self.report.matrix.entry((state, case.kind())).or_default().add(verdict);
    }
}

/// What two tails of one cell come to together: the one that matters more.
fn worse(a: Verdict, b: Verdict) -> Verdict {
    const fn weight(verdict: Verdict) -> u8 {
        match verdict {
            Verdict::Unsupported => 0,
            Verdict::Pass => 1,
            Verdict::Allowed => 2,
            Verdict::Waived => 3,
            Verdict::NonStrict => 4,
            Verdict::Inconclusive => 5,
            Verdict::Fail => 6,
        }
    }
    if weight(b) > weight(a) { b } else { a }
}

/// Names of all cases that a filter accepts.
pub fn names<'a>(filter: &'a dyn Fn(&str) -> bool, histories: bool) -> impl Iterator<Item = String> + 'a {
    let _ = ways();
    Case::all(histories).map(|case| case.to_string()).filter(move |name| filter(name))
}
