use core::fmt;

use lastack_core::types::wire::WireError;
use lastack_core::types::{Duration, Endpoint, Instant, SeqNum, State};

use crate::subject::Outcome;

/// What is wrong with an adapter, or with what it adapts. Each prints as one sentence for its author.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Problem {
    /// `reset` refused the plainest set-up.
    SetupRefused { reason: String },
    /// A method panicked.
    Panicked { message: String },
    /// A call came to something that makes no sense where it was made.
    Call { call: &'static str, want: &'static str, got: Outcome },
    /// `advance` returned an instant before the one asked for.
    ClockStands { asked: Instant, reached: Instant },
    /// `poll` said `More` without end.
    NeverSettles { polls: u32, packets: usize },
    /// Packets came out of a poll that had no room for any.
    RoomIgnored { sent: usize },
    /// A packet came that cannot be read.
    Unreadable { error: WireError },
    /// The TCP checksum of what came is wrong.
    TcpChecksum { got: u16, segment: String },
    /// The IPv4 header checksum of what came is wrong.
    Ipv4Checksum { got: u16, segment: String },
    /// A segment came from or went to the wrong place.
    WrongEndpoints { want: [Endpoint; 2], got: [Endpoint; 2] },
    /// No SYN,ACK.
    NoSynAck { to: Endpoint, instead: Option<String> },
    /// The SYN,ACK acknowledges something else.
    SynAckNumber { want: SeqNum, got: SeqNum },
    /// The set-up's ISS was not taken, although the capabilities say that it can be chosen.
    IssIgnored { want: SeqNum, got: SeqNum },
    /// The peer's text did not reach the user.
    TextLost { sent: usize, got: Outcome },
    /// The user got other octets than the peer sent.
    TextChanged,
    /// The peer's text was not acknowledged.
    NoAck { want: SeqNum, instead: Option<String> },
    /// The user's text did not leave.
    NoText { instead: Option<String> },
    /// The user's text left, with a wrong number or other octets.
    WrongText { want: SeqNum, segment: String },
    /// Nothing was sent again.
    NoRetransmission { waited: Duration },
    /// An active OPEN sent no SYN.
    NoSyn { from: Endpoint, to: Endpoint, instead: Option<String> },
    /// The second run with the same set-up and seed went another way.
    NotRepeatable { packet: usize },
    /// Remark: a deadline before the present.
    TimerPast { now: Instant, at: Instant },
    /// Remark: text is in flight and no deadline is announced.
    NoTimer,
    /// Remark: `state` says something else than what the wire shows.
    OddState { want: State, got: State },
    /// Remark: the stack has no such call, so what hangs on it was not looked at.
    NotOffered { call: &'static str },
}

impl Problem {
    /// The cells would tell nothing about the stack. What is not fatal is worth knowing, no more: the driver
    /// does without it.
    pub const fn is_fatal(&self) -> bool {
        !matches!(
            self,
            Problem::TimerPast { .. }
                | Problem::NoTimer
                | Problem::OddState { .. }
                | Problem::NotOffered { .. }
        )
    }
}

impl std::error::Error for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::SetupRefused { reason } => {
                write!(f, "`reset` refused the plainest set-up there is: {reason}")
            }
            Problem::Panicked { message } => write!(f, "the stack or its adapter panicked: {message}"),
            Problem::Call { call, want, got } => {
                write!(f, "{call} came to {got:?} where {want} was expected: does the call reach the stack?")
            }
            Problem::ClockStands { asked, reached } => write!(
                f,
                "the clock was to move to {asked} s and `advance` returned {reached} s: it must return the \
                 instant reached, and never less than it was asked for"
            ),
            Problem::NeverSettles { polls, packets } => write!(
                f,
                "`poll` still said that there is more after {polls} polls and {packets} packets at one instant: \
                 does it say `Settled` when nothing happened?"
            ),
            Problem::RoomIgnored { sent } => write!(
                f,
                "`poll` had room for no packet and sent {sent}: a full transmit queue must be seen by the \
                 stack, not only by the adapter"
            ),
            Problem::Unreadable { error } => write!(f, "a packet came out that cannot be read: {error}"),
            Problem::TcpChecksum { got, segment } => write!(
                f,
                "{segment} came with the wrong TCP checksum {got:#06x}: is it left to hardware? does it cover the \
                 pseudo-header?"
            ),
            Problem::Ipv4Checksum { got, segment } => write!(
                f,
                "{segment} came with the wrong IPv4 header checksum {got:#06x}: is it left to hardware?"
            ),
            Problem::WrongEndpoints { want: [from, to], got: [got_from, got_to] } => write!(
                f,
                "a segment came from {got_from} to {got_to} where {from} to {to} was expected: is the stack's \
                 address the one of `stack_addr`?"
            ),
            Problem::NoSynAck { to, instead: None } => write!(
                f,
                "a SYN to {to} was delivered and nothing came: is the address yours? did the clock move? is the \
                 checksum verified against the right pseudo-header?"
            ),
            Problem::NoSynAck { to, instead: Some(segment) } => {
                write!(f, "a SYN to {to} was delivered and {segment} came: does anybody listen on that port?")
            }
            Problem::SynAckNumber { want, got } => {
                write!(f, "the SYN,ACK acknowledges {got} where {want} was expected: is the byte order right?")
            }
            Problem::IssIgnored { want, got } => write!(
                f,
                "the set-up's ISS is {want} and the stack took {got}: set the capability `iss` only where the \
                 first connection can be given its ISS"
            ),
            Problem::TextLost { sent, got } => write!(
                f,
                "{sent} octets were delivered on an established connection and RECEIVE came to {got:?}: did \
                 Accept give the connection its handle?"
            ),
            Problem::TextChanged => f.write_str(
                "RECEIVE handed over other octets than were delivered: are they appended to `received`, and \
                 nothing else?",
            ),
            Problem::NoAck { want, instead } => {
                write!(f, "text was delivered and no ACK of {want} came within a second")?;
                but(f, instead)
            }
            Problem::NoText { instead } => {
                f.write_str("SEND took the octets and no text came within a second")?;
                but(f, instead)
            }
            Problem::WrongText { want, segment } => {
                write!(f, "SEND took 5 octets, and {segment} is not these 5 at SEQ={want}")
            }
            Problem::NoRetransmission { waited } => write!(
                f,
                "text was not acknowledged for {waited} s and nothing was sent again: does the clock that \
                 `advance` moves reach the stack, and does `poll` run its timers?"
            ),
            Problem::NoSyn { from, to, instead } => {
                write!(f, "OPEN from {from} to {to} was done and no SYN came: is there a route to the link?")?;
                but(f, instead)
            }
            Problem::NotRepeatable { packet } => write!(
                f,
                "a second run with the same set-up and seed differs from packet {packet} on: is everything that \
                 the stack draws by chance seeded, and does `reset` forget everything?"
            ),
            Problem::TimerPast { now, at } => write!(
                f,
                "at {now} s the stack wants to be polled at {at} s, which is past: `next_timer` should give no \
                 instant before now"
            ),
            Problem::NoTimer => f.write_str(
                "text is in flight and `next_timer` announces nothing: the stack will be polled at intervals, \
                 which is slow and less exact",
            ),
            Problem::OddState { want, got } => {
                write!(f, "`state` says {got} where the segments exchanged make it {want}")
            }
            Problem::NotOffered { call } => {
                write!(f, "the stack has no {call}: everything that needs it is unsupported")
            }
        }
    }
}

/// What came in place of what was expected.
fn but(f: &mut fmt::Formatter<'_>, instead: &Option<String>) -> fmt::Result {
    match instead {
        Some(segment) => write!(f, "; what came last was {segment}"),
        None => f.write_str("; nothing came at all"),
    }
}
