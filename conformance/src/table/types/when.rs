//! When a row fires: events, choices and conditions.

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
