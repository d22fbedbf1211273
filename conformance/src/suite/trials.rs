//! The cell suite as trials of `cargo test`: one trial a state, kind of event and edge, with all its cells
//! inside.
//!
//! A red suite on a stack is a result, not a build failure. So what a stack does is *pinned*: a text file
//! that is committed beside the test says for every trial what it came to, and a trial fails when it comes
//! to something else. A change of the stack, or of the tool, shows as a diff of that file.
//!
//! All that it takes, as `tests/conformance.rs` with `harness = false` in the manifest:
//!
//! ```no_run
//! # use lastack::subject::smoltcp::Smoltcp as MyFactory;
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     lastack::suite::trials::main(&MyFactory::Immediate, "tests/conformance.pins.txt")
//! }
//! ```
//!
//! The path is relative to the package. `LASTACK_UPDATE=1 cargo test --test conformance` writes the file,
//! the first time and after every change that was read and accepted; with a filter it rewrites only the
//! trials that ran. A trial whose cells all remain without a verdict fails, pinned or not.

mod matrix;
mod pins;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed};

pub use self::matrix::matrix;
pub use self::pins::{Pin, PinError, Pins};
use super::cells::{Cell, CrossIn, cells};
use super::run::cross_in;
use super::tails::Tail;
use crate::driver::{Aim, Driver};
use crate::subject::{Factory, IpVersion};
use crate::verdict::{Difference, Signature, Verdict};

/// Set, the pins are written instead of compared.
pub const UPDATE: &str = "LASTACK_UPDATE";

/// Some cells under one name.
#[derive(Clone, Debug)]
pub struct Trial {
    /// State, kind of event and edge: `established/SYN@middle`.
    pub name: String,
    /// Its cells, with all tails, in the suite's order.
    pub cells: Vec<Cell>,
}

static TRIALS: LazyLock<Vec<Trial>> = LazyLock::new(|| {
    let mut by_name: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    for cell in cells().filter(|cell| cell.tail == Tail::Probes) {
        let tails = Tail::OF_CELLS.into_iter().map(|tail| Cell { tail, ..cell });
        by_name.entry(cell.trial()).or_default().extend(tails);
    }
    by_name.into_iter().map(|(name, cells)| Trial { name, cells }).collect()
});

/// All trials, by name. They hold every cell of the suite once.
pub fn trials() -> &'static [Trial] {
    &TRIALS
}

/// What a trial came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The worst of its scenarios that came to a verdict; none when no scenario did.
    pub verdict: Option<Verdict>,
    /// What differed, each with the first cell that showed it.
    pub findings: BTreeMap<Signature, (Cell, Difference)>,
    /// Why scenarios came to no verdict, and how many.
    pub inconclusive: BTreeMap<String, u64>,
    /// What the stack cannot do, by its own declaration, and how many scenarios that concerns.
    pub unsupported: BTreeMap<String, u64>,
}

impl Outcome {
    /// The line of the trial in the file of pins.
    pub fn pin(&self) -> Pin {
        let verdict = match self.verdict {
            Some(verdict) => verdict,
            None if self.inconclusive.is_empty() && !self.unsupported.is_empty() => Verdict::Unsupported,
            None => Verdict::Inconclusive,
        };
        Pin {
            verdict,
            inconclusive: self.inconclusive.values().sum(),
            signatures: self.findings.keys().map(Signature::to_string).collect(),
        }
    }

    fn add(&mut self, verdict: Verdict) {
        // Pass, allowed, non-strict, fail: the order of the enum.
        self.verdict = Some(self.verdict.map_or(verdict, |worst| worst.max(verdict)));
    }

    fn count(list: &mut BTreeMap<String, u64>, why: String) {
        *list.entry(why).or_insert(0) += 1;
    }
}

/// Runs the cells of a trial on the stack of `driver`.
pub fn run(driver: &mut Driver<'_>, run: &CrossIn, trial: &Trial) -> Outcome {
    let mut outcome = Outcome::default();
    for cell in &trial.cells {
        let Some(way) = cell.way() else { continue };
        if let Some(lacking) = cell.needs().lacking(&driver.description().capabilities) {
            Outcome::count(&mut outcome.unsupported, lacking.to_owned());
            continue;
        }
        let (scenario, event) = cell.scenario(run);
        let aim = Aim { event, handle: way.handle, state: way.state };
        let summary = match driver.run(&scenario, Some(aim)) {
            Ok(summary) => summary,
            Err(why) => {
                Outcome::count(&mut outcome.unsupported, why);
                continue;
            }
        };
        match summary.verdict() {
            Verdict::Inconclusive => {}
            verdict => outcome.add(verdict),
        }
        if let Some(why) = summary.inconclusive {
            Outcome::count(&mut outcome.inconclusive, format!("{}: {why}", way.name));
        }
        for difference in summary.finding.into_iter().chain(summary.conceded) {
            outcome.findings.entry(difference.signature).or_insert((*cell, difference));
        }
    }
    outcome
}

/// The whole of a test with `harness = false`: every trial on this stack, over IPv4 where it has it,
/// compared with the pins in the file at `pins`.
pub fn main(factory: &'static dyn Factory, pins: &str) -> ExitCode {
    let ip = if factory.describe().capabilities.ipv4 { IpVersion::V4 } else { IpVersion::V6 };
    main_over(factory, ip, Path::new(pins))
}

/// The same over a given IP version.
pub fn main_over(factory: &'static dyn Factory, ip: IpVersion, pins: &Path) -> ExitCode {
    // A stack that panics is a finding and stands in the pins; the trace of each panic would drown them.
    std::panic::set_hook(Box::new(|_| {}));
    let updates = std::env::var_os(UPDATE).is_some_and(|value| value != "0");
    let known = match Pins::read(pins) {
        Ok(known) => known,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let mut arguments = Arguments::from_args();
    // Hundreds of lines that say `ok` help nobody; names are for `--list` and for what fails.
    arguments.quiet |= arguments.format.is_none() && !arguments.list;
    let seen: Arc<Mutex<Pins>> = Arc::new(Mutex::new(known.clone()));
    let known = Arc::new(known);
    let all = trials().iter().map(|trial| {
        let (known, seen) = (Arc::clone(&known), Arc::clone(&seen));
        libtest_mimic::Trial::test(trial.name.clone(), move || {
            let outcome = run_alone(factory, ip, trial);
            // Another trial that panicked left whole lines behind.
            seen.lock().unwrap_or_else(PoisonError::into_inner).set(&trial.name, outcome.pin());
            if updates { vacuous(&outcome) } else { compare(&outcome, known.get(&trial.name)) }
        })
    });
    let all = all.collect();
    let mut conclusion = libtest_mimic::run(&arguments, all);
    if conclusion.num_failed == 0 && conclusion.num_passed == 0 && !arguments.list {
        eprintln!("no trial has such a name; `-- --list` prints all of them");
        return ExitCode::FAILURE;
    }
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let stale = seen.keep(|name| trials().iter().any(|trial| trial.name == name));
    if updates && !arguments.list {
        if let Err(why) = seen.write(pins, &label(factory)) {
            eprintln!("{}: {why}", pins.display());
            return ExitCode::FAILURE;
        }
    } else if !stale.is_empty() {
        let shown = stale.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
        eprintln!("{} trials are pinned and are no more: {shown}, ...; {UPDATE}=1 drops them", stale.len());
        conclusion.num_failed += 1;
    }
    conclusion.exit_code()
}

/// Name and version.
fn label(factory: &dyn Factory) -> String {
    let stack = factory.describe();
    format!("{} {}", stack.name, stack.version)
}

fn run_alone(factory: &dyn Factory, ip: IpVersion, trial: &Trial) -> Outcome {
    let mut driver = Driver::new(factory);
    let cross = cross_in(driver.description(), ip, 0);
    run(&mut driver, &cross, trial)
}

/// Nothing was reached, and nothing that the stack declares says why.
fn vacuous(outcome: &Outcome) -> Result<(), Failed> {
    if outcome.pin().verdict != Verdict::Inconclusive {
        return Ok(());
    }
    let why: Vec<String> = outcome.inconclusive.iter().map(|(why, n)| format!("  {n} x {why}")).collect();
    Err(format!("no scenario came to a verdict:\n{}", why.join("\n")).into())
}

/// Every difference from the pin, new findings with what was wanted and what came.
fn compare(outcome: &Outcome, pin: Option<&Pin>) -> Result<(), Failed> {
    vacuous(outcome)?;
    let is = outcome.pin();
    let none = Pin { verdict: Verdict::Pass, inconclusive: 0, signatures: Default::default() };
    if pin == Some(&is) {
        return Ok(());
    }
    let mut text = match pin {
        None => "not pinned yet".to_owned(),
        Some(pin) => format!("pinned as {}, and is {}", pin.summary(), is.summary()),
    };
    let pin = pin.unwrap_or(&none);
    for (signature, (cell, difference)) in &outcome.findings {
        if !pin.signatures.contains(&signature.to_string()) {
            let Difference { verdict, level, cite, want, got, .. } = difference;
            text += &format!("\n  new   {signature}\n        {verdict}, {level}, {cite}\n");
            text += &format!("        in    {cell}\n        want  {want}\n        got   {got}");
        }
    }
    for gone in pin.signatures.difference(&is.signatures) {
        text += &format!("\n  gone  {gone}");
    }
    for (why, count) in outcome.inconclusive.iter().take(4) {
        text += &format!("\n  no verdict in {count}: {why}");
    }
    text += &format!("\n  when this is right: {UPDATE}=1 and the same command, then read the diff");
    Err(text.into())
}

#[cfg(test)]
mod tests;
