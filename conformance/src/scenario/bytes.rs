//! A scenario as bytes: what a fuzzer changes.
//!
//! A head of [`HEAD`] octets, then records of [`RECORD`] octets, one an event; numbers are little-endian.
//! Any bytes are a scenario: enumerations are read modulo their size, spare octets and bits are not read,
//! missing octets (a short head, a cut last record) are zeros, records past [`MAX_EVENTS`] are not read. A
//! change of one octet is a change of one field of one event at most.
//!
//! Numbers are stored as the exclusive or with their default, and enumerations begin with theirs. So no
//! bytes at all, and zeros of any number, mean something ordinary: the default set-up, and calls
//! `listen 8000`; a record of zeros but for kind 1 is the ACK of a peer in step.
//!
//! The version is the first octet: 1 is a script for one stack; 2 is a world, which has a longer head and more
//! kinds (`world`); 0 and versions not known are read as 1. Later versions may append kinds and fields, and
//! have to leave alone what files of these versions mean.
//!
//! | octets of the head | |
//! | --- | --- |
//! | 0 | version |
//! | 1, 2, 3 | IP (4, 6), Nagle and delayed ACK (default, off, on) |
//! | 4-7, 8-11, 12-13 | receive buffer, send buffer, MTU |
//! | 14, 15-18 | ISS given or not, ISS |
//! | 19, 20-27 | user timeout given or not, microseconds |
//! | 28, 29-36 | keep-alive interval given or not, microseconds |
//! | 37-44 | seed |
//! | 45-47 | spare |
//!
//! | octets of a record | call | segment | wait | room |
//! | --- | --- | --- | --- | --- |
//! | 0 | 0 | 1 | 2 | 3 |
//! | 1 | handle | source address | microseconds, 8 octets | packets |
//! | 2 | which call | source peer | | |
//! | 3 | local port, 2 octets | source port, 2 octets | | |
//! | 5 | remote address | destination address | | |
//! | 6 | remote peer | destination peer | | |
//! | 7 | remote port, 2 octets | destination port, 2 octets | | |
//! | 9 | handle of Accept | flags, 2 octets | | |
//! | 10 | octets, 4 octets | | | |
//! | 11 | | anchor of SEQ, offset (4 octets) | | |
//! | 14 | which option | | | |
//! | 15 | on or off | | | |
//! | 16 | microseconds, 8 octets | anchor of ACK, offset (4 octets) | | |
//! | 21 | | size, its number (2 octets) | | |
//! | 24, 26 | | window, urgent pointer | | |
//! | 28 | | MSS given or not, MSS (2 octets) | | |
//! | 31 | | scale given or not, shift | | |
//! | 33 | | strange options | | |
//! | 34 | | trick, its number | | |
//! | the rest | spare | spare | spare | spare |

mod record;
mod world;

use lastack_core::types::Flags;

use self::record::{Octets, code_of, octets_of, put, put_addr, put_option, put_port};
use super::{
    Addr, Anchor, Event, Num, OddOptions, OptionSpec, PEER_PORT, Route, STACK_PORT, Scenario, ScriptCall,
    SegmentSpec, Size, Trick,
};
use crate::subject::{IpVersion, Setup, SocketOption};

/// The version that is written of a script for one stack.
pub const VERSION: u8 = 1;
/// The version that is written of a world.
pub const VERSION_WORLD: u8 = 2;
/// Length of the head, in octets.
pub const HEAD: usize = 48;
/// Length of a world's second head, in octets.
pub const HEAD_MORE: usize = 80;
/// Length of an event's record, in octets.
pub const RECORD: usize = 40;
/// The most events that are read, and so the most that survive being written and read.
pub const MAX_EVENTS: usize = 4096;

const CALL: u8 = 0;
const SEGMENT: u8 = 1;
const WAIT: u8 = 2;
const ROOM: u8 = 3;
const KINDS: u8 = 4;
/// With those of a world.
const KINDS_WORLD: u8 = 9;

/// Nagle and delayed ACK in the set-up.
const SWITCH: [Option<bool>; 3] = [None, Some(false), Some(true)];

/// Anchors as they are numbered for SEQ: the ordinary one first.
pub(crate) const SEQ_ANCHORS: [Anchor; 9] = [
    Anchor::RcvNxt,
    Anchor::RcvEdge,
    Anchor::Irs,
    Anchor::Literal,
    Anchor::Iss,
    Anchor::SndUna,
    Anchor::SndNxt,
    Anchor::OldSndNxt,
    Anchor::OldRcvNxt,
];

/// Anchors as they are numbered for ACK: the ordinary one first.
const ACK_ANCHORS: [Anchor; 9] = [
    Anchor::SndNxt,
    Anchor::SndUna,
    Anchor::Iss,
    Anchor::Literal,
    Anchor::Irs,
    Anchor::RcvNxt,
    Anchor::RcvEdge,
    Anchor::OldSndNxt,
    Anchor::OldRcvNxt,
];

/// Addresses as they are numbered for a sender or a remote end; `Peer(0)` stands for every peer.
const FAR_ADDRS: [Addr; 8] = [
    Addr::Peer(0),
    Addr::Stack,
    Addr::Elsewhere,
    Addr::Broadcast,
    Addr::DirectedBroadcast,
    Addr::Multicast,
    Addr::Unspecified,
    Addr::Loopback,
];

/// Addresses as they are numbered for a destination.
const NEAR_ADDRS: [Addr; 8] = [
    Addr::Stack,
    Addr::Peer(0),
    Addr::Elsewhere,
    Addr::Broadcast,
    Addr::DirectedBroadcast,
    Addr::Multicast,
    Addr::Unspecified,
    Addr::Loopback,
];

const ODD: [OddOptions; 8] = [
    OddOptions::None,
    OddOptions::Padding,
    OddOptions::Unknown,
    OddOptions::Unaligned,
    OddOptions::LengthZero,
    OddOptions::LengthOne,
    OddOptions::LengthPast,
    OddOptions::Sack,
];

impl Scenario {
    /// All of it in octets: [`HEAD`], of a world also [`HEAD_MORE`], and [`RECORD`] for every event.
    pub fn to_bytes(&self) -> Vec<u8> {
        let is_world = self.world.is_some() || self.events.iter().any(|e| matches!(e, Event::World(_)));
        let heads = if is_world { HEAD + HEAD_MORE } else { HEAD };
        let mut bytes = vec![0; heads + RECORD * self.events.len()];
        let (head, records) = bytes.split_at_mut(heads);
        put_setup(&self.setup, head);
        head[0] = if is_world { VERSION_WORLD } else { VERSION };
        put(head, 37, self.seed.to_le_bytes());
        if let Some(world) = &self.world {
            world::put_world(world, &mut head[HEAD..]);
        }
        for (event, record) in self.events.iter().zip(records.chunks_exact_mut(RECORD)) {
            put_event(event, record);
        }
        bytes
    }

    /// The scenario that these bytes are, whatever they are; at most [`MAX_EVENTS`] events.
    pub fn from_bytes(bytes: &[u8]) -> Scenario {
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD));
        let head = Octets::<HEAD>::of(head);
        let is_world = head.u8(0) == VERSION_WORLD;
        let (more, records) = rest.split_at(if is_world { rest.len().min(HEAD_MORE) } else { 0 });
        let kinds = if is_world { KINDS_WORLD } else { KINDS };
        let world = if is_world { world::take_world(&Octets::of(more)) } else { None };
        let records = records.chunks(RECORD).take(MAX_EVENTS);
        let events = records.map(|record| take_event(&Octets::<RECORD>::of(record), kinds)).collect();
        Scenario { setup: take_setup(&head), seed: head.u64(37), world, events }
    }
}

fn put_setup(setup: &Setup, to: &mut [u8]) {
    let default = Setup::default();
    to[1] = u8::from(setup.ip == IpVersion::V6);
    to[2] = code_of(&SWITCH, setup.nagle);
    to[3] = code_of(&SWITCH, setup.ack_delay);
    put(to, 4, (setup.recv_buffer ^ default.recv_buffer).to_le_bytes());
    put(to, 8, (setup.send_buffer ^ default.send_buffer).to_le_bytes());
    put(to, 12, (setup.mtu ^ default.mtu).to_le_bytes());
    put_option(to, 14, setup.iss.map(u32::to_le_bytes));
    put_option(to, 19, setup.user_timeout.map(octets_of));
    put_option(to, 28, setup.keep_alive.map(octets_of));
}

fn take_setup<const N: usize>(from: &Octets<N>) -> Setup {
    let default = Setup::default();
    Setup {
        ip: from.one_of(1, &[IpVersion::V4, IpVersion::V6]),
        nagle: from.one_of(2, &SWITCH),
        ack_delay: from.one_of(3, &SWITCH),
        recv_buffer: from.u32(4) ^ default.recv_buffer,
        send_buffer: from.u32(8) ^ default.send_buffer,
        mtu: from.u16(12) ^ default.mtu,
        iss: from.bit(14).then(|| from.u32(15)),
        user_timeout: from.bit(19).then(|| from.duration(20)),
        keep_alive: from.bit(28).then(|| from.duration(29)),
    }
}

fn put_event(event: &Event, to: &mut [u8]) {
    match *event {
        Event::Call { handle, call } => {
            to[0] = CALL;
            to[1] = handle;
            put_call(call, to);
        }
        Event::Segment(segment) => {
            to[0] = SEGMENT;
            put_segment(&segment, to);
        }
        Event::Wait(span) => {
            to[0] = WAIT;
            put(to, 1, octets_of(span));
        }
        Event::Room(packets) => {
            to[0] = ROOM;
            to[1] = packets;
        }
        Event::World(event) => world::put_event(&event, to),
    }
}

fn take_event(from: &Octets<RECORD>, kinds: u8) -> Event {
    match from.u8(0) % kinds {
        CALL => Event::Call { handle: from.u8(1), call: take_call(from) },
        SEGMENT => Event::Segment(take_segment(from)),
        WAIT => Event::Wait(from.duration(1)),
        ROOM => Event::Room(from.u8(1)),
        kind => Event::World(world::take_event(from, kind)),
    }
}

fn put_call(call: ScriptCall, to: &mut [u8]) {
    to[2] = match call {
        ScriptCall::OpenPassive { .. } => 0,
        ScriptCall::OpenActive { .. } => 1,
        ScriptCall::Accept { .. } => 2,
        ScriptCall::Send(_) => 3,
        ScriptCall::Receive(_) => 4,
        ScriptCall::ShutdownWrite => 5,
        ScriptCall::Close => 6,
        ScriptCall::Abort => 7,
        ScriptCall::Status => 8,
        ScriptCall::Set(_) => 9,
    };
    match call {
        ScriptCall::OpenPassive { port } => put_port(to, 3, port, STACK_PORT),
        ScriptCall::OpenActive { port, remote, remote_port } => {
            put_port(to, 3, port, STACK_PORT);
            put_addr(to, 5, remote, &FAR_ADDRS);
            put_port(to, 7, remote_port, PEER_PORT);
        }
        ScriptCall::Accept { into } => to[9] = into,
        ScriptCall::Send(octets) | ScriptCall::Receive(octets) => put(to, 10, octets.to_le_bytes()),
        ScriptCall::ShutdownWrite | ScriptCall::Close | ScriptCall::Abort | ScriptCall::Status => {}
        ScriptCall::Set(option) => put_socket_option(option, to),
    }
}

fn take_call(from: &Octets<RECORD>) -> ScriptCall {
    match from.u8(2) % 10 {
        0 => ScriptCall::OpenPassive { port: from.u16(3) ^ STACK_PORT },
        1 => ScriptCall::OpenActive {
            port: from.u16(3) ^ STACK_PORT,
            remote: from.addr(5, &FAR_ADDRS),
            remote_port: from.u16(7) ^ PEER_PORT,
        },
        2 => ScriptCall::Accept { into: from.u8(9) },
        3 => ScriptCall::Send(from.u32(10)),
        4 => ScriptCall::Receive(from.u32(10)),
        5 => ScriptCall::ShutdownWrite,
        6 => ScriptCall::Close,
        7 => ScriptCall::Abort,
        8 => ScriptCall::Status,
        _ => ScriptCall::Set(take_socket_option(from)),
    }
}

fn put_socket_option(option: SocketOption, to: &mut [u8]) {
    let (kind, on, span) = match option {
        SocketOption::Nagle(on) => (0, on, None),
        SocketOption::AckDelay(on) => (1, on, None),
        SocketOption::UserTimeout(span) => (2, span.is_some(), span),
        SocketOption::KeepAlive(span) => (3, span.is_some(), span),
    };
    to[14] = kind;
    to[15] = u8::from(on);
    put(to, 16, octets_of(span.unwrap_or_default()));
}

fn take_socket_option(from: &Octets<RECORD>) -> SocketOption {
    let on = from.bit(15);
    let span = on.then(|| from.duration(16));
    match from.u8(14) % 4 {
        0 => SocketOption::Nagle(on),
        1 => SocketOption::AckDelay(on),
        2 => SocketOption::UserTimeout(span),
        _ => SocketOption::KeepAlive(span),
    }
}

fn put_segment(segment: &SegmentSpec, to: &mut [u8]) {
    let default = SegmentSpec::default();
    put_addr(to, 1, segment.route.from, &FAR_ADDRS);
    put_port(to, 3, segment.route.from_port, PEER_PORT);
    put_addr(to, 5, segment.route.to, &NEAR_ADDRS);
    put_port(to, 7, segment.route.to_port, STACK_PORT);
    put(to, 9, (segment.flags.bits() ^ default.flags.bits()).to_le_bytes());
    to[11] = code_of(&SEQ_ANCHORS, segment.seq.anchor);
    put(to, 12, segment.seq.offset.to_le_bytes());
    to[16] = code_of(&ACK_ANCHORS, segment.ack.anchor);
    put(to, 17, segment.ack.offset.to_le_bytes());
    let (kind, number) = match segment.text {
        Size::Octets(octets) => (0, octets),
        Size::Window(offset) => (1, offset.cast_unsigned()),
        Size::Mss(offset) => (2, offset.cast_unsigned()),
    };
    to[21] = kind;
    put(to, 22, number.to_le_bytes());
    put(to, 24, (segment.window ^ default.window).to_le_bytes());
    put(to, 26, segment.urgent.to_le_bytes());
    put_option(to, 28, segment.options.mss.map(u16::to_le_bytes));
    put_option(to, 31, segment.options.scale.map(u8::to_le_bytes));
    to[33] = code_of(&ODD, segment.options.odd);
    (to[34], to[35]) = match segment.trick {
        Trick::None => (0, 0),
        Trick::BadChecksum => (1, 0),
        Trick::DataOffset(words) => (2, words),
        Trick::CutAt(octets) => (3, octets),
        Trick::ReservedBits(bits) => (4, bits),
    };
}

fn take_segment(from: &Octets<RECORD>) -> SegmentSpec {
    let default = SegmentSpec::default();
    SegmentSpec {
        route: Route {
            from: from.addr(1, &FAR_ADDRS),
            from_port: from.u16(3) ^ PEER_PORT,
            to: from.addr(5, &NEAR_ADDRS),
            to_port: from.u16(7) ^ STACK_PORT,
        },
        flags: Flags::from_bits(from.u16(9) ^ default.flags.bits()),
        seq: Num::new(from.one_of(11, &SEQ_ANCHORS), from.i32(12)),
        ack: Num::new(from.one_of(16, &ACK_ANCHORS), from.i32(17)),
        text: match from.u8(21) % 3 {
            0 => Size::Octets(from.u16(22)),
            1 => Size::Window(from.u16(22).cast_signed()),
            _ => Size::Mss(from.u16(22).cast_signed()),
        },
        window: from.u16(24) ^ default.window,
        urgent: from.u16(26),
        options: OptionSpec {
            mss: from.bit(28).then(|| from.u16(29)),
            scale: from.bit(31).then(|| from.u8(32)),
            odd: from.one_of(33, &ODD),
        },
        trick: match from.u8(34) % 5 {
            0 => Trick::None,
            1 => Trick::BadChecksum,
            2 => Trick::DataOffset(from.u8(35)),
            3 => Trick::CutAt(from.u8(35)),
            _ => Trick::ReservedBits(from.u8(35)),
        },
    }
}
