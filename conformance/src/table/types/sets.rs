//! Sets of states and classes, and what a row wants of the bits.

use lastack_core::types::State;

use crate::class::{AckClass, SeqClass};

/// A set of states.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct States(pub u16);

impl States {
    /// All eleven.
    pub const ALL: States = States(0x7ff);
    /// Just this one.
    pub const fn of(state: State) -> States {
        States(1 << state as u16)
    }
    /// Both sets.
    #[must_use]
    pub const fn or(self, other: States) -> States {
        States(self.0 | other.0)
    }
    /// Whether it holds `state`.
    pub const fn has(self, state: State) -> bool {
        self.0 & (1 << state as u16) != 0
    }
    /// The states in it, in the RFC's order.
    pub fn iter(self) -> impl Iterator<Item = State> {
        State::ALL.into_iter().filter(move |s| self.has(*s))
    }
}

/// A set of sequence classes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SeqSet(pub u8);

impl SeqSet {
    /// Any class.
    pub const ANY: SeqSet = SeqSet(0x3f);
    /// Just this one.
    pub const fn of(class: SeqClass) -> SeqSet {
        SeqSet(1 << class as u8)
    }
    /// Both sets.
    #[must_use]
    pub const fn or(self, other: SeqSet) -> SeqSet {
        SeqSet(self.0 | other.0)
    }
    /// Whether it holds `class`.
    pub const fn has(self, class: SeqClass) -> bool {
        self.0 & (1 << class as u8) != 0
    }
}

/// A set of acknowledgment classes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AckSet(pub u16);

impl AckSet {
    /// Any class.
    pub const ANY: AckSet = AckSet(0x1ff);
    /// Just this one.
    pub const fn of(class: AckClass) -> AckSet {
        AckSet(1 << class as u16)
    }
    /// Both sets.
    #[must_use]
    pub const fn or(self, other: AckSet) -> AckSet {
        AckSet(self.0 | other.0)
    }
    /// Whether it holds `class`.
    pub const fn has(self, class: AckClass) -> bool {
        self.0 & (1 << class as u16) != 0
    }
}

/// What a row wants of one bit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Bit {
    Any,
    On,
    Off,
}

impl Bit {
    /// Whether `value` fits.
    pub const fn fits(self, value: bool) -> bool {
        match self {
            Bit::Any => true,
            Bit::On => value,
            Bit::Off => !value,
        }
    }
}

/// What a row wants of the control bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub struct FlagMatch {
    pub syn: Bit,
    pub ack: Bit,
    pub rst: Bit,
    pub fin: Bit,
}
