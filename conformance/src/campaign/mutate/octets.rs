//! Inputs that are no scripts, changed as octets: packets bit by bit, texts word by word.

use super::Target;
use super::values::one_of;
use crate::suite::random::Rng;

/// Steps of one change: each further one is half as likely.
const STEPS_MAX: usize = 8;
/// Octets that are copied or left out at a time: at most so many.
const PIECE_MAX: u64 = 32;
/// Octets at which parsers decide.
const TELLING: [u8; 12] = [0, 1, 2, 3, 4, 5, 8, 20, 0x45, 0x60, 0x7f, 0xff];
/// Words of the text form, and what stands between them.
const WORDS: [&str; 32] = [
    "setup ",
    "seed ",
    "world ",
    "<",
    ">",
    "listen 8000",
    "connect ",
    "accept ",
    "send ",
    "receive ",
    "close",
    "abort",
    "shutdown",
    "status",
    "wait ",
    "room ",
    "S ",
    "S. ",
    ". ",
    "F. ",
    "R ",
    "P. ",
    "rcv.nxt",
    "snd.nxt",
    "win ",
    "ack ",
    "mss ",
    "0",
    "1",
    "-",
    "+",
    "\n",
];

/// Changes octets; at most `max` are left.
pub(super) fn change(target: Target, input: &mut Vec<u8>, other: Option<&[u8]>, max: usize, rng: &mut Rng) {
    input.truncate(max);
    for _ in 0..STEPS_MAX {
        step(target, input, other, rng);
        input.truncate(max);
        if rng.chance(1, 2) {
            break;
        }
    }
}

fn step(target: Target, input: &mut Vec<u8>, other: Option<&[u8]>, rng: &mut Rng) {
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
        _ if target == Target::ScenarioText => {
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
