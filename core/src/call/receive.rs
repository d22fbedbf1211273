use alloc::vec::Vec;
use core::fmt;

use crate::config::Config;
use crate::record::{End, Record};
use crate::types::State;

/// Why RECEIVE fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ReceiveError {
    /// `error: connection does not exist`.
    NoConnection,
    /// `error: connection closing`: the peer closed and everything was read, or the user closed reading too.
    Closing,
    /// `error: connection reset`.
    Reset,
    /// `error: connection refused`.
    Refused,
    /// `error: connection aborted due to user timeout`.
    TimedOut,
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReceiveError::NoConnection => "error: connection does not exist",
            ReceiveError::Closing => "error: connection closing",
            ReceiveError::Reset => "error: connection reset",
            ReceiveError::Refused => "error: connection refused",
            ReceiveError::TimedOut => "error: connection aborted due to user timeout",
        })
    }
}

impl core::error::Error for ReceiveError {}

/// 3.10.3, without queued calls: 0 octets mean that there is nothing yet. Appends at most `max` octets to
/// `out`.
///
/// Text that came before the peer's FIN is handed over in CLOSING, LAST-ACK and TIME-WAIT too: it was
/// acknowledged, so it has to be deliverable.
pub(crate) fn receive(
    record: &mut Record,
    config: &Config,
    max: u32,
    out: &mut Vec<u8>,
) -> Result<usize, ReceiveError> {
    use State::{CloseWait, Closing, LastAck, TimeWait};
    let tcb = match record {
        Record::Closed(End::Closed, _) => return Err(ReceiveError::NoConnection),
        Record::Closed(End::Reset, _) => return Err(ReceiveError::Reset),
        Record::Closed(End::Refused, _) => return Err(ReceiveError::Refused),
        Record::Closed(End::TimedOut, _) => return Err(ReceiveError::TimedOut),
        Record::Listening(_) => return Ok(0),
        Record::Connection(tcb) => tcb,
    };
    if tcb.reading_closed {
        return Err(ReceiveError::Closing);
    }
    let peer_closed = matches!(tcb.state, CloseWait | Closing | LastAck | TimeWait);
    if peer_closed && tcb.incoming.readable() == 0 {
        return Err(ReceiveError::Closing);
    }
    let taken = tcb.incoming.take(max, out);
    // 3.8.6.2.2: the freed space is told once it is worth a segment.
    if taken > 0 && !peer_closed && tcb.state.is_synchronized() && tcb.may_move_edge(config) {
        tcb.owed.ack = true;
    }
    Ok(taken as usize)
}
