//! What earlier histories reached steers what later ones begin with and are about.
//!
//! A history earns for every rule that fired and every obligation that arose, the more the rarer they are;
//! and for a difference that nobody showed before. What it earns counts for its way and for its theme. So the
//! search goes where little is known. All numbers are integers: the same outcomes give the same plan.

use std::collections::{BTreeMap, BTreeSet};

use super::rng::Rng;
use super::{Focus, RandomHistory, Theme};
use crate::reach::{Needs, ways};
use crate::verdict::Signature;

/// One, as a fixed-point number.
const ONE: u64 = 1 << 16;
/// What a signature that was not seen before earns.
const NEW_SIGNATURE: u64 = 8 * ONE;
/// An arm that nobody tried counts as if it had earned the average so many times.
const PRIOR: u64 = 8;
/// The weight of an arm that earns the average, and the bounds of all weights.
const WEIGHT: u64 = 64;
const WEIGHTS: (u64, u64) = (16, 512);
/// Histories that begin with nothing against one of all ways.
const NOTHING: u64 = 4;

/// What one way or one theme has earned.
#[derive(Clone, Copy, Debug, Default)]
struct Arm {
    earned: u64,
    runs: u64,
    /// The stack cannot do it.
    barred: bool,
}

/// What the search knows so far.
pub(super) struct Feedback {
    /// By way; the last one begins with nothing.
    ways: Vec<Arm>,
    themes: Vec<Arm>,
    /// How many histories reached each rule and obligation.
    pub reached: BTreeMap<&'static str, u64>,
    signatures: BTreeSet<Signature>,
}

impl Feedback {
    pub fn new(lacks: Needs) -> Feedback {
        let barred = ways().iter().map(|way| Arm { barred: way.needs.any_of(lacks), ..Arm::default() });
        Feedback {
            ways: barred.chain([Arm::default()]).collect(),
            themes: vec![Arm::default(); Theme::ALL.len()],
            reached: BTreeMap::new(),
            signatures: BTreeSet::new(),
        }
    }

    /// Histories `from` up to `to` of a search.
    pub fn plan(&self, seed: u64, from: u64, to: u64) -> Vec<RandomHistory> {
        let mut way_weights = weights(&self.ways);
        if let Some(nothing) = way_weights.last_mut() {
            *nothing *= NOTHING;
        }
        let theme_weights = weights(&self.themes);
        let draw = |index| {
            // Not the numbers that make the history itself.
            let mut rng = Rng::of(!seed, index);
            let at = rng.weighted(way_weights.iter().copied());
            let way = u16::try_from(at).ok().filter(|_| at < ways().len());
            let theme = Theme::ALL[rng.weighted(theme_weights.iter().copied())];
            RandomHistory { seed, index, focus: Focus { way, theme } }
        };
        (from..to).map(draw).collect()
    }

    /// One history more: what it reached, what it showed, and whether that ended it early.
    pub fn learn(
        &mut self,
        focus: Focus,
        reached: &[&'static str],
        shown: impl Iterator<Item = Signature>,
        early: bool,
    ) {
        let mut earned = 0;
        for name in reached {
            let count = self.reached.entry(name).or_insert(0);
            *count += 1;
            earned += ONE / *count;
        }
        let mut known = false;
        for signature in shown {
            if self.signatures.insert(signature) {
                earned += NEW_SIGNATURE;
            } else {
                known = true;
            }
        }
        // What ends early by what is known teaches half as much.
        if known && early {
            earned /= 2;
        }
        let at = focus.way.map_or(self.ways.len() - 1, usize::from);
        for arm in self.ways.get_mut(at).into_iter().chain(self.themes.get_mut(focus.theme as usize)) {
            arm.earned += earned;
            arm.runs += 1;
        }
    }

    /// Old earnings count half: what was rare is rare no more.
    pub fn fade(&mut self) {
        for arm in self.ways.iter_mut().chain(&mut self.themes) {
            arm.earned /= 2;
            arm.runs /= 2;
        }
    }
}

fn weights(arms: &[Arm]) -> Vec<u64> {
    let runs: u64 = arms.iter().map(|arm| arm.runs).sum();
    let earned: u64 = arms.iter().map(|arm| arm.earned).sum();
    let average = (earned / runs.max(1)).max(1);
    let weight = |arm: &Arm| {
        if arm.barred {
            return 0;
        }
        let mean = (arm.earned + PRIOR * average) / (arm.runs + PRIOR);
        (mean.saturating_mul(WEIGHT) / average).clamp(WEIGHTS.0, WEIGHTS.1)
    };
    arms.iter().map(weight).collect()
}
