//! Segments to aim at a connection: a kind, a place in sequence space, an acknowledgment, a window.
//!
//! All of it is relative to the stack's variables, so that one description fits every way into a state.

use core::fmt;

use lastack_core::types::{Flags, State};

use super::{by_name, name_of};
use crate::reach::{RecvSituation, SendSituation, TEXT, Way};
use crate::scenario::build::*;
use crate::scenario::{Num, SegmentSpec, Size};

/// Control bits, and whether there is text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    Syn,
    SynAck,
    SynFin,
    Ack,
    Fin,
    FinAck,
    Rst,
    RstAck,
    None,
    All,
    TextAck,
    TextFinAck,
    PshTextAck,
    PshAck,
    Text,
    TextFin,
    SynText,
    SynAckText,
    RstText,
    RstAckText,
    UrgAck,
    UrgTextAck,
    SynFinAck,
    SynRst,
    RstFin,
    RstFinAck,
}

/// How many places and acknowledgments a kind is tried with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Breadth {
    /// Every edge with every acknowledgment.
    Full,
    /// Every edge, the likely acknowledgments.
    Edges,
    /// The telling edges, the likely acknowledgments.
    Few,
}

/// One kind as it is.
struct KindRow(Kind, &'static str, Flags, bool, Breadth);

const SA: Flags = Flags::SYN.with(Flags::ACK);
const FA: Flags = Flags::FIN.with(Flags::ACK);
const RA: Flags = Flags::RST.with(Flags::ACK);
const PA: Flags = Flags::PSH.with(Flags::ACK);
const UA: Flags = Flags::URG.with(Flags::ACK);
const FSRPAU: Flags = SA.with(FA).with(RA).with(PA).with(UA);

/// In the order of [`Kind`].
#[rustfmt::skip]
const KINDS: [KindRow; 26] = [
    KindRow(Kind::Syn,        "SYN",          Flags::SYN,                   false, Breadth::Edges),
    KindRow(Kind::SynAck,     "SYN-ACK",      SA,                           false, Breadth::Full),
    KindRow(Kind::SynFin,     "SYN-FIN",      Flags::SYN.with(Flags::FIN),  false, Breadth::Edges),
    KindRow(Kind::Ack,        "ACK",          Flags::ACK,                   false, Breadth::Full),
    KindRow(Kind::Fin,        "FIN",          Flags::FIN,                   false, Breadth::Edges),
    KindRow(Kind::FinAck,     "FIN-ACK",      FA,                           false, Breadth::Full),
    KindRow(Kind::Rst,        "RST",          Flags::RST,                   false, Breadth::Edges),
    KindRow(Kind::RstAck,     "RST-ACK",      RA,                           false, Breadth::Full),
    KindRow(Kind::None,       "NONE",         Flags::NONE,                  false, Breadth::Edges),
    KindRow(Kind::All,        "ALL",          FSRPAU,                       false, Breadth::Few),
    KindRow(Kind::TextAck,    "TEXT-ACK",     Flags::ACK,                   true,  Breadth::Full),
    KindRow(Kind::TextFinAck, "TEXT-FIN-ACK", FA,                           true,  Breadth::Full),
    KindRow(Kind::PshTextAck, "PSH-TEXT-ACK", PA,                           true,  Breadth::Few),
    KindRow(Kind::PshAck,     "PSH-ACK",      PA,                           false, Breadth::Few),
    KindRow(Kind::Text,       "TEXT",         Flags::NONE,                  true,  Breadth::Edges),
    KindRow(Kind::TextFin,    "TEXT-FIN",     Flags::FIN,                   true,  Breadth::Few),
    KindRow(Kind::SynText,    "SYN-TEXT",     Flags::SYN,                   true,  Breadth::Edges),
    KindRow(Kind::SynAckText, "SYN-ACK-TEXT", SA,                           true,  Breadth::Few),
    KindRow(Kind::RstText,    "RST-TEXT",     Flags::RST,                   true,  Breadth::Edges),
    KindRow(Kind::RstAckText, "RST-ACK-TEXT", RA,                           true,  Breadth::Few),
    KindRow(Kind::UrgAck,     "URG-ACK",      UA,                           false, Breadth::Few),
    KindRow(Kind::UrgTextAck, "URG-TEXT-ACK", UA,                           true,  Breadth::Few),
    KindRow(Kind::SynFinAck,  "SYN-FIN-ACK",  SA.with(Flags::FIN),          false, Breadth::Few),
    KindRow(Kind::SynRst,     "SYN-RST",      Flags::SYN.with(Flags::RST),  false, Breadth::Few),
    KindRow(Kind::RstFin,     "RST-FIN",      Flags::RST.with(Flags::FIN),  false, Breadth::Few),
    KindRow(Kind::RstFinAck,  "RST-FIN-ACK",  RA.with(Flags::FIN),          false, Breadth::Few),
];

impl Kind {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Kind> {
        KINDS.iter().map(|row| row.0)
    }

    /// The eight that make up the 88 base cells.
    pub const BASE: [Kind; 8] =
        [Kind::Syn, Kind::SynAck, Kind::SynFin, Kind::Ack, Kind::Fin, Kind::FinAck, Kind::Rst, Kind::RstAck];

    const fn row(self) -> &'static KindRow {
        &KINDS[self as usize]
    }

    /// In print: control bits and `TEXT`, hyphens between.
    pub const fn name(self) -> &'static str {
        self.row().1
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::all().find(|kind| kind.name() == name)
    }

    /// Control bits.
    pub const fn flags(self) -> Flags {
        self.row().2
    }

    /// Whether there is text.
    pub const fn has_text(self) -> bool {
        self.row().3
    }

    /// Octets of a short text of this kind.
    const fn text(self) -> u16 {
        if self.has_text() { TEXT } else { 0 }
    }

    /// SEG.LEN with a short text.
    const fn len(self) -> i32 {
        self.text() as i32 + self.flags().syn() as i32 + self.flags().fin() as i32
    }
}

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
const EDGES: [(Edge, &str); 25] = [
    (Edge::FarLeft, "far-left"),            (Edge::OutsideLeft, "outside-left"),
    (Edge::OldOctet, "old-octet"),          (Edge::OverlapLeft, "overlap-left"),
    (Edge::LeftEdge, "left-edge"),          (Edge::OneOctet, "one-octet"),
    (Edge::Middle, "middle"),               (Edge::RightEdge, "right-edge"),
    (Edge::OverlapRight, "overlap-right"),  (Edge::FinPastEdge, "fin-past-edge"),
    (Edge::OutsideRight, "outside-right"),  (Edge::PastRight, "past-right"),
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
    fn fits(self, kind: Kind, way: &Way) -> bool {
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
    const fn is_telling(self) -> bool {
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
    const fn is_likely(self) -> bool {
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
fn acks(way: &Way) -> Vec<AckAim> {
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
            Wnd::Open => crate::reach::PEER_WINDOW,
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
            edge: by_name(&EDGES, edge)?,
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
    for row in &KINDS {
        let &KindRow(kind, _, flags, _, breadth) = row;
        for edge in Edge::all().filter(|edge| edge.fits(kind, way)) {
            if (thin || breadth == Breadth::Few) && !edge.is_telling() {
                continue;
            }
            if !flags.ack() {
                aims.push(SegmentAim { kind, edge, ack: AckAim::Absent, window: Wnd::Open });
                if edge == Edge::LeftEdge && kind.len() > 0 {
                    aims.push(SegmentAim { kind, edge, ack: AckAim::FieldOnly, window: Wnd::Open });
                }
                continue;
            }
            for &ack in &acks {
                if (thin || breadth != Breadth::Full) && !ack.is_likely() {
                    continue;
                }
                aims.push(SegmentAim { kind, edge, ack, window: Wnd::Open });
            }
        }
    }
    aims.extend(windows(way, &aims));
    aims
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
