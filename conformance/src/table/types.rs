//! The vocabulary of a row.

use core::fmt;

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

/// The calls of RFC 9293 3.10.1 to 3.10.6.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum CallKind {
    OpenPassive,
    OpenActive,
    /// Either kind of OPEN.
    Open,
    Send,
    Receive,
    Close,
    Abort,
    Status,
}

/// The timers of RFC 9293 3.10.8 and of the mechanisms that it requires.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum TimerKind {
    Retransmission,
    R1,
    UserTimeout,
    ZeroWindowProbe,
    DelayedAck,
    KeepAlive,
    TimeWait,
    /// No RFC rule: an implementation's own limit on FIN-WAIT-2.
    FinWait2,
}

/// ICMP errors (RFC 9293 3.9.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum IcmpKind {
    Hard,
    Soft,
}

/// What a row answers to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Event {
    Segment,
    Call(CallKind),
    Timer(TimerKind),
    Icmp(IcmpKind),
}

/// Under which choice a row is in force.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Switch {
    /// Always.
    Core,
    /// RFC 5961 3.2, RST.
    RstRfc5961,
    /// RST without RFC 5961.
    RstClassic,
    /// RFC 5961 4.2, SYN.
    SynRfc5961,
    /// SYN without RFC 5961.
    SynClassic,
    /// The range check of SEG.ACK.
    May12,
    /// Half-duplex close.
    HalfDuplex,
    /// Reopening from TIME-WAIT, MAY-2.
    Reopen,
    /// Reopening from TIME-WAIT by timestamps, RFC 6191.
    Rfc6191,
    /// Security compartments.
    Mls,
    /// RFC 7323 timestamps.
    Timestamps,
    /// Keep-alives.
    KeepAlive,
    /// An explanation derived from core rows; never executed, save where the name says right-overlap.
    Case,
    /// Several core rows in one; never executed.
    Composite,
}

/// A condition that flags and classes do not show.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Guard {
    /// Nothing more.
    Always,
    /// SEG.LEN > 0.
    SegLenPositive,
    /// SYN-RECEIVED was reached by a passive OPEN.
    OriginPassive,
    /// SYN-RECEIVED was reached by an active OPEN.
    OriginActive,
    /// URG is on.
    Urgent,
    /// All text before the FIN has been received (needs the outcome of step 7).
    FinInOrder,
    /// In order, and our own FIN is not acknowledged.
    FinInOrderOwnOpen,
    /// The last octet lies past the window's edge, the first at RCV.NXT.
    OverrunAtNxt,
    /// The last octet lies past the window's edge, the first right of RCV.NXT.
    OverrunRight,
    /// The FIN lies at or past the window's edge.
    FinPastEdge,
    /// Security or compartment differs.
    SecurityDiffers,
    /// SYN to a broadcast or multicast address, or from an address that is no unicast one.
    BadAddress,
    /// A probe of one old octet or none at RCV.NXT-1.
    KeepAliveProbe,
    /// SEG.SEQ = IRS.
    RepeatedSyn,
    /// SYN,ACK of a crossing open, SEG.SEQ = IRS.
    CrossingSynAck,
    /// SYN above the old RCV.NXT, a listener is present.
    NewerSyn,
    /// Timestamps prove the SYN newer (RFC 6191 2).
    NewerTimestamp,
    /// SEG.TSval is older than TS.Recent.
    OldTimestamp,
    /// The timestamps option is missing.
    NoTimestamp,
    /// Profile rfc5961 (an explanation's condition).
    ProfileRfc5961,
    /// A FIN that repeats the peer's first one.
    RepeatedFin,
    /// The handshake's last ACK carries text or FIN (an explanation's condition).
    Combined,
    /// The remote socket is given.
    RemoteGiven,
    /// The remote socket is not given.
    RemoteMissing,
    /// The remote address is broadcast or multicast.
    RemoteBad,
    /// The caller may use the connection.
    HasAccess,
    /// The caller may not use the connection.
    NoAccess,
    /// No room for a TCB.
    NoRoom,
    /// A Diffserv or security value that is not allowed.
    BadDiffserv,
    /// No SEND was issued and nothing is queued.
    NothingPending,
    /// Text is queued.
    TextPending,
    /// Received text is unread, and the stack closes both directions at once.
    Unread,
    /// Received text is undelivered.
    Undelivered,
    /// Nothing is left to deliver.
    NothingLeft,
    /// The user can no longer read.
    CannotRead,
    /// Something is unacknowledged.
    QueueNotEmpty,
    /// R1 is reached.
    R1Reached,
    /// The user timeout or R2 is reached.
    R2Reached,
    /// The send window is zero and something waits.
    ZeroWindow,
    /// Received text is unacknowledged.
    AckPending,
    /// Idle for the keep-alive interval.
    Idle,
    /// 2 MSL have passed.
    TwoMslPassed,
    /// The quoted SEQ lies between SND.UNA and SND.NXT.
    QuotedInFlight,
}

/// What a row sends, in the RFC's expressions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reply {
    /// Nothing.
    None,
    /// `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>`, at once.
    Ack,
    /// The same, within 0.5 s, or on another segment.
    AckDelayable,
    /// The same, or nothing (MAY-13).
    AckOptional,
    /// The same, as a challenge (RFC 5961).
    Challenge,
    /// `<SEQ=ISS><CTL=SYN>`.
    Syn,
    /// `<SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>`.
    SynAck,
    /// `<SEQ=SEG.ACK><CTL=RST>`.
    RstFromAck,
    /// `<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>`.
    RstZero,
    /// `RstFromAck` when the ACK bit is on, else `RstZero`.
    RstByAckBit,
    /// `<SEQ=SND.NXT><CTL=RST>`.
    RstNxt,
    /// `<SEQ=SND.NXT><CTL=RST>` or `<SEQ=SEG.ACK><CTL=RST>`.
    RstEither,
    /// `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK><DATA>` as the windows allow.
    Text,
    /// `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>` after all queued text.
    Fin,
    /// The front of the retransmission queue again.
    Again,
    /// One octet past the window, or an old octet, with a current ACK.
    Probe,
    /// `<SEQ=SND.NXT-1><ACK=RCV.NXT><CTL=ACK>`.
    KeepAliveProbe,
}

/// What a row does to the connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Effect {
    /// Make a TCB in the row's next state.
    CreateTcb,
    /// Choose ISS; SND.UNA = ISS, SND.NXT = ISS+1.
    ChooseIss,
    /// IRS = SEG.SEQ, RCV.NXT = SEG.SEQ+1; remember the remote socket and the origin.
    SynIn,
    /// As `SynIn`; also SND.UNA = SEG.ACK and the window (RFC 1122 4.2.2.20(c)).
    SynAckIn,
    /// Remember the window of a SYN: SND.WND, SND.WL1, SND.WL2.
    SynWindow,
    /// SND.UNA = SEG.ACK; drop what is acknowledged.
    TakeAck,
    /// SND.WND = SEG.WND when SND.UNA =< SEG.ACK =< SND.NXT and not older by SND.WL1 and SND.WL2.
    UpdateWindow,
    /// SND.WND = SEG.WND, SND.WL1 = SEG.SEQ, SND.WL2 = SEG.ACK.
    SetWindow,
    /// Text and FIN of a SYN are queued until ESTABLISHED.
    QueueSynText,
    /// Deliver what was queued, send what was queued, a queued CLOSE included.
    ReleaseQueued,
    /// RCV.NXT over the new text, trimmed to the window; deliver queued successors.
    TakeText,
    /// Hold text that is out of order.
    HoldText,
    /// RCV.NXT over the FIN.
    TakeFin,
    /// Hold a FIN with its segment until the gap is filled.
    HoldFin,
    /// A FIN after the FIN: RCV.NXT over it again (literal), or not (safe).
    SecondFin,
    /// Text and FIN are not taken; RST, ACK and URG still count.
    RefuseText,
    /// Text is ignored; RCV.NXT stays.
    IgnoreText,
    /// The FIN is trimmed; it must come again.
    TrimFin,
    /// RCV.UP moves forward.
    TakeUrgent,
    /// URG is ignored.
    IgnoreUrgent,
    /// Flush the retransmission queue, forget the remote socket.
    ForgetRemote,
    /// Delete the TCB.
    Delete,
    /// Start the 2 MSL timer, stop the others.
    Start2Msl,
    /// Start the 2 MSL timer anew.
    Restart2Msl,
    /// The old TCB is replaced by a new one with a new ISS.
    Reopen,
    /// Queue the text of a SEND.
    QueueSend,
    /// Queue the CLOSE: a FIN after all queued text.
    QueueFin,
    /// Queue a RECEIVE.
    QueueReceive,
    /// Hand over received text; may open the window.
    Deliver,
    /// Double the RTO, restart the timer.
    BackOff,
}

/// What the user is told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Signal {
    /// Nothing.
    None,
    /// The call is done.
    Ok,
    /// Connection open.
    Open,
    /// Data (and PUSH).
    Data,
    /// Urgent data.
    Urgent,
    /// Connection closing: the peer sent a FIN.
    Closing,
    /// Open, then closing.
    OpenThenClosing,
    /// Connection reset.
    Reset,
    /// Connection refused.
    Refused,
    /// Aborted due to user timeout.
    TimedOut,
    /// Close complete.
    Closed,
    /// SENDs and CLOSE fully acknowledged.
    Acknowledged,
    /// A soft error may be read.
    SoftError,
    /// An ICMP code's error.
    IcmpError,
    /// The state and a pointer.
    Status,
    /// Pending calls get `error: connection closing`.
    PendingClosing,
    /// Pending calls get `error: connection reset`.
    PendingReset,
    /// `error: connection does not exist`.
    NoConnection,
    /// `error: connection illegal for this process`.
    Illegal,
    /// `error: remote socket unspecified`.
    NoRemote,
    /// `error: insufficient resources`.
    NoResources,
    /// `error: connection already exists`.
    Exists,
    /// `error: connection closing`.
    ErrorClosing,
    /// `error: Diffserv value not allowed` or its like.
    NotAllowed,
    /// An error without a name in the text.
    Error,
    /// A new record or an error.
    RecordOrError,
}

/// Where the row leads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Next {
    /// The state stays.
    Stay,
    /// To this state.
    To(State),
    /// CLOSED, or LISTEN when the origin was passive.
    ByOrigin,
    /// Where the FIN row of the state goes (composites).
    AsFin,
}

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
