//! What a row does: replies, effects, signals, the next state.

use lastack_core::types::State;

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
