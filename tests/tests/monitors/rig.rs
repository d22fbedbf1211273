//! Hand-made traces: one line a packet, absolute numbers. The stack's ISS is 300, the peer's is 100.

use std::net::{IpAddr, Ipv4Addr};

use lastack::monitor::{Breach, Monitors};
use lastack::scenario::{ScriptCall, peer_octet, user_octet};
use lastack::subject::{Handle, Outcome, Setup};
use lastack_core::types::wire::{OptionsBuilder, emit, parse};
use lastack_core::types::{Duration, Endpoint, Flags, Header, Instant, Options, Segment, SeqNum};

pub const ISS: u32 = 300;
pub const IRS: u32 = 100;
pub const STACK: Endpoint = Endpoint { addr: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), port: 8000 };
pub const PEER: Endpoint = Endpoint { addr: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), port: 9000 };
/// The handle of every call.
pub const USER: Handle = 0;

/// A segment without direction.
#[derive(Clone)]
pub struct Seg {
    header: Header,
    text: usize,
    /// Octets in place of the stream's.
    octets: Option<Vec<u8>>,
    /// Whether a change of the packet bytes follows.
    pub patch: fn(&mut Vec<u8>),
}

/// Control bits as tcpdump writes them: `S`, `F`, `R`, `P`, `U`, `A` for ACK.
pub fn seg(controls: &str, seq: u32, ack: u32) -> Seg {
    let flag = |c| match c {
        'S' => Flags::SYN,
        'F' => Flags::FIN,
        'R' => Flags::RST,
        'P' => Flags::PSH,
        'U' => Flags::URG,
        'A' => Flags::ACK,
        _ => panic!("no control bit {c}"),
    };
    let flags = controls.chars().map(flag).fold(Flags::NONE, Flags::with);
    let header = Header::new(STACK, PEER, flags, SeqNum::new(seq), SeqNum::new(ack));
    Seg { header: Header { window: 4096, ..header }, text: 0, octets: None, patch: |_| {} }
}

pub fn mss(octets: u16) -> OptionsBuilder {
    OptionsBuilder::new().mss(octets)
}

impl Seg {
    pub fn text(mut self, octets: usize) -> Seg {
        self.text = octets;
        self
    }
    pub fn octets(mut self, octets: &[u8]) -> Seg {
        self.octets = Some(octets.to_vec());
        self
    }
    pub fn window(mut self, window: u16) -> Seg {
        self.header.window = window;
        self
    }
    pub fn options(mut self, options: OptionsBuilder) -> Seg {
        self.header.options = options.build().expect("at most 40 octets");
        self
    }
    pub fn raw_options(mut self, octets: &[u8]) -> Seg {
        self.header.options = Options::from_octets(octets).expect("at most 40 octets");
        self
    }
    /// Changes any header field; source and destination are those of a packet from the stack.
    pub fn with(mut self, change: fn(&mut Header)) -> Seg {
        change(&mut self.header);
        self
    }
    pub fn patched(mut self, patch: fn(&mut Vec<u8>)) -> Seg {
        self.patch = patch;
        self
    }

    fn text_of(&self, iss: u32, octet: fn(u32) -> u8) -> Vec<u8> {
        let first = self.header.seq.value() + u32::from(self.header.flags.syn());
        let offset = first.wrapping_sub(iss + 1);
        let stream = (0..self.text as u32).map(|i| octet(offset.wrapping_add(i))).collect();
        self.octets.clone().unwrap_or(stream)
    }
}

/// Monitors, a clock, and what was caught.
pub struct Rig {
    pub monitors: Monitors,
    pub at: Instant,
    pub breaches: Vec<Breach>,
    pub setup: Setup,
}

impl Rig {
    pub fn new() -> Rig {
        let setup = Setup::default();
        let mut monitors = Monitors::new();
        monitors.buffer_is_exact();
        Rig { monitors, at: Instant::ZERO, breaches: Vec::new(), setup }
    }

    /// Another set-up; everything begins anew.
    pub fn setup(&mut self, change: fn(&mut Setup)) {
        change(&mut self.setup);
        self.monitors.reset(&self.setup);
        self.monitors.buffer_is_exact();
    }

    /// The stack emits it.
    pub fn say(&mut self, s: Seg) {
        let text = s.text_of(ISS, user_octet);
        let mut packet = Vec::new();
        emit(&Segment { header: s.header, text: &text }, &mut packet).expect("it fits a packet");
        (s.patch)(&mut packet);
        let parsed = parse(&packet);
        self.monitors.from_stack(self.at, &packet, parsed.as_ref(), &mut self.breaches);
    }

    /// The stack hears it, having been quiet before.
    pub fn hear(&mut self, s: Seg) {
        self.quiet();
        let text = s.text_of(IRS, peer_octet);
        let header = Header { src: s.header.dst, dst: s.header.src, ..s.header };
        self.monitors.to_stack(self.at, &Segment { header, text: &text }, true);
    }

    pub fn quiet(&mut self) {
        self.monitors.quiet(self.at, &mut self.breaches);
    }

    /// Quiet for so long.
    pub fn wait(&mut self, millis: u64) {
        self.quiet();
        self.at += Duration::from_millis(millis);
    }

    pub fn call(&mut self, call: ScriptCall, outcome: Outcome) {
        self.received(call, outcome, &[]);
    }

    pub fn received(&mut self, call: ScriptCall, outcome: Outcome, octets: &[u8]) {
        self.monitors.call(self.at, USER, &call, outcome, octets, &mut self.breaches);
    }

    /// RECEIVE hands over the peer's next octets.
    pub fn receive(&mut self, octets: std::ops::Range<u32>) {
        let octets: Vec<u8> = octets.map(peer_octet).collect();
        self.received(ScriptCall::Receive(4096), Outcome::Octets(octets.len() as u32), &octets);
    }

    pub fn listen(&mut self) {
        self.call(ScriptCall::OpenPassive { port: STACK.port }, Outcome::Done);
    }

    /// Listens and hears a SYN with these options.
    pub fn hear_syn(&mut self, options: OptionsBuilder) {
        self.listen();
        self.hear(seg("S", IRS, 0).options(options));
    }

    /// ESTABLISHED by a passive OPEN; nothing but MSS on either side.
    pub fn established(&mut self) {
        self.handshake(mss(1460), mss(1460));
    }

    /// ESTABLISHED by a passive OPEN.
    pub fn handshake(&mut self, peer: OptionsBuilder, stack: OptionsBuilder) {
        self.hear_syn(peer);
        self.say(seg("SA", ISS, IRS + 1).options(stack));
        self.hear(seg("A", IRS + 1, ISS + 1));
        self.quiet();
    }

    /// OPEN active; the SYN is on its way.
    pub fn syn_sent(&mut self) {
        let remote = lastack::scenario::Addr::Peer(0);
        self.call(ScriptCall::OpenActive { port: STACK.port, remote, remote_port: PEER.port }, Outcome::Done);
        self.say(seg("S", ISS, 0).options(mss(1460)));
    }

    /// SEND takes so many octets.
    pub fn send(&mut self, octets: u32) {
        self.call(ScriptCall::Send(octets), Outcome::Octets(octets));
    }

    /// SEND, and the stack sends all of it from the start of the stream.
    pub fn flight(&mut self, octets: u32) {
        self.send(octets);
        self.say(seg("PA", ISS + 1, IRS + 1).text(octets as usize));
    }
}
