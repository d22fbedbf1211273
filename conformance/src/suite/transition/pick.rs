//! Which events a transition trace shows: few enough to be read, one for each rule that a state has.

use super::super::acks::AckAim::{self, Absent, Dup, FutureOne, Half, Last, Old, Zero};
use super::super::edges::Edge::{self, Irs, LeftEdge, Middle, OutsideLeft, OutsideRight, OverlapLeft};
use super::super::events::{self, Aim};
use super::super::kinds::Kind;
use super::super::segments::{SegmentAim, Wnd};
use crate::reach::{Way, way_index};

/// A kind with the places and acknowledgments that are shown. `Last` is ACK of everything in flight; where
/// nothing is in flight that is `Dup`, and `Dup` is shown for it.
type Shown = (Kind, &'static [Edge], &'static [AckAim]);

#[rustfmt::skip]
const SHOWN: &[Shown] = &[
    (Kind::Syn,      &[OutsideLeft, LeftEdge, Middle, OutsideRight, Irs], &[Absent]),
    (Kind::SynAck,   &[LeftEdge, Irs],                     &[Old, Dup, Last, FutureOne, Zero]),
    (Kind::SynFin,   &[LeftEdge, Irs],                     &[Absent]),
    (Kind::Ack,      &[LeftEdge, Irs],                     &[Old, Dup, Last, FutureOne, Half]),
    (Kind::Ack,      &[OutsideLeft, OutsideRight],         &[Dup]),
    (Kind::Fin,      &[LeftEdge, Irs],                     &[Absent]),
    (Kind::FinAck,   &[LeftEdge],                          &[Old, Dup, Last, FutureOne]),
    (Kind::FinAck,   &[OutsideLeft, Middle, Irs],          &[Dup, Half]),
    (Kind::Rst,      &[OutsideLeft, LeftEdge, Middle, OutsideRight, Irs], &[Absent]),
    (Kind::RstAck,   &[LeftEdge, Irs],                     &[Dup, Last, FutureOne, Half]),
    (Kind::None,     &[LeftEdge, Irs],                     &[Absent]),
    (Kind::All,      &[LeftEdge, Irs],                     &[Dup, Half]),
    (Kind::TextAck,  &[LeftEdge],                          &[Old, Dup, Last, FutureOne]),
    (Kind::TextAck,  &[OutsideLeft, OverlapLeft, Middle, OutsideRight, Irs], &[Dup, Half]),
    (Kind::Text,     &[LeftEdge, Irs],                     &[Absent]),
    (Kind::SynText,  &[LeftEdge, Irs],                     &[Absent]),
];

const CALLS: &[&str] = &[
    "call-open-passive",
    "call-open-active",
    "call-send-5",
    "call-receive-all",
    "call-shutdown",
    "call-close",
    "call-close-twice",
    "call-abort",
    "call-abort-send",
];

const TIMES: &[&str] = &["time-wait-1.1s", "time-wait-130s", "time-before-2msl", "time-after-2msl"];

/// The events shown for a way, in the order of the lists.
pub fn aims(way: &Way) -> Vec<Aim> {
    let Some(index) = way_index(way.name) else { return Vec::new() };
    let [all, _] = events::aims(index);
    let segment = |aim: &Aim, shown: &Shown| match aim {
        Aim::Segment(SegmentAim { kind, edge, ack, window: Wnd::Open }) => {
            *kind == shown.0 && shown.1.contains(edge) && shown.2.contains(ack)
        }
        _ => false,
    };
    let segments = SHOWN.iter().flat_map(|shown| all.iter().filter(move |aim| segment(aim, shown)));
    let named = CALLS.iter().chain(TIMES).filter_map(|name| Aim::from_name(name));
    segments.copied().chain(named).collect()
}
