//! The rows of arriving segments, sorted by state and step before the program starts: what a walk tries.
//!
//! A row's pattern becomes three words of bits, so that trying it is three comparisons.

use lastack_core::types::{Flags, State};

use super::profile::Switches;
use super::rules::{COUNT, RULES, RuleId, is_executed};
use super::types::{Bit, Event, Flow, Guard, Next, Rule, Switch};
use super::walk::Facts;
use crate::class::Class;

/// Yes-or-no conditions, one bit each.
pub(super) mod bit {
    pub const SYN: u32 = 1;
    pub const ACK: u32 = 1 << 1;
    pub const RST: u32 = 1 << 2;
    pub const FIN: u32 = 1 << 3;
    pub const URG: u32 = 1 << 4;
    pub const TEXT: u32 = 1 << 5;
    pub const ZERO_WINDOW: u32 = 1 << 6;
    pub const OVERRUN: u32 = 1 << 7;
    pub const LENGTH: u32 = 1 << 8;
    pub const PASSIVE: u32 = 1 << 9;
    pub const NEWER_SYN: u32 = 1 << 10;
    pub const NEWER_TIMESTAMP: u32 = 1 << 11;
    pub const OLD_TIMESTAMP: u32 = 1 << 12;
    pub const NO_TIMESTAMP: u32 = 1 << 13;
    pub const SECURITY_DIFFERS: u32 = 1 << 14;
    pub const CANNOT_READ: u32 = 1 << 15;
    pub const RST_5961: u32 = 1 << 16;
    pub const SYN_5961: u32 = 1 << 17;
    pub const MAY_12: u32 = 1 << 18;
    pub const HALF_DUPLEX: u32 = 1 << 19;
    pub const REOPEN: u32 = 1 << 20;
    pub const RFC_6191: u32 = 1 << 21;
    pub const MLS: u32 = 1 << 22;
    pub const TIMESTAMPS: u32 = 1 << 23;
}

/// A segment, its circumstances and the profile, as bits.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub bits: u32,
    /// One bit: the sequence class.
    pub seq: u8,
    /// One bit: the acknowledgment class.
    pub ack: u16,
}

/// A row to be tried.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub id: RuleId,
    pub next: Next,
    pub flow: Flow,
    mask: u32,
    want: u32,
    seq: u8,
    ack: u16,
}

impl Key {
    /// Fits nothing; fills the room behind the last row.
    const EMPTY: Key =
        Key { id: RuleId::new(0), next: Next::Stay, flow: Flow::Stop, mask: 0, want: 0, seq: 0, ack: 0 };

    /// Whether the row fits.
    pub(super) const fn fits(&self, word: Word) -> bool {
        (word.bits & self.mask) == self.want && (word.seq & self.seq) != 0 && (word.ack & self.ack) != 0
    }
}

/// The executed rows of one state and step, in the order in which they are tried.
pub(super) fn candidates(state: State, step: usize) -> &'static [Key] {
    let (start, end) = INDEX.spans[state as usize][step];
    &INDEX.keys[start as usize..end as usize]
}

pub(super) const fn word(facts: Facts, switches: Switches, class: &Class) -> Word {
    let bits = flag(class.flags.syn(), bit::SYN)
        | flag(class.flags.ack(), bit::ACK)
        | flag(class.flags.rst(), bit::RST)
        | flag(class.flags.fin(), bit::FIN)
        | flag(class.flags.has(Flags::URG), bit::URG)
        | flag(class.text, bit::TEXT)
        | flag(class.zero_window, bit::ZERO_WINDOW)
        | flag(class.overrun, bit::OVERRUN)
        | flag(class.takes_numbers(), bit::LENGTH)
        | flag(facts.origin_passive, bit::PASSIVE)
        | flag(facts.listener && facts.newer_syn, bit::NEWER_SYN)
        | flag(facts.listener && facts.newer_timestamp, bit::NEWER_TIMESTAMP)
        | flag(facts.old_timestamp, bit::OLD_TIMESTAMP)
        | flag(facts.no_timestamp, bit::NO_TIMESTAMP)
        | flag(facts.security_differs, bit::SECURITY_DIFFERS)
        | flag(facts.cannot_read, bit::CANNOT_READ)
        | flag(switches.rst_5961, bit::RST_5961)
        | flag(switches.syn_5961, bit::SYN_5961)
        | flag(switches.may_12, bit::MAY_12)
        | flag(switches.half_duplex, bit::HALF_DUPLEX)
        | flag(switches.reopen, bit::REOPEN)
        | flag(switches.rfc_6191, bit::RFC_6191)
        | flag(switches.mls, bit::MLS)
        | flag(switches.timestamps, bit::TIMESTAMPS);
    Word { bits, seq: 1 << class.seq as u8, ack: 1 << class.ack as u16 }
}

const fn flag(on: bool, bit: u32) -> u32 {
    if on { bit } else { 0 }
}

/// Conditions that must hold (`on`) and that must not (`off`).
#[derive(Clone, Copy)]
struct Wanted {
    on: u32,
    off: u32,
}

impl Wanted {
    const fn with(self, want: Bit, bit: u32) -> Wanted {
        match want {
            Bit::Any => self,
            Bit::On => Wanted { on: self.on | bit, ..self },
            Bit::Off => Wanted { off: self.off | bit, ..self },
        }
    }
}

const fn key(index: usize, row: &Rule) -> Key {
    let wanted = Wanted { on: 0, off: 0 }
        .with(row.flags.syn, bit::SYN)
        .with(row.flags.ack, bit::ACK)
        .with(row.flags.rst, bit::RST)
        .with(row.flags.fin, bit::FIN)
        .with(row.text, bit::TEXT)
        .with(row.zero_window, bit::ZERO_WINDOW);
    let wanted = switched(guarded(wanted, row.guard), row.switch);
    Key {
        id: RuleId::new(index),
        next: row.next,
        flow: row.flow,
        mask: wanted.on | wanted.off,
        want: wanted.on,
        seq: row.seq.0,
        ack: row.ack.0,
    }
}

const fn guarded(wanted: Wanted, guard: Guard) -> Wanted {
    match guard {
        Guard::Always => wanted,
        Guard::SegLenPositive => wanted.with(Bit::On, bit::LENGTH),
        Guard::OriginPassive => wanted.with(Bit::On, bit::PASSIVE),
        Guard::OriginActive => wanted.with(Bit::Off, bit::PASSIVE),
        Guard::Urgent => wanted.with(Bit::On, bit::URG),
        // The row's sequence and acknowledgment columns say the rest.
        Guard::FinInOrder | Guard::FinInOrderOwnOpen => wanted.with(Bit::Off, bit::OVERRUN),
        Guard::OverrunAtNxt | Guard::OverrunRight | Guard::FinPastEdge => wanted.with(Bit::On, bit::OVERRUN),
        Guard::SecurityDiffers => wanted.with(Bit::On, bit::SECURITY_DIFFERS),
        Guard::NewerSyn => wanted.with(Bit::On, bit::NEWER_SYN),
        Guard::NewerTimestamp => wanted.with(Bit::On, bit::NEWER_TIMESTAMP),
        Guard::OldTimestamp => wanted.with(Bit::On, bit::OLD_TIMESTAMP),
        Guard::NoTimestamp => wanted.with(Bit::On, bit::NO_TIMESTAMP),
        Guard::CannotRead => wanted.with(Bit::On, bit::CANNOT_READ),
        _ => panic!("an executed row for segments has a guard that a segment does not show"),
    }
}

const fn switched(wanted: Wanted, switch: Switch) -> Wanted {
    match switch {
        Switch::Core | Switch::Case => wanted,
        Switch::RstRfc5961 => wanted.with(Bit::On, bit::RST_5961),
        Switch::RstClassic => wanted.with(Bit::Off, bit::RST_5961),
        Switch::SynRfc5961 => wanted.with(Bit::On, bit::SYN_5961),
        Switch::SynClassic => wanted.with(Bit::Off, bit::SYN_5961),
        Switch::May12 => wanted.with(Bit::On, bit::MAY_12),
        Switch::HalfDuplex => wanted.with(Bit::On, bit::HALF_DUPLEX),
        Switch::Reopen => wanted.with(Bit::On, bit::REOPEN),
        Switch::Rfc6191 => wanted.with(Bit::On, bit::RFC_6191),
        Switch::Mls => wanted.with(Bit::On, bit::MLS),
        Switch::Timestamps => wanted.with(Bit::On, bit::TIMESTAMPS),
        Switch::KeepAlive | Switch::Composite => panic!("no such row for segments is executed"),
    }
}

/// Which rows of a step are tried first: reopening before any other reading of a SYN in TIME-WAIT, options
/// before core rows, and what lies past the window's edge before what lies inside.
pub const fn rank(switch: Switch) -> u8 {
    match switch {
        Switch::Rfc6191 => 0,
        Switch::Reopen => 1,
        Switch::Mls | Switch::Timestamps | Switch::HalfDuplex | Switch::May12 | Switch::KeepAlive => 2,
        Switch::Case | Switch::Composite => 3,
        Switch::Core | Switch::RstRfc5961 | Switch::RstClassic | Switch::SynRfc5961 | Switch::SynClassic => 4,
    }
}

const STATES: usize = State::ALL.len();
const STEPS: usize = 9;

/// Room for the executed rows of all states; more than enough, and checked when it is filled.
const ROOM: usize = 320;

struct Index {
    spans: [[(u16, u16); STEPS]; STATES],
    keys: [Key; ROOM],
}

static INDEX: Index = build();

const fn build() -> Index {
    let mut index = Index { spans: [[(0, 0); STEPS]; STATES], keys: [Key::EMPTY; ROOM] };
    let (mut at, mut state) = (0, 0);
    while state < STATES {
        let mut step = 0;
        while step < STEPS {
            let start = at;
            at = append(&mut index.keys, start, State::ALL[state], step as u8);
            index.spans[state][step] = (start as u16, at as u16);
            step += 1;
        }
        state += 1;
    }
    index
}

/// Puts the rows of a state and step behind `start`, lowest rank first; gives the end.
const fn append(keys: &mut [Key; ROOM], start: usize, state: State, step: u8) -> usize {
    let mut end = start;
    let mut row = 0;
    while row < COUNT {
        let rule = &RULES[row];
        if rule.step == step
            && rule.states.has(state)
            && matches!(rule.event, Event::Segment)
            && is_executed(rule)
        {
            let mut place = end;
            while place > start && rank(RULES[keys[place - 1].id.index()].switch) > rank(rule.switch) {
                keys[place] = keys[place - 1];
                place -= 1;
            }
            keys[place] = key(row, rule);
            end += 1;
        }
        row += 1;
    }
    end
}
