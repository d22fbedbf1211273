//! Kinds of segments: control bits, and whether there is text.

use lastack_core::types::Flags;

use crate::reach::TEXT;

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
pub(super) enum Breadth {
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

    /// How many places and acknowledgments it is tried with.
    pub(super) const fn breadth(self) -> Breadth {
        self.row().4
    }

    /// Whether there is text.
    pub const fn has_text(self) -> bool {
        self.row().3
    }

    /// Octets of a short text of this kind.
    pub(super) const fn text(self) -> u16 {
        if self.has_text() { TEXT } else { 0 }
    }

    /// SEG.LEN with a short text.
    pub(super) const fn len(self) -> i32 {
        self.text() as i32 + self.flags().syn() as i32 + self.flags().fin() as i32
    }
}
