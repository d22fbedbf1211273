//! A scenario as text: what people read, write, commit and replay.
//!
//! One line of set-up or one event a line, `#` begins a comment. Only what differs from the default is
//! written; [`parse`](super::parse::parse) reads it back, fields in any order.
//!
//! ```text
//! lastack scenario 1                  # always the first line
//! ip 6                                # 4 | 6
//! recv_buffer 200000                  # octets; also send_buffer, mtu
//! nagle default                       # on | off | default; also ack_delay
//! iss 4294967295                      # also user_timeout 30s, keep_alive 2s, seed 7
//!
//! call 0 listen 8000                  # handle, call, arguments
//! call 1 connect 8000 peer0:9000
//! call 0 accept 1                     # send N, receive N, shutdown, close, abort, status
//! call 1 set nagle off                # ack_delay on | off; user_timeout, keep_alive DURATION | off
//!
//! < S seq IRS <mss 1460,wscale 7>     # flags S F R P . U E C, - for none, reserved bits +0x500
//! < PF. seq RCV.NXT+3 ack SND.UNA-1 len window-1 win 0 urg 5 badsum
//! < S seq IRS from peer1:9001 to stack:8000
//! wait 1.5s                           # also 200ms, 1us
//! room 0                              # packets in the transmit queue, or any
//! ```
//!
//! A world has a second host, B, and a link; lines without a host's name are A's:
//!
//! ```text
//! lastack scenario 1
//! recv_buffer 600
//! world latency 10ms                  # also spacing 1ms, queue 4, mtu 576
//! B recv_buffer 800                   # as every line of the set-up
//!
//! app B listen                        # connect | listen | accept; send N, chunk N, every SPAN,
//! app A connect send 1500 then half   # receive N, pause SPAN, then close | half | last | abort | never
//! fault A 3 drop                      # A's third packet: drop, delay SPAN, behind N, copies N, again SPAN,
//! fault B 2 flip 170 mended           # flip BIT, flip BIT mended, cut OCTETS
//! B call 1 abort                      # also B room 0
//! crash A iss 7
//! ```
//!
//! What a segment leaves out: `seq RCV.NXT`, `ack SND.NXT` (without the ACK bit: `ack 0`), `len 0`,
//! `win 4096`, `urg 0`, no options, `from peer0:9000`, `to stack:8000`, nothing wrong on purpose.
//! Anchors are `ISS`, `SND.UNA`, `SND.NXT`, `IRS`, `RCV.NXT`, `RCV.EDGE`, `OLD.SND.NXT`, `OLD.RCV.NXT`,
//! or none for a literal number; sizes `len 10`, `len window-1`, `len mss+0`; addresses `stack`, `peer0` to
//! `peer255`, `elsewhere`, `broadcast`, `directed`, `multicast`, `unspecified`, `loopback`. Options on
//! purpose strange are `padding`, `unknown`, `unaligned`, `length-zero`, `length-one`, `length-past`; `sack-permitted`,
//! which is not, stands in their place; what
//! else can be wrong is `badsum`, `offset N`, `cut N`, `reserved N`, one a segment.

pub(super) mod world;

use core::fmt;

use lastack_core::types::{Duration, Flags};

use super::{
    Addr, Anchor, Event, Num, OddOptions, OptionSpec, Route, Scenario, ScriptCall, SegmentSpec, Size, Trick,
};
use crate::subject::{IpVersion, Setup, SocketOption};

/// The first line of every scenario.
pub const FIRST_LINE: &str = "lastack scenario 1";
/// The most events that text is read into, and that survive being written and read.
pub const MAX_EVENTS: usize = 100_000;
/// `room any`.
pub(super) const ROOM_ANY: u8 = u8::MAX;

/// Names of the anchors; a literal has none.
#[rustfmt::skip]
pub(super) const ANCHORS: [(Anchor, &str); 8] = [
    (Anchor::Iss,       "ISS"),
    (Anchor::SndUna,    "SND.UNA"),
    (Anchor::SndNxt,    "SND.NXT"),
    (Anchor::Irs,       "IRS"),
    (Anchor::RcvNxt,    "RCV.NXT"),
    (Anchor::RcvEdge,   "RCV.EDGE"),
    (Anchor::OldSndNxt, "OLD.SND.NXT"),
    (Anchor::OldRcvNxt, "OLD.RCV.NXT"),
];

/// Names of the addresses; a peer's is `peer` and its number.
#[rustfmt::skip]
pub(super) const ADDRS: [(Addr, &str); 7] = [
    (Addr::Stack,             "stack"),
    (Addr::Elsewhere,         "elsewhere"),
    (Addr::Broadcast,         "broadcast"),
    (Addr::DirectedBroadcast, "directed"),
    (Addr::Multicast,         "multicast"),
    (Addr::Unspecified,       "unspecified"),
    (Addr::Loopback,          "loopback"),
];

/// Letters of the control bits, in the order of writing.
#[rustfmt::skip]
pub(super) const LETTERS: [(Flags, char); 8] = [
    (Flags::SYN, 'S'), (Flags::FIN, 'F'), (Flags::RST, 'R'), (Flags::PSH, 'P'),
    (Flags::ACK, '.'), (Flags::URG, 'U'), (Flags::ECE, 'E'), (Flags::CWR, 'C'),
];

/// Names of the options on purpose strange.
#[rustfmt::skip]
pub(super) const ODD: [(OddOptions, &str); 7] = [
    (OddOptions::Padding,    "padding"),
    (OddOptions::Unknown,    "unknown"),
    (OddOptions::Unaligned,  "unaligned"),
    (OddOptions::LengthZero, "length-zero"),
    (OddOptions::LengthOne,  "length-one"),
    (OddOptions::LengthPast, "length-past"),
    (OddOptions::SackPermitted, "sack-permitted"),
];

/// What a segment's acknowledgment field holds when the text does not say.
pub(super) const fn default_ack(flags: Flags) -> Num {
    if flags.ack() { Num::at(Anchor::SndNxt) } else { Num::at(Anchor::Literal) }
}

/// The whole scenario, every line ended by a line feed.
impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        write_setup(f, "", &self.setup)?;
        if self.seed != 0 {
            writeln!(f, "seed {}", self.seed)?;
        }
        if let Some(world) = &self.world {
            world::write_world(f, world)?;
        }
        self.events.iter().try_for_each(|event| writeln!(f, "{event}"))
    }
}

/// One line, without its end.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Event::Call { handle, call } => write!(f, "call {handle} {call}"),
            Event::Segment(segment) => write!(f, "< {segment}"),
            Event::Wait(span) => write!(f, "wait {}", Seconds(span)),
            Event::Room(ROOM_ANY) => f.write_str("room any"),
            Event::Room(packets) => write!(f, "room {packets}"),
            Event::World(event) => event.fmt(f),
        }
    }
}

/// The call and its arguments: `connect 8000 peer0:9000`.
impl fmt::Display for ScriptCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ScriptCall::OpenPassive { port } => write!(f, "listen {port}"),
            ScriptCall::OpenActive { port, remote, remote_port } => {
                write!(f, "connect {port} {remote}:{remote_port}")
            }
            ScriptCall::Accept { into } => write!(f, "accept {into}"),
            ScriptCall::Send(octets) => write!(f, "send {octets}"),
            ScriptCall::Receive(octets) => write!(f, "receive {octets}"),
            ScriptCall::ShutdownWrite => f.write_str("shutdown"),
            ScriptCall::Close => f.write_str("close"),
            ScriptCall::Abort => f.write_str("abort"),
            ScriptCall::Status => f.write_str("status"),
            ScriptCall::Set(SocketOption::Nagle(on)) => write!(f, "set nagle {}", on_off(on)),
            ScriptCall::Set(SocketOption::AckDelay(on)) => write!(f, "set ack_delay {}", on_off(on)),
            ScriptCall::Set(SocketOption::UserTimeout(span)) => write_span(f, "set user_timeout", span),
            ScriptCall::Set(SocketOption::KeepAlive(span)) => write_span(f, "set keep_alive", span),
        }
    }
}

/// Flags, then every field that is not the default, without the leading `<`.
impl fmt::Display for SegmentSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = SegmentSpec::default();
        write_flags(f, self.flags)?;
        if self.seq != default.seq {
            write!(f, " seq {}", self.seq)?;
        }
        if self.ack != default_ack(self.flags) {
            write!(f, " ack {}", self.ack)?;
        }
        if self.text != default.text {
            write!(f, " len {}", self.text)?;
        }
        if self.window != default.window {
            write!(f, " win {}", self.window)?;
        }
        if self.urgent != default.urgent {
            write!(f, " urg {}", self.urgent)?;
        }
        write_options(f, self.options)?;
        write_route(f, self.route)?;
        match self.trick {
            Trick::None => Ok(()),
            Trick::BadChecksum => f.write_str(" badsum"),
            Trick::DataOffset(words) => write!(f, " offset {words}"),
            Trick::CutAt(octets) => write!(f, " cut {octets}"),
            Trick::ReservedBits(bits) => write!(f, " reserved {bits}"),
        }
    }
}

/// `RCV.NXT-1`, `SND.NXT`; a literal as an unsigned number.
impl fmt::Display for Num {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match name_of(&ANCHORS, self.anchor) {
            None => write!(f, "{}", self.offset.cast_unsigned()),
            Some(anchor) => write_relative(f, anchor, self.offset),
        }
    }
}

/// `10`, `window-1`, `mss`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Size::Octets(octets) => write!(f, "{octets}"),
            Size::Window(offset) => write_relative(f, "window", i32::from(offset)),
            Size::Mss(offset) => write_relative(f, "mss", i32::from(offset)),
        }
    }
}

/// `stack`, `peer3`.
impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (*self, name_of(&ADDRS, *self)) {
            (Addr::Peer(number), _) => write!(f, "peer{number}"),
            (_, name) => f.write_str(name.unwrap_or_default()),
        }
    }
}

/// One line a field that is not the default, each behind `of`, the host's name or nothing.
fn write_setup(f: &mut fmt::Formatter<'_>, of: &str, setup: &Setup) -> fmt::Result {
    let default = Setup::default();
    if setup.ip == IpVersion::V6 {
        writeln!(f, "{of}ip 6")?;
    }
    if setup.recv_buffer != default.recv_buffer {
        writeln!(f, "{of}recv_buffer {}", setup.recv_buffer)?;
    }
    if setup.send_buffer != default.send_buffer {
        writeln!(f, "{of}send_buffer {}", setup.send_buffer)?;
    }
    if setup.nagle != default.nagle {
        writeln!(f, "{of}nagle {}", setup.nagle.map_or("default", on_off))?;
    }
    if setup.ack_delay != default.ack_delay {
        writeln!(f, "{of}ack_delay {}", setup.ack_delay.map_or("default", on_off))?;
    }
    if setup.mtu != default.mtu {
        writeln!(f, "{of}mtu {}", setup.mtu)?;
    }
    if let Some(iss) = setup.iss {
        writeln!(f, "{of}iss {iss}")?;
    }
    if let Some(span) = setup.user_timeout {
        writeln!(f, "{of}user_timeout {}", Seconds(span))?;
    }
    if let Some(span) = setup.keep_alive {
        writeln!(f, "{of}keep_alive {}", Seconds(span))?;
    }
    Ok(())
}

fn write_flags(f: &mut fmt::Formatter<'_>, flags: Flags) -> fmt::Result {
    if flags == Flags::NONE {
        return f.write_str("-");
    }
    for (flag, letter) in LETTERS {
        if flags.has(flag) {
            write!(f, "{letter}")?;
        }
    }
    match flags.bits() & Flags::RESERVED.bits() {
        0 => Ok(()),
        reserved => write!(f, "+{reserved:#05x}"),
    }
}

fn write_options(f: &mut fmt::Formatter<'_>, options: OptionSpec) -> fmt::Result {
    let mut before = " <";
    if let Some(mss) = options.mss {
        write!(f, "{before}mss {mss}")?;
        before = ",";
    }
    if let Some(shift) = options.scale {
        write!(f, "{before}wscale {shift}")?;
        before = ",";
    }
    if let Some(odd) = name_of(&ODD, options.odd) {
        write!(f, "{before}{odd}")?;
        before = ",";
    }
    if before == "," { f.write_str(">") } else { Ok(()) }
}

fn write_route(f: &mut fmt::Formatter<'_>, route: Route) -> fmt::Result {
    let main = Route::MAIN;
    if (route.from, route.from_port) != (main.from, main.from_port) {
        write!(f, " from {}:{}", route.from, route.from_port)?;
    }
    if (route.to, route.to_port) != (main.to, main.to_port) {
        write!(f, " to {}:{}", route.to, route.to_port)?;
    }
    Ok(())
}

fn write_relative(f: &mut fmt::Formatter<'_>, anchor: &str, offset: i32) -> fmt::Result {
    if offset == 0 { f.write_str(anchor) } else { write!(f, "{anchor}{offset:+}") }
}

fn write_span(f: &mut fmt::Formatter<'_>, what: &str, span: Option<Duration>) -> fmt::Result {
    match span {
        None => write!(f, "{what} off"),
        Some(span) => write!(f, "{what} {}", Seconds(span)),
    }
}

const fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// A span in seconds with as many decimals as it needs: `1.5s`, `240s`, `0.000001s`.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut fraction, mut width) = (self.0.micros() % 1_000_000, 6);
        write!(f, "{}", self.0.micros() / 1_000_000)?;
        if fraction != 0 {
            while fraction.is_multiple_of(10) {
                fraction /= 10;
                width -= 1;
            }
            write!(f, ".{fraction:0width$}")?;
        }
        f.write_str("s")
    }
}

fn name_of<T: PartialEq>(names: &[(T, &'static str)], value: T) -> Option<&'static str> {
    names.iter().find(|(v, _)| *v == value).map(|(_, name)| *name)
}
