//! The inputs that are kept: for everything that was reached the shortest input that reached it.
//!
//! An input that is nobody's shortest way any more goes. Inputs are picked by what they own: the rarer it is
//! among all executions, and the shorter the input, the more often. So a campaign goes where little is known, and
//! spends its time on many short inputs rather than on few long ones.

use crate::reached::{Reached, SPACE};
use crate::suite::random::Rng;

/// What a thing that was reached once weighs; more often, less.
const ONE: u64 = 1 << 24;
/// Octets of an input that weighs a quarter of what the shortest would: three events.
const SHORT: u64 = 120;
/// The least weight of an input, as a part of the mean.
const LEAST: u64 = 16;
/// Reached by nobody.
const NEVER: u32 = u32::MAX;

/// The kept inputs.
#[derive(Clone, Debug)]
pub struct Corpus {
    entries: Vec<Entry>,
    /// Of every thing: octets of its shortest input, which input that is, and how many executions reached it.
    best: Vec<u32>,
    owner: Vec<u32>,
    hits: Vec<u64>,
    reached: Reached,
    /// Running sums of the weights; see [`Corpus::weigh`].
    sums: Vec<u64>,
}

/// One input.
#[derive(Clone, Debug)]
struct Entry {
    input: Vec<u8>,
    /// Things that no shorter input reaches.
    owns: u32,
}

impl Corpus {
    /// No inputs.
    pub fn new() -> Corpus {
        Corpus {
            entries: Vec::new(),
            best: vec![NEVER; SPACE],
            owner: vec![0; SPACE],
            hits: vec![0; SPACE],
            reached: Reached::new(),
            sums: Vec::new(),
        }
    }

    /// How many inputs.
    pub fn len(&self) -> usize {
        self.entries.iter().filter(|entry| entry.owns > 0).count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The inputs, in the order in which they came.
    pub fn inputs(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter(|entry| entry.owns > 0).map(|entry| &*entry.input)
    }

    /// Everything that was reached.
    pub fn reached(&self) -> &Reached {
        &self.reached
    }

    /// Whether an input of so many octets would be kept for this.
    pub fn wants(&self, octets: usize, reached: &[u32]) -> bool {
        let octets = octets as u32;
        reached.iter().any(|index| self.best.get(*index as usize).is_some_and(|best| octets < *best))
    }

    /// Takes an input for what it reached first or shortest; how many things nobody reached before.
    pub fn add(&mut self, input: &[u8], reached: &[u32]) -> usize {
        let octets = input.len() as u32;
        let own = self.entries.len() as u32;
        let (mut gained, mut new) = (0, 0);
        for index in reached {
            let at = *index as usize;
            if at >= SPACE || self.best[at] <= octets {
                continue;
            }
            if self.best[at] == NEVER {
                new += 1;
                self.reached.insert(*index);
            } else {
                self.entries[self.owner[at] as usize].owns -= 1;
            }
            self.best[at] = octets;
            self.owner[at] = own;
            gained += 1;
        }
        if gained > 0 {
            self.entries.push(Entry { input: input.to_vec(), owns: gained });
        }
        new
    }

    /// So many more executions reached this.
    pub fn count(&mut self, index: u32, executions: u32) {
        if let Some(hits) = self.hits.get_mut(index as usize) {
            *hits += u64::from(executions);
        }
    }

    /// Lets go of what owns nothing, and weighs what is left, for [`Corpus::pick`].
    pub fn weigh(&mut self) {
        self.let_go();
        let mut weights = vec![0_u64; self.entries.len()];
        for index in self.reached.indices() {
            let at = *index as usize;
            weights[self.owner[at] as usize] += ONE / (self.hits[at] + 1);
        }
        for (weight, entry) in weights.iter_mut().zip(&self.entries) {
            // Twice as long takes twice as long, and half of what is changed in it changes nothing.
            let length = SHORT + entry.input.len() as u64;
            *weight = *weight * SHORT / length * SHORT / length;
        }
        let mean = weights.iter().sum::<u64>() / (weights.len() as u64).max(1);
        let mut sum = 0;
        self.sums.clear();
        self.sums.extend(weights.iter().map(|weight| {
            sum += weight + mean / LEAST + 1;
            sum
        }));
    }

    fn let_go(&mut self) {
        let mut places = Vec::with_capacity(self.entries.len());
        let mut kept = 0;
        for entry in &self.entries {
            places.push(kept);
            kept += u32::from(entry.owns > 0);
        }
        self.entries.retain(|entry| entry.owns > 0);
        for index in self.reached.indices() {
            let owner = &mut self.owner[*index as usize];
            *owner = places[*owner as usize];
        }
    }

    /// An input, as likely as it weighs; none of none.
    pub fn pick(&self, rng: &mut Rng) -> &[u8] {
        let Some(sum) = self.sums.last() else { return &[] };
        let at = rng.below(*sum);
        let place = self.sums.partition_point(|sum| *sum <= at);
        self.entries.get(place).map_or(&[], |entry| &entry.input)
    }
}

impl Default for Corpus {
    fn default() -> Self {
        Corpus::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shorter input takes over, and what owns nothing goes.
    #[test]
    fn a_shorter_input_replaces_a_longer_one() {
        let mut corpus = Corpus::new();
        assert_eq!(corpus.add(&[1; 9], &[3, 4, 5]), 3);
        assert_eq!(corpus.add(&[2; 9], &[3, 4, 6]), 1, "as long is not shorter");
        assert_eq!(corpus.add(&[3; 4], &[3, 4]), 0);
        assert!(!corpus.wants(4, &[3]) && corpus.wants(3, &[3]) && corpus.wants(400, &[7]));
        corpus.weigh();
        assert_eq!(corpus.inputs().map(<[u8]>::len).collect::<Vec<_>>(), [9, 9, 4]);
        assert_eq!(corpus.add(&[4; 2], &[5, 6]), 0);
        corpus.weigh();
        assert_eq!(corpus.inputs().map(|i| i[0]).collect::<Vec<_>>(), [3, 4]);
    }

    /// What is rare is picked more often.
    #[test]
    fn rare_things_draw() {
        let mut corpus = Corpus::new();
        corpus.add(&[1], &[1]);
        corpus.add(&[2], &[2]);
        corpus.count(1, 10_000);
        corpus.weigh();
        let mut rng = Rng::new(1);
        let rare = (0..1_000).filter(|_| corpus.pick(&mut rng) == [2]).count();
        assert!((900..1_000).contains(&rare), "{rare}");
    }
}
