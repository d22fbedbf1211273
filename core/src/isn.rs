use core::hash::{Hash, Hasher};

use siphasher::sip::SipHasher24;

use crate::types::{Endpoint, Instant, SeqNum};

/// Where initial sequence numbers come from (RFC 9293 3.4.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum IsnGenerator {
    /// `ISN = M + F(local, remote, secret)` with SipHash as F (MUST-8, SHLD-1; RFC 6528 3).
    Rfc6528 {
        /// The secret key.
        secret: [u8; 16],
    },
    /// M alone, a clock that ticks every 4 microseconds: what RFC 793 had, and guessable.
    Clocked,
    /// The same number every time: what lessons and tests want, and dangerous.
    Fixed(u32),
}

impl IsnGenerator {
    /// The ISN for a connection that opens now.
    pub fn isn(&self, now: Instant, local: Endpoint, remote: Endpoint) -> SeqNum {
        // M wraps after 4.77 hours, as the sequence numbers do.
        let m = (now.micros() / 4) as u32;
        match self {
            IsnGenerator::Rfc6528 { secret } => SeqNum::new(m).add(f(secret, local, remote)),
            IsnGenerator::Clocked => SeqNum::new(m),
            IsnGenerator::Fixed(isn) => SeqNum::new(*isn),
        }
    }
}

/// The generator at work: the numbers that it gave and will give.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Isns {
    generator: IsnGenerator,
    /// Taken once, before the generator is asked.
    first: Option<SeqNum>,
    /// The tick of the last selection, and how many came before it in that tick.
    tick: (u32, u32),
}

/// What M moves on between two selections in one tick: two incarnations of one connection, one reset and
/// one opened at once, do not share their numbers.
const WITHIN_TICK: u32 = 1 << 16;

impl Isns {
    pub fn new(generator: IsnGenerator, first: Option<u32>) -> Isns {
        Isns { generator, first: first.map(SeqNum::new), tick: (0, 0) }
    }

    /// Selects an ISS (3.10.1, 3.10.7.2). One that has to be `above` the numbers of an older incarnation is
    /// (3.6.1, MAY-2, condition 1).
    pub fn select(
        &mut self,
        now: Instant,
        local: Endpoint,
        remote: Endpoint,
        above: Option<SeqNum>,
    ) -> SeqNum {
        let isn = match self.first.take() {
            Some(first) => first,
            None => self.generate(now, local, remote),
        };
        match above {
            Some(old) if !isn.is_after(old) => old.add(1),
            _ => isn,
        }
    }

    fn generate(&mut self, now: Instant, local: Endpoint, remote: Endpoint) -> SeqNum {
        let tick = (now.micros() / 4) as u32;
        let before = if self.tick.0 == tick { self.tick.1 } else { 0 };
        self.tick = (tick, before.wrapping_add(1));
        let isn = self.generator.isn(now, local, remote);
        let is_fixed = matches!(self.generator, IsnGenerator::Fixed(_));
        if is_fixed { isn } else { isn.add(before.wrapping_mul(WITHIN_TICK)) }
    }
}

/// The secret stays out of every print.
impl core::fmt::Debug for IsnGenerator {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            IsnGenerator::Rfc6528 { .. } => f.write_str("Rfc6528"),
            IsnGenerator::Clocked => f.write_str("Clocked"),
            IsnGenerator::Fixed(isn) => write!(f, "Fixed({isn})"),
        }
    }
}

/// RFC 6528 3: `F(localip, localport, remoteip, remoteport, secretkey)`.
fn f(secret: &[u8; 16], local: Endpoint, remote: Endpoint) -> u32 {
    let mut hasher = SipHasher24::new_with_key(secret);
    (local, remote).hash(&mut hasher);
    hasher.finish() as u32
}

#[cfg(test)]
mod tests;
