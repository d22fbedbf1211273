//! One lwIP: its calls, its clock, its packets.

use core::ffi::{CStr, c_int};

use crate::slots::{Entered, Lease, Port, RawSetup};
use crate::{State, Version};

/// `TCP_MSS` of lwipopts.h: lwIP's default.
pub const MSS: u16 = 536;

/// What lwIP is before anything happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setup {
    /// The interface's address.
    pub addr: [u8; 4],
    /// Its netmask.
    pub mask: [u8; 4],
    /// Its MTU, in octets.
    pub mtu: u16,
    /// `TCP_WND`: receive window of every connection, in octets; a build of lwIP fixes it. Its sanity check
    /// asks for 536 at least.
    pub wnd: u16,
    /// `TCP_SND_BUF`: send buffer of every connection, in octets, likewise; 1072 at least.
    pub snd_buf: u16,
    /// The Nagle algorithm, on by default.
    pub nagle: bool,
    /// `SO_KEEPALIVE` with this idle time and interval, in milliseconds.
    pub keep_alive_ms: Option<u32>,
    /// The first connection's initial sequence number; by chance where there is none. lwIP asks its port
    /// for all of them.
    pub iss: Option<u32>,
    /// Of all that is drawn by chance.
    pub seed: u64,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            addr: [192, 0, 2, 1],
            mask: [255, 255, 255, 0],
            mtu: 1500,
            wnd: 4 * MSS,
            snd_buf: 2 * MSS,
            nagle: true,
            keep_alive_ms: None,
            iss: None,
            seed: 0,
        }
    }
}

/// Names a connection or listener until the next reset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conn(c_int);

/// Why a call did nothing: lwIP's `err_t`, and what its door adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    /// An assertion failed; [`Stack::assertion`] says which. The instance is dead until it is reset.
    Asserted,
    /// There is no such connection, or the user has closed it: lwIP forbids naming it any more.
    Gone,
    /// `ERR_MEM`, `ERR_BUF`.
    NoMemory,
    /// `ERR_RTE`.
    NoRoute,
    /// `ERR_VAL`, `ERR_ARG`.
    Invalid,
    /// `ERR_WOULDBLOCK`.
    WouldBlock,
    /// `ERR_USE`, `ERR_ISCONN`, `ERR_ALREADY`.
    InUse,
    /// `ERR_CONN`: not connected.
    NotConnected,
    /// `ERR_ABRT`: given up, by a timer or by the user.
    Aborted,
    /// `ERR_RST`: reset by the peer.
    Reset,
    /// `ERR_CLSD`: closed; of [`Stack::receive`], the end of the stream.
    Closed,
    /// Any other.
    Other(i32),
}

/// An lwIP.
pub struct Stack {
    lease: Lease,
    port: Port,
    now_us: u64,
    assertion: Option<String>,
}

impl Stack {
    /// An instance; [`Stack::reset`] follows.
    pub fn new(version: Version) -> Stack {
        let port = Port { octets: Vec::new(), ends: Vec::new(), room: usize::MAX };
        Stack { lease: Lease::new(version), port, now_us: 0, assertion: None }
    }

    /// A fresh lwIP: no connections, the clock at zero, room for every packet.
    ///
    /// # Errors
    /// [`Error::Invalid`] for sizes that lwIP's sanity checks refuse.
    pub fn reset(&mut self, setup: &Setup) -> Result<(), Error> {
        if setup.wnd < MSS || setup.snd_buf < 2 * MSS {
            return Err(Error::Invalid);
        }
        self.port.octets.clear();
        self.port.ends.clear();
        self.port.room = usize::MAX;
        self.now_us = 0;
        self.assertion = None;
        let raw = RawSetup {
            addr: u32::from_be_bytes(setup.addr),
            mask: u32::from_be_bytes(setup.mask),
            seed: setup.seed,
            iss: setup.iss.unwrap_or(0),
            has_iss: setup.iss.is_some().into(),
            nagle_off: (!setup.nagle).into(),
            keep_alive: setup.keep_alive_ms.is_some().into(),
            wnd: setup.wnd,
            snd_buf: setup.snd_buf,
            mtu: setup.mtu,
            keep_alive_ms: setup.keep_alive_ms.unwrap_or(0),
        };
        self.call(|lwip, port| {
            lwip.restore();
            // SAFETY: under the lock; `raw` outlives the call.
            unsafe { (lwip.api.begin)(port.raw(), &raw) }
        })
        .map(drop)
    }

    /// An IP packet arrives; what it causes is in the queue when this returns.
    ///
    /// # Errors
    /// [`Error::NoMemory`] where lwIP had no buffer for it.
    pub fn deliver(&mut self, packet: &[u8]) -> Result<(), Error> {
        // SAFETY: under the lock; the slice outlives the call.
        self.call(|lwip, port| unsafe { (lwip.api.input)(port.raw(), packet.as_ptr(), packet.len()) })
            .map(drop)
    }

    /// The transmit queue takes so many packets from now on; a packet for which there is no room is refused
    /// with `ERR_MEM`, as a driver does.
    pub fn set_room(&mut self, room: usize) {
        self.port.room = room;
    }

    /// Hands over what was sent since the last time, in order.
    pub fn take_packets(&mut self, mut take: impl FnMut(&[u8])) {
        let mut start = 0;
        for &end in &self.port.ends {
            take(&self.port.octets[start..end]);
            start = end;
        }
        self.port.octets.clear();
        self.port.ends.clear();
    }

    /// Moves the clock, in microseconds from the reset, never back. lwIP's clock shows whole milliseconds.
    pub fn advance(&mut self, to_us: u64) {
        self.now_us = self.now_us.max(to_us);
    }

    /// Runs the timers that are due.
    ///
    /// # Errors
    /// Assertions only.
    pub fn run_timers(&mut self) -> Result<(), Error> {
        let now_us = self.now_us;
        // SAFETY: under the lock.
        self.call(|lwip, port| unsafe { (lwip.api.run)(port.raw(), now_us) }).map(drop)
    }

    /// When a timer is due, in microseconds from the reset.
    ///
    /// # Errors
    /// Assertions only.
    pub fn next_timer(&mut self) -> Result<Option<u64>, Error> {
        let mut due_ms = -1;
        self.call(|lwip, _| {
            // SAFETY: under the lock.
            due_ms = unsafe { (lwip.api.next_timer)() };
            if due_ms == i64::from(FAULTED) { FAULTED } else { 0 }
        })?;
        Ok(u64::try_from(due_ms).ok().map(|ms| ms * 1000))
    }

    /// Listens on a port of the interface's address, with room for eight connections.
    ///
    /// # Errors
    /// The port is in use, or there is no memory.
    pub fn listen(&mut self, port: u16) -> Result<Conn, Error> {
        // SAFETY: under the lock.
        self.call(|lwip, out| unsafe { (lwip.api.open_passive)(out.raw(), port) }).map(Conn)
    }

    /// Connects from a local port.
    ///
    /// # Errors
    /// The pair of sockets is in use, there is no route, or no memory.
    pub fn connect(&mut self, port: u16, remote: [u8; 4], remote_port: u16) -> Result<Conn, Error> {
        let remote = u32::from_be_bytes(remote);
        // SAFETY: under the lock.
        self.call(|lwip, out| unsafe { (lwip.api.open_active)(out.raw(), port, remote, remote_port) })
            .map(Conn)
    }

    /// The oldest established connection of a listener that nobody has accepted.
    ///
    /// # Errors
    /// [`Error::WouldBlock`]: none.
    pub fn accept(&mut self, listener: Conn) -> Result<Conn, Error> {
        // SAFETY: under the lock.
        self.call(|lwip, port| unsafe { (lwip.api.accept)(port.raw(), listener.0) }).map(Conn)
    }

    /// Queues octets; how many found room. Before the handshake is done they wait.
    ///
    /// # Errors
    /// No room, not connected, or the connection's end.
    pub fn send(&mut self, conn: Conn, octets: &[u8]) -> Result<usize, Error> {
        // SAFETY: under the lock; the slice outlives the call.
        let sent = self.call(|lwip, port| unsafe {
            (lwip.api.send)(port.raw(), conn.0, octets.as_ptr(), octets.len())
        })?;
        Ok(sent as usize)
    }

    /// Takes octets that were received; how many.
    ///
    /// # Errors
    /// [`Error::WouldBlock`] for none now, [`Error::Closed`] at the end of the stream, or the connection's end.
    pub fn receive(&mut self, conn: Conn, into: &mut [u8]) -> Result<usize, Error> {
        // SAFETY: under the lock; the slice outlives the call, which writes within it.
        let taken = self.call(|lwip, port| unsafe {
            (lwip.api.receive)(port.raw(), conn.0, into.as_mut_ptr(), into.len())
        })?;
        Ok(taken as usize)
    }

    /// `tcp_shutdown` of the sending direction.
    ///
    /// # Errors
    /// Not connected.
    pub fn shut_down_write(&mut self, conn: Conn) -> Result<(), Error> {
        // SAFETY: under the lock.
        self.call(|lwip, port| unsafe { (lwip.api.shut_down_write)(port.raw(), conn.0) }).map(drop)
    }

    /// `tcp_close`. The user may not name the connection any more, but for its state.
    ///
    /// # Errors
    /// There was no connection left.
    pub fn close(&mut self, conn: Conn) -> Result<(), Error> {
        // SAFETY: under the lock.
        self.call(|lwip, port| unsafe { (lwip.api.close)(port.raw(), conn.0, 0) }).map(drop)
    }

    /// `tcp_abort`; otherwise as [`Stack::close`].
    ///
    /// # Errors
    /// There was no connection left.
    pub fn abort(&mut self, conn: Conn) -> Result<(), Error> {
        // SAFETY: under the lock.
        self.call(|lwip, port| unsafe { (lwip.api.close)(port.raw(), conn.0, 1) }).map(drop)
    }

    /// The state in lwIP's own record; CLOSED where there is none.
    ///
    /// # Errors
    /// [`Error::Asserted`] of an instance that is dead.
    pub fn state(&mut self, conn: Conn) -> Result<State, Error> {
        // SAFETY: under the lock; reads only.
        let state = self.call(|lwip, _| unsafe { (lwip.api.state_of)(conn.0) })?;
        STATES.get(state as usize).copied().ok_or(Error::Other(state))
    }

    /// Switches the Nagle algorithm.
    ///
    /// # Errors
    /// There is no such connection.
    pub fn set_nagle(&mut self, conn: Conn, on: bool) -> Result<(), Error> {
        // SAFETY: under the lock.
        self.call(|lwip, _| unsafe { (lwip.api.set_nagle)(conn.0, on.into()) }).map(drop)
    }

    /// Switches keep-alives, with this idle time and interval.
    ///
    /// # Errors
    /// There is no such connection.
    pub fn set_keep_alive(&mut self, conn: Conn, interval_ms: Option<u32>) -> Result<(), Error> {
        let interval_ms = interval_ms.map_or(0, |ms| ms.max(1));
        // SAFETY: under the lock.
        self.call(|lwip, _| unsafe { (lwip.api.set_keep_alive)(conn.0, interval_ms) }).map(drop)
    }

    /// The assertion that has failed since the last reset, in lwIP's words.
    pub fn assertion(&self) -> Option<&str> {
        self.assertion.as_deref()
    }

    /// Makes a call under the slot's lock.
    fn call(&mut self, make: impl FnOnce(&mut Entered<'_>, &mut Port) -> c_int) -> Result<c_int, Error> {
        if self.assertion.is_some() {
            return Err(Error::Asserted);
        }
        let mut lwip = self.lease.enter();
        let answer = make(&mut lwip, &mut self.port);
        if answer == FAULTED {
            // SAFETY: under the lock; a terminated string in lwIP's memory.
            let words = unsafe { CStr::from_ptr((lwip.api.last_fault)()) };
            self.assertion = Some(words.to_string_lossy().into_owned());
        }
        error(answer).map_or(Ok(answer), Err)
    }
}

/// `FAULTED` and `UNKNOWN` of shim.c.
const FAULTED: c_int = -1000;
const UNKNOWN: c_int = -1001;

/// `err_t` of lwIP's err.h.
fn error(answer: c_int) -> Option<Error> {
    Some(match answer {
        0.. => return None,
        FAULTED => Error::Asserted,
        UNKNOWN => Error::Gone,
        -1 | -2 => Error::NoMemory,
        -4 => Error::NoRoute,
        -6 | -16 => Error::Invalid,
        -7 => Error::WouldBlock,
        -10..=-8 => Error::InUse,
        -11 => Error::NotConnected,
        -13 => Error::Aborted,
        -14 => Error::Reset,
        -15 => Error::Closed,
        other => Error::Other(other),
    })
}

const STATES: [State; 11] = [
    State::Closed,
    State::Listen,
    State::SynSent,
    State::SynRcvd,
    State::Established,
    State::FinWait1,
    State::FinWait2,
    State::CloseWait,
    State::Closing,
    State::LastAck,
    State::TimeWait,
];
