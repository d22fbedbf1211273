//! Chance, seeded: the same seed gives the same numbers on every machine.

/// SplitMix64 (Steele, Lea, Flood 2014): one addition and one mixing a number, any seed is a good one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rng(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Rng {
    /// From this seed.
    pub const fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// The generator of history `index` of a search: far from those of its neighbours.
    pub fn of(seed: u64, index: u64) -> Rng {
        let mut mixer = Rng(seed);
        let base = mixer.next();
        Rng(base ^ Rng(index).next().rotate_left(17))
    }

    /// 64 bits.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where `end` is 0. The bias of the multiplication is far below anything that
    /// matters here.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// True `of` times in `whole`.
    pub fn chance(&mut self, of: u64, whole: u64) -> bool {
        self.below(whole) < of
    }

    /// One of these; the list must not be empty, or the default comes.
    pub fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let at = self.below(list.len() as u64) as usize;
        list.get(at).copied().unwrap_or_default()
    }

    /// The place in a list of weights, each as likely as its weight; 0 where all are 0.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (at, weight) in weights.enumerate() {
            if left < weight {
                return at;
            }
            left -= weight;
        }
        0
    }
}
