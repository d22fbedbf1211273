use core::fmt;
use core::net::IpAddr;

use super::Host;
use crate::record::Record;
use crate::tcb::Name;
use crate::types::{Endpoint, SeqNum, State};

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
    /// Of a listener, SYNs that were answered by a cookie.
    pub cookies: u64,
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
                cookies: listener.cookies,
            }),
            Record::Connection(tcb) => Some(Connection {
                receive_queue: tcb.incoming.readable(),
                send_queue: tcb.outgoing.len(),
                local: Ok(tcb.local),
                foreign: Some(tcb.remote),
                state: tcb.state,
                cookies: 0,
            }),
        }
    }
}

/// What STATUS may tell besides the state (RFC 9293 3.10.6): a connection's variables.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Variables {
    /// ISS.
    pub iss: SeqNum,
    /// SND.UNA.
    pub snd_una: SeqNum,
    /// SND.NXT.
    pub snd_nxt: SeqNum,
    /// SND.WND, in octets.
    pub snd_wnd: u32,
    /// IRS; `None` in SYN-SENT.
    pub irs: Option<SeqNum>,
    /// RCV.NXT.
    pub rcv_nxt: SeqNum,
    /// Octets of text that the peer has not acknowledged, sent or not.
    pub queued: u32,
    /// Its next timer is that of TIME-WAIT.
    pub lingers: bool,
}

impl Host {
    /// The variables of a connection; `None` for a listener and in CLOSED.
    pub fn variables(&self, name: Name) -> Option<Variables> {
        let Some(Record::Connection(tcb)) = self.records.get(name) else { return None };
        Some(Variables {
            iss: tcb.snd.iss,
            snd_una: tcb.snd.una,
            snd_nxt: tcb.snd.nxt,
            snd_wnd: tcb.snd.wnd,
            irs: (tcb.state != State::SynSent).then_some(tcb.rcv.irs),
            rcv_nxt: tcb.rcv.nxt,
            queued: tcb.outgoing.len(),
            lingers: tcb.timers.time_wait.is_some(),
        })
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
        write!(f, "{:<24} {}", Column(self.foreign), self.state)?;
        if self.cookies > 0 { write!(f, " (SYN cookies: {})", self.cookies) } else { Ok(()) }
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
