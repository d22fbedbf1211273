//! What runs have reached, in the words of the table, as a set of small numbers.
//!
//! ```text
//! stimulus --oracle--> leading reading --Thing--> number --> Reached
//! ```
//!
//! Everything that can be reached is a [`Thing`]: a rule in a state, an obligation, a situation, a cell (what
//! an event meets). Each has a number of its own below [`SPACE`], the same in every run of a build, so that a set
//! of them costs a bit each, and one event a few nanoseconds. All is seen in the leading reading alone.

mod thing;

pub use self::thing::{CallWord, OutcomeWord, Receiving, SAYINGS, SPACE, Section, Sending, Thing, Timed};
use crate::oracle::{Met, Tcb};
use crate::verdict::Obligation;

/// A set of [`Thing`]s.
#[derive(Clone, Debug)]
pub struct Reached {
    bits: Vec<u64>,
    touched: Vec<u32>,
}

impl Default for Reached {
    fn default() -> Self {
        Reached::new()
    }
}

impl Reached {
    /// Nothing.
    pub fn new() -> Reached {
        Reached { bits: vec![0; SPACE.div_ceil(64)], touched: Vec::new() }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        for index in self.touched.drain(..) {
            self.bits[index as usize / 64] = 0;
        }
    }

    /// One more, by its number; whether it is new. Numbers past [`SPACE`] mean nothing.
    pub fn insert(&mut self, index: u32) -> bool {
        let Some(word) = self.bits.get_mut(index as usize / 64) else { return false };
        let bit = 1 << (index % 64);
        if *word & bit != 0 {
            return false;
        }
        *word |= bit;
        self.touched.push(index);
        true
    }

    /// One more; whether it is new.
    pub fn note(&mut self, thing: Thing) -> bool {
        thing.index().is_some_and(|index| self.insert(index))
    }

    /// All of another set too; how many of them are new.
    pub fn add(&mut self, other: &Reached) -> usize {
        other.touched.iter().filter(|index| self.insert(**index)).count()
    }

    /// Whether this number is in it.
    pub fn has(&self, index: u32) -> bool {
        self.bits.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 != 0)
    }

    /// The numbers in it, in the order in which they were reached.
    pub fn indices(&self) -> &[u32] {
        &self.touched
    }

    /// What is in it, in the order in which it was reached.
    pub fn things(&self) -> impl Iterator<Item = Thing> {
        self.touched.iter().filter_map(|index| Thing::from_index(*index))
    }

    /// How many of a section are in it.
    pub fn count(&self, section: Section) -> usize {
        self.touched.iter().filter(|index| section.holds(**index)).count()
    }

    /// Names of rules and obligations, each once.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for thing in self.things() {
            let name = match thing {
                Thing::Rule { name, .. } => name,
                Thing::Owes(obligation) => obligation.name(),
                _ => continue,
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Writes them as counters, for a fuzzer that counts: each thing raises one, the same in every run. Things may
    /// share a counter; with 16 kB few that are ever reached do.
    pub fn fold(&self, counters: &mut [u8]) {
        if counters.is_empty() {
            return;
        }
        for index in &self.touched {
            // Fibonacci hashing: neighbours lie far from each other.
            let at = index.wrapping_mul(0x9e37_79b1) as usize % counters.len();
            counters[at] = counters[at].saturating_add(1);
        }
    }

    /// What a parser said of an input, in words: numbers in them do not count.
    pub fn say(&mut self, words: &str) {
        // FNV-1a.
        let step = |hash: u32, octet: u8| (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193);
        let hash = words.bytes().filter(|octet| !octet.is_ascii_digit()).fold(0x811c_9dc5, step);
        self.note(Thing::Said(((hash ^ (hash >> 16)) as usize % SAYINGS) as u16));
    }

    /// What a segment met.
    pub fn segment(&mut self, met: Met) {
        match met.class {
            Some(class) => self.note(Thing::Segment { state: met.state, class }),
            None => self.note(Thing::Ignored { state: met.state }),
        };
    }

    /// A connection as it stands.
    pub fn situation(&mut self, tcb: &Tcb, ack_pending: bool) {
        let receiving = Receiving::of(tcb, ack_pending);
        let sending = Sending::of(tcb);
        self.note(Thing::Situation { state: tcb.state, sending, receiving, scaled: tcb.scaled() });
    }

    /// What a connection owes while time passes.
    pub fn owes(&mut self, tcb: &Tcb, obligation: Obligation) {
        self.note(Thing::Owes(obligation));
        self.note(Thing::Time { state: tcb.state, timed: Timed::Owes(obligation) });
    }
}
