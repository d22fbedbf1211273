//! A stack on a desk: calls, segments and the clock by hand.

use lastack::scenario::{PEER_PORT, STACK_PORT};
use lastack::subject::{Call, Factory, Handle, IpVersion, Outcome, Packets, Setup, Subject, stack_addr};
use lastack_core::types::wire;
use lastack_core::types::{Duration, Endpoint, Flags, Header, Instant, Segment, SeqNum, State};

/// ISN of the peer.
pub const PEER: u32 = 500;
/// ISS of the stack.
pub const ISS: u32 = 9_000;

pub struct Desk {
    pub stack: Box<dyn Subject>,
    pub ip: IpVersion,
    pub now: Instant,
    /// Every packet in the order in which it was sent.
    pub transcript: Packets,
}

/// What the tests look at in a segment: flags, SEQ, ACK and text.
pub type Seen = (Flags, u32, u32, Vec<u8>);

pub fn setup(ip: IpVersion) -> Setup {
    Setup { ip, iss: Some(ISS), nagle: None, ack_delay: None, ..Setup::default() }
}

pub fn stack_end(ip: IpVersion) -> Endpoint {
    Endpoint { addr: stack_addr(ip), port: STACK_PORT }
}

pub fn peer_end(ip: IpVersion) -> Endpoint {
    let addr = match ip {
        IpVersion::V4 => [192, 0, 2, 2].into(),
        IpVersion::V6 => [0x2001, 0xdb8, 0, 0, 0, 0, 0, 2].into(),
    };
    Endpoint { addr, port: PEER_PORT }
}

impl Desk {
    pub fn new(factory: &dyn Factory, setup: &Setup) -> Desk {
        let mut desk =
            Desk { stack: factory.make(), ip: setup.ip, now: Instant::ZERO, transcript: Packets::default() };
        desk.reset(setup);
        desk
    }

    pub fn reset(&mut self, setup: &Setup) {
        self.stack.reset(setup, 1).expect("a set-up that can be had");
        (self.ip, self.now) = (setup.ip, Instant::ZERO);
    }

    pub fn call(&mut self, handle: Handle, call: Call<'_>) -> Outcome {
        self.stack.call(handle, call, &mut Vec::new())
    }

    pub fn open_passive(&mut self, handle: Handle) -> Outcome {
        self.call(handle, Call::OpenPassive { port: STACK_PORT })
    }

    pub fn open_active(&mut self, handle: Handle) -> Outcome {
        let remote = peer_end(self.ip);
        self.call(handle, Call::OpenActive { port: STACK_PORT, remote })
    }

    pub fn receive(&mut self, handle: Handle, max: u32) -> (Outcome, Vec<u8>) {
        let mut received = Vec::new();
        (self.stack.call(handle, Call::Receive { max }, &mut received), received)
    }

    pub fn state(&mut self, handle: Handle) -> State {
        self.stack.state(handle).expect("smoltcp says its state")
    }

    /// Delivers a segment whose numbers are counted from the two ISNs, without polling.
    pub fn deliver(&mut self, flags: Flags, seq: u32, ack: u32, text: &[u8]) {
        self.deliver_from(peer_end(self.ip), flags, seq, ack, text);
    }

    pub fn deliver_from(&mut self, from: Endpoint, flags: Flags, seq: u32, ack: u32, text: &[u8]) {
        let (seq, ack) = (SeqNum::new(PEER).add(seq), SeqNum::new(ISS).add(ack));
        let mut header = Header::new(from, stack_end(self.ip), flags, seq, ack);
        header.window = 4096;
        let mut packet = Vec::new();
        wire::emit(&Segment { header, text }, &mut packet).expect("a plain segment");
        self.stack.deliver(&packet);
    }

    /// One poll with this much room.
    pub fn poll(&mut self, room: usize) -> Vec<Seen> {
        let mut out = Packets::default();
        self.stack.poll(room, &mut out);
        for packet in out.iter() {
            self.transcript.push(packet);
        }
        out.iter().map(seen).collect()
    }

    /// A segment, and what comes of it.
    pub fn exchange(&mut self, flags: Flags, seq: u32, ack: u32, text: &[u8]) -> Vec<Seen> {
        self.deliver(flags, seq, ack, text);
        self.poll(100)
    }

    pub fn wait(&mut self, span: Duration) -> Vec<Seen> {
        self.now = self.stack.advance(self.now + span);
        self.poll(100)
    }

    /// A connection on `handle`, opened by the peer.
    pub fn establish(&mut self, handle: Handle) {
        assert_eq!(self.open_passive(handle), Outcome::Done);
        self.exchange(Flags::SYN, 0, 0, &[]);
        self.exchange(Flags::ACK, 1, 1, &[]);
        assert_eq!(self.state(handle), State::Established);
    }
}

/// Reads a packet; its numbers are counted from the two ISNs.
fn seen(packet: &[u8]) -> Seen {
    let s = wire::parse(packet).expect("a TCP segment");
    let h = s.header;
    let ack = if h.flags.ack() { h.ack.steps_from(SeqNum::new(PEER)) } else { 0 };
    (h.flags, h.seq.steps_from(SeqNum::new(ISS)), ack, s.text.to_vec())
}
