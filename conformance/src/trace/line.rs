//! A happening as one line: what snapshots hold, and where ladder and capture take their words from.
//!
//! `<` is a segment to the stack, `>` one from it, as in a scenario's text. Numbers are those of the
//! wire, or counted from each end's ISN; then `@` marks one that is not ([`Numbers::Relative`]).

use core::fmt;

use lastack_core::types::wire::{self, TcpOption, WireError};
use lastack_core::types::{Checksum, Flags, Segment, SeqNum};

use super::flow::Bases;
use super::{Direction, Entry, Happening, Trace};
use crate::scenario::{Addr, HostId, ScriptCall};
use crate::subject::{Outcome, SocketOption, UserSignal};

/// How sequence numbers are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Numbers {
    /// As on the wire.
    #[default]
    Absolute,
    /// Counted from the ISN of the end that they belong to, which is 0; `@n` is `n` on the wire, where
    /// no ISN is known or the number lies far from it.
    Relative,
}

/// A relative number further off than this says nothing; the wire's own is printed.
const FAR: u32 = 1 << 24;

impl Numbers {
    fn print(self, number: SeqNum, base: Option<SeqNum>) -> String {
        match (self, base) {
            (Numbers::Absolute, _) => number.to_string(),
            (Numbers::Relative, Some(base)) if number.diff(base).unsigned_abs() < FAR => {
                number.diff(base).to_string()
            }
            (Numbers::Relative, _) => format!("@{number}"),
        }
    }
}

/// Every entry of a trace, one line each: `0.000 < <SEQ=100><CTL=SYN><WND=4096>  # note`.
pub fn lines(trace: &Trace, numbers: Numbers) -> Vec<String> {
    let mut bases = Bases::default();
    trace.entries().iter().map(|entry| line(trace, entry, numbers, &mut bases)).collect()
}

fn line(trace: &Trace, entry: &Entry, numbers: Numbers, bases: &mut Bases) -> String {
    let what = match entry.what {
        Happening::Packet { direction, .. } => {
            let arrow = match direction {
                Direction::ToStack => '<',
                Direction::FromStack => '>',
            };
            let body = match wire::parse(trace.packet(entry)) {
                Ok(segment) => {
                    let bases = bases.of(direction, &segment);
                    fields(&segment, numbers, bases, true).concat()
                }
                Err(error) => format!("<{error}>"),
            };
            format!("{arrow} {body}")
        }
        other => happening(&other),
    };
    let host = if entry.host == HostId::B { "B " } else { "" };
    let note = if entry.note.is_empty() { String::new() } else { format!("  # {}", entry.note) };
    format!("{} {host}{what}{note}", entry.at)
}

/// Anything but a packet, in a few words.
pub(super) fn happening(what: &Happening) -> String {
    match *what {
        Happening::Call { handle, call, outcome } => format!("{} [{handle}]: {}", Call(call), Came(outcome)),
        Happening::Signal { handle, signal } => format!("user told [{handle}]: {}", signal_words(signal)),
        Happening::Word { handle, state } => format!("stack says [{handle}]: {state}"),
        Happening::Room(u8::MAX) => "room for any number of packets".to_owned(),
        Happening::Room(packets) => format!("room for {packets} packets"),
        Happening::Packet { .. } => String::new(),
    }
}

/// The ISNs that a segment's two numbers are counted from.
#[derive(Clone, Copy, Default)]
pub(super) struct Pair {
    pub(super) seq: Option<SeqNum>,
    pub(super) ack: Option<SeqNum>,
}

/// What stands in place of the fields of a packet that is no segment, and the remark beside it.
pub(super) fn unread(error: &WireError) -> (String, String) {
    match error {
        WireError::NotTcp { got } => (format!("<IP protocol {got}>"), "not TCP, not judged".to_owned()),
        broken => ("<unreadable>".to_owned(), broken.to_string()),
    }
}

/// A segment's fields in the RFC's brackets, in its order; what says nothing is left out.
pub(super) fn fields(segment: &Segment<'_>, numbers: Numbers, bases: Pair, window: bool) -> Vec<String> {
    let h = &segment.header;
    let mut out = vec![format!("<SEQ={}>", numbers.print(h.seq, bases.seq))];
    if h.flags.ack() {
        out.push(format!("<ACK={}>", numbers.print(h.ack, bases.ack)));
    }
    out.push(format!("<CTL={}>", h.flags));
    if !segment.text.is_empty() {
        out.push(format!("<LEN={}>", segment.text.len()));
    }
    if window {
        out.push(format!("<WND={}>", h.window));
    }
    if h.flags.has(Flags::URG) {
        out.push(format!("<UP={}>", h.urgent));
    }
    out.extend(wire::options(h.options.as_octets()).filter_map(|option| match option {
        Ok(TcpOption::Mss(octets)) => Some(format!("<MSS={octets}>")),
        Ok(TcpOption::WindowScale(shift)) => Some(format!("<WSCALE={shift}>")),
        Ok(TcpOption::Timestamps { value, echo }) => Some(format!("<TS={value},{echo}>")),
        Ok(TcpOption::SackPermitted) => Some("<SACK-OK>".to_owned()),
        Ok(TcpOption::Sack(pairs)) => Some(format!("<SACK={}>", pairs.len() / 8)),
        Ok(TcpOption::Unknown { kind, .. }) => Some(format!("<KIND={kind}>")),
        Ok(TcpOption::EndOfList | TcpOption::Nop) => None,
        Err(_) => Some("<broken option>".to_owned()),
    }));
    if let Some(words) = h.data_offset {
        out.push(format!("<OFFSET={words}>"));
    }
    if h.checksum != Checksum::Right {
        out.push("<bad checksum>".to_owned());
    }
    if h.ip_checksum != Checksum::Right {
        out.push("<bad IP checksum>".to_owned());
    }
    out
}

/// A call in the RFC's words (3.10.1 to 3.10.6).
pub(super) struct Call(pub(super) ScriptCall);

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ScriptCall::OpenPassive { port } => write!(f, "OPEN passive {port}"),
            ScriptCall::OpenActive { port, remote: Addr::Peer(0), remote_port } => {
                write!(f, "OPEN active {port} to {remote_port}")
            }
            ScriptCall::OpenActive { port, remote, remote_port } => {
                write!(f, "OPEN active {port} to {}:{remote_port}", addr_words(remote))
            }
            ScriptCall::Accept { into } => write!(f, "accept as [{into}]"),
            ScriptCall::Send(octets) => write!(f, "SEND {octets}"),
            ScriptCall::Receive(octets) => write!(f, "RECEIVE {octets}"),
            ScriptCall::ShutdownWrite => f.write_str("shut down writing"),
            ScriptCall::Close => f.write_str("CLOSE"),
            ScriptCall::Abort => f.write_str("ABORT"),
            ScriptCall::Status => f.write_str("STATUS"),
            ScriptCall::Set(option) => match option {
                SocketOption::Nagle(on) => write!(f, "Nagle {}", on_off(on)),
                SocketOption::AckDelay(on) => write!(f, "delayed ACK {}", on_off(on)),
                SocketOption::UserTimeout(None) => f.write_str("user timeout off"),
                SocketOption::UserTimeout(Some(span)) => write!(f, "user timeout {span} s"),
                SocketOption::KeepAlive(None) => f.write_str("keep-alive off"),
                SocketOption::KeepAlive(Some(span)) => write!(f, "keep-alive {span} s"),
            },
        }
    }
}

/// What a call came to.
pub(super) struct Came(pub(super) Outcome);

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Outcome::Done => f.write_str("done"),
            Outcome::Octets(octets) => write!(f, "{octets} octets"),
            Outcome::WouldBlock => f.write_str("would block"),
            Outcome::EndOfStream => f.write_str("end of stream"),
            Outcome::Closing => f.write_str("error: closing"),
            Outcome::Reset => f.write_str("error: reset"),
            Outcome::Refused => f.write_str("error: refused"),
            Outcome::TimedOut => f.write_str("error: timed out"),
            Outcome::NoConnection => f.write_str("error: no connection"),
            Outcome::Exists => f.write_str("error: exists already"),
            Outcome::Invalid => f.write_str("error: not allowed"),
            Outcome::Failed => f.write_str("error"),
            Outcome::NoResources => f.write_str("error: no resources"),
            Outcome::InState(state) => write!(f, "{state}"),
            Outcome::Unsupported => f.write_str("unsupported"),
        }
    }
}

/// What the user was told.
pub(super) fn signal_words(signal: UserSignal) -> &'static str {
    match signal {
        UserSignal::Open => "open",
        UserSignal::Reset => "reset",
        UserSignal::Refused => "refused",
        UserSignal::TimedOut => "timed out",
        UserSignal::PeerClosed => "peer closed",
        UserSignal::Closed => "closed",
        UserSignal::Urgent => "urgent",
        UserSignal::SoftError => "soft error",
    }
}

fn addr_words(addr: Addr) -> String {
    match addr {
        Addr::Stack => "itself".to_owned(),
        Addr::Peer(n) => format!("peer {n}"),
        Addr::Elsewhere => "elsewhere".to_owned(),
        Addr::Broadcast => "broadcast".to_owned(),
        Addr::DirectedBroadcast => "directed broadcast".to_owned(),
        Addr::Multicast => "multicast".to_owned(),
        Addr::Unspecified => "unspecified".to_owned(),
        Addr::Loopback => "loopback".to_owned(),
    }
}

const fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
