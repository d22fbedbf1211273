//! Guessing the ISN of somebody else's connection.

use lastack_core::IsnGenerator;
use lastack_core::types::{Endpoint, Instant, SeqNum};

use super::table;
use super::target::service;
use crate::suite::random::rng::Rng;

/// Forged ACKs that the attacker sends at most.
const TRIES: i32 = 1000;
/// It knows the server's clock up to so many microseconds.
const JITTER: u64 = 1000;

/// A generator, from a seed.
type Make = fn(u64) -> IsnGenerator;

/// Each generator, in many worlds.
pub fn measure(long: bool) -> String {
    let worlds = if long { 100_000 } else { 1000 };
    let head = ["ISN", "worlds", "guessed", "tries of those, on average", "chance of a try, at best"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let generators: [(&str, &str, Make); 3] = [
        ("the same for every connection", "1", |_| IsnGenerator::Fixed(1)),
        ("a clock (RFC 793)", "1 in 500", |_| IsnGenerator::Clocked),
        ("a clock and a keyed hash (RFC 6528)", "1 in 2^32", |seed| IsnGenerator::Rfc6528 {
            secret: secret(seed),
        }),
    ];
    for (name, chance, make) in generators {
        let mut rng = Rng::new(1);
        let tries: Vec<i32> = (0..worlds).filter_map(|_| attack(&make(rng.next()), &mut rng)).collect();
        let average = match tries.len() {
            0 => "-".to_owned(),
            n => (tries.iter().map(|t| i64::from(*t)).sum::<i64>() / n as i64).to_string(),
        };
        rows.push(vec![
            name.to_owned(),
            worlds.to_string(),
            tries.len().to_string(),
            average,
            chance.to_owned(),
        ]);
    }
    table(&rows)
}

fn secret(seed: u64) -> [u8; 16] {
    let mut secret = [0; 16];
    secret[..8].copy_from_slice(&seed.to_le_bytes());
    secret[8..].copy_from_slice(&Rng::new(seed).next().to_le_bytes());
    secret
}

/// How many tries it takes, if they are enough.
fn attack(generator: &IsnGenerator, rng: &mut Rng) -> Option<i32> {
    let socket = |last: u8, port: u16| Endpoint { addr: [198, 51, 100, last].into(), port };
    let (own, victim) = (socket(66, 4000), socket(7, 1023));
    let seen_at = Instant::from_micros(rng.next() % 10_000_000_000);
    let seen = generator.isn(seen_at, service(), own);
    // A tenth of a second later the SYN in the victim's name arrives, a little early or late.
    let late = 100_000 - JITTER + rng.next() % (2 * JITTER);
    let isn = generator.isn(Instant::from_micros(seen_at.micros() + late), service(), victim);
    let moves = if matches!(generator, IsnGenerator::Fixed(_)) { 0 } else { 100_000 / 4 };
    let guess = |n: i32| -> SeqNum {
        // 0, 1, -1, 2, -2, ..
        let off = if n % 2 == 0 { -(n / 2) } else { n / 2 + 1 };
        seen.offset(moves + off)
    };
    (0..TRIES).find(|n| guess(*n) == isn).map(|n| n + 1)
}
