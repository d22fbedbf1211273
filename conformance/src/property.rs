//! What must hold over a whole world: the properties of a pair of ends, as values with names.
//!
//! What flows: the world keeps one [`Life`] for every connection that a user opened, at either host: what the
//! user submitted and got, how it ended, and the [`Key`] by which the life at the other host that is the same
//! incarnation is known. The functions of `stream`, `pair` and `liveness` look at lives and at both ends'
//! ledgers, and say which [`Property`] does not hold, as a [`Breach`].
//!
//! A property accuses the pair, not an end: the world asks for it only as long as no end has broken a rule,
//! and as long as nobody was [`Deceived`].

use core::fmt;

use lastack_core::types::{Instant, SeqNum};

use crate::scenario::HostId;
use crate::subject::{Handle, Outcome};
use crate::table::Level;

pub mod liveness;
pub mod pair;
pub mod stream;
#[cfg(test)]
mod tests;

/// One property.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Property {
    StreamIntact,
    StreamHasSource,
    EndIsHonest,
    EndsAgree,
    Coherent,
    ResetHasCause,
    OpenEnds,
    DataEnds,
    CloseEnds,
    HalfOpenEnds,
    NoPacketWar,
}

/// What a property is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PropertyInfo {
    /// Which.
    pub property: Property,
    /// Stable name.
    pub name: &'static str,
    /// How strongly the RFCs ask for it.
    pub level: Level,
    /// Sections and requirement ids.
    pub cite: &'static str,
    /// What happened where it does not hold.
    pub meaning: &'static str,
}

const fn row(
    property: Property,
    name: &'static str,
    level: Level,
    cite: &'static str,
    meaning: &'static str,
) -> PropertyInfo {
    PropertyInfo { property, name, level, cite, meaning }
}

use Level::{Must, Text};
use Property as P;

/// All properties, in the order of [`Property`]. The numbers S and L are those of the list of invariants.
#[rustfmt::skip]
pub static PROPERTIES: &[PropertyInfo] = &[
    row(P::StreamIntact,    "STREAM-INTACT",     Text, "RFC 9293 1, 3.4, 3.8.1; S2",         "a user was handed octets that the other user did not submit at this place"),
    row(P::StreamHasSource, "STREAM-HAS-SOURCE", Text, "RFC 9293 3.4.1, 3.5, 3.6.1; S1",     "a user was handed octets of no connection that the other host has, or more than its user submitted"),
    row(P::EndIsHonest,     "END-IS-HONEST",     Text, "RFC 9293 3.6; S7 S9",                "a user was told that the stream has ended, and the other user has not closed it there"),
    row(P::EndsAgree,       "ENDS-AGREE",        Text, "RFC 9293 3.5; S4",                   "both ends are established, with different initial sequence numbers"),
    row(P::Coherent,        "COHERENT",          Text, "RFC 9293 3.3.1, 3.4; S3",            "one end takes for acknowledged what the other has not acknowledged, or acknowledges what was never sent"),
    row(P::ResetHasCause,   "RESET-HAS-CAUSE",   Text, "RFC 9293 3.5.2, 3.10.5; S10",        "a user was told of a reset, and no RST came"),
    row(P::OpenEnds,        "OPEN-ENDS",         Must, "RFC 9293 3.5, 3.8.3; L1; MUST-23",   "an active open neither succeeds nor fails"),
    row(P::DataEnds,        "DATA-ENDS",         Text, "RFC 9293 3.8.1, 3.8.6; L2 L5",       "what a user submitted is neither delivered nor reported as lost, although the other user reads"),
    row(P::CloseEnds,       "CLOSE-ENDS",        Text, "RFC 9293 3.6, 3.10.4; L3",           "a close that the other user never learns of, or a connection that never ends although both users have closed it"),
    row(P::HalfOpenEnds,    "HALF-OPEN-ENDS",    Text, "RFC 9293 3.5.1; L4",                 "the other end is gone, and who has something in flight is never told"),
    row(P::NoPacketWar,     "NO-PACKET-WAR",     Text, "RFC 9293 3.10.7.4; RFC 5961 7; S15", "the ends answer each other without end, and nothing comes of it"),
];

impl Property {
    /// What it is.
    pub fn info(self) -> &'static PropertyInfo {
        // A test holds that each stands at its own place.
        &PROPERTIES[self as usize]
    }

    /// In print and in signatures.
    pub fn name(self) -> &'static str {
        self.info().name
    }
}

/// A property does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// Which.
    pub property: Property,
    /// At which host it showed.
    pub host: HostId,
    /// What would have been right.
    pub want: String,
    /// What came.
    pub got: String,
}

impl Breach {
    fn new(property: Property, host: HostId, want: fmt::Arguments<'_>, got: fmt::Arguments<'_>) -> Breach {
        Breach { property, host, want: want.to_string(), got: got.to_string() }
    }
}

/// Why the properties of a pair say nothing from here on: something arrived that no receiver can tell from the
/// real thing, and no rule protects from. The RFC's protections are lifetimes, quiet times and the choice of
/// ISNs; a scenario may leave them out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Deceived {
    /// A changed packet with a right checksum.
    Forged,
    /// A packet of another incarnation whose numbers fit this one.
    OldNumbers,
    /// A call was taken on a listener's handle that had become a connection without ACCEPT.
    Unaccepted,
}

impl Deceived {
    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            Deceived::Forged => "a changed packet with a right checksum",
            Deceived::OldNumbers => "a packet of another incarnation whose numbers fit",
            Deceived::Unaccepted => "a call on a connection that nobody accepted",
        }
    }
}

/// Which incarnation: this end's ISS and the other's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    /// This end's ISS.
    pub own: u32,
    /// The other end's.
    pub peer: u32,
}

impl Key {
    /// Of two initial sequence numbers.
    pub fn new(own: SeqNum, peer: SeqNum) -> Key {
        Key { own: own.value(), peer: peer.value() }
    }

    /// The same incarnation as the other end names it.
    #[must_use]
    pub const fn flipped(self) -> Key {
        Key { own: self.peer, peer: self.own }
    }
}

/// One connection as its user knows it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Life {
    /// At which host.
    pub host: HostId,
    /// By which handle.
    pub handle: Handle,
    /// The incarnation that its sockets had before: ISS, and when it began.
    pub after: Option<(SeqNum, Instant)>,
    /// The user opened it actively.
    pub active: bool,
    /// Which incarnation, once both ISNs are known.
    pub key: Option<Key>,
    /// The incarnation cannot change any more: its SYN is acknowledged.
    pub settled: bool,
    /// The user has been told, or has found out, that it is open.
    pub open: bool,
    /// Octets that the user still has to submit.
    pub unwritten: u32,
    /// Octets that SEND took.
    pub written: u32,
    /// The user reads.
    pub reads: bool,
    /// Octets that RECEIVE handed over.
    pub read: u32,
    /// RECEIVE told the end of the stream.
    pub ended: bool,
    /// CLOSE was called, or only the sending direction was closed.
    pub shut: bool,
    /// CLOSE was called.
    pub closed: bool,
    /// It is over: ABORT, or the host crashed.
    pub gone: bool,
    /// The error that told the user that it is over.
    pub told: Option<Outcome>,
    /// RSTs that had reached the host before.
    pub resets_before: u32,
}

impl Life {
    /// A user has just opened it.
    pub fn new(host: HostId, handle: Handle, after: Option<(SeqNum, Instant)>, active: bool) -> Life {
        Life {
            host,
            handle,
            after,
            active,
            key: None,
            settled: false,
            open: false,
            unwritten: 0,
            written: 0,
            reads: true,
            read: 0,
            ended: false,
            shut: false,
            closed: false,
            gone: false,
            told: None,
            resets_before: 0,
        }
    }

    /// Nothing more can come of it, and the user knows.
    pub fn is_over(&self) -> bool {
        self.gone || self.told.is_some()
    }

    /// The user has done and seen everything that it wanted.
    pub fn is_done(&self) -> bool {
        self.is_over() || self.closed && (self.ended || !self.reads)
    }
}

/// The life at the other host that is the same incarnation.
pub fn partner<'l>(lives: &'l [Life], life: &Life) -> Option<&'l Life> {
    let key = life.key?.flipped();
    lives.iter().rev().find(|l| l.host == life.host.other() && l.key == Some(key))
}
