//! How the vocabulary of rows prints: the RFC's expressions and variables, and stable names.

use core::fmt;

use super::types::*;

impl Reply {
    /// A stable short name.
    pub const fn name(self) -> &'static str {
        match self {
            Reply::None => "none",
            Reply::Ack => "ACK",
            Reply::AckDelayable => "ACK-DELAYABLE",
            Reply::AckOptional => "ACK-OPTIONAL",
            Reply::Challenge => "CHALLENGE",
            Reply::Syn => "SYN",
            Reply::SynAck => "SYN-ACK",
            Reply::RstFromAck => "RST-FROM-ACK",
            Reply::RstZero => "RST-ZERO",
            Reply::RstByAckBit => "RST-BY-ACK-BIT",
            Reply::RstNxt => "RST-NXT",
            Reply::RstEither => "RST-EITHER",
            Reply::Text => "TEXT",
            Reply::Fin => "FIN",
            Reply::Again => "AGAIN",
            Reply::Probe => "PROBE",
            Reply::KeepAliveProbe => "KEEP-ALIVE-PROBE",
        }
    }

    /// What is sent, in the RFC's expressions.
    pub const fn expression(self) -> &'static str {
        match self {
            Reply::None => "",
            Reply::Ack => "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>",
            Reply::AckDelayable => "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> within 0.5 s",
            Reply::AckOptional => "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> or nothing",
            Reply::Challenge => "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> as a challenge",
            Reply::Syn => "<SEQ=ISS><CTL=SYN>",
            Reply::SynAck => "<SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>",
            Reply::RstFromAck => "<SEQ=SEG.ACK><CTL=RST>",
            Reply::RstZero => "<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>",
            Reply::RstByAckBit => {
                "<SEQ=SEG.ACK><CTL=RST>, without ACK bit <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>"
            }
            Reply::RstNxt => "<SEQ=SND.NXT><CTL=RST>",
            Reply::RstEither => "<SEQ=SND.NXT><CTL=RST> or <SEQ=SEG.ACK><CTL=RST>",
            Reply::Text => "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK><DATA> as the windows allow",
            Reply::Fin => "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK> after all queued text",
            Reply::Again => "the front of the retransmission queue",
            Reply::Probe => "one octet past the window, or an old one, with ACK=RCV.NXT",
            Reply::KeepAliveProbe => "<SEQ=SND.NXT-1><ACK=RCV.NXT><CTL=ACK>",
        }
    }
}

impl Effect {
    /// What changes, in the RFC's variables.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::CreateTcb => "make a TCB",
            Effect::ChooseIss => "choose ISS, SND.UNA=ISS, SND.NXT=ISS+1",
            Effect::SynIn => "IRS=SEG.SEQ, RCV.NXT=SEG.SEQ+1",
            Effect::SynAckIn => "IRS=SEG.SEQ, RCV.NXT=SEG.SEQ+1, SND.UNA=SEG.ACK, SND.WND=SEG.WND",
            Effect::SynWindow => "SND.WND=SEG.WND",
            Effect::TakeAck => "SND.UNA=SEG.ACK",
            Effect::UpdateWindow => "SND.WND=SEG.WND unless older",
            Effect::SetWindow => "SND.WND=SEG.WND",
            Effect::QueueSynText => "queue text and controls",
            Effect::ReleaseQueued => "deliver and send what is queued",
            Effect::TakeText => "RCV.NXT over the text",
            Effect::HoldText => "hold the text",
            Effect::TakeFin => "RCV.NXT over the FIN",
            Effect::HoldFin => "hold the FIN",
            Effect::SecondFin => "RCV.NXT over the FIN again, or not",
            Effect::RefuseText => "text and FIN not taken",
            Effect::IgnoreText => "text ignored",
            Effect::TrimFin => "FIN trimmed",
            Effect::TakeUrgent => "RCV.UP=max(RCV.UP,SEG.UP)",
            Effect::IgnoreUrgent => "URG ignored",
            Effect::ForgetRemote => "flush, forget the remote socket",
            Effect::Delete => "delete the TCB",
            Effect::Start2Msl => "start 2 MSL",
            Effect::Restart2Msl => "restart 2 MSL",
            Effect::Reopen => "replace the old TCB",
            Effect::QueueSend => "queue the text",
            Effect::QueueFin => "queue the FIN",
            Effect::QueueReceive => "queue the RECEIVE",
            Effect::Deliver => "deliver",
            Effect::BackOff => "double the RTO, restart",
        }
    }
}

impl Signal {
    /// What the user is told.
    pub const fn name(self) -> &'static str {
        match self {
            Signal::None => "",
            Signal::Ok => "ok",
            Signal::Open => "connection open",
            Signal::Data => "data",
            Signal::Urgent => "urgent data",
            Signal::Closing => "connection closing",
            Signal::OpenThenClosing => "connection open, connection closing",
            Signal::Reset => "connection reset",
            Signal::Refused => "connection refused",
            Signal::TimedOut => "aborted due to user timeout",
            Signal::Closed => "close complete",
            Signal::Acknowledged => "ok for what is acknowledged",
            Signal::SoftError => "soft error",
            Signal::IcmpError => "error of the ICMP code",
            Signal::Status => "state and TCB",
            Signal::PendingClosing => "pending calls: connection closing",
            Signal::PendingReset => "pending calls: connection reset",
            Signal::NoConnection => "error: connection does not exist",
            Signal::Illegal => "error: connection illegal for this process",
            Signal::NoRemote => "error: remote socket unspecified",
            Signal::NoResources => "error: insufficient resources",
            Signal::Exists => "error: connection already exists",
            Signal::ErrorClosing => "error: connection closing",
            Signal::NotAllowed => "error: value not allowed",
            Signal::Error => "error",
            Signal::RecordOrError => "a new record, or an error",
        }
    }
}

impl Guard {
    /// The condition in words; nothing for `Always`.
    pub const fn name(self) -> &'static str {
        match self {
            Guard::Always => "",
            Guard::SegLenPositive => "SEG.LEN > 0",
            Guard::OriginPassive => "opened passively",
            Guard::OriginActive => "opened actively",
            Guard::Urgent => "URG",
            Guard::FinInOrder => "all before the FIN received",
            Guard::FinInOrderOwnOpen => "all before the FIN received, own FIN open",
            Guard::OverrunAtNxt => "ends past the window's edge, starts at RCV.NXT",
            Guard::OverrunRight => "ends past the window's edge, starts right of RCV.NXT",
            Guard::FinPastEdge => "FIN at or past the window's edge",
            Guard::SecurityDiffers => "security or compartment differs",
            Guard::BadAddress => "broadcast, multicast or invalid address",
            Guard::KeepAliveProbe => "SEG.SEQ = RCV.NXT-1, at most one octet",
            Guard::RepeatedSyn => "SEG.SEQ = IRS",
            Guard::CrossingSynAck => "opened actively, SEG.SEQ = IRS",
            Guard::NewerSyn => "SEG.SEQ above the old RCV.NXT, a listener is there",
            Guard::NewerTimestamp => "timestamps prove it newer, a listener is there",
            Guard::OldTimestamp => "SEG.TSval older than TS.Recent",
            Guard::NoTimestamp => "no timestamps option",
            Guard::ProfileRfc5961 => "profile rfc5961",
            Guard::RepeatedFin => "the peer's FIN again",
            Guard::Combined => "several steps in one segment",
            Guard::RemoteGiven => "remote socket given",
            Guard::RemoteMissing => "remote socket not given",
            Guard::RemoteBad => "remote address broadcast or multicast",
            Guard::HasAccess => "caller has access",
            Guard::NoAccess => "caller has no access",
            Guard::NoRoom => "no room for a TCB",
            Guard::BadDiffserv => "Diffserv or security value not allowed",
            Guard::NothingPending => "no SEND issued, nothing queued",
            Guard::TextPending => "text queued",
            Guard::Unread => "received text unread",
            Guard::Undelivered => "received text undelivered",
            Guard::NothingLeft => "nothing left to deliver",
            Guard::CannotRead => "closed for reading",
            Guard::QueueNotEmpty => "something unacknowledged, below R2",
            Guard::R1Reached => "R1 reached",
            Guard::R2Reached => "user timeout or R2 reached",
            Guard::ZeroWindow => "SND.WND = 0, something waits",
            Guard::AckPending => "received text unacknowledged",
            Guard::Idle => "idle for the interval",
            Guard::TwoMslPassed => "2 MSL since the last start",
            Guard::QuotedInFlight => "quoted SEQ in SND.UNA..SND.NXT",
        }
    }
}

impl Switch {
    /// The choice, as a profile spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Switch::Core => "core",
            Switch::RstRfc5961 => "rst=rfc5961",
            Switch::RstClassic => "rst=classic",
            Switch::SynRfc5961 => "syn=rfc5961",
            Switch::SynClassic => "syn=classic",
            Switch::May12 => "ack=rfc5961",
            Switch::HalfDuplex => "half-duplex",
            Switch::Reopen => "reopen",
            Switch::Rfc6191 => "rfc6191",
            Switch::Mls => "mls",
            Switch::Timestamps => "timestamps",
            Switch::KeepAlive => "keep-alive",
            Switch::Case => "case",
            Switch::Composite => "composite",
        }
    }
}

impl CallKind {
    /// As RFC 9293 3.9.1 spells it.
    pub const fn name(self) -> &'static str {
        match self {
            CallKind::OpenPassive => "OPEN passive",
            CallKind::OpenActive => "OPEN active",
            CallKind::Open => "OPEN",
            CallKind::Send => "SEND",
            CallKind::Receive => "RECEIVE",
            CallKind::Close => "CLOSE",
            CallKind::Abort => "ABORT",
            CallKind::Status => "STATUS",
        }
    }
}

impl TimerKind {
    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            TimerKind::Retransmission => "RETRANSMISSION",
            TimerKind::R1 => "R1",
            TimerKind::UserTimeout => "USER TIMEOUT",
            TimerKind::ZeroWindowProbe => "zero-window probe",
            TimerKind::DelayedAck => "delayed ACK",
            TimerKind::KeepAlive => "keep-alive",
            TimerKind::TimeWait => "TIME-WAIT",
            TimerKind::FinWait2 => "FIN-WAIT-2",
        }
    }
}

/// `segment`, `call OPEN active`, `timer R1`, `icmp hard error`.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Segment => f.pad("segment"),
            Event::Call(call) => f.pad(&format!("call {}", call.name())),
            Event::Timer(timer) => f.pad(&format!("timer {}", timer.name())),
            Event::Icmp(IcmpKind::Hard) => f.pad("icmp hard error"),
            Event::Icmp(IcmpKind::Soft) => f.pad("icmp soft error"),
        }
    }
}

/// The state, or what decides it.
impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Next::Stay => f.pad("stays"),
            Next::To(state) => f.pad(state.name()),
            Next::ByOrigin => f.pad("CLOSED, opened passively LISTEN"),
            Next::AsFin => f.pad("as the FIN's rule"),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for TimerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
