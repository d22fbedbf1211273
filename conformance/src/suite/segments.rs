//! Segments to aim at a connection: a kind, a place in sequence space, an acknowledgment, a window.
//!
//! All of it is relative to the stack's variables, so that one description fits every way into a state.

use core::fmt;

use lastack_core::types::Flags;

use super::acks::{AckAim, acks};
use super::edges::Edge;
use super::kinds::{Breadth, Kind};
use super::{by_name, name_of};
use crate::reach::{PEER_WINDOW, SendSituation, TEXT, Way};
use crate::scenario::SegmentSpec;
use crate::scenario::build::*;

/// The window field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Wnd {
    /// 4096.
    Open,
    /// 0.
    Zero,
    /// What the peer announced in the way.
    Same,
}

const WINDOWS: [(Wnd, &str); 3] = [(Wnd::Open, "wnd-open"), (Wnd::Zero, "wnd-0"), (Wnd::Same, "wnd-same")];

/// A segment to aim at a connection. It prints as `FIN-ACK@left-edge/ack-dup`, with `/wnd-0` or
/// `/wnd-same` behind it where the window is not the open one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SegmentAim {
    /// Control bits and text.
    pub kind: Kind,
    /// Where it lies.
    pub edge: Edge,
    /// What it acknowledges.
    pub ack: AckAim,
    /// The window that it announces.
    pub window: Wnd,
}

impl SegmentAim {
    /// The segment; `buffer` is the receive buffer of the stack, `way` the situation.
    pub fn spec(&self, way: &Way, buffer: u32) -> SegmentSpec {
        let (seq, size) = self.edge.place(self.kind, buffer);
        let window = match self.window {
            Wnd::Open => PEER_WINDOW,
            Wnd::Zero => 0,
            Wnd::Same => way.peer_window,
        };
        let spec = seg(self.kind.flags()).seq(seq).size(size).ack(self.ack.number()).window(window);
        let spec = if self.kind.flags().has(Flags::URG) { spec.urgent(TEXT) } else { spec };
        if self.kind.flags().syn() { spec.mss(1460) } else { spec }
    }

    /// The aim with this name.
    pub fn from_name(name: &str) -> Option<SegmentAim> {
        let (kind, rest) = name.split_once('@')?;
        let mut rest = rest.split('/');
        let (edge, ack, window) = (rest.next()?, rest.next()?, rest.next());
        if rest.next().is_some() {
            return None;
        }
        Some(SegmentAim {
            kind: Kind::from_name(kind)?,
            edge: Edge::from_name(edge)?,
            ack: AckAim::from_name(ack)?,
            window: match window {
                Some(name) => by_name(&WINDOWS, name)?,
                None => Wnd::Open,
            },
        })
    }
}

impl fmt::Display for SegmentAim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}/{}", self.kind.name(), self.edge.name(), self.ack)?;
        match self.window {
            Wnd::Open => Ok(()),
            other => write!(f, "/{}", name_of(&WINDOWS, other)),
        }
    }
}

/// Every segment to aim at a connection in the situation of `way`. A `thin` list is for ways that differ
/// from another one only a little.
pub fn segment_aims(way: &Way, thin: bool) -> Vec<SegmentAim> {
    let acks = acks(way);
    let mut aims = Vec::new();
    for kind in Kind::all() {
        let breadth = if thin && kind.breadth() != Breadth::Full { Breadth::Few } else { kind.breadth() };
        for edge in Edge::all().filter(|edge| edge.fits(kind, way)) {
            if (thin || breadth == Breadth::Few) && !edge.is_telling() {
                continue;
            }
            if kind.flags().ack() {
                let tried = |ack: &&AckAim| is_tried(way, edge, **ack, breadth, thin);
                let aim = |&ack| SegmentAim { kind, edge, ack, window: Wnd::Open };
                aims.extend(acks.iter().filter(tried).map(aim));
                continue;
            }
            aims.push(SegmentAim { kind, edge, ack: AckAim::Absent, window: Wnd::Open });
            if edge == Edge::LeftEdge && kind.len() > 0 {
                aims.push(SegmentAim { kind, edge, ack: AckAim::FieldOnly, window: Wnd::Open });
            }
        }
    }
    aims.extend(windows(way, &aims));
    aims
}

/// Whether a segment at this edge is tried with this acknowledgment.
fn is_tried(way: &Way, edge: Edge, ack: AckAim, breadth: Breadth, thin: bool) -> bool {
    if ack.is_likely() {
        return true;
    }
    if breadth != Breadth::Full {
        return false;
    }
    match ack {
        // What a variant may differ in: a longer flight.
        AckAim::Step(_) if thin => way.flight.len() > 1 && edge == Edge::LeftEdge,
        _ if thin => false,
        AckAim::FarOld | AckAim::FutureFar => edge.is_telling(),
        _ => !matches!(edge, Edge::FarLeft | Edge::FarRight),
    }
}

/// The same segments with another window, where the window is what they are about.
fn windows(way: &Way, aims: &[SegmentAim]) -> Vec<SegmentAim> {
    let matters = |aim: &&SegmentAim| {
        matches!(aim.kind, Kind::SynAck | Kind::Ack | Kind::FinAck | Kind::TextAck | Kind::TextFinAck)
            && matches!(aim.edge, Edge::OutsideLeft | Edge::LeftEdge | Edge::Middle)
            && !matches!(aim.ack, AckAim::FarOld | AckAim::FutureFar)
    };
    let mut other = vec![Wnd::Zero];
    if matches!(way.send, SendSituation::BehindWindow | SendSituation::FinQueued) && way.peer_window > 0 {
        other.push(Wnd::Same);
    }
    let with = |window| move |aim: &SegmentAim| SegmentAim { window, ..*aim };
    other.into_iter().flat_map(|window| aims.iter().filter(matters).map(with(window))).collect()
}
