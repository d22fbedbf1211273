//! What a finding is charged to: the rule that fired, what it changed, what was wanted, how much was conceded.

use lastack_core::types::{Duration, Flags, SeqNum, State};

use super::debt::Owed;
use crate::subject::{Outcome, UserSignal};
use crate::table::Level;
use crate::verdict::{AckRelation, Kind, Obligation, Trigger};

/// A rule that fired (or an obligation), as a finding would cite it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Step {
    /// Name of the rule.
    pub rule: &'static str,
    /// Level of what it does.
    pub level: Level,
    /// Its source.
    pub cite: &'static str,
    /// The state in which it fired.
    pub state: State,
    /// Index of the scenario's event.
    pub event: usize,
    /// Kind of event.
    pub trigger: Trigger,
    /// The event's acknowledgment.
    pub relation: AckRelation,
    /// A conforming peer, a bad network or a restart can cause the event.
    pub plausible: bool,
    /// The rule did not fire: a licence of it put something else in its place.
    pub licensed: bool,
    /// What it changed and nothing has confirmed yet.
    pub open: Aspects,
}

/// Parts of a connection that a rule changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Aspects(pub u8);

#[allow(missing_docs)]
impl Aspects {
    pub const NONE: Aspects = Aspects(0);
    pub const STATE: Aspects = Aspects(1);
    pub const RCV: Aspects = Aspects(2);
    pub const SND: Aspects = Aspects(4);
    pub const WINDOW: Aspects = Aspects(8);
    /// The rule leads to another state.
    pub const MOVES: Aspects = Aspects(16);

    #[must_use]
    pub const fn with(self, other: Aspects) -> Aspects {
        Aspects(self.0 | other.0)
    }
    #[must_use]
    pub const fn without(self, other: Aspects) -> Aspects {
        Aspects(self.0 & !other.0)
    }
    /// Everything: of a rule that must change nothing.
    pub const ALL: Aspects = Aspects(1 | 2 | 4 | 8);

    pub const fn has(self, other: Aspects) -> bool {
        self.0 & other.0 != 0
    }
}

/// Why a reading cannot be true. Copy, so that the many readings that die cost nothing.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mismatch {
    /// Kind of difference.
    pub kind: Kind,
    /// What was wanted.
    pub want: Want,
    /// Charged to.
    pub step: Step,
    /// Only a detail, whatever the level.
    pub soft: bool,
}

/// What was wanted instead.
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Want {
    Owed(Owed, Option<SeqNum>, Option<SeqNum>),
    Silence,
    NoRst,
    AckNumber {
        from: SeqNum,
        to: SeqNum,
    },
    SeqNumber {
        una: SeqNum,
        nxt: SeqNum,
    },
    WithinWindow {
        edge: SeqNum,
    },
    QueuedText {
        end: SeqNum,
    },
    NoFinYet,
    AckBit,
    Flags(Flags),
    OpenWindow {
        at_least: u32,
    },
    Outcome(&'static str, Option<Outcome>),
    /// A connection that lives, and no such word to its user.
    Signal(UserSignal),
    InTime(Obligation, Duration),
    /// It must be over after this time.
    Ended(Obligation, Duration),
    /// It must last that long.
    Lasts(Obligation, Duration),
    AtOnce,
    /// The state that the rule leads to.
    Moved,
    /// The acknowledgment counts, whatever the window.
    Acknowledged(SeqNum),
}

/// How much a reading had to concede.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[allow(missing_docs)]
pub enum Cost {
    #[default]
    Pass,
    /// A choice that the profile leaves open went the other way: nearer to the text than a licence.
    Choice,
    Allowed,
    NonStrict,
}
