//! What is fuzzed: a target is a function that takes any bytes; [`Bench`](super::Bench) runs it.

mod bounds;
pub(super) mod differential;
pub(super) mod incarnations;
pub(super) mod one_stack;
pub(super) mod scenario_text;
pub mod wire;
pub(super) mod worlds;

use core::any::Any;

use lastack_core::types::{Instant, State};

use super::Found;
use crate::table::Level;
use crate::verdict::{AckRelation, Difference, Kind, Signature, Trigger, Verdict};

pub use self::differential::{Apart, By};

/// A function that takes any bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// Bytes as a packet: parse, emit, parse; against etherparse where that is at hand.
    Wire,
    /// One stack, any scenario.
    Segments,
    /// Two stacks, applications, faults.
    Worlds,
    /// The same pair of sockets again and again, with what earlier connections left on the way.
    Incarnations,
    /// One scenario on two stacks.
    Differential,
    /// Text as a scenario.
    ScenarioText,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 6] = [
        Target::Wire,
        Target::Segments,
        Target::Worlds,
        Target::Incarnations,
        Target::Differential,
        Target::ScenarioText,
    ];

    /// On the command line, and the name of the fuzz target.
    pub const fn name(self) -> &'static str {
        match self {
            Target::Wire => "wire",
            Target::Segments => "segments",
            Target::Worlds => "worlds",
            Target::Incarnations => "incarnations",
            Target::Differential => "differential",
            Target::ScenarioText => "scenario_text",
        }
    }

    /// The target with this name.
    pub fn from_name(name: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }
}

/// Our own code is at fault, whatever the stacks do.
fn own(rule: &'static str, want: &str, got: String) -> Found {
    own_fault(Kind::Unlike, rule, want, got)
}

pub(super) fn own_panic(panic: &(dyn Any + Send)) -> Found {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    own_fault(Kind::Panic, "OWN-PANIC", "no panic", words.unwrap_or_default())
}

fn own_fault(kind: Kind, rule: &'static str, want: &str, got: String) -> Found {
    let signature =
        Signature { kind, trigger: Trigger::Time, relation: AckRelation::Absent, rule, words: "" };
    let difference = Difference {
        signature,
        verdict: Verdict::Fail,
        level: Level::Text,
        cite: "lastack's own code",
        state: State::Closed,
        at: Instant::ZERO,
        event: 0,
        want: want.to_owned(),
        got,
    };
    Found { stack: None, difference }
}
