//! The comparisons as a suite: their names, which are made by default, what they come to in a report.

use core::fmt;

use super::change::changed;
use super::{Base, Change, Changed, Outcome, base, compare, plan};
use crate::driver::Driver;
use crate::report::StackReport;
use crate::scenario::Scenario;
use crate::subject::Capabilities;
use crate::suite::cells::CrossIn;
use crate::suite::gather;
use crate::suite::histories::History;
use crate::suite::run::Progress;
use crate::suite::{NameError, by_name};
use crate::verdict::Difference;

/// The first part of a name.
pub const PREFIX: &str = "same";
/// Where nobody names any, every so manieth history of the plan is compared: a prime, so that each change has its
/// turn.
pub const SELECTION: usize = 7;

/// A history under a change. It prints as `same:other-isns:established/active:send.fin:silent`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Comparison {
    /// What must not matter.
    pub change: Change,
    /// To which script.
    pub history: History,
}

#[rustfmt::skip]
const NAMES: [(Change, &str); 16] = [
    (Change::Clock, "another-time"), (Change::Isns, "other-isns"), (Change::Ports, "other-ports"),
    (Change::IpVersion, "ipv6"), (Change::Padding, "padding"), (Change::UnknownOption, "unknown-option"),
    (Change::ReservedBits, "reserved-bits"), (Change::EcnBits, "ecn-bits"), (Change::Push, "psh"),
    (Change::AfterReset, "after-reset"), (Change::AfterClose, "after-close"),
    (Change::AfterRefusal, "after-refusal"), (Change::AfterOtherOptions, "after-other-options"),
    (Change::PolledOften, "polled-often"), (Change::OneAPoll, "one-a-poll"), (Change::ManyAPoll, "many-a-poll"),
];

/// The changes as names have them.
pub fn changes() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().map(|(_, name)| name)
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}:{}:{}", crate::suite::name_of(&NAMES, self.change), self.history)
    }
}

impl Comparison {
    /// The comparison with this name; `None` where the name is none of a comparison.
    ///
    /// # Errors
    /// Which part of the name means nothing.
    pub fn from_name(name: &str) -> Option<Result<Comparison, NameError>> {
        let (change, history) = name.strip_prefix(PREFIX)?.strip_prefix(':')?.split_once(':')?;
        let unknown = || NameError::Event(change.into());
        let change = by_name(&NAMES, change).ok_or_else(unknown);
        Some(change.and_then(|change| Ok(Comparison { change, history: History::from_name(history)? })))
    }

    /// The changed script; `None` where the change means nothing for it.
    pub fn script(&self, run: &CrossIn, has: &Capabilities) -> Option<Scenario> {
        changed(self.change, &self.history, run, has).map(|changed| changed.scenario)
    }

    /// Runs it; the driver keeps the trace of the changed script.
    pub fn run(&self, driver: &mut Driver<'_>, run: &CrossIn) -> Outcome {
        if self.history.needs().lacking(&driver.description().capabilities).is_some() {
            return Outcome::NotApplicable;
        }
        match base(driver, self.history, run) {
            Some(base) => compare(driver, &base, self.change, run),
            None => Outcome::NoBase,
        }
    }
}

/// All comparisons of the plan.
pub fn comparisons() -> impl Iterator<Item = Comparison> {
    plan().flat_map(|(history, changes)| changes.map(|change| Comparison { change, history }))
}

/// Makes the comparisons that the filter names, a selection where there is no filter, and adds what they come to.
/// The bool says whether all were made.
pub fn run_comparisons(
    driver: &mut Driver<'_>,
    run: &CrossIn,
    filter: Option<&(dyn Fn(&str) -> bool + Sync)>,
    report: &mut StackReport,
    progress: &mut dyn Progress,
) -> bool {
    let wanted = |comparison: &Comparison| filter.is_none_or(|filter| filter(&comparison.to_string()));
    let step = if filter.is_some() { 1 } else { SELECTION };
    let total = (plan().count() / step) as u64;
    for (done, (history, changes)) in plan().step_by(step).enumerate() {
        if done % 256 == 0 && progress.done(done as u64, total, report.findings.len()).is_break() {
            return false;
        }
        let mut these =
            changes.map(|change| Comparison { change, history }).into_iter().filter(wanted).peekable();
        let able = history.needs().lacking(&driver.description().capabilities).is_none();
        if these.peek().is_none() || !able {
            continue;
        }
        let Some(base) = base(driver, history, run) else { continue };
        these.for_each(|comparison| one(driver, &base, comparison, run, report));
    }
    true
}

fn one(
    driver: &mut Driver<'_>,
    base: &Base,
    comparison: Comparison,
    run: &CrossIn,
    report: &mut StackReport,
) {
    match compare(driver, base, comparison.change, run) {
        Outcome::NotApplicable | Outcome::NoBase => {}
        Outcome::Same => report.compared += 1,
        Outcome::Differs(difference, Changed { scenario, .. }) => {
            report.compared += 1;
            add(report, &difference, comparison, &scenario);
        }
    }
}

fn add(report: &mut StackReport, difference: &Difference, comparison: Comparison, scenario: &Scenario) {
    let shown = || (comparison.to_string(), scenario.clone());
    gather::add(&mut report.findings, difference, scenario.events.len(), shown);
}
