//! smoltcp behind an adapter that is broken on purpose.

use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{
    Call, Description, Factory, Handle, Outcome, Packets, Polled, Setup, Subject, UserSignal,
};
use lastack_core::types::wire;
use lastack_core::types::{Flags, Header, Instant, State};

/// One way to be broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    None,
    RefusesSetup,
    Panics,
    OpensNothing,
    SwallowsSynAck,
    AnswersRst,
    FlipsChecksum,
    FlipsIpChecksum,
    CutsPackets,
    WrongPort,
    WrongAck,
    ClockStands,
    /// `advance` says the right thing, and the stack hears nothing of it.
    ClockIsDeaf,
    NeverSettles,
    IgnoresRoom,
    IgnoresIss,
    KeepsText,
    ClearsReceived,
    SwallowsAcks,
    TakesAndDropsText,
    CutsText,
    SwallowsSyn,
    NoSeed,
    TimerInThePast,
    NoTimer,
    WrongState,
    NoPassiveOpen,
}

/// Makes [`Broken`] stacks.
pub struct Workshop(pub Fault);

impl Factory for Workshop {
    fn describe(&self) -> Description {
        let mut description = Smoltcp::Immediate.describe();
        // Where the ISS is chosen, an unseeded draw would not show.
        description.capabilities.iss = self.0 != Fault::NoSeed;
        description
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Broken { inner: Smoltcp::Immediate.make(), fault: self.0, now: Instant::ZERO, resets: 0 })
    }
}

struct Broken {
    inner: Box<dyn Subject>,
    fault: Fault,
    now: Instant,
    resets: u64,
}

impl Broken {
    /// What the fault makes of a packet: the header to send, or nothing.
    fn bend(&self, mut h: Header, text: &[u8]) -> Option<Header> {
        let (syn, ack) = (h.flags.syn(), h.flags.ack());
        match self.fault {
            Fault::SwallowsSynAck if syn && ack => return None,
            Fault::SwallowsSyn if syn && !ack => return None,
            Fault::SwallowsAcks if !syn && text.is_empty() => return None,
            Fault::AnswersRst if syn && ack => h.flags = Flags::RST | Flags::ACK,
            Fault::WrongPort => h.src.port = 80,
            Fault::WrongAck => h.ack = h.ack.add(1),
            _ => {}
        }
        Some(h)
    }

    fn pass_on(&self, packet: &[u8], out: &mut Packets) {
        let mut segment = wire::parse(packet).expect("smoltcp's segments are whole");
        let Some(header) = self.bend(segment.header, segment.text) else { return };
        segment.header = header;
        if self.fault == Fault::CutsText && !segment.text.is_empty() {
            segment.text = &segment.text[1..];
        }
        let mut octets = Vec::new();
        wire::emit(&segment, &mut octets).expect("what was read can be written");
        match self.fault {
            Fault::FlipsChecksum => octets[20 + 16] ^= 1,
            Fault::FlipsIpChecksum => octets[10] ^= 1,
            Fault::CutsPackets => octets.truncate(30),
            _ => {}
        }
        out.push(&octets);
    }
}

impl Subject for Broken {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.resets += 1;
        self.now = Instant::ZERO;
        match self.fault {
            Fault::RefusesSetup => Err("no IPv4 today".to_owned()),
            Fault::IgnoresIss => self.inner.reset(&Setup { iss: None, ..*setup }, seed),
            Fault::NoSeed => self.inner.reset(&Setup { iss: None, ..*setup }, self.resets),
            _ => self.inner.reset(setup, seed),
        }
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        match (self.fault, call) {
            (Fault::Panics, _) => panic!("index out of bounds"),
            (Fault::NoPassiveOpen, Call::OpenPassive { .. }) => return Outcome::Unsupported,
            (Fault::OpensNothing, Call::OpenPassive { .. }) => return Outcome::WouldBlock,
            (Fault::KeepsText, Call::Receive { .. }) => return Outcome::WouldBlock,
            (Fault::ClearsReceived, Call::Receive { .. }) => received.clear(),
            (Fault::TakesAndDropsText, Call::Send(octets)) => return Outcome::Octets(octets.len() as u32),
            _ => {}
        }
        let outcome = self.inner.call(handle, call, received);
        if self.fault == Fault::ClearsReceived && outcome == Outcome::Octets(5) {
            received.reverse();
        }
        outcome
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.inner.deliver(packet);
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        let room = if self.fault == Fault::IgnoresRoom { usize::MAX } else { room };
        let mut sent = Packets::default();
        let polled = self.inner.poll(room, &mut sent);
        sent.iter().for_each(|packet| self.pass_on(packet, out));
        if self.fault == Fault::NeverSettles { Polled::More } else { polled }
    }

    fn next_timer(&mut self) -> Option<Instant> {
        match (self.fault, self.inner.next_timer()) {
            (Fault::NoTimer, _) => None,
            (Fault::TimerInThePast, Some(_)) => Some(Instant::ZERO),
            (_, timer) => timer,
        }
    }

    fn advance(&mut self, to: Instant) -> Instant {
        match self.fault {
            Fault::ClockStands => return self.now,
            Fault::ClockIsDeaf => {}
            _ => self.now = self.inner.advance(to),
        }
        to
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        self.inner.signals(handle, out);
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        if self.fault == Fault::WrongState { Some(State::Listen) } else { self.inner.state(handle) }
    }
}
