//! What stands behind a name: a listener, a connection, or the memory of one that ended.

use alloc::collections::VecDeque;

use crate::config::{Config, Listening};
use crate::signal::Signals;
use crate::tcb::{Listen, Name, Options, Tcb};
use crate::types::State;

/// A record in LISTEN.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Listener {
    pub listen: Listen,
    /// Connections in SYN-RECEIVED that this listener made.
    pub embryos: u16,
    /// Established connections that nobody has accepted, oldest first.
    pub ready: VecDeque<Name>,
    /// SYNs that were answered by a cookie while there was no room for them.
    pub cookies: u64,
    /// What its connections start with.
    pub options: Options,
}

impl Listener {
    pub fn new(config: &Config, listen: Listen) -> Listener {
        Listener { listen, embryos: 0, ready: VecDeque::new(), cookies: 0, options: Options::new(config) }
    }

    /// Whether there is room for one more SYN.
    pub fn takes_syn(&self, config: &Config) -> bool {
        match config.listening {
            Listening::Becomes => true,
            Listening::Forks { syn_queue, accept_queue } => {
                self.embryos < syn_queue && self.ready.len() < usize::from(accept_queue)
            }
        }
    }
}

/// How a connection ended, for a user who still has its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum End {
    /// By CLOSE, ABORT, or both FINs.
    Closed,
    Reset,
    Refused,
    TimedOut,
}

/// What becomes of a record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Fate {
    Stay,
    /// Delete the TCB, enter CLOSED.
    Delete(End),
    /// Back to LISTEN, where a passive OPEN came from (3.10.7.4, steps 2 and 4).
    Listen,
}

/// What a name stands for. Connections are many and listeners few, so a record is as large as a TCB.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(clippy::large_enum_variant)]
pub(crate) enum Record {
    /// CLOSED: there is no TCB any more.
    Closed(End, Signals),
    Listening(Listener),
    Connection(Tcb),
}

impl Record {
    pub fn state(&self) -> State {
        match self {
            Record::Closed(..) => State::Closed,
            Record::Listening(_) => State::Listen,
            Record::Connection(tcb) => tcb.state,
        }
    }
}
