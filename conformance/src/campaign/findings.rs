//! What a campaign has found: one finding per stack and signature, with the shortest input that shows it.

use std::collections::BTreeMap;

use crate::report::counts_at;
use crate::subject::{Factory, IpVersion};
use crate::suite::cause::goes_astray;
use crate::table::Level;
use crate::verdict::{Difference, Kind, Signature, SignaturePattern};

use super::{Bench, Found, Ran};

/// Which stack (`None` is our own code, or the pair), and what.
pub type Key = (Option<usize>, Signature);

/// One bug, as near as one can come to it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What: as its shortest input shows it.
    pub difference: Difference,
    /// The shortest input that shows it.
    pub input: Vec<u8>,
    /// Events of that input.
    pub events: usize,
    /// Executions that showed it.
    pub count: u64,
    /// The execution that showed it first, and the second in which that was.
    pub first: (u64, f64),
    /// It is accepted.
    pub waived: bool,
    /// It only showed behind something accepted, and may be no more than its consequence.
    pub follows: bool,
    /// What it followed from, where the script alone did not show that.
    pub cause: Option<Signature>,
    /// How many scripts that seemed to show it by itself did not.
    pub doubts: u8,
}

/// After so many scripts that seemed to show a finding by itself, and did not, no more are looked at.
const DOUBTS_MAX: u8 = 3;

/// Accepted signatures of the two stacks, over each IP version.
#[derive(Clone, Debug, Default)]
pub struct Waived {
    patterns: [[Vec<SignaturePattern>; 2]; 2],
}

impl Finding {
    /// Whether it makes a campaign fail at this level.
    pub fn counts_at(&self, level: Level) -> bool {
        let d = &self.difference;
        !self.waived && !self.follows && counts_at(d.verdict, d.level, d.signature.kind, level)
    }
}

impl Waived {
    /// What `of` says of each stack over an IP version.
    pub fn new(
        stacks: [&dyn Factory; 2],
        of: impl Fn(&dyn Factory, IpVersion) -> Vec<SignaturePattern>,
    ) -> Waived {
        let over = |ip| stacks.map(|stack| of(stack, ip));
        Waived { patterns: [over(IpVersion::V4), over(IpVersion::V6)] }
    }

    /// Whether this is accepted of the stack over an IP version; of the pair, of either.
    pub fn admits(&self, ip: IpVersion, key: &Key) -> bool {
        let over = self.patterns[usize::from(ip == IpVersion::V6)].iter().enumerate();
        let of = over.filter(|(stack, _)| key.0.is_none_or(|only| only == *stack));
        of.flat_map(|(_, patterns)| patterns).any(|pattern| pattern.admits(&key.1))
    }
}

/// All findings.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    all: BTreeMap<Key, Finding>,
}

impl Findings {
    /// By stack and signature.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Finding)> {
        self.all.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The finding of a stack and signature.
    pub fn get(&self, key: &Key) -> Option<&Finding> {
        self.all.get(key)
    }

    /// Whether an input of so many octets would be kept for this.
    pub fn wants(&self, key: &Key, octets: usize, follows: bool) -> bool {
        let better = |known: &Finding| {
            let follows = follows || known.doubts > DOUBTS_MAX;
            (follows, octets) < (known.follows, known.input.len())
        };
        self.all.get(key).is_none_or(better)
    }

    /// Takes a finding, or the shorter input of one that is known.
    pub fn add(&mut self, key: Key, finding: Finding) {
        match self.all.get_mut(&key) {
            None => {
                self.all.insert(key, finding);
            }
            Some(known) => {
                let Finding { count, first, doubts, .. } = *known;
                let doubts = doubts.saturating_add(u8::from(finding.cause.is_some()));
                let (count, longer) = (count + finding.count, finding.input.len() >= known.input.len());
                *known = if known.follows && finding.follows && longer {
                    Finding { count, doubts, ..known.clone() }
                } else {
                    Finding { count, first, doubts, ..finding }
                };
            }
        }
    }

    /// So many more executions showed it.
    pub fn count(&mut self, key: &Key, executions: u64) {
        if let Some(known) = self.all.get_mut(key) {
            known.count += executions;
        }
    }

    /// When it was first seen, and how often before this run.
    pub fn remember(&mut self, key: &Key, first: (u64, f64), count: u64) {
        if let Some(known) = self.all.get_mut(key) {
            known.first = first;
            known.count = count;
        }
    }
}

/// What an input showed, each signature once, with whether it is accepted, and whether it came behind something
/// accepted.
pub fn shown(bench: &Bench<'_>, input: &[u8], ran: &Ran, waived: &Waived) -> Vec<(Found, bool, bool)> {
    if ran.found.is_empty() {
        return Vec::new();
    }
    let ip = bench.scenario(input).map_or(IpVersion::V4, |scenario| scenario.setup.ip);
    let key = |found: &Found| (found.stack, found.difference.signature);
    let accepted: Vec<bool> = ran.found.iter().map(|found| waived.admits(ip, &key(found))).collect();
    let events = ran.found.iter().zip(&accepted).filter(|(_, a)| **a).map(|(f, _)| f.difference.event);
    let first = events.min();
    let astray = ran.found.iter().zip(&accepted).any(|(f, a)| *a && goes_astray(&f.difference));
    let mut all: Vec<(Found, bool, bool)> = Vec::new();
    for (found, accepted) in ran.found.iter().zip(&accepted) {
        if all.iter().any(|(known, ..)| key(known) == key(found)) {
            continue;
        }
        let behind = first.is_some_and(|first| first < found.difference.event);
        // What a pair waits for in the end has no event of its own.
        let of_pair = found.stack.is_none() && found.difference.signature.kind == Kind::Property;
        let follows = !accepted && (behind || of_pair && astray);
        all.push((found.clone(), *accepted, follows));
    }
    all
}
