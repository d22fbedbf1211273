use core::fmt;
use core::net::IpAddr;

use crate::record::Record;
use crate::types::{Endpoint, State};

/// A line of the list of connections. It prints as `netstat -an` does: protocol, queues, local and foreign
/// socket, state.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Connection {
    /// Octets that the user has not taken; of a listener, connections that nobody has accepted.
    pub receive_queue: u32,
    /// Octets that the peer has not acknowledged, sent or not; of a listener, connections in SYN-RECEIVED.
    pub send_queue: u32,
    /// Our socket; of a listener, its port alone.
    pub local: Result<Endpoint, u16>,
    /// The peer's, where there is one.
    pub foreign: Option<Endpoint>,
    /// The state; never CLOSED.
    pub state: State,
}

impl Connection {
    pub(super) fn of(record: &Record) -> Option<Connection> {
        match record {
            Record::Closed(..) => None,
            Record::Listening(listener) => Some(Connection {
                receive_queue: listener.ready.len() as u32,
                send_queue: listener.embryos.into(),
                local: Err(listener.listen.port),
                foreign: listener.listen.remote,
                state: State::Listen,
            }),
            Record::Connection(tcb) => Some(Connection {
                receive_queue: tcb.incoming.readable(),
                send_queue: tcb.outgoing.len(),
                local: Ok(tcb.local),
                foreign: Some(tcb.remote),
                state: tcb.state,
            }),
        }
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proto = match self.local {
            Ok(Endpoint { addr: IpAddr::V4(_), .. }) => "tcp4",
            Ok(Endpoint { addr: IpAddr::V6(_), .. }) => "tcp6",
            Err(_) => "tcp",
        };
        write!(f, "{proto:<5} {:>6} {:>6} ", self.receive_queue, self.send_queue)?;
        match self.local {
            Ok(local) => write!(f, "{:<24} ", Column(Some(local)))?,
            Err(port) => write!(f, "*:{port:<22} ")?,
        }
        write!(f, "{:<24} {}", Column(self.foreign), self.state)
    }
}

/// A socket in a column; `*:*` where there is none.
struct Column(Option<Endpoint>);

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(endpoint) => f.pad(&alloc::format!("{endpoint}")),
            None => f.pad("*:*"),
        }
    }
}
