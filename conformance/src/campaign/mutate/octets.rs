//! Inputs that are no scripts, changed as octets: packets bit by bit, texts word by word.

use lastack_core::types::Checksum;
use lastack_core::types::wire::{emit, parse};

use super::values::one_of;
use super::{Target, segment};
use crate::resolve::{self, View};
use crate::subject::IpVersion;
use crate::suite::random::Rng;

/// Steps of one change: each further one is half as likely.
const STEPS_MAX: usize = 8;
/// Octets that are copied or left out at a time: at most so many.
const PIECE_MAX: u64 = 32;
/// Octets at which parsers decide.
const TELLING: [u8; 12] = [0, 1, 2, 3, 4, 5, 8, 20, 0x45, 0x60, 0x7f, 0xff];
/// How often a packet is a new one, and how often its checksums are made right again.
const FRESH: (u64, u64) = (1, 16);
const MENDED: (u64, u64) = (1, 2);
/// Words of the text form, and what stands between them.
#[rustfmt::skip]
const WORDS: [&str; 44] = [
    "lastack scenario 1\n",
    "ip 6\n",
    "seed 7\n",
    "recv_buffer 0\n",
    "send_buffer 600\n",
    "nagle off\n",
    "mtu 576\n",
    "iss 4294967295\n",
    "user_timeout 20s\n",
    "call 0 ",
    "call 1 ",
    "listen 8000\n",
    "connect 8000 peer0:9000\n",
    "accept 1\n",
    "send 5\n",
    "receive 65535\n",
    "close\n",
    "abort\n",
    "shutdown\n",
    "status\n",
    "set nagle on\n",
    "wait 1s\n",
    "wait 0.5s\n",
    "room 0\n",
    "< S",
    "< .",
    "< F.",
    "< R",
    " seq IRS",
    " seq RCV.NXT+1",
    " ack SND.UNA-1",
    " win 0",
    " text 5",
    " urg 1",
    " <mss 1460>",
    " <mss 1460,wscale 7>",
    " from peer1:9000",
    "world latency 10ms\n",
    "app A connect send 1500 then half\n",
    "app B listen\n",
    "fault A 3 drop\n",
    "fault B 2 again 5s\n",
    "B crash\n",
    "\n",
];

/// Changes octets; at most `max` are left. Nothing is known of them where no target is named.
pub(super) fn change(
    target: Option<Target>,
    input: &mut Vec<u8>,
    other: Option<&[u8]>,
    max: usize,
    rng: &mut Rng,
) {
    input.truncate(max);
    if target.is_none() && input.is_empty() {
        // No octet alone reaches anything: who knows nothing begins with some.
        input.extend((0..rng.below(max as u64 + 1)).map(|_| rng.next() as u8));
    }
    if target == Some(Target::Wire) && (input.is_empty() || rng.chance(FRESH.0, FRESH.1)) {
        *input = packet(rng);
    }
    for _ in 0..STEPS_MAX {
        step(target, input, other, rng);
        input.truncate(max);
        if rng.chance(1, 2) {
            break;
        }
    }
    if target == Some(Target::Wire) && rng.chance(MENDED.0, MENDED.1) {
        mend(input);
        input.truncate(max);
    }
}

/// The packet of some segment.
fn packet(rng: &mut Rng) -> Vec<u8> {
    let spec = segment::new(rng);
    let ip = one_of(rng, &[IpVersion::V4, IpVersion::V6]);
    let (mut text, mut packet) = (Vec::new(), Vec::new());
    resolve::packet(&spec, ip, &View::unknown(), &mut text, &mut packet);
    packet
}

/// Right checksums, where it can be read.
fn mend(input: &mut Vec<u8>) {
    let mut mended = Vec::new();
    let done = parse(input).ok().and_then(|mut segment| {
        segment.header.checksum = Checksum::Right;
        segment.header.ip_checksum = Checksum::Right;
        emit(&segment, &mut mended).ok()
    });
    if done.is_some() {
        *input = mended;
    }
}

fn step(target: Option<Target>, input: &mut Vec<u8>, other: Option<&[u8]>, rng: &mut Rng) {
    let len = input.len() as u64;
    let at = rng.below(len) as usize;
    match rng.below(10) {
        0..3 if len > 0 => input[at] ^= 1 << rng.below(8),
        3 if len > 0 => input[at] = input[at].wrapping_add(one_of(rng, &[1, 0xff])),
        4 if len > 0 => input[at] = one_of(rng, &TELLING),
        5 if len > 0 => {
            let to = piece_end(at, input.len(), rng);
            input.drain(at..to);
        }
        6 if len > 0 => {
            let to = piece_end(at, input.len(), rng);
            let (piece, place) = (input[at..to].to_vec(), rng.below(len + 1) as usize);
            input.splice(place..place, piece);
        }
        7 if other.is_some_and(|other| !other.is_empty()) => {
            let other = other.unwrap_or_default();
            let from = rng.below(other.len() as u64) as usize;
            let to = piece_end(from, other.len(), rng);
            let place = rng.below(len + 1) as usize;
            input.splice(place..place, other[from..to].iter().copied());
        }
        _ if target == Some(Target::ScenarioText) => {
            let place = rng.below(len + 1) as usize;
            input.splice(place..place, one_of(rng, &WORDS).bytes());
        }
        _ => {
            let place = rng.below(len + 1) as usize;
            input.insert(place, one_of(rng, &TELLING));
        }
    }
}

fn piece_end(from: usize, len: usize, rng: &mut Rng) -> usize {
    (from + 1 + rng.below(PIECE_MAX) as usize).min(len)
}
