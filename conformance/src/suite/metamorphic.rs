//! Metamorphic checks: the same script, changed in a way that must not matter, has to go the same way.
//!
//! What flows: a short history -> its script, and the script under a [`Change`] -> two traces -> two
//! [`Normal`] forms, in which numbers count from each end's ISN and times from the script's
//! beginning -> the first line that differs, as a [`Difference`]. No table is asked, so this finds what a
//! judge who reads the same RFC as the stack would miss: state that survives its connection, numbers that
//! are compared without wrapping, answers that depend on how often a stack is polled.

mod change;
pub mod compared;
pub mod normal;
mod prelude;

use crate::driver::{Driver, Polling, Summary};
use crate::scenario::Event;
use crate::suite::cells::CrossIn;
use crate::suite::histories::{History, histories};
use crate::table::Level;
use crate::verdict::{AckRelation, Difference, Kind, Signature, Trigger, Verdict};
use lastack_core::types::{Duration, Instant, State};

pub use change::Changed;
use normal::{Grain, Normal};

/// What must not matter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Change {
    /// The script begins some seconds sooner after the stack was made.
    Clock,
    /// Both ends begin at other sequence numbers, so that the connection crosses 2^31 and 2^32.
    Isns,
    /// Other ports at both ends.
    Ports,
    /// IPv6 in place of IPv4, with an MTU that leaves the same MSS.
    IpVersion,
    /// Every segment carries NOPs and an end of the option list.
    Padding,
    /// Every segment carries an option that nobody knows.
    UnknownOption,
    /// The four reserved bits are on in every segment.
    ReservedBits,
    /// ECE and CWR are on in every segment but SYNs, where they would ask for ECN.
    EcnBits,
    /// PSH is the other way round in every segment with text.
    Push,
    /// Before, the same sockets had a SYN-RECEIVED that a RST returned to LISTEN.
    AfterReset,
    /// Before, the same sockets had a connection that both ends closed.
    AfterClose,
    /// Before, the same sockets had an active OPEN that was refused.
    AfterRefusal,
    /// Before, the same sockets had a connection with window scale and a small MSS, which was aborted.
    AfterOtherOptions,
    /// The stack is polled a hundred times where once is enough.
    PolledOften,
    /// The transmit queue takes one packet a poll.
    OneAPoll,
    /// Segments that follow one another arrive before the stack is polled.
    ManyAPoll,
}

/// A change in print: its rule, and why it must not matter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Info {
    /// What a finding is charged to.
    pub rule: &'static str,
    /// How strongly the RFCs ask that it does not matter.
    pub level: Level,
    /// Where.
    pub cite: &'static str,
    /// How much of the two traces has to be the same.
    pub grain: Grain,
}

impl Change {
    /// All of them.
    #[rustfmt::skip]
    pub const ALL: [Change; 16] = [
        Change::Clock, Change::Isns, Change::Ports, Change::IpVersion, Change::Padding, Change::UnknownOption,
        Change::ReservedBits, Change::EcnBits, Change::Push, Change::AfterReset, Change::AfterClose,
        Change::AfterRefusal, Change::AfterOtherOptions, Change::PolledOften, Change::OneAPoll, Change::ManyAPoll,
    ];

    /// Name, level and source.
    #[rustfmt::skip]
    pub const fn info(self) -> Info {
        use Level::{Must, Text};
        let (rule, level, cite, grain) = match self {
            Change::Clock =>             ("SAME-AT-ANOTHER-TIME",      Text, "RFC 9293 3.8.1, 3.8.6.1; SHLD-29", Grain::Fine),
            Change::Isns =>              ("SAME-WITH-OTHER-ISNS",      Text, "RFC 9293 3.4",                   Grain::Fine),
            Change::Ports =>             ("SAME-ON-OTHER-PORTS",       Text, "RFC 9293 3.3.1",                 Grain::Fine),
            Change::IpVersion =>         ("SAME-OVER-IPV6",            Text, "RFC 9293 3.1, 3.9.2",            Grain::Fine),
            Change::Padding =>           ("SAME-WITH-PADDING",         Must, "RFC 9293 3.1, 3.2; MUST-4 MUST-5", Grain::Fine),
            Change::UnknownOption =>     ("SAME-WITH-UNKNOWN-OPTION",  Must, "RFC 9293 3.1; MUST-6",           Grain::Fine),
            Change::ReservedBits =>      ("SAME-WITH-RESERVED-BITS",   Text, "RFC 9293 3.1",                   Grain::Fine),
            Change::EcnBits =>           ("SAME-WITH-ECN-BITS",        Text, "RFC 9293 3.1; RFC 3168 6.1",     Grain::Fine),
            Change::Push =>              ("SAME-WITHOUT-PSH",          Text, "RFC 9293 3.9.1.2, 3.9.1.3",      Grain::Coarse),
            Change::AfterReset =>        ("SAME-AFTER-RESET",          Text, "RFC 9293 3.3.1, 3.10.7.4 second", Grain::Fine),
            Change::AfterClose =>        ("SAME-AFTER-CLOSE",          Text, "RFC 9293 3.3.1, 3.10.1",         Grain::Fine),
            Change::AfterRefusal =>      ("SAME-AFTER-REFUSAL",        Text, "RFC 9293 3.3.1, 3.10.1",         Grain::Fine),
            Change::AfterOtherOptions => ("SAME-AFTER-OTHER-OPTIONS",  Text, "RFC 9293 3.3.1, 3.10.1",         Grain::Fine),
            Change::PolledOften =>       ("SAME-POLLED-OFTEN",         Text, "RFC 9293 3.10",                  Grain::Fine),
            Change::OneAPoll =>          ("SAME-ONE-PACKET-A-POLL",    Text, "RFC 9293 3.10",                  Grain::Fine),
            Change::ManyAPoll =>         ("SAME-MANY-PACKETS-A-POLL",  Text, "RFC 9293 3.10",                  Grain::Coarse),
        };
        Info { rule, level, cite, grain }
    }

    /// How much the times may differ: timers of a stack need not tick in step with a script, and those that tick
    /// coarsely (BSD's every 500 ms) may do so by another half of a second where there was a connection before.
    const fn slack(self) -> Duration {
        match self {
            Change::AfterReset | Change::AfterClose | Change::AfterRefusal | Change::AfterOtherOptions => {
                TICK
            }
            _ => Duration::ZERO,
        }
    }

    /// How the stack is polled under this change, where the way into the situation ends at this event.
    const fn polling(self, way: usize) -> Polling {
        match self {
            Change::PolledOften => Polling::Often,
            Change::OneAPoll => Polling::OnePacket,
            // On the way, each number depends on what the stack has answered.
            Change::ManyAPoll => Polling::Batched(way),
            _ => Polling::UntilQuiet,
        }
    }
}

/// What a history under a change came to.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// The change does not apply to this history.
    NotApplicable,
    /// The history itself ends in a finding or is not reached, or the peer says something else under the change:
    /// nothing to compare.
    NoBase,
    /// The same.
    Same,
    /// Something differs: the finding, and the changed script that shows it.
    Differs(Box<Difference>, Changed),
}

/// The base of comparisons: a history's own trace.
pub struct Base {
    history: History,
    summary: Summary,
    /// Fine and coarse.
    normal: [Normal; 2],
}

/// Runs a history as it is; the driver records.
pub fn base(driver: &mut Driver<'_>, history: History, run: &CrossIn) -> Option<Base> {
    let way = history.way()?;
    let (mut scenario, event) = history.scenario(run);
    scenario.events.insert(0, Event::Wait(PAUSE));
    driver.record();
    driver.set_polling(Polling::UntilQuiet);
    let aim = crate::driver::Aim { event: event + 1, handle: way.handle, state: way.state };
    let summary = driver.run(&scenario, Some(aim)).ok()?;
    if summary.finding.is_some() || summary.inconclusive.is_some() {
        return None;
    }
    let trace = driver.trace()?;
    let normal = [Grain::Fine, Grain::Coarse].map(|grain| Normal::of(trace, 1, grain));
    Some(Base { history, summary, normal })
}

/// Runs the history of `base` under a change and compares.
pub fn compare(driver: &mut Driver<'_>, base: &Base, change: Change, run: &CrossIn) -> Outcome {
    let Some(changed) = change::changed(change, &base.history, run, &driver.description().capabilities)
    else {
        return Outcome::NotApplicable;
    };
    let info = change.info();
    driver.record();
    let Some(way) = base.history.way() else { return Outcome::NotApplicable };
    let event = changed.main + way.script.len();
    driver.set_polling(change.polling(event));
    let aim = crate::driver::Aim { event, handle: way.handle, state: way.state };
    let summary = driver.run(&changed.scenario, Some(aim));
    driver.set_polling(Polling::UntilQuiet);
    let Ok(summary) = summary else { return Outcome::NotApplicable };
    let Some(trace) = driver.trace() else { return Outcome::NotApplicable };
    let normal = Normal::of(trace, changed.main, info.grain);
    let expected = &base.normal[usize::from(info.grain == Grain::Coarse)];
    // What the oracle says of the changed script alone tells more than a line that differs.
    if let Some(finding) = summary.finding {
        return Outcome::Differs(Box::new(finding), changed);
    }
    if summary.inconclusive.is_some() || summary.allowed != base.summary.allowed {
        return Outcome::NoBase;
    }
    match expected.first_difference(&normal, change.slack()) {
        None => Outcome::Same,
        Some(line) if line.ours => Outcome::NoBase,
        Some(line) => {
            let difference = difference(change, &line, changed.main);
            Outcome::Differs(Box::new(difference), changed)
        }
    }
}

/// What differs in a detail is non-strict where no MUST stands behind it: a stack may keep estimates of the
/// path beyond a connection (RFC 9040), and need not say everything in the same words.
fn difference(change: Change, line: &normal::Unlike, main: usize) -> Difference {
    let info = change.info();
    let substance = info.level == Level::Must || line.substance;
    Difference {
        signature: Signature {
            kind: Kind::Unlike,
            trigger: Trigger::Time,
            relation: AckRelation::Absent,
            rule: info.rule,
            words: "",
        },
        verdict: if substance { Verdict::Fail } else { Verdict::NonStrict },
        level: info.level,
        cite: info.cite,
        state: line.state.unwrap_or(State::Closed),
        at: Instant::ZERO + line.at,
        event: line.event + main,
        want: format!("as without the change: {}", line.want),
        got: line.got.clone(),
    }
}

/// Which histories are compared, and under which changes: of up to two events, each with one tail and some
/// of the changes, in turn.
pub fn plan() -> impl Iterator<Item = (History, [Change; CHANGES_EACH])> {
    let short = histories().filter(|history| history.steps().count() < super::histories::LENGTH);
    short.enumerate().filter(|(place, _)| place % 3 == (place / 3) % 3).map(|(place, history)| {
        let first = place / 3;
        (history, core::array::from_fn(|i| Change::ALL[(first * CHANGES_EACH + i) % Change::ALL.len()]))
    })
}

/// Changes that each history of the plan is compared under.
pub const CHANGES_EACH: usize = 3;

/// The coarsest clock of a timer.
const TICK: Duration = Duration::from_millis(500);

/// The pause before the script proper, so that nothing before it is still under way.
const PAUSE: Duration = Duration::from_secs(20);
