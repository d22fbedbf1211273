//! What a segment that is aimed at a connection acknowledges, relative to its flight.

use core::fmt;

use lastack_core::types::State;

use super::{by_name, name_of};
use crate::reach::Way;
use crate::scenario::Num;
use crate::scenario::build::*;

/// Far: a quarter of the circle, so that nothing is old and future at once.
const FAR: i32 = 1 << 30;

/// The acknowledgment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AckAim {
    /// The bit is off, the field 0.
    Absent,
    /// The bit is off, the field SND.NXT.
    FieldOnly,
    /// SND.UNA - 2^30.
    FarOld,
    /// SND.UNA - 2^20: older than any window.
    Ancient,
    /// SND.UNA - 1.
    Old,
    /// SND.UNA.
    Dup,
    /// SND.UNA and so many octets, not all that is in flight.
    Step(u16),
    /// SND.NXT.
    Last,
    /// SND.NXT + 1.
    FutureOne,
    /// SND.NXT + 2^30.
    FutureFar,
    /// 0, where no connection gives SND.UNA a meaning.
    Zero,
    /// 2^31.
    Half,
    /// 2^32 - 1.
    Max,
}

/// Names; [`AckAim::Step`] prints as `ack-una+5`.
#[rustfmt::skip]
const ACKS: [(AckAim, &str); 12] = [
    (AckAim::Absent, "ack-none"),         (AckAim::FieldOnly, "ack-field-only"),
    (AckAim::FarOld, "ack-far-old"),      (AckAim::Ancient, "ack-ancient"),
    (AckAim::Old, "ack-old"),             (AckAim::Dup, "ack-dup"),
    (AckAim::Last, "ack-last"),           (AckAim::FutureOne, "ack-future-1"),
    (AckAim::FutureFar, "ack-future-far"), (AckAim::Zero, "ack-0"),
    (AckAim::Half, "ack-80000000"),       (AckAim::Max, "ack-ffffffff"),
];
const STEP: &str = "ack-una+";

impl AckAim {
    /// SEG.ACK.
    pub const fn number(self) -> Num {
        match self {
            AckAim::Absent | AckAim::Zero => literal(0),
            AckAim::FieldOnly | AckAim::Last => SND_NXT,
            AckAim::FarOld => SND_UNA.minus(FAR),
            AckAim::Ancient => SND_UNA.minus(1 << 20),
            AckAim::Old => SND_UNA.minus(1),
            AckAim::Dup => SND_UNA,
            AckAim::Step(octets) => SND_UNA.plus(octets as i32),
            AckAim::FutureOne => SND_NXT.plus(1),
            AckAim::FutureFar => SND_NXT.plus(FAR),
            AckAim::Half => literal(0x8000_0000),
            AckAim::Max => literal(0xffff_ffff),
        }
    }

    /// The acknowledgment with this name.
    pub fn from_name(name: &str) -> Option<AckAim> {
        match name.strip_prefix(STEP) {
            Some(octets) => octets.parse().ok().map(AckAim::Step),
            None => by_name(&ACKS, name),
        }
    }

    /// Those that a peer in step or one segment behind sends, and one for what was never sent.
    pub(super) const fn is_likely(self) -> bool {
        matches!(self, AckAim::Absent | AckAim::Dup | AckAim::Last | AckAim::FutureOne | AckAim::Zero)
    }
}

impl fmt::Display for AckAim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AckAim::Step(octets) => write!(f, "{STEP}{octets}"),
            other => f.write_str(name_of(&ACKS, *other)),
        }
    }
}

/// The acknowledgments that mean something to a connection in the situation of `way`.
pub(super) fn acks(way: &Way) -> Vec<AckAim> {
    let no_numbers = matches!(way.state, State::Closed | State::Listen);
    if no_numbers && !way.was_connected() {
        return vec![AckAim::Zero, AckAim::Half, AckAim::Max];
    }
    if no_numbers {
        return vec![AckAim::Zero, AckAim::Half, AckAim::Max, AckAim::Old, AckAim::Last, AckAim::FutureOne];
    }
    let mut acks = vec![AckAim::FarOld, AckAim::Ancient, AckAim::Old, AckAim::Dup];
    acks.extend(steps(way.flight).into_iter().map(AckAim::Step));
    if way.in_flight() > 0 {
        acks.push(AckAim::Last);
    }
    acks.extend([AckAim::FutureOne, AckAim::FutureFar]);
    acks
}

/// Inside a flight: its first octet, each border of a segment, one past the first border, and all but the
/// last number, which is the FIN where there is one.
fn steps(flight: &[u16]) -> Vec<u16> {
    let mut ends: Vec<u16> = Vec::new();
    let mut end = 0_u16;
    for len in flight {
        end += len;
        ends.push(end);
    }
    let first = ends.first().copied().unwrap_or(0);
    ends.extend([1, first + 1, end.saturating_sub(1)]);
    ends.sort_unstable();
    ends.dedup();
    ends.retain(|&step| step > 0 && step < end);
    ends
}
