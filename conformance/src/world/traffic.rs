//! Packets of which nothing comes: loops of answers, each of which the rules ask for, and wars.
//!
//! RFC 9293 3.10.7.4, first, has an ACK for every unacceptable segment, an empty ACK included. Where each end's
//! ACKs lie outside the other's window (both windows full, and the first segments of both lost) each is
//! answered, at both ends, until one is lost. That is no end's fault and no finding: after so many answers the
//! link loses them, and the loop is counted. A segment that begins anything, text or a FIN sent again, is never
//! lost for it.
//!
//! What no such arrival asked for is counted apart: too much of it, and nothing comes of it, is a packet war.

use lastack_core::types::{Duration, Instant, Segment, wire};

use super::World;
use crate::scenario::HostId;

/// So many answers to answers, none long after the one before, and they are lost from there on.
const LOOP: u32 = 32;
/// After such a silence the loop has ended.
const LULL: Duration = Duration::from_secs(1);
/// So many packets that nobody asked for, and nothing came of them: more than the largest windows full.
const IDLE_MAX: u32 = 10_000;

/// So many moves at one instant, and nothing came of them.
const MOVES_MAX: u32 = 20_000;

/// What has been sent since anything came of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traffic {
    /// Packets that are no answers to answers.
    idle: u32,
    /// Moves at this instant.
    moves: u32,
    /// Answers to answers, in the loop at hand.
    answers: u32,
    /// When the last of them was sent.
    answered: Instant,
    /// What arrived last at each host asks for an answer, and none has been sent.
    asked: [bool; 2],
}

/// What is to become of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sent {
    /// The link's affair.
    Passes,
    /// It is the first that is lost to end a loop.
    FirstOfLoop,
    /// It is lost to end a loop.
    OfLoop,
}

impl Traffic {
    /// Something has come of what was sent; a loop may go on beside it.
    pub(super) fn progressed(&mut self) {
        self.idle = 0;
        self.moves = 0;
    }

    /// The clock has moved, or the script.
    pub(super) fn moves_on(&mut self) {
        self.moves = 0;
    }

    /// Something moves; false where too much has at this instant.
    pub(super) fn may_move(&mut self) -> bool {
        self.moves += 1;
        self.moves <= MOVES_MAX
    }

    /// A packet arrives at a host, where the rules ask for an answer, or not.
    pub(super) fn arrives(&mut self, host: HostId, asks: bool) {
        self.asked[host.index()] = asks;
    }

    /// A host sends a packet.
    pub(super) fn sends(&mut self, host: HostId, now: Instant, packet: &[u8]) -> Sent {
        let answers = wire::parse(packet).is_ok_and(|s| s.is_empty() && !s.header.flags.rst());
        if !answers || !core::mem::take(&mut self.asked[host.index()]) {
            self.idle += 1;
            return Sent::Passes;
        }
        if now.since(self.answered) >= LULL {
            self.answers = 0;
        }
        self.answers += 1;
        self.answered = now;
        match self.answers {
            0..LOOP => Sent::Passes,
            LOOP => Sent::FirstOfLoop,
            _ => Sent::OfLoop,
        }
    }

    /// Nothing comes of what is sent, and nothing asks for it.
    pub(super) fn is_war(&self) -> bool {
        self.idle > IDLE_MAX
    }
}

impl World<'_> {
    /// Whether the rules ask a host for an answer to this packet, which is empty itself. Whoever may be in
    /// TIME-WAIT acknowledges whatever comes (RFC 9293 3.10.7.4, fifth).
    pub(super) fn asks_for_answer(&self, id: HostId, segment: Option<&Segment<'_>>) -> bool {
        let Some(segment) = segment.filter(|s| s.is_empty() && !s.header.flags.rst()) else {
            return false;
        };
        self.incarnation(id).is_some_and(|now| now.both_closed() || !now.surely_current(segment))
    }
}

#[cfg(test)]
mod tests;
