//! Lists of what a cell aims with, other than a plain segment: routes, broken packets, calls, waits.
//! A row's name is part of a cell's name.

use lastack_core::types::Duration;

use super::kinds::Kind;
use crate::reach::Needs;
use crate::scenario::build::*;
use crate::scenario::{Addr, OddOptions, PEER_PORT, Route, STACK_PORT, ScriptCall, Trick};
use crate::subject::SocketOption;

/// Routes that are not the main connection's.
#[rustfmt::skip]
pub const ROUTES: [(&str, Route); 21] = [
    ("from-elsewhere",    from(Addr::Elsewhere, PEER_PORT)),
    ("from-second-peer",  from(Addr::Peer(1), PEER_PORT)),
    ("from-stack",        from(Addr::Stack, PEER_PORT)),
    ("from-itself",       from(Addr::Stack, STACK_PORT)),
    ("from-broadcast",    from(Addr::Broadcast, PEER_PORT)),
    ("from-directed",     from(Addr::DirectedBroadcast, PEER_PORT)),
    ("from-multicast",    from(Addr::Multicast, PEER_PORT)),
    ("from-unspecified",  from(Addr::Unspecified, PEER_PORT)),
    ("from-loopback",     from(Addr::Loopback, PEER_PORT)),
    ("from-other-port",   from(Addr::Peer(0), PEER_PORT + 1)),
    ("from-port-0",       from(Addr::Peer(0), 0)),
    ("to-elsewhere",      to(Addr::Elsewhere, STACK_PORT)),
    ("to-broadcast",      to(Addr::Broadcast, STACK_PORT)),
    ("to-directed",       to(Addr::DirectedBroadcast, STACK_PORT)),
    ("to-multicast",      to(Addr::Multicast, STACK_PORT)),
    ("to-unspecified",    to(Addr::Unspecified, STACK_PORT)),
    ("to-loopback",       to(Addr::Loopback, STACK_PORT)),
    ("to-other-port",     to(Addr::Stack, STACK_PORT + 1)),
    ("to-port-0",         to(Addr::Stack, 0)),
    ("ports-swapped",     Route { from: Addr::Peer(0), from_port: STACK_PORT, to: Addr::Stack, to_port: PEER_PORT }),
    ("loopback-both",     Route { from: Addr::Loopback, from_port: PEER_PORT, to: Addr::Loopback, to_port: STACK_PORT }),
];

const fn from(addr: Addr, port: u16) -> Route {
    Route { from: addr, from_port: port, to: Addr::Stack, to_port: STACK_PORT }
}

const fn to(addr: Addr, port: u16) -> Route {
    Route { from: Addr::Peer(0), from_port: PEER_PORT, to: addr, to_port: port }
}

/// Kinds that are sent between other sockets.
pub(super) const ADDRESS_KINDS: [Kind; 9] = [
    Kind::Syn,
    Kind::SynAck,
    Kind::Ack,
    Kind::Rst,
    Kind::RstAck,
    Kind::FinAck,
    Kind::TextAck,
    Kind::None,
    Kind::SynText,
];

/// What is wrong with a packet, or at least strange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Break {
    /// A broken packet.
    Trick(Trick),
    /// Odd options.
    Options(OddOptions),
    /// An MSS option with this value on a segment that has none by itself.
    Mss(u16),
    /// A window scale option.
    Scale(u8),
    /// An urgent pointer without URG.
    UrgentPointer(u16),
}

/// All that can be wrong.
#[rustfmt::skip]
pub const BREAKS: [(&str, Break); 25] = [
    ("checksum",       Break::Trick(Trick::BadChecksum)),
    ("offset-0",       Break::Trick(Trick::DataOffset(0))),
    ("offset-4",       Break::Trick(Trick::DataOffset(4))),
    ("offset-6",       Break::Trick(Trick::DataOffset(6))),
    ("offset-15",      Break::Trick(Trick::DataOffset(15))),
    ("cut-10",         Break::Trick(Trick::CutAt(10))),
    ("cut-20",         Break::Trick(Trick::CutAt(20))),
    ("cut-39",         Break::Trick(Trick::CutAt(39))),
    ("cut-44",         Break::Trick(Trick::CutAt(44))),
    ("cut-59",         Break::Trick(Trick::CutAt(59))),
    ("ece-cwr",        Break::Trick(Trick::ReservedBits(0x03))),
    ("reserved",       Break::Trick(Trick::ReservedBits(0x3c))),
    ("reserved-all",   Break::Trick(Trick::ReservedBits(0x3f))),
    ("padding",        Break::Options(OddOptions::Padding)),
    ("unknown",        Break::Options(OddOptions::Unknown)),
    ("unaligned",      Break::Options(OddOptions::Unaligned)),
    ("length-0",       Break::Options(OddOptions::LengthZero)),
    ("length-1",       Break::Options(OddOptions::LengthOne)),
    ("length-past",    Break::Options(OddOptions::LengthPast)),
    ("mss-0",          Break::Mss(0)),
    ("mss-1",          Break::Mss(1)),
    ("mss-65535",      Break::Mss(65_535)),
    ("scale-14",       Break::Scale(14)),
    ("scale-15",       Break::Scale(15)),
    ("urgent-pointer", Break::UrgentPointer(1)),
];

/// Kinds that are sent broken.
pub(super) const BROKEN_KINDS: [Kind; 7] =
    [Kind::Syn, Kind::SynAck, Kind::Ack, Kind::FinAck, Kind::Rst, Kind::TextAck, Kind::TextFinAck];

/// On which handle a call is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum On {
    /// The connection's, or the listener's in LISTEN.
    Own,
    /// One that was not used before.
    Free,
}

use On::{Free, Own};
use ScriptCall::{Abort, Close, Receive, Send, Set, ShutdownWrite, Status};

/// Calls, alone and in telling pairs. What a row needs of the stack is [`call_needs`].
#[rustfmt::skip]
pub const CALLS: [(&str, &[(On, ScriptCall)]); 45] = [
    ("status",              &[(Own, Status)]),
    ("receive-0",           &[(Own, Receive(0))]),
    ("receive-1",           &[(Own, Receive(1))]),
    ("receive-5",           &[(Own, Receive(5))]),
    ("receive-all",         &[(Own, Receive(65_535))]),
    ("receive-twice",       &[(Own, Receive(65_535)), (Own, Receive(65_535))]),
    ("send-0",              &[(Own, Send(0))]),
    ("send-1",              &[(Own, Send(1))]),
    ("send-5",              &[(Own, Send(5))]),
    ("send-5-5",            &[(Own, Send(5)), (Own, Send(5))]),
    ("send-1460",           &[(Own, Send(1_460))]),
    ("send-1461",           &[(Own, Send(1_461))]),
    ("send-4096",           &[(Own, Send(4_096))]),
    ("send-100000",         &[(Own, Send(100_000))]),
    ("shutdown",            &[(Own, ShutdownWrite)]),
    ("shutdown-twice",      &[(Own, ShutdownWrite), (Own, ShutdownWrite)]),
    ("shutdown-close",      &[(Own, ShutdownWrite), (Own, Close)]),
    ("shutdown-send",       &[(Own, ShutdownWrite), (Own, Send(5))]),
    ("shutdown-receive",    &[(Own, ShutdownWrite), (Own, Receive(65_535))]),
    ("close",               &[(Own, Close)]),
    ("close-twice",         &[(Own, Close), (Own, Close)]),
    ("close-send",          &[(Own, Close), (Own, Send(5))]),
    ("close-receive",       &[(Own, Close), (Own, Receive(65_535))]),
    ("close-abort",         &[(Own, Close), (Own, Abort)]),
    ("close-status",        &[(Own, Close), (Own, Status)]),
    ("send-close",          &[(Own, Send(5)), (Own, Close)]),
    ("abort",               &[(Own, Abort)]),
    ("abort-twice",         &[(Own, Abort), (Own, Abort)]),
    ("abort-send",          &[(Own, Abort), (Own, Send(5))]),
    ("abort-receive",       &[(Own, Abort), (Own, Receive(65_535))]),
    ("abort-status",        &[(Own, Abort), (Own, Status)]),
    ("abort-open",          &[(Own, Abort), (Free, connect(STACK_PORT))]),
    ("open-passive",        &[(Own, listen(STACK_PORT))]),
    ("open-active",         &[(Own, connect(STACK_PORT))]),
    ("second-passive",      &[(Free, listen(STACK_PORT))]),
    ("second-active",       &[(Free, connect(STACK_PORT))]),
    ("other-active",        &[(Free, connect(STACK_PORT + 1))]),
    ("active-unspecified",  &[(Free, open_to(Addr::Unspecified, PEER_PORT))]),
    ("active-multicast",    &[(Free, open_to(Addr::Multicast, PEER_PORT))]),
    ("active-broadcast",    &[(Free, open_to(Addr::Broadcast, PEER_PORT))]),
    ("active-no-port",      &[(Free, open_to(Addr::Peer(0), 0))]),
    ("set-nagle",           &[(Own, Set(SocketOption::Nagle(true)))]),
    ("set-ack-delay",       &[(Own, Set(SocketOption::AckDelay(true)))]),
    ("set-user-timeout",    &[(Own, Set(SocketOption::UserTimeout(Some(Duration::from_secs(20)))))]),
    ("set-keep-alive",      &[(Own, Set(SocketOption::KeepAlive(Some(Duration::from_secs(20)))))]),
];

const fn open_to(remote: Addr, remote_port: u16) -> ScriptCall {
    ScriptCall::OpenActive { port: STACK_PORT + 2, remote, remote_port }
}

/// What the calls of a row need.
pub fn call_needs(calls: &[(On, ScriptCall)]) -> Needs {
    let has = |wanted: fn(&ScriptCall) -> bool| calls.iter().any(|(_, call)| wanted(call));
    Needs {
        half_close: has(|call| matches!(call, ShutdownWrite)),
        many: calls.iter().any(|(on, _)| *on == Free),
        user_timeout: has(|call| matches!(call, Set(SocketOption::UserTimeout(_)))),
        keep_alive: has(|call| matches!(call, Set(SocketOption::KeepAlive(_)))),
        ..Needs::default()
    }
}

/// A piece of a time cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Span {
    /// So many milliseconds.
    Millis(u64),
    /// 2 MSL less so many milliseconds.
    BeforeTwoMsl(u64),
    /// 2 MSL and so many milliseconds.
    AfterTwoMsl(u64),
    /// R2 and so many milliseconds.
    AfterR2(u64),
    /// The peer's last segment number once more: a FIN that was taken, ACK of everything.
    OldFin,
    /// The transmit queue has room for so many packets.
    Room(u8),
    /// A call on the connection.
    Call(ScriptCall),
}

use Span::{AfterR2, AfterTwoMsl, BeforeTwoMsl, Millis, OldFin, Room};

/// Waits: each timer of RFC 9293 3.10.8 once before it fires and once after. The probes that follow come
/// 0.6 s later, so a wait that must end before a timer leaves them two seconds.
#[rustfmt::skip]
pub const TIMES: [(&str, &[Span]); 21] = [
    ("wait-0.1s",            &[Millis(100)]),
    ("wait-0.3s",            &[Millis(300)]),
    ("wait-0.6s",            &[Millis(600)]),
    ("wait-1.1s",            &[Millis(1_100)]),
    ("wait-3.2s",            &[Millis(3_200)]),
    ("wait-8s",              &[Millis(8_000)]),
    ("wait-65s",             &[Millis(65_000)]),
    ("wait-130s",            &[Millis(130_000)]),
    ("wait-600s",            &[Millis(600_000)]),
    ("wait-7300s",           &[Millis(7_300_000)]),
    ("before-2msl",          &[BeforeTwoMsl(2_000)]),
    ("just-before-2msl",     &[BeforeTwoMsl(1), OldFin]),
    ("after-2msl",           &[AfterTwoMsl(1)]),
    ("well-after-2msl",      &[AfterTwoMsl(1_000)]),
    ("fin-restarts-2msl",    &[BeforeTwoMsl(1_000), OldFin, BeforeTwoMsl(2_000)]),
    ("fin-then-2msl",        &[BeforeTwoMsl(1_000), OldFin, AfterTwoMsl(1)]),
    ("after-r2",             &[AfterR2(1_000)]),
    ("full-queue",           &[Room(0), Millis(1_500), Room(255)]),
    ("full-queue-send",      &[Room(0), Span::Call(Send(5)), Millis(1_500), Room(255)]),
    ("full-queue-close",     &[Room(0), Span::Call(Close), Millis(1_500), Room(255)]),
    ("one-packet-queue",     &[Room(1), Span::Call(Send(3_000)), Span::Call(Close), Millis(1_500), Room(255)]),
];
