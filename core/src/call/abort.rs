use core::fmt;

use crate::record::{End, Fate, Record};
use crate::reset::{Reset, Resets};
use crate::types::State;

/// Why ABORT fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AbortError {
    /// `error: connection does not exist`.
    NoConnection,
}

impl fmt::Display for AbortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error: connection does not exist")
    }
}

impl core::error::Error for AbortError {}

/// 3.10.5.
pub(crate) fn abort(record: &Record, resets: &mut Resets) -> Result<Fate, AbortError> {
    use State::{CloseWait, Established, FinWait1, FinWait2, SynReceived};
    let tcb = match record {
        Record::Closed(..) => return Err(AbortError::NoConnection),
        Record::Listening(_) => return Ok(Fate::Delete(End::Closed)),
        Record::Connection(tcb) => tcb,
    };
    if matches!(tcb.state, SynReceived | Established | FinWait1 | FinWait2 | CloseWait) {
        resets.push(Reset::abort(tcb));
    }
    Ok(Fate::Delete(End::Closed))
}
