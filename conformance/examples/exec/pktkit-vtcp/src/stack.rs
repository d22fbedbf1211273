//! A host around `pktkit::vtcp::Conn`, with the calls, outcomes and states of the protocol.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use pktkit::vtcp::{Conn, ConnConfig, Segment, State, flags};

use crate::pipe::Fields;
use crate::serve::{Answer, Served};
use crate::wire::{unwrap, wrap};
use crate::{ABOUT, clock};

/// Connections of one listener that nobody has accepted yet.
const BACKLOG: usize = 16;
/// A timer that stays due would be ticked for ever.
const WORK_PER_POLL: usize = 1000;
/// What opening a connection takes, in microseconds. Virtual time stands still between two calls, and vtcp's ISS
/// is a hash and the time: without this a connection that follows another at once would have its ISS.
const OPENING: u64 = 100;

/// What RESET sets up.
pub struct Setup {
    pub own: IpAddr,
    pub receive_buffer: usize,
    pub send_buffer: usize,
    pub nagle: bool,
    pub mtu: u16,
    pub seed: u64,
}

/// One connection and the host's memory of it.
pub struct Record {
    pub conn: Conn,
    pub peer: SocketAddr,
    pub port: u16,
    /// The handle of the listener that has it, until somebody accepts it.
    pub waits_at: Option<u8>,
    /// It was ESTABLISHED. vtcp says so of every connection that has ended, too.
    pub opened: bool,
    /// The user has called CLOSE: nothing more is read.
    pub released: bool,
    /// The peer's FIN has come.
    pub ended: bool,
    /// The connection ended before the peer's FIN, and not by a call.
    pub lost: bool,
}

impl Record {
    /// After a segment or a timer, before which the peer's FIN `had_come`. vtcp counts its own end as the peer's FIN.
    fn note_end(&mut self, had_come: bool) {
        self.lost |= self.conn.is_closed() && !had_come;
        self.ended |= self.conn.fin_received() && !self.lost;
    }
}

/// What a handle stands for.
#[derive(Clone, Copy)]
pub enum Held {
    Listener(u16),
    Record(usize),
}

pub struct Stack {
    pub setup: Setup,
    pub handles: BTreeMap<u8, Held>,
    pub records: BTreeMap<usize, Record>,
    pub made: usize,
    pub arriving: VecDeque<Vec<u8>>,
    pub leaving: VecDeque<Vec<u8>>,
    pub micros: u64,
    /// What vtcp's clock shows: ahead while connections are opened at one instant.
    pub clock: u64,
    /// The instant of RESET on the standard library's clock.
    pub start: Instant,
}

impl Served for Stack {
    const ABOUT: &'static str = ABOUT;

    fn new(fields: &mut Fields<'_>) -> Stack {
        let own = match fields.u8() {
            4 => Ipv4Addr::new(192, 0, 2, 1).into(),
            _ => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        };
        let (receive_buffer, send_buffer) = (fields.u32() as usize, fields.u32() as usize);
        // A delayed ACK cannot be switched off, and 2 is vtcp's default: Nagle.
        let (nagle, _delayed_ack, mtu) = (fields.u8() != 0, fields.u8(), fields.u16());
        let _iss = (fields.u8(), fields.u32());
        let _timeouts = (fields.u64(), fields.u64());
        let seed = fields.u64();
        clock::set(seed, 0);
        Stack {
            setup: Setup { own, receive_buffer, send_buffer, nagle, mtu, seed },
            handles: BTreeMap::new(),
            records: BTreeMap::new(),
            made: 0,
            arriving: VecDeque::new(),
            leaving: VecDeque::new(),
            micros: 0,
            clock: 0,
            start: Instant::now(),
        }
    }

    fn advance(&mut self, micros: u64) {
        self.micros = micros;
        self.clock = self.clock.max(micros);
        clock::set(self.setup.seed, self.clock);
    }

    fn now_micros(&self) -> u64 {
        self.micros
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.arriving.push_back(packet.to_vec());
    }

    /// vtcp hands over segments whether there is room or not: nothing is read and no timer runs until all have left.
    fn poll(&mut self, room: usize) -> (Vec<Vec<u8>>, bool) {
        let mut packets = Vec::new();
        for _ in 0..WORK_PER_POLL {
            let count = self.leaving.len().min(room - packets.len());
            packets.extend(self.leaving.drain(..count));
            if packets.len() == room || !(self.read() || self.tick()) {
                break;
            }
        }
        let due = self.timer().is_some_and(|at| at <= self.micros);
        let waits = !self.leaving.is_empty();
        let more = room > 0 && packets.len() == room && (due || !self.arriving.is_empty());
        (packets, waits || more)
    }

    fn timer(&mut self) -> Option<u64> {
        let at = self.records.values().filter_map(|record| record.conn.next_deadline()).min()?;
        let nanos = at.saturating_duration_since(self.start).as_nanos();
        Some((nanos.div_ceil(1000) as u64).max(self.micros))
    }

    fn state(&mut self, handle: u8) -> u8 {
        match self.handles.get(&handle) {
            Some(Held::Listener(_)) => number(State::Listen),
            Some(Held::Record(record)) => {
                self.records.get(record).map_or(0, |record| number(record.conn.state()))
            }
            None => 0,
        }
    }

    fn call(&mut self, handle: u8, call: u8, fields: &mut Fields<'_>) -> Answer {
        self.answer(handle, call, fields)
    }
}

impl Stack {
    /// Runs the first timer that is due; false when none is.
    fn tick(&mut self) -> bool {
        let now = Instant::now();
        let due = |record: &Record| record.conn.next_deadline().is_some_and(|at| at <= now);
        let Some((id, record)) = self.records.iter_mut().find(|(_, record)| due(record)) else {
            return false;
        };
        let id = *id;
        let ended = record.conn.fin_received();
        let segments = record.conn.tick();
        record.note_end(ended);
        self.worked(id, segments);
        true
    }

    /// Takes in the next packet; false when there is none.
    fn read(&mut self) -> bool {
        let Some(packet) = self.arriving.pop_front() else { return false };
        self.arrive(&packet);
        true
    }

    fn arrive(&mut self, packet: &[u8]) {
        let Some((source, segment)) = unwrap(packet, self.setup.own) else { return };
        let peer = SocketAddr::new(source, segment.src_port);
        let only_syn = segment.has_flag(flags::SYN) && !segment.has_flag(flags::ACK | flags::RST);
        let listener = self.handles.iter().find_map(|(handle, held)| match held {
            Held::Listener(port) if *port == segment.dst_port => Some(*handle),
            _ => None,
        });
        if let Some(record) = self.find(segment.dst_port, peer) {
            // TIME-WAIT gives way where somebody takes the new connection.
            if listener.is_none() || !self.records[&record].conn.accepts_new_syn(&segment) {
                return self.segment(record, &segment);
            }
            self.forget(record);
        }
        match listener {
            Some(handle) if only_syn => self.embryo(handle, peer, &segment),
            // A RST is nobody's; what else came for a listener or for nobody gets one.
            _ if segment.has_flag(flags::RST) => {}
            _ => self.refuse(peer, &segment),
        }
    }

    /// The living connection between these two.
    pub fn find(&self, port: u16, peer: SocketAddr) -> Option<usize> {
        let is = |record: &Record| {
            record.port == port && record.peer == peer && record.conn.state() != State::Closed
        };
        self.records.iter().find(|(_, record)| is(record)).map(|(id, _)| *id)
    }

    fn segment(&mut self, id: usize, segment: &Segment) {
        let Some(record) = self.records.get_mut(&id) else { return };
        let ended = record.conn.fin_received();
        let segments = record.conn.handle_segment(segment);
        record.note_end(ended);
        self.worked(id, segments);
    }

    fn embryo(&mut self, handle: u8, peer: SocketAddr, syn: &Segment) {
        let waiting = self.records.values().filter(|record| record.waits_at == Some(handle)).count();
        if waiting >= BACKLOG {
            return;
        }
        let id = self.record(syn.dst_port, peer, Some(handle));
        let Some(record) = self.records.get_mut(&id) else { return };
        let segments = record.conn.accept_syn(syn);
        self.worked(id, segments);
    }

    /// RFC 9293 3.10.7.1 and 3.10.7.2: a RST for what nobody expects. vtcp in CLOSED knows its form.
    fn refuse(&mut self, peer: SocketAddr, segment: &Segment) {
        let mut nobody = Conn::new(self.config(segment.dst_port, peer));
        for reset in nobody.handle_segment(segment) {
            self.leaving.push_back(wrap(self.setup.own, peer.ip(), &reset));
        }
    }

    fn config(&self, port: u16, peer: SocketAddr) -> ConnConfig {
        let headers = if peer.is_ipv6() { 60 } else { 40 };
        ConnConfig::default()
            .local_addr(SocketAddr::new(self.setup.own, port))
            .remote_addr(peer)
            .local_port(port)
            .remote_port(peer.port())
            .mss(self.setup.mtu.saturating_sub(headers))
            .recv_buf_size(self.setup.receive_buffer)
            .send_buf_size(self.setup.send_buffer)
            .autotune(false)
            .nodelay(!self.setup.nagle)
    }

    pub fn record(&mut self, port: u16, peer: SocketAddr, waits_at: Option<u8>) -> usize {
        self.clock += OPENING;
        clock::set(self.setup.seed, self.clock);
        let conn = Conn::new(self.config(port, peer));
        self.made += 1;
        self.records.insert(
            self.made,
            Record { conn, peer, port, waits_at, opened: false, released: false, ended: false, lost: false },
        );
        self.made
    }

    /// Sends what a connection has made, and forgets one that ended before anybody had it.
    pub fn worked(&mut self, id: usize, segments: Vec<Vec<u8>>) {
        let Some(record) = self.records.get_mut(&id) else { return };
        for segment in segments {
            self.leaving.push_back(wrap(self.setup.own, record.peer.ip(), &segment));
        }
        record.opened |= record.conn.state().is_synchronized();
        if record.conn.is_closed() && record.waits_at.is_some() {
            self.forget(id);
        }
    }

    pub fn forget(&mut self, id: usize) {
        self.records.remove(&id);
    }
}

/// A state by its number.
pub fn number(state: State) -> u8 {
    match state {
        State::Closed => 0,
        State::Listen => 1,
        State::SynSent => 2,
        State::SynReceived => 3,
        State::Established => 4,
        State::FinWait1 => 5,
        State::FinWait2 => 6,
        State::CloseWait => 7,
        State::Closing => 8,
        State::LastAck => 9,
        State::TimeWait => 10,
    }
}
