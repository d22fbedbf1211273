//! The wire between the reference and the kernel: a seeded generator decides of each packet whether it is lost,
//! comes twice or comes late.

use std::collections::BTreeMap;

use lastack_core::types::{Duration, Instant};

/// Percentages, and how late a packet is that is late.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    pub lost: u32,
    pub twice: u32,
    pub late: u32,
}

/// One direction.
pub struct Wire {
    faults: Faults,
    chance: u64,
    /// Packets on their way, by when they arrive and in which order they left.
    travelling: BTreeMap<(Instant, u64), Vec<u8>>,
    left: u64,
    /// How many were lost, came twice, came late.
    pub happened: [u64; 3],
}

/// Late packets come so much later: some are overtaken, all arrive before a retransmission timeout.
const LATE: Duration = Duration::from_millis(3);

impl Wire {
    pub fn new(faults: Faults, seed: u64) -> Wire {
        let chance = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Wire { faults, chance, travelling: BTreeMap::new(), left: 0, happened: [0; 3] }
    }

    /// xorshift64*, in percent.
    fn roll(&mut self, percent: u32) -> bool {
        self.chance ^= self.chance >> 12;
        self.chance ^= self.chance << 25;
        self.chance ^= self.chance >> 27;
        (self.chance.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % 100 < u64::from(percent)
    }

    /// A packet leaves.
    pub fn send(&mut self, now: Instant, packet: &[u8]) {
        let Faults { lost, twice, late } = self.faults;
        if self.roll(lost) {
            self.happened[0] += 1;
            return;
        }
        let copies = 1 + u64::from(self.roll(twice));
        self.happened[1] += copies - 1;
        for _ in 0..copies {
            let is_late = self.roll(late);
            self.happened[2] += u64::from(is_late);
            let at = if is_late { now + LATE } else { now };
            self.left += 1;
            self.travelling.insert((at, self.left), packet.to_vec());
        }
    }

    /// The next packet that has arrived by now.
    pub fn receive(&mut self, now: Instant) -> Option<Vec<u8>> {
        let entry = self.travelling.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }

    /// When the next one arrives.
    pub fn next(&self) -> Option<Instant> {
        self.travelling.first_key_value().map(|((at, _), _)| *at)
    }
}
