use core::fmt;

use crate::config::Config;
use crate::record::{End, Record};
use crate::tcb::Fin;
use crate::types::State;

/// Why SEND fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SendError {
    /// `error: connection does not exist`.
    NoConnection,
    /// `error: remote socket unspecified`: a listener has no peer.
    RemoteUnspecified,
    /// `error: insufficient resources`: no octet fits now.
    NoResources,
    /// `error: connection closing`: the user has closed.
    Closing,
    /// `error: connection reset`.
    Reset,
    /// `error: connection refused`.
    Refused,
    /// `error: connection aborted due to user timeout`.
    TimedOut,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendError::NoConnection => "error: connection does not exist",
            SendError::RemoteUnspecified => "error: remote socket unspecified",
            SendError::NoResources => "error: insufficient resources",
            SendError::Closing => "error: connection closing",
            SendError::Reset => "error: connection reset",
            SendError::Refused => "error: connection refused",
            SendError::TimedOut => "error: connection aborted due to user timeout",
        })
    }
}

impl core::error::Error for SendError {}

/// 3.10.2. Returns how many octets were queued: as many as fit.
pub(crate) fn send(record: &mut Record, config: &Config, text: &[u8]) -> Result<usize, SendError> {
    use State::{CloseWait, Established, SynReceived, SynSent};
    let tcb = match record {
        Record::Closed(End::Closed, _) => return Err(SendError::NoConnection),
        Record::Closed(End::Reset, _) => return Err(SendError::Reset),
        Record::Closed(End::Refused, _) => return Err(SendError::Refused),
        Record::Closed(End::TimedOut, _) => return Err(SendError::TimedOut),
        // A listener with a remote socket becomes active in the host, before this is reached.
        Record::Listening(_) => return Err(SendError::RemoteUnspecified),
        Record::Connection(tcb) => tcb,
    };
    // In SYN-SENT and SYN-RECEIVED the text waits for ESTABLISHED.
    let open = matches!(tcb.state, SynSent | SynReceived | Established | CloseWait);
    if !open || tcb.fin != Fin::None {
        return Err(SendError::Closing);
    }
    let queued = tcb.outgoing.queue(text, config.send_buffer);
    if queued == 0 && !text.is_empty() { Err(SendError::NoResources) } else { Ok(queued) }
}
