//! Values at which stacks decide: zero, one off, the MSS, the window, the ends of the number space.

use lastack_core::types::Duration;

use crate::suite::random::Rng;

/// Distances in sequence space, either way.
const DISTANCES: [i32; 16] = [
    0,
    0,
    1,
    1,
    1,
    2,
    5,
    10,
    100,
    536,
    1_000,
    1_460,
    4_096,
    65_535,
    // Further than any window; a quarter of the space: both sides of half of it tell nothing apart.
    1 << 22,
    1 << 30,
];
/// Octets of a SEND, a RECEIVE, a segment.
const SIZES: [u16; 16] = [0, 1, 1, 1, 2, 5, 5, 10, 100, 535, 536, 1_000, 1_459, 1_460, 1_461, 4_096];
const WINDOWS: [u16; 12] = [0, 0, 1, 5, 10, 536, 1_000, 1_460, 4_096, 4_096, 8_192, 65_535];
/// Milliseconds around those at which timers fire: delayed ACKs, the RTO and its doublings, R2, 2 MSL.
const MILLIS: [u64; 24] = [
    0, 1, 10, 100, 200, 499, 500, 501, 600, 999, 1_000, 1_001, 1_500, 3_000, 7_000, 20_000, 59_000, 61_000,
    100_000, 119_000, 121_000, 130_000, 239_000, 241_000,
];
const BUFFERS: [u32; 12] = [0, 1, 5, 10, 100, 536, 1_460, 2_920, 4_096, 8_192, 65_535, 100_000];
const MSS: [u16; 10] = [0, 1, 5, 64, 100, 535, 536, 1_000, 1_460, 65_535];
const SHIFTS: [u8; 8] = [0, 1, 2, 7, 13, 14, 15, 255];

/// One of a list that is not empty.
pub(super) fn one_of<T: Copy>(rng: &mut Rng, list: &[T]) -> T {
    list[rng.below(list.len() as u64) as usize]
}

/// A distance from an anchor.
pub(super) fn distance(rng: &mut Rng) -> i32 {
    let octets = if rng.chance(1, 16) { rng.next() as i32 } else { one_of(rng, &DISTANCES) };
    if rng.chance(1, 2) { octets } else { octets.wrapping_neg() }
}

/// A distance that was another: near it, doubled, turned round, or any.
pub(super) fn distance_from(rng: &mut Rng, old: i32) -> i32 {
    match rng.below(8) {
        0 | 1 => old.wrapping_add(1),
        2 | 3 => old.wrapping_sub(1),
        4 => old.wrapping_neg(),
        5 => old.wrapping_add(distance(rng)),
        _ => distance(rng),
    }
}

/// Any number, as likely of few bits as of many: long text takes long, and tells no more than short text.
fn any(rng: &mut Rng) -> u16 {
    rng.next() as u16 >> rng.below(16)
}

pub(super) fn size(rng: &mut Rng) -> u16 {
    if rng.chance(1, 16) { any(rng) } else { one_of(rng, &SIZES) }
}

pub(super) fn size_from(rng: &mut Rng, old: u16) -> u16 {
    match rng.below(8) {
        0 => old.wrapping_add(1),
        1 => old.wrapping_sub(1),
        2 => old.wrapping_mul(2),
        3 => old / 2,
        _ => size(rng),
    }
}

/// Octets of a call: now and then more than fits anywhere.
pub(super) fn octets(rng: &mut Rng) -> u32 {
    match rng.below(16) {
        0 => one_of(rng, &[4_097, 10_000, 65_535, 100_000]),
        _ => size(rng).into(),
    }
}

pub(super) fn window(rng: &mut Rng) -> u16 {
    if rng.chance(1, 16) { any(rng) } else { one_of(rng, &WINDOWS) }
}

pub(super) fn buffer(rng: &mut Rng) -> u32 {
    if rng.chance(1, 16) { u32::from(any(rng)) * 3 } else { one_of(rng, &BUFFERS) }
}

pub(super) fn mss(rng: &mut Rng) -> u16 {
    one_of(rng, &MSS)
}

pub(super) fn shift(rng: &mut Rng) -> u8 {
    one_of(rng, &SHIFTS)
}

/// An MTU that IPv6 has room in, or less.
pub(super) fn mtu(rng: &mut Rng) -> u16 {
    one_of(rng, &[1_500, 1_500, 1_280, 1_280, 576, 576, 68, 100, 9_000])
}

pub(super) fn span(rng: &mut Rng) -> Duration {
    Duration::from_millis(one_of(rng, &MILLIS))
}

/// Time on a link.
pub(super) fn moment(rng: &mut Rng) -> Duration {
    Duration::from_millis(one_of(rng, &[0, 1, 10, 50, 100, 400, 1_000, 3_000]))
}

pub(super) fn span_from(rng: &mut Rng, old: Duration) -> Duration {
    let micros = old.micros();
    match rng.below(8) {
        0 => Duration::from_micros(micros / 2),
        1 => Duration::from_micros(micros.saturating_mul(2)),
        2 => Duration::from_micros(micros.saturating_add(1_000)),
        3 => Duration::from_micros(micros.saturating_sub(1_000)),
        _ => span(rng),
    }
}

/// An ISS: where numbers wrap, or anywhere.
pub(super) fn iss(rng: &mut Rng) -> u32 {
    match rng.below(4) {
        0 => rng.next() as u32,
        1 => u32::MAX,
        2 => u32::MAX - one_of(rng, &SIZES).wrapping_mul(2) as u32,
        _ => (1 << 31) - 1,
    }
}
