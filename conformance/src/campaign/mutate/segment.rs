//! A segment of a script: a new one, or another that differs in one thing.

use lastack_core::types::Flags;

use super::values::{self, one_of};
use crate::scenario::build::{IRS, RCV_NXT, SND_NXT, seg};
use crate::scenario::{
    Addr, Anchor, Num, OddOptions, OptionSpec, PEER_PORT, Route, STACK_PORT, SegmentSpec, Size, Trick, bytes,
};
use crate::suite::random::Rng;

/// Anchors that a number is likely to lie near, on either side.
const SEQ_ANCHORS: [Anchor; 8] = [
    Anchor::RcvNxt,
    Anchor::RcvNxt,
    Anchor::RcvNxt,
    Anchor::RcvNxt,
    Anchor::RcvEdge,
    Anchor::RcvEdge,
    Anchor::Irs,
    Anchor::OldRcvNxt,
];
const ACK_ANCHORS: [Anchor; 8] = [
    Anchor::SndNxt,
    Anchor::SndNxt,
    Anchor::SndNxt,
    Anchor::SndUna,
    Anchor::SndUna,
    Anchor::SndUna,
    Anchor::Iss,
    Anchor::OldSndNxt,
];

pub(super) const SA: Flags = Flags::SYN.with(Flags::ACK);
pub(super) const FA: Flags = Flags::FIN.with(Flags::ACK);
const RA: Flags = Flags::RST.with(Flags::ACK);
const PA: Flags = Flags::PSH.with(Flags::ACK);
const UA: Flags = Flags::URG.with(Flags::ACK);
/// As often as they tell something.
const KINDS: [Flags; 16] = [
    Flags::ACK,
    Flags::ACK,
    Flags::ACK,
    Flags::ACK,
    PA,
    Flags::SYN,
    Flags::SYN,
    SA,
    SA,
    FA,
    FA,
    Flags::RST,
    RA,
    Flags::NONE,
    UA,
    Flags::FIN,
];
const BITS: [Flags; 8] =
    [Flags::FIN, Flags::SYN, Flags::RST, Flags::PSH, Flags::ACK, Flags::URG, Flags::ECE, Flags::CWR];

const ODD: [OddOptions; 7] = [
    OddOptions::Padding,
    OddOptions::Unknown,
    OddOptions::Unaligned,
    OddOptions::LengthZero,
    OddOptions::LengthOne,
    OddOptions::LengthPast,
    OddOptions::SackPermitted,
];

const ADDRS: [Addr; 9] = [
    Addr::Peer(0),
    Addr::Peer(1),
    Addr::Stack,
    Addr::Elsewhere,
    Addr::Broadcast,
    Addr::DirectedBroadcast,
    Addr::Multicast,
    Addr::Unspecified,
    Addr::Loopback,
];

/// A segment: half of them as a peer in step would send it, the others beside it in a thing or two.
pub(super) fn new(rng: &mut Rng) -> SegmentSpec {
    let flags = one_of(rng, &KINDS);
    let mut spec = seg(flags);
    spec.seq = if flags.syn() { IRS } else { RCV_NXT };
    spec.ack = SND_NXT;
    if flags.syn() {
        spec.options.mss = rng.chance(1, 2).then_some(1460);
        spec.options.scale = rng.chance(1, 8).then(|| values::shift(rng));
    } else if !flags.rst() && rng.chance(1, 3) {
        spec.text = size(rng);
    }
    if rng.chance(1, 4) {
        spec.window = values::window(rng);
    }
    if rng.chance(1, 2) {
        for _ in 0..=rng.below(2) {
            nudge(rng, &mut spec);
        }
    }
    spec
}

/// Changes one thing.
pub(super) fn nudge(rng: &mut Rng, spec: &mut SegmentSpec) {
    match rng.below(32) {
        0..6 => spec.seq = Num { offset: values::distance_from(rng, spec.seq.offset), ..spec.seq },
        6..9 => spec.seq = Num { anchor: anchor(rng, &SEQ_ANCHORS), ..spec.seq },
        9..13 => spec.ack = Num { offset: values::distance_from(rng, spec.ack.offset), ..spec.ack },
        13..15 => spec.ack = Num { anchor: anchor(rng, &ACK_ANCHORS), ..spec.ack },
        15..18 => spec.flags = one_of(rng, &KINDS),
        18..21 => {
            let bit = one_of(rng, &BITS);
            spec.flags = if spec.flags.has(bit) { spec.flags.without(bit) } else { spec.flags.with(bit) };
        }
        21..25 => spec.text = nudged_size(rng, spec.text),
        25..28 => spec.window = values::window(rng),
        28 => spec.options = options(rng, spec.options),
        29 => spec.route = route(rng, spec.route),
        30 => spec.trick = trick(rng),
        _ => spec.urgent = values::size(rng),
    }
}

fn anchor(rng: &mut Rng, likely: &[Anchor]) -> Anchor {
    if rng.chance(1, 4) { one_of(rng, &bytes::SEQ_ANCHORS) } else { one_of(rng, likely) }
}

fn size(rng: &mut Rng) -> Size {
    let near = one_of(rng, &[-1, 0, 0, 1, 1, 5]);
    match rng.below(8) {
        0 => Size::Window(near),
        1 => Size::Mss(near),
        _ => Size::Octets(values::size(rng)),
    }
}

fn nudged_size(rng: &mut Rng, old: Size) -> Size {
    match old {
        Size::Octets(octets) if rng.chance(1, 2) => Size::Octets(values::size_from(rng, octets)),
        Size::Window(off) if rng.chance(1, 2) => Size::Window(off.wrapping_add(one_of(rng, &[-1, 1]))),
        Size::Mss(off) if rng.chance(1, 2) => Size::Mss(off.wrapping_add(one_of(rng, &[-1, 1]))),
        _ => size(rng),
    }
}

fn options(rng: &mut Rng, old: OptionSpec) -> OptionSpec {
    match rng.below(4) {
        0 => OptionSpec { mss: rng.chance(3, 4).then(|| values::mss(rng)), ..old },
        1 => OptionSpec { scale: rng.chance(3, 4).then(|| values::shift(rng)), ..old },
        2 => OptionSpec { odd: one_of(rng, &ODD), ..old },
        _ => OptionSpec::default(),
    }
}

fn route(rng: &mut Rng, old: Route) -> Route {
    let ports = [0, PEER_PORT, PEER_PORT, PEER_PORT + 1, STACK_PORT, STACK_PORT + 1];
    match rng.below(6) {
        0 => Route { from: one_of(rng, &ADDRS), ..old },
        1 => Route { from_port: one_of(rng, &ports), ..old },
        2 => Route { to: one_of(rng, &ADDRS), ..old },
        3 => Route { to_port: one_of(rng, &ports), ..old },
        _ => Route::MAIN,
    }
}

fn trick(rng: &mut Rng) -> Trick {
    match rng.below(6) {
        0 => Trick::BadChecksum,
        1 => Trick::DataOffset(one_of(rng, &[0, 4, 5, 6, 8, 15])),
        2 => Trick::CutAt(one_of(rng, &[0, 10, 19, 20, 39, 40, 44, 59])),
        3 => Trick::ReservedBits(one_of(rng, &[0x01, 0x02, 0x03, 0x04, 0x3c, 0x3f])),
        _ => Trick::None,
    }
}
