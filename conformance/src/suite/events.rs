//! What a cell aims with: a segment, a segment between other sockets, a broken packet, a call, or time.

use core::fmt;

use lastack_core::types::{Duration, State};

use super::acks::AckAim;
use super::edges::Edge;
use super::kinds::Kind;
use super::rows::{ADDRESS_KINDS, BREAKS, BROKEN_KINDS, Break, CALLS, On, ROUTES, Span, TIMES, call_needs};
use super::segments::{SegmentAim, Wnd, segment_aims};
use super::tails::{Before, PeerSide};
use crate::reach::{Needs, Origin, Way, is_plainest, is_variant, ways};
use crate::scenario::build::*;
use crate::scenario::{Event, Route, ScriptCall, SegmentSpec, Size};
use crate::subject::Handle;

/// A handle that no way uses, for connections that a cell opens or accepts.
pub const FREE_HANDLE: Handle = 5;
/// Another one.
pub const FREE_HANDLE_2: Handle = 6;

/// The event under test. It prints as part of a cell's name and parses back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Aim {
    /// A segment of the main peer.
    Segment(SegmentAim),
    /// A segment of this kind between the sockets of this row of [`ROUTES`].
    Address(Kind, u8),
    /// A segment of this kind that is broken as this row of [`BREAKS`] says.
    Broken(Kind, u8),
    /// The calls of this row of [`CALLS`].
    Call(u8),
    /// The waits of this row of [`TIMES`].
    Time(u8),
}

/// Times that the stack's profile decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    /// How long TIME-WAIT lasts.
    pub two_msl: Duration,
    /// When a retransmission is given up.
    pub r2: Duration,
}

/// Every event to aim at the connection of this way, in a fixed order: segments, then calls and waits.
pub fn aims(way_index: usize) -> [Vec<Aim>; 2] {
    let Some(way) = ways().get(way_index) else { return [Vec::new(), Vec::new()] };
    let thin = is_variant(way_index);
    let mut segments: Vec<Aim> = segment_aims(way, thin).into_iter().map(Aim::Segment).collect();
    if is_plainest(way_index) || way.name == "established/active" {
        segments.extend(pairs(&ADDRESS_KINDS, ROUTES.len(), Aim::Address));
        segments.extend(pairs(&BROKEN_KINDS, BREAKS.len(), Aim::Broken));
    }
    let calls = (0..CALLS.len()).map(|i| Aim::Call(i as u8));
    let times = (0..TIMES.len()).map(|i| Aim::Time(i as u8));
    [segments, calls.chain(times).collect()]
}

/// Every kind with every row.
fn pairs(kinds: &'static [Kind], rows: usize, aim: fn(Kind, u8) -> Aim) -> impl Iterator<Item = Aim> {
    kinds.iter().flat_map(move |&kind| (0..rows).map(move |row| aim(kind, row as u8)))
}

impl Aim {
    /// The events; `buffer` is the receive buffer of the stack.
    pub fn events(self, way: &Way, buffer: u32, times: Times) -> Vec<Event> {
        match self {
            Aim::Segment(aim) => vec![aim.spec(way, buffer).event()],
            Aim::Address(kind, row) => {
                let route = ROUTES.get(usize::from(row)).map_or(Route::MAIN, |(_, route)| *route);
                vec![in_step(kind, way, buffer).route(route).event()]
            }
            Aim::Broken(kind, row) => {
                let spec = in_step(kind, way, buffer);
                vec![BREAKS.get(usize::from(row)).map_or(spec, |(_, what)| broken(spec, *what)).event()]
            }
            Aim::Call(row) => {
                let calls = CALLS.get(usize::from(row)).map_or(&[][..], |(_, calls)| calls);
                calls.iter().map(|&(on, what)| call(handle(on, way), what)).collect()
            }
            Aim::Time(row) => {
                let spans = TIMES.get(usize::from(row)).map_or(&[][..], |(_, spans)| spans);
                spans.iter().map(|&span| time_event(span, way, times)).collect()
            }
        }
    }

    /// What the stack must be able to do.
    pub fn needs(self) -> Needs {
        match self {
            Aim::Call(row) => CALLS.get(usize::from(row)).map_or(Needs::default(), |(_, c)| call_needs(c)),
            _ => Needs::default(),
        }
    }

    /// What a stack that follows the RFC may have done with it.
    pub fn before(self, way: &Way) -> Before {
        let mut peer = PeerSide::of(way);
        match self {
            Aim::Segment(aim) => {
                let flags = aim.kind.flags();
                let taken = flags.ack() && !flags.rst();
                let at_nxt = matches!(aim.edge, Edge::LeftEdge | Edge::OverlapLeft | Edge::OneOctet);
                if taken
                    && (aim.edge == Edge::OverHole || (aim.edge == Edge::LeftEdge && aim.kind.has_text()))
                {
                    peer.fill_gap();
                }
                peer.fin |= taken && flags.fin() && (at_nxt || aim.edge == Edge::OverHole);
                Before { peer, ends: flags.rst() && aim.edge == Edge::LeftEdge }
            }
            Aim::Call(row) => {
                let calls = CALLS.get(usize::from(row)).map_or(&[][..], |(_, calls)| calls);
                Before { peer, ends: calls.iter().any(|(_, call)| *call == ScriptCall::Abort) }
            }
            Aim::Address(..) | Aim::Broken(..) | Aim::Time(_) => Before { peer, ends: false },
        }
    }

    /// The event with this name.
    pub fn from_name(name: &str) -> Option<Aim> {
        let row = |found: Option<usize>| found.map(|i| i as u8);
        if let Some(rest) = name.strip_prefix("call-") {
            return row(CALLS.iter().position(|(n, _)| *n == rest)).map(Aim::Call);
        }
        if let Some(rest) = name.strip_prefix("time-") {
            return row(TIMES.iter().position(|(n, _)| *n == rest)).map(Aim::Time);
        }
        let (kind, place) = name.split_once('@')?;
        if let Some(rest) = place.strip_prefix("route-") {
            let row = row(ROUTES.iter().position(|(n, _)| *n == rest))?;
            return Some(Aim::Address(Kind::from_name(kind)?, row));
        }
        if let Some(rest) = place.strip_prefix("broken-") {
            let row = row(BREAKS.iter().position(|(n, _)| *n == rest))?;
            return Some(Aim::Broken(Kind::from_name(kind)?, row));
        }
        SegmentAim::from_name(name).map(Aim::Segment)
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn name<T>(table: &[(&'static str, T)], row: u8) -> &'static str {
            table.get(usize::from(row)).map_or("?", |(name, _)| name)
        }
        match *self {
            Aim::Segment(aim) => aim.fmt(f),
            Aim::Address(kind, row) => write!(f, "{}@route-{}", kind.name(), name(&ROUTES, row)),
            Aim::Broken(kind, row) => write!(f, "{}@broken-{}", kind.name(), name(&BREAKS, row)),
            Aim::Call(row) => write!(f, "call-{}", name(&CALLS, row)),
            Aim::Time(row) => write!(f, "time-{}", name(&TIMES, row)),
        }
    }
}

fn handle(on: On, way: &Way) -> Handle {
    match on {
        On::Own => way.handle,
        On::Free => FREE_HANDLE,
    }
}

/// The segment of this kind that fits the connection best.
fn in_step(kind: Kind, way: &Way, buffer: u32) -> SegmentSpec {
    let flags = kind.flags();
    let edge = match way.state {
        State::Closed | State::Listen | State::SynSent => Edge::Irs,
        _ => Edge::LeftEdge,
    };
    let ack = match (flags.ack(), way.origin) {
        (false, _) => AckAim::Absent,
        (true, Origin::None) => AckAim::Half,
        (true, _) => AckAim::Last,
    };
    SegmentAim { kind, edge, ack, window: Wnd::Open }.spec(way, buffer)
}

fn broken(spec: SegmentSpec, what: Break) -> SegmentSpec {
    match what {
        Break::Trick(trick) => spec.trick(trick),
        Break::Options(odd) => spec.odd(odd),
        Break::Mss(mss) => spec.mss(mss),
        Break::Scale(shift) => spec.scale(shift),
        Break::UrgentPointer(urgent) => spec.urgent(urgent),
    }
}

fn time_event(span: Span, way: &Way, times: Times) -> Event {
    let less = |millis: u64| times.two_msl.micros().saturating_sub(millis * 1_000);
    let more = |span: Duration, millis: u64| span.micros().saturating_add(millis * 1_000);
    match span {
        Span::Millis(millis) => wait_millis(millis),
        Span::BeforeTwoMsl(millis) => wait_micros(less(millis)),
        Span::AfterTwoMsl(millis) => wait_micros(more(times.two_msl, millis)),
        Span::AfterR2(millis) => wait_micros(more(times.r2, millis)),
        Span::OldFin => {
            let fin = SegmentSpec { text: Size::Octets(0), ..seg(Kind::FinAck.flags()) };
            let seq = if way.has_receive_numbers() { RCV_NXT.minus(1) } else { IRS };
            fin.seq(seq).event()
        }
        Span::Room(packets) => room(packets),
        Span::Call(what) => call(way.handle, what),
    }
}
