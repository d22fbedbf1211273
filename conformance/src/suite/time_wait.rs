//! How long TIME-WAIT lasts where the stack does not declare its MSL (RFC 9293 3.6.1, 3.4.2).
//!
//! A probe may start the timer anew, so each connection is asked once: the same script with another wait
//! before the same probe, closing in by halves. CLOSED and LISTEN answer the probe by a RST, TIME-WAIT does
//! not.

use lastack_core::types::wire;
use lastack_core::types::{Duration, Instant, State};

use super::cells::{Cell, CrossIn};
use super::tails::probe;
use crate::driver::{Aim, Driver};
use crate::report::{Finding, StackReport};
use crate::scenario::build::wait_millis;
use crate::scenario::{Event, Scenario};
use crate::table::Level;
use crate::trace::{Direction, Happening, Trace};
use crate::verdict::{AckRelation, Difference, Kind, Obligation, Signature, Trigger, Verdict};

/// The cell that shows it: its way leads to TIME-WAIT, and it probes shortly before 240 s.
pub(super) const CELL: &str = "time-wait/from-fin-wait-2:time-before-2msl:probes";
/// 2 x MSL with the two minutes of RFC 9293 3.4.2.
const TWO_MSL: Duration = Duration::from_secs(240);
/// Nobody waits for longer; in milliseconds.
const LONGEST_MS: u64 = 600_000;
/// So exact is the answer; in milliseconds.
const STEP_MS: u64 = 100;
/// For the answer to the probe; in milliseconds.
const ANSWER_MS: u64 = 600;

/// What the probes say.
#[derive(Clone, PartialEq, Debug)]
pub enum Length {
    /// TIME-WAIT was not reached.
    Unreached,
    /// Over after so long, to the next tenth of a second.
    Over {
        /// How long.
        span: Duration,
        /// The script that shows it.
        scenario: Scenario,
        /// What the oracle says of it: too short to be a TIME-WAIT at all.
        finding: Option<Box<Difference>>,
    },
    /// Not over after ten minutes.
    Endless,
}

/// Asks a stack; the profile is the driver's.
pub fn measure(driver: &mut Driver<'_>, run: &CrossIn) -> Length {
    driver.record();
    let (mut before, mut over) = (0, LONGEST_MS / STEP_MS);
    match is_over(driver, run, LONGEST_MS) {
        None => return Length::Unreached,
        Some(false) => return Length::Endless,
        Some(true) => {}
    }
    while over - before > 1 {
        let middle = before.midpoint(over);
        match is_over(driver, run, middle * STEP_MS) {
            None => return Length::Unreached,
            Some(true) => over = middle,
            Some(false) => before = middle,
        }
    }
    let Some((scenario, aim)) = script(run, over * STEP_MS) else { return Length::Unreached };
    let finding = driver.run(&scenario, Some(aim)).ok().and_then(|summary| summary.finding);
    Length::Over { span: Duration::from_millis(over * STEP_MS), scenario, finding: finding.map(Box::new) }
}

/// Into TIME-WAIT, a wait, a probe; and the place of the wait.
fn script(run: &CrossIn, wait_ms: u64) -> Option<(Scenario, Aim)> {
    let way = Cell::from_name(CELL).ok().and_then(|cell| cell.way())?;
    let mut events: Vec<Event> = way.script.clone();
    let aim = Aim { event: events.len(), handle: way.handle, state: State::TimeWait };
    events.extend([wait_millis(wait_ms), probe(way), wait_millis(ANSWER_MS)]);
    let mut scenario = Scenario { setup: way.setup, seed: run.seed, world: None, events };
    run.apply(way, &mut scenario, None);
    Some((scenario, aim))
}

/// Whether the connection is gone after this wait; none when it never was in TIME-WAIT.
fn is_over(driver: &mut Driver<'_>, run: &CrossIn, wait_ms: u64) -> Option<bool> {
    let (scenario, aim) = script(run, wait_ms)?;
    let summary = driver.run(&scenario, Some(aim)).ok().filter(|summary| summary.reached)?;
    let reset = driver.trace().is_some_and(|trace| answers_by_rst(trace, aim.event + 1));
    // What went wrong before the probe says nothing of TIME-WAIT.
    let early = summary.finding.is_some_and(|finding| finding.event < aim.event && !reset);
    (!early).then_some(reset)
}

/// The stack answers this event of the script by a RST.
fn answers_by_rst(trace: &Trace, event: usize) -> bool {
    let from_stack =
        |what: &Happening| matches!(what, Happening::Packet { direction: Direction::FromStack, .. });
    let packets = trace.entries().iter().filter(|e| e.event >= event && from_stack(&e.what));
    packets.map(|e| wire::parse(trace.packet(e))).any(|parsed| parsed.is_ok_and(|s| s.header.flags.rst()))
}

/// Puts the length beside the RFC's into the report: shorter than 240 s is a detail (two minutes are a
/// convention), unless the oracle finds that there is none.
pub(super) fn report(length: Length, report: &mut StackReport) {
    let words = match &length {
        Length::Unreached => return,
        Length::Over { span, .. } => format!("over after {span} s"),
        Length::Endless => format!("not over after {} s", LONGEST_MS / 1_000),
    };
    let words = format!("TIME-WAIT of an undeclared MSL: {words} (RFC 9293's 2 x MSL is {TWO_MSL} s)");
    report.seen.insert(words, 1);
    let Length::Over { span, scenario, finding } = length else { return };
    if span >= TWO_MSL {
        return;
    }
    let own = || difference(span, scenario.events.len().saturating_sub(2));
    let difference = finding.map_or_else(own, |finding| *finding);
    report.findings.entry(difference.signature).or_insert_with(|| Finding {
        verdict: difference.verdict,
        level: difference.level,
        cite: difference.cite,
        states: vec![difference.state],
        count: 1,
        example: difference,
        cell: CELL.to_owned(),
        scenario,
        waived: None,
        repeats: None,
    });
}

fn difference(span: Duration, event: usize) -> Difference {
    let rule = Obligation::TimeWait.name();
    Difference {
        signature: Signature {
            kind: Kind::Obligation,
            trigger: Trigger::Time,
            relation: AckRelation::Absent,
            rule,
            words: "",
        },
        verdict: Verdict::NonStrict,
        level: Level::Text,
        cite: "RFC 9293 3.6.1, 3.4.2; MUST-13",
        state: State::TimeWait,
        at: Instant::ZERO + span,
        event,
        want: format!("TIME-WAIT for 2 x MSL: {TWO_MSL} s with the MSL of RFC 9293, as none is declared"),
        got: format!("it is over after {span} s"),
    }
}
