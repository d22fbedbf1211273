//! What must hold between two ends, whatever the network does: the properties, and which of them two ends break.

use core::fmt;

use lastack_core::types::State;

use super::end::{Fact, User};
use super::{Stack, View};
use crate::small::End;

/// What must hold over a world: safety (S) and liveness (L). S6, one record for a connection, is left out: an end here
/// has one handle, and no edit of the table gives it two records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Property {
    S1,
    S2,
    S3,
    S4,
    S5,
    S7,
    S8,
    S9,
    S10,
    S11,
    S12,
    S13,
    S14,
    S15,
    L1,
    L2,
    L3,
    L4,
    L5,
}

impl Property {
    /// All of them.
    pub const ALL: [Property; 19] = {
        use Property::*;
        [S1, S2, S3, S4, S5, S7, S8, S9, S10, S11, S12, S13, S14, S15, L1, L2, L3, L4, L5]
    };

    /// Whether only a run to the end shows it.
    pub const fn is_liveness(self) -> bool {
        self as u8 >= Property::L1 as u8 || self as u8 == Property::S15 as u8
    }

    /// What it asks for.
    pub const fn asks(self) -> &'static str {
        match self {
            Property::S1 => "no stale data: every octet that is delivered was sent in the same incarnation",
            Property::S2 => "prefix: what is delivered is the beginning of what the peer's user sent",
            Property::S3 => "coherence: SND.UNA of one end =< RCV.NXT of the other =< SND.NXT",
            Property::S4 => "agreement: each end's ISS is the other's IRS",
            Property::S5 => "confirmed open: no end is ESTABLISHED before its SYN is acknowledged",
            Property::S7 => "the end of the stream is told once, after the last octet",
            Property::S8 => "one FIN number: all FINs of an end have one, and no text follows",
            Property::S9 => "honest ending: what ends otherwise than by both FINs is told as an error",
            Property::S10 => "justified reset: a connection dies by no RST that its peer never sent",
            Property::S11 => "no RST answers a RST",
            Property::S12 => "RCV.NXT never goes back",
            Property::S13 => "fresh ISN: a new incarnation begins above the numbers of the old one",
            Property::S14 => "linger: who closes first stays in TIME-WAIT for 2 MSL",
            Property::S15 => "no packet war: what only answers itself ends",
            Property::L1 => "an open ends ESTABLISHED at both ends, or its caller is told",
            Property::L2 => "what SEND took is delivered, or its caller is told",
            Property::L3 => "a close of both ends ends CLOSED at both",
            Property::L4 => "a half-open connection is discovered by the next segment of either end",
            Property::L5 => "a window that opens again is noticed although the news was lost",
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A set of properties.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Properties(u32);

impl Properties {
    /// All of them.
    pub const ALL: Properties = Properties((1 << Property::ALL.len()) - 1);

    /// Just this one.
    pub const fn of(property: Property) -> Properties {
        Properties(1 << property as u32)
    }

    /// Those of them that a state alone can break.
    #[must_use]
    pub fn safety(self) -> Properties {
        let lively = Property::ALL.into_iter().filter(|property| property.is_liveness());
        lively.fold(self, Properties::without)
    }

    /// All but one.
    #[must_use]
    pub const fn without(self, property: Property) -> Properties {
        Properties(self.0 & !(1 << property as u32))
    }

    /// Those in both.
    #[must_use]
    pub const fn and(self, other: Properties) -> Properties {
        Properties(self.0 & other.0)
    }

    /// The first in it.
    pub fn first(self) -> Option<Property> {
        Property::ALL.into_iter().find(|property| self.has(*property))
    }

    /// Whether it is in it.
    pub const fn has(self, property: Property) -> bool {
        self.0 & (1 << property as u32) != 0
    }

    pub fn add(&mut self, property: Property, broken: bool) {
        self.0 |= u32::from(broken) << property as u32;
    }
}

/// What two ends break, in any state.
pub fn broken<S: Stack>(ends: [&End<S>; 2], views: [&View; 2]) -> Properties {
    let mut broken = Properties::default();
    for (i, j) in [(0, 1), (1, 0)] {
        of_one(&ends[i].user, &ends[j].user, &mut broken);
        let (own, other) = (views[i], views[j]);
        let both_synchronized = own.state.is_synchronized() && other.state.is_synchronized();
        let pair = own.iss == other.irs && other.iss == own.irs;
        let coherent = own.una.is_at_or_before(other.rcv_nxt) && other.rcv_nxt.is_at_or_before(own.nxt);
        broken.add(Property::S3, both_synchronized && pair && !coherent);
    }
    let [a, b] = views;
    let open = |view: &View| matches!(view.state, State::Established | State::CloseWait);
    broken.add(Property::S4, open(a) && open(b) && !(a.iss == b.irs && b.iss == a.irs));
    broken
}

fn of_one(user: &User, peer: &User, broken: &mut Properties) {
    let facts = user.facts;
    let peer_gone = peer.crashes > 0 || peer.aborted;
    let submitted = peer.submitted.get(usize::from(user.peer_life)).copied().unwrap_or(0);
    broken.add(Property::S1, facts.has(Fact::StaleText));
    broken.add(Property::S2, facts.has(Fact::WrongText));
    broken.add(Property::S5, facts.has(Fact::EarlyOpen));
    let early_end = user.ended && user.delivered < submitted;
    broken.add(Property::S7, facts.has(Fact::TextAfterEnd) || early_end);
    broken.add(Property::S8, facts.has(Fact::FinMoved));
    broken.add(Property::S9, facts.has(Fact::SilentEnd) || facts.has(Fact::ResetInClose) && !peer_gone);
    broken.add(Property::S10, facts.has(Fact::ForgedReset));
    broken.add(Property::S11, facts.has(Fact::ResetForReset));
    broken.add(Property::S12, facts.has(Fact::AckBack));
    broken.add(Property::S13, facts.has(Fact::OldIss));
    broken.add(Property::S14, facts.has(Fact::CutLinger));
    broken.add(Property::S15, facts.has(Fact::Floods));
    broken.add(Property::L2, facts.has(Fact::SendRefused));
}

/// What is broken where nothing will happen any more although the network was fair.
pub fn broken_at_rest<S: Stack>(ends: [&End<S>; 2], views: [&View; 2]) -> Properties {
    let mut broken = broken(ends, views);
    for (i, j) in [(0, 1), (1, 0)] {
        let (user, peer, view) = (&ends[i].user, &ends[j].user, views[i]);
        let told = user.told.is_some();
        let waits = user.asked && !user.open && !told && view.iss.is_some();
        broken.add(Property::L1, waits);
        let submitted = user.submitted.get(usize::from(user.life)).copied().unwrap_or(0);
        let paired = peer.peer_life == user.life && user.peer_life == peer.life && user.life > 0;
        let spoiled = told || user.aborted || peer.aborted || peer.crashes > 0;
        let stuck = view.queued > 0 && !told;
        let undelivered = paired && !spoiled && peer.delivered < submitted;
        broken.add(Property::L5, stuck && view.shut);
        broken.add(Property::L2, stuck && !view.shut || undelivered);
        let over = matches!(view.state, State::Closed | State::Listen);
        broken.add(Property::L3, paired && user.closed && peer.closed && !over);
    }
    broken
}

/// What is broken where the same happens again and again although the network is fair. `segments`: of itself,
/// without a timer.
pub fn broken_for_ever<S: Stack>(ends: [&End<S>; 2], views: [&View; 2], segments: bool) -> Properties {
    let mut broken = broken(ends, views);
    if segments {
        broken.add(Property::S15, true);
        return broken;
    }
    for (i, j) in [(0, 1), (1, 0)] {
        let (user, view, other) = (&ends[i].user, views[i], views[j]);
        let opening = matches!(view.state, State::SynSent | State::SynReceived);
        let half_open = opening && other.state.is_synchronized() && other.irs != view.iss;
        let stuck = view.queued > 0 && user.told.is_none();
        broken.add(Property::L4, half_open);
        broken.add(Property::L1, opening && !half_open);
        broken.add(Property::L5, stuck && view.shut && !opening);
        broken.add(Property::L2, stuck && !view.shut && !opening);
        broken.add(Property::L3, user.closed && !stuck && view.timer == super::Timer::Soon && !opening);
    }
    broken
}
