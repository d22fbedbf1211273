//! Where a segment lies against RCV.NXT and the window's edge.

use super::kinds::Kind;
use super::{by_name, name_of};
use crate::reach::{RecvSituation, Way};
use crate::scenario::build::*;
use crate::scenario::{Num, Size};

/// Where the segment lies. N is RCV.NXT, E the right edge of the window.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Edge {
    /// 2^30 before N.
    FarLeft,
    /// All of it left of N, the last octet at N-1; an empty segment at N-1.
    OutsideLeft,
    /// One octet of text at N-1, as keep-alives have it.
    OldOctet,
    /// Starts left of N, ends inside.
    OverlapLeft,
    /// At N.
    LeftEdge,
    /// One octet of text at N.
    OneOctet,
    /// In the middle of the window.
    Middle,
    /// The last octet is the window's last; an empty segment at E-1.
    RightEdge,
    /// Starts inside, ends beyond E.
    OverlapRight,
    /// The text ends at the edge, the FIN lies beyond it.
    FinPastEdge,
    /// At E.
    OutsideRight,
    /// At E+1.
    PastRight,
    /// At the end of the receive buffer, where that is more than a window without scale can say.
    PastBuffer,
    /// 2^30 after N.
    FarRight,
    /// Text from N to E.
    Fill,
    /// Text from N to one octet past E.
    Overrun,
    /// Text from left of N to beyond E.
    Spans,
    /// Two octets inside the hole, behind N.
    InHole,
    /// From N over the hole and the held text.
    OverHole,
    /// Just the text that is held.
    Held,
    /// From inside the hole over the held text and beyond.
    OverHeld,
    /// The peer's ISN.
    Irs,
    /// 0, where no connection gives N a meaning.
    Zero,
    /// 2^31 - 1.
    HalfLessOne,
    /// 2^31.
    Half,
    /// 2^32 - 1.
    Max,
}

/// Names; the order of trials.
#[rustfmt::skip]
const EDGES: [(Edge, &str); 26] = [
    (Edge::FarLeft, "far-left"),            (Edge::OutsideLeft, "outside-left"),
    (Edge::OldOctet, "old-octet"),          (Edge::OverlapLeft, "overlap-left"),
    (Edge::LeftEdge, "left-edge"),          (Edge::OneOctet, "one-octet"),
    (Edge::Middle, "middle"),               (Edge::RightEdge, "right-edge"),
    (Edge::OverlapRight, "overlap-right"),  (Edge::FinPastEdge, "fin-past-edge"),
    (Edge::OutsideRight, "outside-right"),  (Edge::PastRight, "past-right"),
    (Edge::PastBuffer, "past-buffer"),
    (Edge::FarRight, "far-right"),          (Edge::Fill, "fill"),
    (Edge::Overrun, "overrun"),             (Edge::Spans, "spans"),
    (Edge::InHole, "in-hole"),              (Edge::OverHole, "over-hole"),
    (Edge::Held, "held"),                   (Edge::OverHeld, "over-held"),
    (Edge::Irs, "irs"),                     (Edge::Zero, "seq-0"),
    (Edge::HalfLessOne, "seq-7fffffff"),    (Edge::Half, "seq-80000000"),
    (Edge::Max, "seq-ffffffff"),
];

/// Far: a quarter of the circle, so that nothing is old and future at once.
const FAR: i32 = 1 << 30;

impl Edge {
    /// All edges, left to right, literal numbers last.
    pub fn all() -> impl Iterator<Item = Edge> {
        EDGES.iter().map(|(edge, _)| *edge)
    }

    /// The edge with this name.
    pub fn from_name(name: &str) -> Option<Edge> {
        by_name(&EDGES, name)
    }

    /// In print.
    pub fn name(self) -> &'static str {
        name_of(&EDGES, self)
    }

    /// SEG.SEQ and text of a segment of this kind here; `buffer` is the receive buffer.
    pub fn place(self, kind: Kind, buffer: u32) -> (Num, Size) {
        let short = Size::Octets(kind.text());
        let len = kind.len();
        let takes = len.max(1);
        let part = (len - 1).clamp(1, 2);
        match self {
            Edge::FarLeft => (RCV_NXT.minus(FAR), short),
            Edge::OutsideLeft => (RCV_NXT.minus(takes), short),
            Edge::OldOctet => (RCV_NXT.minus(1), Size::Octets(1)),
            Edge::OverlapLeft => (RCV_NXT.minus(part), short),
            Edge::LeftEdge => (RCV_NXT, short),
            Edge::OneOctet => (RCV_NXT, Size::Octets(1)),
            Edge::Middle => (RCV_NXT.plus(middle(buffer)), short),
            Edge::RightEdge => (RCV_EDGE.minus(takes), short),
            Edge::OverlapRight => (RCV_EDGE.minus(part), short),
            Edge::FinPastEdge => (RCV_EDGE.minus(len - 1), short),
            Edge::OutsideRight => (RCV_EDGE, short),
            Edge::PastRight => (RCV_EDGE.plus(1), short),
            Edge::PastBuffer => (RCV_NXT.plus(buffer.cast_signed()), short),
            Edge::FarRight => (RCV_NXT.plus(FAR), short),
            Edge::Fill => (RCV_NXT, Size::Window(0)),
            Edge::Overrun => (RCV_NXT, Size::Window(1)),
            Edge::Spans => (RCV_NXT.minus(2), Size::Window(4)),
            Edge::InHole => (RCV_NXT.plus(2), Size::Octets(2)),
            Edge::OverHole => (RCV_NXT, Size::Octets(12)),
            Edge::Held => (RCV_NXT.plus(5), Size::Octets(5)),
            Edge::OverHeld => (RCV_NXT.plus(3), Size::Octets(9)),
            Edge::Irs => (IRS, short),
            Edge::Zero => (literal(0), short),
            Edge::HalfLessOne => (literal(0x7fff_ffff), short),
            Edge::Half => (literal(0x8000_0000), short),
            Edge::Max => (literal(0xffff_ffff), short),
        }
    }

    /// Whether a segment of this kind can lie so, for a connection in the situation of `way`.
    pub(super) fn fits(self, kind: Kind, way: &Way) -> bool {
        if !way.has_receive_numbers() {
            return self.fits_without_numbers(way);
        }
        let zero = way.recv == RecvSituation::WindowZero;
        let buffer = way.setup.recv_buffer;
        let one_segment = kind.has_text() && !zero && (2..=1460).contains(&buffer);
        match self {
            Edge::FarLeft | Edge::OutsideLeft | Edge::LeftEdge | Edge::FarRight => true,
            Edge::OldOctet | Edge::OneOctet => kind.has_text() && !kind.flags().syn(),
            Edge::OverlapLeft => kind.len() >= 2,
            Edge::OverlapRight => kind.len() >= 2 && !zero && buffer > 1,
            Edge::Middle | Edge::RightEdge => !zero && buffer > 1,
            Edge::FinPastEdge => kind.has_text() && kind.flags().fin() && !zero && buffer > 1,
            Edge::OutsideRight => !zero,
            Edge::PastRight => zero,
            Edge::PastBuffer => kind.has_text() && buffer > 65_535,
            Edge::Fill | Edge::Overrun | Edge::Spans => one_segment,
            Edge::InHole | Edge::OverHole | Edge::Held | Edge::OverHeld => {
                kind.has_text() && way.recv == RecvSituation::Hole
            }
            Edge::Irs => kind.flags().syn(),
            Edge::Zero | Edge::HalfLessOne | Edge::Half | Edge::Max => false,
        }
    }

    /// The same where there is no RCV.NXT, or only that of a connection that is gone.
    fn fits_without_numbers(self, way: &Way) -> bool {
        match self {
            Edge::Irs | Edge::Zero | Edge::HalfLessOne | Edge::Half | Edge::Max => true,
            Edge::LeftEdge | Edge::OutsideLeft => way.was_connected(),
            _ => false,
        }
    }

    /// The places that tell most, for kinds that are tried in few.
    pub(super) const fn is_telling(self) -> bool {
        matches!(
            self,
            Edge::OutsideLeft
                | Edge::LeftEdge
                | Edge::Middle
                | Edge::OutsideRight
                | Edge::OverHole
                | Edge::Irs
                | Edge::Max
        )
    }
}

/// Half the buffer, where that is inside the window and not at N.
fn middle(buffer: u32) -> i32 {
    (buffer / 2).clamp(1, 30_000) as i32
}
