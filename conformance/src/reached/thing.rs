//! What can be reached, and its number.
//!
//! Numbers are laid out section by section; inside a section the state varies slowest. A build has one
//! layout; another version of the table may have another, so numbers are never written to files, names are.

mod calls;
mod segments;
mod situations;

use core::fmt;
use std::sync::OnceLock;

use lastack_core::types::State;

pub use self::calls::{CallWord, OutcomeWord};
use self::segments::{CLASSES, class_from, class_index};
pub use self::situations::{Receiving, Sending, Timed};
use crate::class::Class;
use crate::table::rules::{self, RULES};
use crate::verdict::Obligation;

/// Something that a run can reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thing {
    /// A rule of the table fired, in this state.
    Rule {
        /// Which.
        name: &'static str,
        /// In which state.
        state: State,
    },
    /// An obligation arose.
    Owes(Obligation),
    /// A connection came to rest so.
    Situation {
        /// In which state.
        state: State,
        /// Its send side.
        sending: Sending,
        /// Its receive side.
        receiving: Receiving,
        /// Window scaling was agreed.
        scaled: bool,
    },
    /// A segment of this class came in this state.
    Segment {
        /// The state.
        state: State,
        /// The class.
        class: Class,
    },
    /// A packet that must not count came in this state.
    Ignored {
        /// The state.
        state: State,
    },
    /// A call was made in this state and came to this.
    Call {
        /// The state.
        state: State,
        /// The call.
        call: CallWord,
        /// What it came to.
        outcome: OutcomeWord,
    },
    /// Time passed in this state, and this was so.
    Time {
        /// The state before.
        state: State,
        /// What.
        timed: Timed,
    },
    /// A parser said something, by a number that stands for its words (below [`SAYINGS`]); see
    /// [`Reached::say`](super::Reached::say).
    Said(u16),
}

/// The parts of the numbering.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Section {
    /// [`Thing::Rule`].
    Rules,
    /// [`Thing::Owes`].
    Obligations,
    /// [`Thing::Situation`].
    Situations,
    /// [`Thing::Segment`], [`Thing::Ignored`], [`Thing::Call`], [`Thing::Time`].
    Cells,
    /// [`Thing::Said`].
    Sayings,
}

const STATES: usize = State::ALL.len();
const RULES_AT: usize = 0;
const OWES_AT: usize = RULES_AT + rules::COUNT * STATES;
const SITUATIONS_AT: usize = OWES_AT + Obligation::ALL.len();
const SITUATIONS: usize = Sending::ALL.len() * Receiving::ALL.len() * 2;
const SEGMENTS_AT: usize = SITUATIONS_AT + SITUATIONS * STATES;
const IGNORED_AT: usize = SEGMENTS_AT + CLASSES * STATES;
const CALLS_AT: usize = IGNORED_AT + STATES;
const CALLS: usize = CallWord::ALL.len() * OutcomeWord::ALL.len();
const TIMES_AT: usize = CALLS_AT + CALLS * STATES;

const SAID_AT: usize = TIMES_AT + Timed::COUNT * STATES;
/// What a parser can say: different words may share a number.
pub const SAYINGS: usize = 4096;

/// All numbers are below this one.
pub const SPACE: usize = SAID_AT + SAYINGS;

impl Section {
    /// All of them.
    pub const ALL: [Section; 5] =
        [Section::Rules, Section::Obligations, Section::Situations, Section::Cells, Section::Sayings];

    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            Section::Rules => "rules",
            Section::Obligations => "obligations",
            Section::Situations => "situations",
            Section::Cells => "cells",
            Section::Sayings => "sayings",
        }
    }

    /// Whether a number is one of its own.
    pub const fn holds(self, index: u32) -> bool {
        let at = index as usize;
        match self {
            Section::Rules => at < OWES_AT,
            Section::Obligations => OWES_AT <= at && at < SITUATIONS_AT,
            Section::Situations => SITUATIONS_AT <= at && at < SEGMENTS_AT,
            Section::Cells => SEGMENTS_AT <= at && at < SAID_AT,
            Section::Sayings => SAID_AT <= at && at < SPACE,
        }
    }
}

impl Thing {
    /// Its number; `None` for a rule that no table has.
    pub fn index(self) -> Option<u32> {
        let at = |base: usize, state: State, size: usize, inner: usize| base + state as usize * size + inner;
        let index = match self {
            Thing::Rule { name, state } => at(RULES_AT, state, rules::COUNT, names().find(name)?),
            Thing::Owes(obligation) => OWES_AT + obligation as usize,
            Thing::Situation { state, sending, receiving, scaled } => {
                let inner = (sending as usize * Receiving::ALL.len() + receiving as usize) * 2;
                at(SITUATIONS_AT, state, SITUATIONS, inner + usize::from(scaled))
            }
            Thing::Segment { state, class } => at(SEGMENTS_AT, state, CLASSES, class_index(&class)),
            Thing::Ignored { state } => IGNORED_AT + state as usize,
            Thing::Call { state, call, outcome } => {
                at(CALLS_AT, state, CALLS, call as usize * OutcomeWord::ALL.len() + outcome as usize)
            }
            Thing::Time { state, timed } => at(TIMES_AT, state, Timed::COUNT, timed.index()),
            Thing::Said(words) => SAID_AT + usize::from(words) % SAYINGS,
        };
        Some(index as u32)
    }

    /// What has this number; `None` where nothing has.
    pub fn from_index(index: u32) -> Option<Thing> {
        let index = index as usize;
        let split = |base: usize, size: usize| {
            let at = index - base;
            (State::ALL[at / size % STATES], at % size)
        };
        Some(match index {
            SPACE.. => return None,
            SAID_AT.. => Thing::Said((index - SAID_AT) as u16),
            TIMES_AT.. => {
                let (state, inner) = split(TIMES_AT, Timed::COUNT);
                Thing::Time { state, timed: Timed::from_index(inner)? }
            }
            CALLS_AT.. => {
                let (state, inner) = split(CALLS_AT, CALLS);
                let call = CallWord::ALL[inner / OutcomeWord::ALL.len()];
                Thing::Call { state, call, outcome: OutcomeWord::ALL[inner % OutcomeWord::ALL.len()] }
            }
            IGNORED_AT.. => Thing::Ignored { state: State::ALL[index - IGNORED_AT] },
            SEGMENTS_AT.. => {
                let (state, inner) = split(SEGMENTS_AT, CLASSES);
                Thing::Segment { state, class: class_from(inner) }
            }
            SITUATIONS_AT.. => {
                let (state, inner) = split(SITUATIONS_AT, SITUATIONS);
                let receiving = Receiving::ALL[inner / 2 % Receiving::ALL.len()];
                let sending = Sending::ALL[inner / 2 / Receiving::ALL.len()];
                Thing::Situation { state, sending, receiving, scaled: inner % 2 == 1 }
            }
            OWES_AT.. => Thing::Owes(Obligation::ALL[index - OWES_AT]),
            _ => {
                let (state, inner) = split(RULES_AT, rules::COUNT);
                Thing::Rule { name: RULES[inner].name, state }
            }
        })
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thing::Rule { name, state } => write!(f, "{name} in {state}"),
            Thing::Owes(obligation) => f.write_str(obligation.name()),
            Thing::Situation { state, sending, receiving, scaled } => {
                let scaled = if *scaled { ", scaled" } else { "" };
                write!(f, "{state}: {}, {}{scaled}", sending.name(), receiving.name())
            }
            Thing::Segment { state, class } => write!(f, "{state} < {}", segments::Words(class)),
            Thing::Ignored { state } => write!(f, "{state} < a packet that must not count"),
            Thing::Call { state, call, outcome } => {
                write!(f, "{state}: {} = {}", call.name(), outcome.name())
            }
            Thing::Time { state, timed } => write!(f, "{state}: time passes, {timed}"),
            Thing::Said(words) => write!(f, "a parser's word {words}"),
        }
    }
}

/// From the name of a rule to the place of its first row.
struct Names {
    /// An open hash table, a power of two and at most half full: the place plus one, 0 where there is none.
    slots: [u16; SLOTS],
}

const SLOTS: usize = 2048;
const _: () = assert!(rules::COUNT * 2 <= SLOTS);

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = Names { slots: [0; SLOTS] };
        for (index, row) in RULES.iter().enumerate() {
            names.add(row.name, index);
        }
        names
    })
}

impl Names {
    fn add(&mut self, name: &'static str, index: usize) {
        if self.find(name).is_some() {
            return;
        }
        let mut slot = hash(name);
        while self.slots[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        self.slots[slot] = index as u16 + 1;
    }

    fn find(&self, name: &str) -> Option<usize> {
        let mut slot = hash(name);
        loop {
            let index = usize::from(self.slots[slot].checked_sub(1)?);
            if RULES[index].name == name {
                return Some(index);
            }
            slot = (slot + 1) % SLOTS;
        }
    }
}

fn hash(name: &str) -> usize {
    // FNV-1a in words of eight octets, as far as there are some; its upper bits depend on all of them.
    let step = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let hash = words.iter().fold(0xcbf2_9ce4_8422_2325, |hash, word| step(hash, u64::from_le_bytes(*word)));
    let hash = rest.iter().fold(hash, |hash, octet| step(hash, u64::from(*octet)));
    (hash >> 53) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number is that of what it names, and has a name of its own.
    #[test]
    fn numbers_and_things_go_both_ways() {
        let mut names = std::collections::BTreeSet::new();
        let mut rows = std::collections::BTreeSet::new();
        for index in 0..SPACE as u32 {
            let thing = Thing::from_index(index).expect("below the end of the space");
            if let Thing::Rule { name, state } = thing {
                // Of several rows with one name only the first one's number is used.
                rows.insert((name, state as usize));
                let own = thing.index().and_then(Thing::from_index);
                assert_eq!(own, Some(thing));
                continue;
            }
            assert_eq!(thing.index(), Some(index), "{thing}");
            assert!(names.insert(thing.to_string()), "{thing} twice");
            assert_eq!(Section::ALL.iter().filter(|s| s.holds(index)).count(), 1);
        }
        assert_eq!(Thing::from_index(SPACE as u32), None);
        let distinct: std::collections::BTreeSet<_> = RULES.iter().map(|row| row.name).collect();
        assert_eq!(rows.len(), distinct.len() * STATES);
    }
}
