//! The vocabulary of a row: when it fires (`when`, `sets`), what it does (`does`), how strongly, and what is
//! licensed besides.

mod does;
mod sets;
mod when;

use core::fmt;

pub use does::{Effect, Next, Reply, Signal};
pub use sets::{AckSet, Bit, FlagMatch, SeqSet, States};
pub use when::{CallKind, Event, Guard, IcmpKind, Switch, TimerKind};

/// How strongly the RFC asks for what a row does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// No RFC rule.
    Info,
    /// MAY.
    May,
    /// SHOULD, SHOULD NOT, RECOMMENDED.
    Should,
    /// Normative text in lower case.
    Text,
    /// MUST, MUST NOT.
    Must,
}

impl Level {
    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Info => "INFO",
            Level::May => "MAY",
            Level::Should => "SHOULD",
            Level::Text => "TEXT",
            Level::Must => "MUST",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Whether a walk goes on after the row.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Flow {
    Stop,
    Continue,
}

/// Which licence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum LicenceKind {
    AckAtZeroWindow,
    AckFieldFirst,
    AckOptional,
    CarryQueued,
    DelayAck500Ms,
    ErrorNameFree,
    FastOpen,
    Fig7Either,
    HalfDuplex,
    HoldOrDrop,
    IcmpHardAsSoft,
    ImplicitOpen,
    MlsIgnored,
    NewOrError,
    NoSeparateAck,
    OkForClose,
    OneAnswer,
    OverlapRstEither,
    Piggyback,
    Restart2MslFree,
    RetransmitRecut,
    ReturnToTimeWait,
    Rfc1337,
    Rfc6191Silent,
    RstFieldsFree,
    RstOrAck,
    SecondFinFree,
    SignalReset,
    SilentBacklogFull,
    SilentTwAck,
    StateAfterRstFree,
    StateAtCloseFree,
    SynCookie,
    SynTextDropped,
    ThrottledChallenge,
    ThrottledSyn,
    TrimOrRefuse,
    TwReopen,
    WindowUpdate,
}

/// A second outcome that an RFC allows, with its source and condition. Remarks are no licences and stand
/// elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Licence {
    /// Which one.
    pub kind: LicenceKind,
    /// The states of the row for which it holds.
    pub states: States,
    /// RFC and section; without an RFC number, RFC 9293.
    pub cite: &'static str,
    /// When it holds.
    pub condition: &'static str,
}

/// One row: a rule with one stable name, for a set of states.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Stable name, e.g. `SYN-IN-WINDOW`. Rows that share it do the same by different conditions.
    pub name: &'static str,
    /// States in which it stands.
    pub states: States,
    /// What it answers to.
    pub event: Event,
    /// Under which choice.
    pub switch: Switch,
    /// RFC 9293 3.10.7's step, 1 to 8; 0 comes before; calls and timers have 0.
    pub step: u8,
    /// Control bits.
    pub flags: FlagMatch,
    /// Place in sequence space.
    pub seq: SeqSet,
    /// Acknowledgment.
    pub ack: AckSet,
    /// Text present.
    pub text: Bit,
    /// Receive window zero.
    pub zero_window: Bit,
    /// Further condition.
    pub guard: Guard,
    /// What is sent.
    pub reply: Reply,
    /// What changes.
    pub effects: &'static [Effect],
    /// What the user is told.
    pub signal: Signal,
    /// Next state.
    pub next: Next,
    /// Whether the walk goes on.
    pub flow: Flow,
    /// Level of what the row itself does.
    pub level: Level,
    /// Second outcomes.
    pub licences: &'static [Licence],
    /// Sections and requirement ids, `; ` between.
    pub cite: &'static str,
}
