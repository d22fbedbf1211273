//! How much of a script's waiting is done on a clock that is real.
//!
//! A cell's way and event are run as they are written, or not at all. In its tail no wait is needed for the
//! meaning of what follows: each gives a stack time for what it may put off. So the first of them is cut to the
//! time that an acknowledgment may take, the others are left out, and what then is not seen yet is not judged.

use lastack_core::types::Duration;

use super::cells::{Cell, CrossIn};
use super::run::Case;
use super::tails::{ACK_DUE_MS, Tail};
use crate::scenario::{Event, Scenario};

/// How a case is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// All at one instant.
    Instant,
    /// With waits of seconds.
    Short,
}

/// The longest wait of way and event together.
const WAIT_MAX: Duration = Duration::from_secs(9);
/// Longer than an acknowledgment may be delayed.
const ACK_DUE: Duration = Duration::from_millis(ACK_DUE_MS);

pub const HISTORIES: &str = "short histories: each has a minute or more of silence";
const SILENCE: &str = "a silent peer: minutes";
const TIMER: &str = "waits for a timer, and timers are left out";
const MINUTES: &str = "waits longer than nine seconds (2 MSL, R2, slow timers)";
/// Judged without waiting already; a wait in the tail adds a timer of its own and nothing of the event.
const SAME: &str = "crossed set-ups and friendly tails are run without waits only";

impl Pace {
    /// How long a scenario is watched after its last event.
    pub const fn last_wait(self) -> Duration {
        match self {
            Pace::Instant => Duration::ZERO,
            Pace::Short => ACK_DUE,
        }
    }
}

/// The script of a case at this pace, and the place of the event under test.
///
/// # Errors
/// Why it is left out.
pub fn paced(case: &Case, run: &CrossIn, pace: Pace) -> Result<(Scenario, usize), &'static str> {
    let Case::Cell(cell) = case else { return Err(HISTORIES) };
    if !matches!(cell.tail, Tail::Probes | Tail::Friendly) {
        return Err(SILENCE);
    }
    let (mut scenario, event) = cell.scenario(run);
    let tail = event + cell.events_at_aim(run);
    let waited = waits_of(&scenario.events[..tail.min(scenario.events.len())]);
    match pace {
        Pace::Instant if waited > Duration::ZERO => return Err(TIMER),
        Pace::Short if waited > WAIT_MAX => return Err(MINUTES),
        Pace::Short if waited == Duration::ZERO && !is_plain(cell) => return Err(SAME),
        _ => {}
    }
    let (mut place, mut waits) = (0, 0);
    scenario.events.retain_mut(|event| {
        place += 1;
        match event {
            Event::Wait(span) if place > tail => {
                *span = (*span).min(ACK_DUE);
                waits += 1;
                pace == Pace::Short && waits == 1
            }
            _ => true,
        }
    });
    Ok((scenario, event))
}

/// How long a case waits at this pace; nothing where it is left out.
pub fn waiting(case: &Case, run: &CrossIn, pace: Pace) -> Duration {
    paced(case, run, pace).map_or(Duration::ZERO, |(scenario, _)| waits_of(&scenario.events))
}

fn waits_of(events: &[Event]) -> Duration {
    Duration::from_micros(events.iter().filter_map(wait).map(Duration::micros).sum())
}

fn is_plain(cell: &Cell) -> bool {
    cell.cross.is_none() && cell.tail == Tail::Probes
}

const fn wait(event: &Event) -> Option<Duration> {
    match event {
        Event::Wait(span) => Some(*span),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::IpVersion;
    use crate::suite::cells::cells;
    use crate::table::Profile;

    /// Nothing that is run at one instant waits, nothing that is run shortly waits for minutes, a silent peer is
    /// never passed over as one that was judged, and no case is run in more than its two paces.
    #[test]
    fn paces_keep_to_their_time() {
        let run = CrossIn::new(IpVersion::V4, &Profile::UNDECLARED);
        let [mut instant, mut short] = [0, 0];
        for cell in cells().step_by(101) {
            let case = Case::Cell(cell);
            let spans =
                |pace| paced(&case, &run, pace).map(|(s, _)| s.events.iter().filter_map(wait).collect());
            let at_once: Result<Vec<Duration>, _> = spans(Pace::Instant);
            let soon: Result<Vec<Duration>, _> = spans(Pace::Short);
            if cell.tail == Tail::Silent {
                assert_eq!((at_once, soon), (Err(SILENCE), Err(SILENCE)), "{cell}");
                continue;
            }
            instant += usize::from(at_once.is_ok());
            short += usize::from(soon.is_ok());
            assert!(at_once.is_err() || at_once == Ok(Vec::new()), "{cell}");
            let sum = |spans: Vec<Duration>| spans.iter().map(|span| span.micros()).sum::<u64>();
            assert!(soon.map_or(0, sum) < 20_000_000, "{cell}");
        }
        assert!(instant > 500 && short > 300, "{instant} at an instant, {short} with waits");
    }
}
