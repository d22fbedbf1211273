//! Ends: when nothing more will happen, nobody may be left waiting.
//!
//! Asked once, when the faults have ceased and the clock has run long without any progress. The legal endless
//! waits are excepted: an idle connection, a peer that does not close, a reader that does not read.

use lastack_core::types::State;

use super::{Breach, Life, Property, partner};

/// A life and the states in which its connection may be, at the end of the world.
#[derive(Clone, Debug)]
pub struct Last {
    /// The life.
    pub life: Life,
    /// Every state in which the judge, or the stack, holds its connection for possible.
    pub states: Vec<State>,
    /// Something of it is sent and not acknowledged, as far as the wire tells.
    pub in_flight: bool,
    /// Octets that its host holds for a user that does not read.
    pub recv_buffer: u32,
}

impl Last {
    /// Nobody reads at this end, and what `other` submitted fills its buffer: neither the rest nor a FIN behind it
    /// will ever leave (RFC 9293 3.8.6.1; MUST-37).
    fn blocks(&self, other: &Life) -> bool {
        let submitted = other.written.saturating_add(other.unwritten);
        !self.life.reads && submitted.saturating_sub(self.life.read) >= self.recv_buffer
    }
}

/// The first wait that nothing excuses.
pub fn check(lasts: &[Last]) -> Option<Breach> {
    let lives: Vec<Life> = lasts.iter().map(|last| last.life).collect();
    lasts.iter().find_map(|last| stuck(lasts, &lives, last))
}

/// Its host still has the connection, and so answers probes though nobody reads: the window may stay closed for
/// ever (RFC 9293 3.8.6.1; MUST-37).
fn is_there(lasts: &[Last], life: &Life) -> bool {
    let own = lasts.iter().find(|last| last.life == *life);
    own.is_some_and(|last| last.states.iter().any(|state| !is_end(*state)))
}

/// A passive open that a RST undid.
fn listens_again(last: &Last) -> bool {
    !last.life.active && last.states.contains(&State::Listen)
}

fn stuck(lasts: &[Last], lives: &[Life], last: &Last) -> Option<Breach> {
    let life = &last.life;
    if life.is_over() {
        return None;
    }
    let found = |property, want: &str, got: &str| {
        Some(Breach::new(property, life.host, format_args!("{want}"), format_args!("{got}")))
    };
    // Nobody has it any more, and its user has only to ask: a RST in LAST-ACK or CLOSING tells the user nothing
    // (RFC 9293 3.10.7.4, fourth).
    if last.states == [State::Closed] && life.shut {
        return None;
    }
    if listens_again(last) {
        return None;
    }
    if !life.open {
        // A listener may wait for ever; and where a stack tells no states, open is what its judge knows.
        let is_open = last.states.iter().any(|state| state.is_synchronized());
        let waits = life.active && !life.closed && !is_open;
        return if waits { found(Property::OpenEnds, "open, or an error", "neither") } else { None };
    }
    // The connection is then with another listener, and nobody may have accepted it.
    let elsewhere = |other: &Life| lasts.iter().any(|last| last.life == *other && listens_again(last));
    let other = partner(lives, life).filter(|other| !elsewhere(other));
    if life.written + life.unwritten > 0 {
        let unsent = life.unwritten > 0;
        if let Some(other) = other {
            if other.is_over() || other.closed && !other.reads && !is_there(lasts, other) {
                // Who has nothing in flight cannot find out.
                if (unsent || last.in_flight) && !last.states.is_empty() {
                    return found(Property::HalfOpenEnds, "an error: the other end is gone", "none");
                }
            } else if other.reads && (unsent || other.read < life.written) {
                let got =
                    format!("{} of {} octets, and nothing moves", other.read, life.written + life.unwritten);
                return found(Property::DataEnds, "everything delivered, or an error", &got);
            }
        }
    }
    let other = other?;
    if life.shut && other.reads && !other.ended && !other.is_over() && life.unwritten == 0 {
        return found(Property::CloseEnds, "the other user told of the end, or of an error", "neither");
    }
    // Whose peer is gone may stay in FIN-WAIT-2 for ever.
    let over = |s: &State| is_end(*s) || other.is_over() && *s == State::FinWait2;
    let both = life.closed && (other.closed || other.is_over());
    let other_last = lasts.iter().find(|l| l.life == *other)?;
    let blocked = last.blocks(other) || other_last.blocks(life);
    if both && !blocked && !last.states.is_empty() && !last.states.iter().any(over) {
        let got = last.states.iter().map(|s| s.name()).collect::<Vec<_>>().join(" or ");
        return found(Property::CloseEnds, "CLOSED or TIME-WAIT: both users have closed", &got);
    }
    None
}

const fn is_end(state: State) -> bool {
    matches!(state, State::Closed | State::TimeWait | State::Listen)
}
