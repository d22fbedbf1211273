//! A host: its listeners and connections, and all that goes in and out.

use alloc::vec::Vec;
use core::net::IpAddr;

use self::records::Records;
use crate::arrives::{self, Arrival, Heard};
use crate::call::{
    self, AbortError, CloseError, OpenError, ReceiveError, SendError, StatusError, check_remote, is_many,
};
use crate::config::{Config, Listening};
use crate::isn::Isns;
use crate::record::{End, Fate, Listener, Record};
use crate::reset::Resets;
use crate::send;
use crate::signal::Signals;
use crate::tcb::{Listen, Name, Origin, Tcb};
use crate::timer;
use crate::types::wire::{emit, parse};
use crate::types::{Checksum, Duration, Endpoint, Instant, Segment, State};

mod list;
mod records;

pub use list::Connection;

/// A host with TCP, as a value: to be cloned, compared and hashed.
///
/// It has no clock: [`Host::advance`] says what time it is, and everything happens at that instant. It has
/// no network: [`Host::arrives`] takes a packet, [`Host::transmit`] gives one.
///
/// ```
/// use lastack_core::{Config, Host, config::Address};
///
/// let addr = |last| Address { addr: [192, 0, 2, last].into(), prefix_len: 24 };
/// let mut server = Host::new(Config::new(vec![addr(1)], *b"a secret, really"));
/// let mut client = Host::new(Config::new(vec![addr(2)], *b"another one, too"));
/// let listener = server.open_passive(80, None)?;
/// let connection = client.open_active(4000, "192.0.2.1:80".parse::<std::net::SocketAddr>()?.into())?;
/// client.send(connection, b"hello")?;
///
/// // A wire: until both are quiet, whatever one sends arrives at the other.
/// let mut packet = Vec::new();
/// let mut pass = |from: &mut Host, to: &mut Host| {
///     packet.clear();
///     from.transmit(&mut packet) && { to.arrives(&packet); true }
/// };
/// while pass(&mut client, &mut server) || pass(&mut server, &mut client) {}
///
/// let accepted = server.accept(listener).expect("the handshake is done");
/// let mut text = Vec::new();
/// assert_eq!(server.receive(accepted, 100, &mut text)?, 5);
/// assert_eq!(text, b"hello");
/// assert_eq!(client.status(connection)?.name(), "ESTABLISHED");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Host {
    config: Config,
    now: Instant,
    isns: Isns,
    records: Records,
    resets: Resets,
}

impl Host {
    /// A host without connections, at instant zero.
    pub fn new(config: Config) -> Host {
        let isns = Isns::new(config.isn, config.first_isn);
        Host { config, now: Instant::ZERO, isns, records: Records::default(), resets: Resets::default() }
    }

    // ------------------------------------------------------------ calls (3.10.1 to 3.10.6)

    /// OPEN, passive: listens on a port of every own address, for any peer or for one. Every OPEN makes a
    /// record of its own and changes no other (MUST-41, MUST-42); of several that would take a SYN the
    /// oldest takes it.
    ///
    /// # Errors
    /// Port 0, or a remote that no connection can have.
    pub fn open_passive(&mut self, port: u16, remote: Option<Endpoint>) -> Result<Name, OpenError> {
        if port == 0 {
            return Err(OpenError::BadLocal);
        }
        remote.map_or(Ok(()), |remote| check_remote(&self.config, remote))?;
        let listen = Listen { port, remote };
        let listener = Listener::new(&self.config, listen);
        Ok(self.records.insert(Record::Listening(listener), true))
    }

    /// OPEN, active: from a port of the host's own address to `remote`.
    ///
    /// # Errors
    /// Port 0, a remote that no connection can have, or the connection exists.
    pub fn open_active(&mut self, port: u16, remote: Endpoint) -> Result<Name, OpenError> {
        let local = self.local_for(port, remote)?;
        let tcb = call::active(&self.config, &mut self.isns, self.now, local, remote);
        let name = self.records.insert(Record::Connection(tcb), true);
        self.settle(name);
        Ok(name)
    }

    /// OPEN, active, on a listener: it changes from passive to active.
    ///
    /// # Errors
    /// As [`Host::open_active`]; the name is no listener.
    pub fn activate(&mut self, name: Name, remote: Endpoint) -> Result<(), OpenError> {
        let Some(record) = self.records.get(name) else { return Err(OpenError::NoConnection) };
        let Record::Listening(listener) = record else {
            let closed = matches!(record, Record::Closed(..));
            return Err(if closed { OpenError::NoConnection } else { OpenError::Exists });
        };
        let local = self.local_for(listener.listen.port, remote)?;
        self.abandon(name);
        let tcb = call::active(&self.config, &mut self.isns, self.now, local, remote);
        self.records.replace(name, Record::Connection(tcb));
        self.settle(name);
        Ok(())
    }

    /// The next established connection that this listener made, if there is one.
    pub fn accept(&mut self, listener: Name) -> Option<Name> {
        let Some(Record::Listening(waiting)) = self.records.get_mut(listener) else { return None };
        let name = waiting.ready.pop_front()?;
        self.records.own(name);
        Some(name)
    }

    /// SEND: queues as much of `text` as fits; says how many octets.
    ///
    /// # Errors
    /// RFC 9293 3.10.2's, and what the connection came to.
    pub fn send(&mut self, name: Name, text: &[u8]) -> Result<usize, SendError> {
        // 3.10.2, LISTEN STATE: with a remote socket the connection changes from passive to active.
        if let Some(Record::Listening(listener)) = self.records.get(name)
            && let Some(remote) = listener.listen.remote
        {
            self.activate(name, remote).map_err(|_| SendError::RemoteUnspecified)?;
        }
        let record = self.records.get_mut(name).ok_or(SendError::NoConnection)?;
        let result = call::send(record, &self.config, text);
        self.settle(name);
        result
    }

    /// RECEIVE: appends at most `max` octets to `out`; says how many. 0 is "nothing yet".
    ///
    /// # Errors
    /// RFC 9293 3.10.3's, and what the connection came to.
    pub fn receive(&mut self, name: Name, max: u32, out: &mut Vec<u8>) -> Result<usize, ReceiveError> {
        let record = self.records.get_mut(name).ok_or(ReceiveError::NoConnection)?;
        let result = call::receive(record, &self.config, max, out);
        self.settle(name);
        result
    }

    /// CLOSE. The name stays the user's until [`Host::release`].
    ///
    /// # Errors
    /// RFC 9293 3.10.4's.
    pub fn close(&mut self, name: Name) -> Result<(), CloseError> {
        let record = self.records.get_mut(name).ok_or(CloseError::NoConnection)?;
        let fate = call::close(record, &self.config, &mut self.resets)?;
        self.follow(name, fate);
        Ok(())
    }

    /// CLOSE that only ends sending, also where [`Config::half_duplex`] is on.
    ///
    /// # Errors
    /// RFC 9293 3.10.4's.
    pub fn shutdown(&mut self, name: Name) -> Result<(), CloseError> {
        let record = self.records.get_mut(name).ok_or(CloseError::NoConnection)?;
        let fate = call::shutdown(record)?;
        self.follow(name, fate);
        Ok(())
    }

    /// ABORT.
    ///
    /// # Errors
    /// RFC 9293 3.10.5's.
    pub fn abort(&mut self, name: Name) -> Result<(), AbortError> {
        let record = self.records.get_mut(name).ok_or(AbortError::NoConnection)?;
        let fate = call::abort(record, &mut self.resets)?;
        self.follow(name, fate);
        Ok(())
    }

    /// STATUS: the state.
    ///
    /// # Errors
    /// RFC 9293 3.10.6's: in CLOSED there is no connection.
    pub fn status(&self, name: Name) -> Result<State, StatusError> {
        match self.records.get(name).map(Record::state) {
            None | Some(State::Closed) => Err(StatusError::NoConnection),
            Some(state) => Ok(state),
        }
    }

    /// Gives a name back. What is still open is closed first, and goes on alone; until this call a name is
    /// never given to anything else.
    pub fn release(&mut self, name: Name) {
        // Closed before: then there is nothing left to do.
        let _ = self.close(name);
        self.records.disown(name);
    }

    // ------------------------------------------------------------ options and signals

    /// The Nagle algorithm of a connection, or of those that a listener will make.
    pub fn set_nagle(&mut self, name: Name, on: bool) {
        self.set(name, |options| options.nagle = on);
    }

    /// The delayed ACK of a connection, or of those that a listener will make.
    pub fn set_ack_delay(&mut self, name: Name, delay: Option<Duration>) {
        self.set(name, |options| options.ack_delay = delay);
    }

    /// The user timeout of a connection, or of those that a listener will make.
    pub fn set_user_timeout(&mut self, name: Name, timeout: Option<Duration>) {
        self.set(name, |options| options.user_timeout = timeout);
    }

    fn set(&mut self, name: Name, change: impl FnOnce(&mut crate::tcb::Options)) {
        match self.records.get_mut(name) {
            Some(Record::Listening(listener)) => change(&mut listener.options),
            Some(Record::Connection(tcb)) => change(&mut tcb.options),
            Some(Record::Closed(..)) | None => {}
        }
        self.settle(name);
    }

    /// What the user was told since the last time.
    pub fn signals(&mut self, name: Name) -> Signals {
        match self.records.get_mut(name) {
            Some(Record::Connection(tcb)) => core::mem::take(&mut tcb.signals),
            Some(Record::Closed(_, signals)) => core::mem::take(signals),
            Some(Record::Listening(_)) | None => Signals::default(),
        }
    }

    // ------------------------------------------------------------ packets (3.10.7)

    /// An IP packet arrives. What cannot be for this host is dropped without a word: packets that cannot be
    /// read, wrong checksums (MUST-3), foreign destinations, sources that nobody can answer (MUST-57, MUST-63).
    pub fn arrives(&mut self, packet: &[u8]) {
        let Ok(segment) = parse(packet) else { return };
        if !self.is_for_us(&segment) {
            return;
        }
        let header = segment.header;
        let mut arrival = Arrival::new(segment, self.now, &self.config, &mut self.resets);
        let listener = self.records.listener_for(header.dst.port, header.src);
        match (self.records.named(header.dst, header.src), listener) {
            (None, None) => arrives::closed(&mut arrival),
            (None, Some(listener)) => self.hear(listener, segment, None),
            (Some(name), listener) => {
                let reopens = matches!(self.records.get(name), Some(Record::Connection(tcb))
                    if arrives::opens_again(tcb, &arrival));
                match listener {
                    Some(listener) if reopens => self.hear(listener, segment, Some(name)),
                    _ => self.process(name, segment),
                }
            }
        }
    }

    fn is_for_us(&self, segment: &Segment<'_>) -> bool {
        let h = &segment.header;
        let is_own = |addr: IpAddr| self.config.addresses.iter().any(|own| own.addr == addr);
        let can_be_source = |addr: IpAddr| {
            !addr.is_unspecified() && (!addr.is_loopback() || is_own(addr)) && !is_many(&self.config, addr)
        };
        h.ip_checksum == Checksum::Right
            && h.checksum == Checksum::Right
            && h.data_offset.is_none()
            && is_own(h.dst.addr)
            && can_be_source(h.src.addr)
            && !(self.config.drop_synfin && h.flags.syn() && h.flags.fin())
    }

    /// A segment for a listener; its SYN may take the place of a connection in TIME-WAIT.
    fn hear(&mut self, name: Name, segment: Segment<'_>, displaced: Option<Name>) {
        let above = match displaced.and_then(|old| self.records.get(old)) {
            Some(Record::Connection(tcb)) => Some(tcb.snd.nxt),
            _ => None,
        };
        let Some(Record::Listening(listener)) = self.records.get_mut(name) else { return };
        let flags = segment.header.flags;
        if flags.syn() && !flags.ack() && !flags.rst() && !listener.takes_syn(&self.config) {
            return;
        }
        let displaced = displaced.and_then(|old| self.records.displace(old));
        let Some(Record::Listening(listener)) = self.records.get_mut(name) else { return };
        let origin = match self.config.listening {
            Listening::Becomes => Origin::Listened(listener.listen),
            Listening::Forks { .. } => Origin::Forked(name),
        };
        let mut arrival = Arrival::new(segment, self.now, &self.config, &mut self.resets);
        let Heard::Syn(mut tcb) = arrives::listen(&mut arrival, origin, &mut self.isns, above) else { return };
        tcb.options = listener.options;
        tcb.displaced = displaced;
        let name = match origin {
            Origin::Forked(_) => {
                listener.embryos += 1;
                self.records.insert(Record::Connection(tcb), false)
            }
            _ => {
                self.records.replace(name, Record::Connection(tcb));
                name
            }
        };
        self.settle(name);
    }

    /// A segment for a connection.
    fn process(&mut self, name: Name, segment: Segment<'_>) {
        let Some(Record::Connection(tcb)) = self.records.get_mut(name) else { return };
        let before = tcb.state;
        let mut arrival = Arrival::new(segment, self.now, &self.config, &mut self.resets);
        let fate = match before {
            State::SynSent => arrives::syn_sent(tcb, &mut arrival),
            _ => arrives::otherwise(tcb, &mut arrival),
        };
        let is_born = before == State::SynReceived && tcb.state != before && fate == Fate::Stay;
        if is_born {
            self.is_born(name);
        }
        self.follow(name, fate);
    }

    /// SYN-RECEIVED is over: a listener has a connection for its user, and an old incarnation its end.
    fn is_born(&mut self, name: Name) {
        let Some(Record::Connection(tcb)) = self.records.get_mut(name) else { return };
        tcb.displaced = None;
        let origin = tcb.origin;
        if let Origin::Forked(listener) = origin
            && let Some(Record::Listening(listener)) = self.records.get_mut(listener)
        {
            listener.embryos = listener.embryos.saturating_sub(1);
            listener.ready.push_back(name);
        }
    }

    // ------------------------------------------------------------ packets out

    /// Appends the next packet to `out`, if there is one; returns whether there was. What is not asked for
    /// stays owed; several ACKs that are owed are one.
    pub fn transmit(&mut self, out: &mut Vec<u8>) -> bool {
        if let Some(reset) = self.resets.pop() {
            // Both ends have one IP version and there is no text: this cannot fail.
            let _ = emit(&Segment { header: reset.header(), text: &[] }, out);
            return true;
        }
        while let Some(name) = self.records.first_sender() {
            if let Some(Record::Connection(tcb)) = self.records.get_mut(name)
                && send::next_packet(tcb, &self.config, self.now, out)
            {
                self.records.schedule(name, &self.config);
                return true;
            }
            self.records.sent_all(name);
        }
        false
    }

    // ------------------------------------------------------------ time (3.10.8)

    /// The time at which everything happens.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The next instant at which a timer expires.
    pub fn next_timer(&self) -> Option<Instant> {
        self.records.next_timer()
    }

    /// It is `now`, or later than that already: every timer that is due expires.
    pub fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
        while let Some(name) = self.records.next_due(self.now) {
            let Some(Record::Connection(tcb)) = self.records.get_mut(name) else { continue };
            let fate = timer::expire(tcb, &self.config, self.now);
            self.follow(name, fate);
        }
    }

    // ------------------------------------------------------------ records

    /// Does what an event decided about its record.
    fn follow(&mut self, name: Name, fate: Fate) {
        match fate {
            Fate::Stay => self.settle(name),
            Fate::Delete(end) => self.delete(name, end),
            Fate::Listen => self.listen_again(name),
        }
    }

    /// After every event: the timers of what waits, and the connection's turn to send.
    fn settle(&mut self, name: Name) {
        if let Some(Record::Connection(tcb)) = self.records.get_mut(name) {
            timer::watch(tcb, &self.config, self.now);
            self.records.schedule(name, &self.config);
            self.records.may_send(name);
        }
    }

    fn delete(&mut self, name: Name, end: End) {
        match self.records.get(name) {
            Some(Record::Connection(tcb)) => {
                let (is_embryo, origin) = (tcb.state == State::SynReceived, tcb.origin);
                if let Origin::Forked(listener) = origin {
                    self.leave(listener, name, is_embryo);
                }
            }
            Some(Record::Listening(_)) => self.abandon(name),
            Some(Record::Closed(..)) | None => return,
        }
        self.records.close(name, end);
    }

    /// A connection ends before it was accepted.
    fn leave(&mut self, listener: Name, name: Name, is_embryo: bool) {
        if let Some(Record::Listening(listener)) = self.records.get_mut(listener) {
            if is_embryo {
                listener.embryos = listener.embryos.saturating_sub(1);
            }
            listener.ready.retain(|waiting| *waiting != name);
        }
    }

    /// A listener ends: nobody will ever accept what it made, so its peers are told (as by ABORT).
    fn abandon(&mut self, listener: Name) {
        for name in self.records.children(listener) {
            if let Some(record) = self.records.get(name)
                && let Ok(fate) = call::abort(record, &mut self.resets)
            {
                self.follow(name, fate);
            }
        }
    }

    /// SYN-RECEIVED is given up: the listener listens again, or goes on as it did. A SYN that had reopened a
    /// connection in TIME-WAIT was an old duplicate, then (MAY-2, condition 2).
    fn listen_again(&mut self, name: Name) {
        let Some(Record::Connection(Tcb { origin, options, displaced, .. })) = self.records.get_mut(name) else {
            return;
        };
        let displaced = displaced.take();
        match *origin {
            Origin::Listened(listen) => {
                let listener = Listener { options: *options, ..Listener::new(&self.config, listen) };
                self.records.replace(name, Record::Listening(listener));
            }
            Origin::Forked(_) | Origin::Active => self.delete(name, End::Closed),
        }
        if let Some(old) = displaced {
            let name = self.records.insert(Record::Connection(*old), false);
            self.settle(name);
        }
    }

    /// The local socket for a connection to `remote`, where there is one and the connection is new.
    fn local_for(&self, port: u16, remote: Endpoint) -> Result<Endpoint, OpenError> {
        check_remote(&self.config, remote)?;
        if port == 0 {
            return Err(OpenError::BadLocal);
        }
        let same_version = |own: &&crate::config::Address| own.addr.is_ipv4() == remote.addr.is_ipv4();
        let own = self.config.addresses.iter().find(same_version).ok_or(OpenError::BadRemote(remote))?;
        let local = Endpoint { addr: own.addr, port };
        if self.records.named(local, remote).is_some() { Err(OpenError::Exists) } else { Ok(local) }
    }

    /// Its listeners and connections, as `netstat` lists them.
    pub fn connections(&self) -> impl Iterator<Item = Connection> {
        self.records.iter().filter_map(Connection::of)
    }
}
