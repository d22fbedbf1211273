//! A host: its listeners and connections, and all that goes in and out.

use alloc::vec::Vec;
use core::net::IpAddr;

use self::records::Records;
use crate::arrives::{self, Arrival, Heard};
use crate::call::{self, is_many};
use crate::config::{Config, Listening};
use crate::cookie::Cookies;
use crate::isn::Isns;
use crate::record::{End, Fate, Listener, Record};
use crate::reset::Resets;
use crate::send;
use crate::tcb::{Name, Origin, Tcb};
use crate::timer;
use crate::types::wire::{emit, parse};
use crate::types::{Checksum, Instant, Segment, State};

mod cookie;
mod list;
mod records;
mod user;

pub use list::{Connection, Variables};

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
    cookies: Cookies,
}

impl Host {
    /// A host without connections, at instant zero.
    pub fn new(config: Config) -> Host {
        let isns = Isns::new(config.isn, config.first_isn);
        let (records, resets, cookies) = Default::default();
        Host { config, now: Instant::ZERO, isns, records, resets, cookies }
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
        let Some(name) = self.records.named(header.dst, header.src) else {
            match self.records.listener_for(header.dst.port, header.src) {
                Some(listener) => self.hear(listener, segment, None),
                None => arrives::closed(&mut arrival),
            }
            return;
        };
        let reopens = matches!(self.records.get(name), Some(Record::Connection(tcb))
            if arrives::opens_again(tcb, &arrival));
        // Listeners are asked only where one may take over: there may be many.
        let find = || self.records.listener_for(header.dst.port, header.src);
        match reopens.then(find).flatten() {
            Some(listener) => self.hear(listener, segment, Some(name)),
            None => self.process(name, segment),
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
            // In TIME-WAIT something is kept already.
            if displaced.is_none() {
                self.answer_by_cookie(name, &segment);
            }
            return;
        }
        if self.redeem_cookie(name, segment) {
            return;
        }
        let displaced = displaced.and_then(|old| self.records.displace(old));
        let Some(Record::Listening(listener)) = self.records.get_mut(name) else { return };
        let origin = match self.config.listening {
            Listening::Becomes => Origin::Listened(listener.listen),
            Listening::Forks { .. } => Origin::Forked(name),
        };
        let mut arrival = Arrival::new(segment, self.now, &self.config, &mut self.resets);
        let Heard::Syn(mut tcb) = arrives::listen(&mut arrival, origin, &mut self.isns, above) else {
            return;
        };
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
        if let Some(header) = self.cookies.pop() {
            let _ = emit(&Segment { header, text: &[] }, out);
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
                // What came back to TIME-WAIT rests there, whoever listens (3.6.1).
                && record.state() != State::TimeWait
                && let Ok(fate) = call::abort(record, &mut self.resets)
            {
                self.follow(name, fate);
            }
        }
    }

    /// SYN-RECEIVED is given up: the listener listens again, or goes on as it did. A SYN that had reopened a
    /// connection in TIME-WAIT was an old duplicate, then (MAY-2, condition 2).
    fn listen_again(&mut self, name: Name) {
        let Some(Record::Connection(Tcb { origin, options, displaced, .. })) = self.records.get_mut(name)
        else {
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

    /// Its listeners and connections, as `netstat` lists them.
    pub fn connections(&self) -> impl Iterator<Item = Connection> {
        self.records.iter().filter_map(Connection::of)
    }
}
