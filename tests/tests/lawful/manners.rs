//! Ways to speak that no rule forbids: the reference's packets, written otherwise or cut otherwise.

use lastack::subject::reference::Reference;
use lastack::subject::{
    Call, Description, Factory, Handle, Outcome, Packets, Polled, Setup, Subject, UserSignal,
};
use lastack_core::types::wire::{self, OptionsBuilder};
use lastack_core::types::{Flags, Instant, Segment, State};

/// One way to speak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// PSH on all text (RFC 9293 3.9.1.2 lets a sender choose when it does not hold text back).
    Pushes,
    /// A SYN also offers SACK and timestamps (RFC 2018 2, RFC 7323 3.2); the peer does not take them up.
    Offers,
    /// Three options of no operation before the others, where there is no text (RFC 9293 3.2).
    Pads,
    /// Text is cut after so many octets.
    Short(usize),
    /// Each empty ACK leaves twice.
    AcksTwice,
    /// No more than one packet a poll.
    OneByOne,
}

/// The reference with a manner.
#[derive(Clone, Copy, Debug)]
pub struct Mannered {
    pub base: Reference,
    pub manner: Manner,
}

impl Factory for Mannered {
    fn describe(&self) -> Description {
        let description = self.base.describe();
        Description { name: format!("{} that {:?}", description.name, self.manner), ..description }
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Stack {
            inner: self.base.make(),
            manner: self.manner,
            out: Packets::default(),
            waiting: Vec::new(),
        })
    }
}

struct Stack {
    inner: Box<dyn Subject>,
    manner: Manner,
    out: Packets,
    /// What leaves next.
    waiting: Vec<Vec<u8>>,
}

impl Stack {
    /// What the reference says goes to the queue as the manner has it.
    fn take(&mut self) {
        let mut out = core::mem::take(&mut self.out);
        out.clear();
        while self.inner.poll(usize::MAX, &mut out) == Polled::More {}
        for packet in out.iter() {
            let segment = wire::parse(packet).expect("the reference writes segments");
            self.waiting.extend(spoken(self.manner, &segment));
        }
        self.out = out;
    }
}

/// The packets in place of one.
fn spoken(manner: Manner, segment: &Segment<'_>) -> Vec<Vec<u8>> {
    let mut header = segment.header;
    let empty_ack = segment.text.is_empty() && header.flags == Flags::ACK;
    match manner {
        Manner::Pushes if !segment.text.is_empty() => header.flags = header.flags | Flags::PSH,
        Manner::Offers if header.flags.syn() && !header.flags.ack() => {
            let more =
                OptionsBuilder::new().sack_permitted().timestamps(1, 0).raw(header.options.as_octets());
            header.options = more.build().expect("they fit beside MSS and scale");
        }
        Manner::Pads if segment.text.is_empty() => {
            let padded = OptionsBuilder::new().raw(&[1, 1, 1]).raw(header.options.as_octets());
            header.options = padded.build().expect("three octets fit");
        }
        Manner::Short(octets) if segment.text.len() > octets => {
            return cut(segment, octets);
        }
        _ => {}
    }
    let whole = written(&Segment { header, text: segment.text });
    if manner == Manner::AcksTwice && empty_ack { vec![whole.clone(), whole] } else { vec![whole] }
}

/// The text in pieces; PSH and FIN on the last one.
fn cut(segment: &Segment<'_>, octets: usize) -> Vec<Vec<u8>> {
    let count = segment.text.len().div_ceil(octets);
    let piece = |(at, text): (usize, &[u8])| {
        let mut header = segment.header;
        header.seq = header.seq.add((at * octets) as u32);
        if at + 1 < count {
            header.flags = header.flags.without(Flags::FIN | Flags::PSH);
        }
        written(&Segment { header, text })
    };
    segment.text.chunks(octets).enumerate().map(piece).collect()
}

fn written(segment: &Segment<'_>) -> Vec<u8> {
    let mut packet = Vec::new();
    wire::emit(segment, &mut packet).expect("no longer than before, or three octets");
    packet
}

impl Subject for Stack {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.waiting.clear();
        self.inner.reset(setup, seed)
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        self.inner.call(handle, call, received)
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.inner.deliver(packet);
        self.take();
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        self.take();
        let most = if self.manner == Manner::OneByOne { room.min(1) } else { room };
        let leaving = self.waiting.len().min(most);
        for packet in self.waiting.drain(..leaving) {
            out.push(&packet);
        }
        if self.waiting.is_empty() || room == leaving { Polled::Settled } else { Polled::More }
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
