use core::fmt;

use crate::config::Config;
use crate::reassembly::ReceiveBuffer;
use crate::record::{End, Fate, Record};
use crate::reset::{Reset, Resets};
use crate::signal::Signal;
use crate::tcb::{Fin, Tcb};
use crate::types::State;

/// Why CLOSE fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CloseError {
    /// `error: connection does not exist`.
    NoConnection,
    /// `error: connection closing`: it was closed before.
    Closing,
}

impl fmt::Display for CloseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CloseError::NoConnection => "error: connection does not exist",
            CloseError::Closing => "error: connection closing",
        })
    }
}

impl core::error::Error for CloseError {}

/// CLOSE. With half-duplex close the user gives up reading too, and unread text makes it a reset (MAY-1,
/// SHLD-3).
pub(crate) fn close(record: &mut Record, config: &Config, resets: &mut Resets) -> Result<Fate, CloseError> {
    if config.half_duplex
        && let Record::Connection(tcb) = record
        && !tcb.reading_closed
    {
        use State::{CloseWait, Established, FinWait1, FinWait2};
        tcb.reading_closed = true;
        let open = matches!(tcb.state, Established | FinWait1 | FinWait2 | CloseWait);
        if open && tcb.incoming.readable() > 0 {
            resets.push(Reset::abort(tcb));
            return Ok(Fate::Delete(End::Closed));
        }
    }
    shutdown(record)
}

/// 3.10.4: the sending direction ends, the receiving one goes on.
pub(crate) fn shutdown(record: &mut Record) -> Result<Fate, CloseError> {
    let tcb = match record {
        Record::Closed(..) => return Err(CloseError::NoConnection),
        Record::Listening(_) => return Ok(Fate::Delete(End::Closed)),
        Record::Connection(tcb) => tcb,
    };
    match tcb.state {
        // There is no TCB in CLOSED, and a listener is no connection.
        State::Closed | State::Listen => Err(CloseError::NoConnection),
        State::SynSent => {
            tcb.signals.raise(Signal::Closed);
            Ok(Fate::Delete(End::Closed))
        }
        State::SynReceived => {
            queue_fin(tcb)?;
            // With text queued the CLOSE waits for ESTABLISHED.
            if tcb.outgoing.len() == 0 {
                tcb.state = State::FinWait1;
                // ESTABLISHED, for which the text of the SYN waits, will not come: it has to be sent again.
                tcb.incoming = ReceiveBuffer::default();
                tcb.rcv.fin = None;
            }
            Ok(Fate::Stay)
        }
        State::Established => {
            queue_fin(tcb)?;
            tcb.state = State::FinWait1;
            Ok(Fate::Stay)
        }
        // The state changes when the FIN is sent.
        State::CloseWait => queue_fin(tcb).map(|()| Fate::Stay),
        State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck | State::TimeWait => {
            Err(CloseError::Closing)
        }
    }
}

/// The FIN follows all preceding SENDs.
fn queue_fin(tcb: &mut Tcb) -> Result<(), CloseError> {
    if tcb.fin != Fin::None {
        return Err(CloseError::Closing);
    }
    tcb.fin = Fin::Queued;
    Ok(())
}
