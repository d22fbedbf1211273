//! Calls and their outcomes as small numbers.

use crate::scenario::ScriptCall;
use crate::subject::{Outcome, SocketOption};

/// A call without its arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum CallWord {
    OpenPassive,
    OpenActive,
    Accept,
    SendNothing,
    Send,
    ReceiveNothing,
    Receive,
    ShutdownWrite,
    Close,
    Abort,
    Status,
    SetNagle,
    SetAckDelay,
    SetUserTimeout,
    SetKeepAlive,
}

/// An outcome without its numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum OutcomeWord {
    Done,
    NoOctets,
    Octets,
    WouldBlock,
    EndOfStream,
    Closing,
    Reset,
    Refused,
    TimedOut,
    NoConnection,
    Exists,
    Invalid,
    Failed,
    NoResources,
    InState,
    Unsupported,
}

impl CallWord {
    /// All of them.
    pub const ALL: [CallWord; 15] = [
        CallWord::OpenPassive,
        CallWord::OpenActive,
        CallWord::Accept,
        CallWord::SendNothing,
        CallWord::Send,
        CallWord::ReceiveNothing,
        CallWord::Receive,
        CallWord::ShutdownWrite,
        CallWord::Close,
        CallWord::Abort,
        CallWord::Status,
        CallWord::SetNagle,
        CallWord::SetAckDelay,
        CallWord::SetUserTimeout,
        CallWord::SetKeepAlive,
    ];

    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            CallWord::OpenPassive => "listen",
            CallWord::OpenActive => "connect",
            CallWord::Accept => "accept",
            CallWord::SendNothing => "send nothing",
            CallWord::Send => "send",
            CallWord::ReceiveNothing => "receive nothing",
            CallWord::Receive => "receive",
            CallWord::ShutdownWrite => "shutdown",
            CallWord::Close => "close",
            CallWord::Abort => "abort",
            CallWord::Status => "status",
            CallWord::SetNagle => "set nagle",
            CallWord::SetAckDelay => "set ack-delay",
            CallWord::SetUserTimeout => "set user-timeout",
            CallWord::SetKeepAlive => "set keep-alive",
        }
    }
}

impl From<ScriptCall> for CallWord {
    fn from(call: ScriptCall) -> CallWord {
        match call {
            ScriptCall::OpenPassive { .. } => CallWord::OpenPassive,
            ScriptCall::OpenActive { .. } => CallWord::OpenActive,
            ScriptCall::Accept { .. } => CallWord::Accept,
            ScriptCall::Send(0) => CallWord::SendNothing,
            ScriptCall::Send(_) => CallWord::Send,
            ScriptCall::Receive(0) => CallWord::ReceiveNothing,
            ScriptCall::Receive(_) => CallWord::Receive,
            ScriptCall::ShutdownWrite => CallWord::ShutdownWrite,
            ScriptCall::Close => CallWord::Close,
            ScriptCall::Abort => CallWord::Abort,
            ScriptCall::Status => CallWord::Status,
            ScriptCall::Set(SocketOption::Nagle(_)) => CallWord::SetNagle,
            ScriptCall::Set(SocketOption::AckDelay(_)) => CallWord::SetAckDelay,
            ScriptCall::Set(SocketOption::UserTimeout(_)) => CallWord::SetUserTimeout,
            ScriptCall::Set(SocketOption::KeepAlive(_)) => CallWord::SetKeepAlive,
        }
    }
}

impl OutcomeWord {
    /// All of them.
    pub const ALL: [OutcomeWord; 16] = [
        OutcomeWord::Done,
        OutcomeWord::NoOctets,
        OutcomeWord::Octets,
        OutcomeWord::WouldBlock,
        OutcomeWord::EndOfStream,
        OutcomeWord::Closing,
        OutcomeWord::Reset,
        OutcomeWord::Refused,
        OutcomeWord::TimedOut,
        OutcomeWord::NoConnection,
        OutcomeWord::Exists,
        OutcomeWord::Invalid,
        OutcomeWord::Failed,
        OutcomeWord::NoResources,
        OutcomeWord::InState,
        OutcomeWord::Unsupported,
    ];

    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            OutcomeWord::Done => "done",
            OutcomeWord::NoOctets => "no octets",
            OutcomeWord::Octets => "octets",
            OutcomeWord::WouldBlock => "would block",
            OutcomeWord::EndOfStream => "end of stream",
            OutcomeWord::Closing => "closing",
            OutcomeWord::Reset => "reset",
            OutcomeWord::Refused => "refused",
            OutcomeWord::TimedOut => "timed out",
            OutcomeWord::NoConnection => "no connection",
            OutcomeWord::Exists => "exists",
            OutcomeWord::Invalid => "invalid",
            OutcomeWord::Failed => "failed",
            OutcomeWord::NoResources => "no resources",
            OutcomeWord::InState => "a state",
            OutcomeWord::Unsupported => "unsupported",
        }
    }
}

impl From<Outcome> for OutcomeWord {
    fn from(outcome: Outcome) -> OutcomeWord {
        match outcome {
            Outcome::Done => OutcomeWord::Done,
            Outcome::Octets(0) => OutcomeWord::NoOctets,
            Outcome::Octets(_) => OutcomeWord::Octets,
            Outcome::WouldBlock => OutcomeWord::WouldBlock,
            Outcome::EndOfStream => OutcomeWord::EndOfStream,
            Outcome::Closing => OutcomeWord::Closing,
            Outcome::Reset => OutcomeWord::Reset,
            Outcome::Refused => OutcomeWord::Refused,
            Outcome::TimedOut => OutcomeWord::TimedOut,
            Outcome::NoConnection => OutcomeWord::NoConnection,
            Outcome::Exists => OutcomeWord::Exists,
            Outcome::Invalid => OutcomeWord::Invalid,
            Outcome::Failed => OutcomeWord::Failed,
            Outcome::NoResources => OutcomeWord::NoResources,
            Outcome::InState(_) => OutcomeWord::InState,
            Outcome::Unsupported => OutcomeWord::Unsupported,
        }
    }
}
