//! A stack that breaks one thing between two ends, whatever it is inside.

use lastack::subject::{
    Call, Description, Factory, Handle, Outcome, Packets, Polled, Setup, Subject, UserSignal,
};
use lastack_core::types::{Flags, Header, Instant, Segment, State, wire};

/// What it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Twist {
    /// RECEIVE hands over other octets.
    OtherOctets,
    /// RECEIVE hands over every octet, and the last one again.
    MoreOctets,
    /// RECEIVE tells the end of the stream when there is nothing to read.
    EndsEarly,
    /// RECEIVE tells of a reset.
    TellsReset,
    /// FINs do not leave.
    KeepsFin,
    /// Empty ACKs acknowledge so many octets more.
    AcksMore(u32),
    /// Every packet that comes is answered by the last text that left, five times.
    Echoes,
    /// Every empty ACK that comes is answered by one with the numbers that it names.
    AnswersAcks,
}

/// A stack, twisted.
pub struct Twisted<'f> {
    pub stack: &'f dyn Factory,
    pub twist: Twist,
}

impl Factory for Twisted<'_> {
    fn describe(&self) -> Description {
        self.stack.describe()
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Stack {
            inner: self.stack.make(),
            twist: self.twist,
            last: Vec::new(),

            echoes: 0,
            answers: Packets::default(),
        })
    }
}

struct Stack {
    inner: Box<dyn Subject>,
    twist: Twist,
    last: Vec<u8>,
    echoes: usize,
    answers: Packets,
}

impl Stack {
    fn changed(&self, packet: &[u8]) -> Vec<u8> {
        let mut changed = packet.to_vec();
        if let (Twist::AcksMore(octets), Ok(segment)) = (self.twist, wire::parse(packet))
            && segment.header.flags == Flags::ACK
            && segment.text.is_empty()
        {
            let mut segment = segment;
            segment.header.ack = segment.header.ack.add(octets);
            changed.clear();
            wire::emit(&segment, &mut changed).expect("as it was parsed");
        }
        changed
    }
}

/// To an empty ACK, one that is right for whoever sent it.
fn answer_to(packet: &[u8]) -> Option<Vec<u8>> {
    let segment = wire::parse(packet).ok().filter(|s| s.is_empty() && s.header.flags == Flags::ACK)?;
    let h = &segment.header;
    let mut header = Header::new(h.dst, h.src, Flags::ACK, h.ack, h.seq);
    header.window = h.window;
    let mut out = Vec::new();
    wire::emit(&Segment { header, text: &[] }, &mut out).expect("a plain segment");
    Some(out)
}

impl Subject for Stack {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.echoes = 0;
        self.answers.clear();
        self.last.clear();
        self.inner.reset(setup, seed)
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        let outcome = self.inner.call(handle, call, received);
        let receives = matches!(call, Call::Receive { .. });
        match (self.twist, outcome) {
            (Twist::OtherOctets, Outcome::Octets(_)) if receives => {
                received.iter_mut().for_each(|octet| *octet = !*octet);
                outcome
            }
            (Twist::MoreOctets, Outcome::Octets(n)) if receives && n > 0 => {
                // The stream goes on as the pattern does, beyond what was submitted.
                received.push(lastack::scenario::peer_octet(n));
                Outcome::Octets(n + 1)
            }
            (Twist::EndsEarly, Outcome::WouldBlock) if receives => Outcome::EndOfStream,
            (Twist::TellsReset, Outcome::WouldBlock) if receives => Outcome::Reset,
            _ => outcome,
        }
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.echoes += 5;
        if let Some(answer) = answer_to(packet).filter(|_| self.twist == Twist::AnswersAcks) {
            self.answers.push(&answer);
        }
        self.inner.deliver(packet);
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        let mut all = Packets::default();
        let polled = self.inner.poll(room, &mut all);
        for packet in all.iter() {
            let is_fin = wire::parse(packet).is_ok_and(|segment| segment.header.flags.fin());
            if self.twist == Twist::KeepsFin && is_fin {
                continue;
            }
            let changed = self.changed(packet);
            out.push(&changed);
            // An empty one asks for nothing.
            if wire::parse(packet).is_ok_and(|segment| !segment.is_empty()) {
                self.last = changed;
            }
        }
        if self.twist == Twist::Echoes && !self.last.is_empty() {
            (0..core::mem::take(&mut self.echoes)).for_each(|_| out.push(&self.last));
        }
        for answer in core::mem::take(&mut self.answers).iter() {
            out.push(answer);
        }
        polled
    }

    fn next_timer(&mut self) -> Option<Instant> {
        self.inner.next_timer()
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.inner.advance(to)
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        self.inner.signals(handle, out);
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        self.inner.state(handle)
    }
}
