//! Traces by hand: every number is written out, so that a view can be read against it.

use lastack::scenario::{PEER_PORT, STACK_PORT, ScriptCall};
use lastack::subject::{IpVersion, Outcome, stack_addr};
use lastack::trace::{Direction, Happening, Trace};
use lastack_core::types::wire;
use lastack_core::types::{Endpoint, Flags, Header, Instant, Segment, SeqNum, State};

/// The octets of any text.
static TEXT: [u8; 1460] = [0x55; 1460];

/// A trace under construction; the clock moves only by [`Script::wait`].
#[derive(Default)]
pub struct Script {
    pub trace: Trace,
    micros: u64,
}

/// A segment: control bits, SEQ, ACK, octets of text, window.
#[derive(Clone, Copy)]
pub struct Seg(pub Flags, pub u32, pub u32, pub usize, pub u16);

impl Script {
    pub fn wait(&mut self, micros: u64) -> &mut Self {
        self.micros += micros;
        self
    }

    pub fn arrives(&mut self, seg: Seg, note: &str) -> &mut Self {
        self.packet(Direction::ToStack, PEER_PORT, seg, note)
    }

    pub fn leaves(&mut self, seg: Seg, note: &str) -> &mut Self {
        self.packet(Direction::FromStack, PEER_PORT, seg, note)
    }

    pub fn packet(&mut self, direction: Direction, peer_port: u16, seg: Seg, note: &str) -> &mut Self {
        let Seg(flags, seq, ack, text, window) = seg;
        let stack = Endpoint { addr: stack_addr(IpVersion::V4), port: STACK_PORT };
        let peer = Endpoint { addr: [192, 0, 2, 2].into(), port: peer_port };
        let (src, dst) = match direction {
            Direction::ToStack => (peer, stack),
            Direction::FromStack => (stack, peer),
        };
        let mut header = Header::new(src, dst, flags, SeqNum::new(seq), SeqNum::new(ack));
        header.window = window;
        let mut packet = Vec::new();
        wire::emit(&Segment { header, text: &TEXT[..text] }, &mut packet).expect("the segment is plain");
        self.octets(direction, &packet, note)
    }

    pub fn octets(&mut self, direction: Direction, packet: &[u8], note: &str) -> &mut Self {
        self.trace.packet_entry(Instant::from_micros(self.micros), 0, direction, packet, note.to_owned());
        self
    }

    pub fn call(&mut self, call: ScriptCall, outcome: Outcome, note: &str) -> &mut Self {
        self.push(Happening::Call { handle: 0, call, outcome }, note)
    }

    pub fn word(&mut self, state: State) -> &mut Self {
        self.push(Happening::Word { handle: 0, state }, "")
    }

    pub fn push(&mut self, what: Happening, note: &str) -> &mut Self {
        self.trace.push(Instant::from_micros(self.micros), 0, what, note.to_owned());
        self
    }
}

/// RFC 9293 Fig. 6 and Fig. 12 in one: the stack opens passively and closes first.
pub fn open_and_close() -> Trace {
    let (syn, ack, fin) = (Flags::SYN, Flags::ACK, Flags::FIN | Flags::ACK);
    let mut script = Script::default();
    script
        .call(ScriptCall::OpenPassive { port: STACK_PORT }, Outcome::Done, "CALL-OPEN-PASSIVE")
        .word(State::Listen)
        .arrives(Seg(syn, 100, 0, 0, 4096), "LISTEN-SYN")
        .leaves(Seg(syn | ack, 300, 101, 0, 4096), "")
        .word(State::SynReceived)
        .wait(1_000)
        .arrives(Seg(ack, 101, 301, 0, 4096), "SYN-RECEIVED-ACK")
        .word(State::Established)
        .arrives(Seg(Flags::PSH | ack, 101, 301, 10, 4096), "TEXT-IN-ORDER")
        .leaves(Seg(ack, 301, 111, 0, 4086), "")
        .call(ScriptCall::Close, Outcome::Done, "CALL-CLOSE")
        .leaves(Seg(fin, 301, 111, 0, 4086), "")
        .word(State::FinWait1)
        .wait(1_000_000)
        .leaves(Seg(fin, 301, 111, 0, 4086), "RETRANSMISSION")
        .arrives(Seg(ack, 111, 302, 0, 4096), "ACK-OF-FIN")
        .word(State::FinWait2)
        .arrives(Seg(fin, 111, 302, 0, 4096), "FIN-IN-ORDER")
        .leaves(Seg(ack, 302, 112, 0, 4086), "")
        .word(State::TimeWait);
    script.trace
}
