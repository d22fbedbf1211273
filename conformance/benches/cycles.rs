//! Connection cycles a second, stack beside stack, through the same trait: handshake, five octets each way, both
//! FINs; packet bytes in, packet bytes out. And scenarios a second of `check`.
//!
//! `cargo bench -p lastack`; with a word behind `--` only what has it in its name.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lastack::driver::Driver;
use lastack::model::Model;
use lastack::subject::reference::Reference;
use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{Call, Factory, IpVersion, Outcome, Packets, Polled, Setup, Subject, stack_addr};
use lastack::suite::run::{Case, cross_in};
use lastack_core::types::wire::{self, OptionsBuilder};
use lastack_core::types::{Endpoint, Flags, Header, Instant, Segment, SeqNum};

const LISTENER: u8 = 0;
const CONNECTION: u8 = 1;
const PORT: u16 = 8000;
const TEXT: &[u8] = b"hello";

/// A peer that knows what to say, and the stack that it talks to.
struct Bench {
    stack: Box<dyn Subject>,
    port: u16,
    seq: SeqNum,
    ack: SeqNum,
    packet: Vec<u8>,
    out: Packets,
    received: Vec<u8>,
}

impl Bench {
    fn new(factory: &dyn Factory) -> Bench {
        let mut stack = factory.make();
        stack.reset(&Setup::default(), 1).expect("the default set-up");
        stack.advance(Instant::from_micros(1_000));
        let mut received = Vec::new();
        let listens = stack.call(LISTENER, Call::OpenPassive { port: PORT }, &mut received);
        assert_eq!(listens, Outcome::Done);
        let zero = SeqNum::new(0);
        Bench {
            stack,
            port: 1024,
            seq: zero,
            ack: zero,
            packet: Vec::new(),
            out: Packets::default(),
            received,
        }
    }

    /// The peer's next segment, and what the stack answers; the last answer counts.
    fn say(&mut self, flags: Flags, text: &[u8]) {
        let peer = Endpoint { addr: "192.0.2.2".parse().expect("an address"), port: self.port };
        let stack = Endpoint { addr: stack_addr(IpVersion::V4), port: PORT };
        let mut header = Header::new(peer, stack, flags, self.seq, self.ack);
        header.window = 4096;
        if flags.syn() {
            header.options = OptionsBuilder::new().mss(1460).build().expect("one option fits");
        }
        let segment = Segment { header, text };
        self.seq = segment.end();
        self.packet.clear();
        wire::emit(&segment, &mut self.packet).expect("a segment of ours");
        self.stack.deliver(&self.packet);
        self.hear();
    }

    fn hear(&mut self) {
        self.out.clear();
        while self.stack.poll(usize::MAX, &mut self.out) == Polled::More {}
        for packet in self.out.iter() {
            let segment = wire::parse(packet).expect("a TCP segment");
            assert!(!segment.header.flags.rst(), "{segment}");
            self.ack = segment.end();
        }
    }

    fn call(&mut self, handle: u8, call: Call<'_>, want: Outcome) {
        self.received.clear();
        assert_eq!(self.stack.call(handle, call, &mut self.received), want);
        self.hear();
    }

    /// One connection from SYN to the last ACK; the peer closes first, so that no TIME-WAIT is left.
    fn cycle(&mut self) {
        self.port = if self.port == u16::MAX { 1024 } else { self.port + 1 };
        self.seq = SeqNum::new(u32::from(self.port) * 1000);
        self.say(Flags::SYN, &[]);
        self.say(Flags::ACK, &[]);
        self.call(LISTENER, Call::Accept { into: CONNECTION }, Outcome::Done);
        self.say(Flags::PSH | Flags::ACK, TEXT);
        self.call(CONNECTION, Call::Receive { max: 100 }, Outcome::Octets(5));
        self.call(CONNECTION, Call::Send(TEXT), Outcome::Octets(5));
        self.say(Flags::ACK, &[]);
        self.say(Flags::FIN | Flags::ACK, &[]);
        self.call(CONNECTION, Call::Close, Outcome::Done);
        self.say(Flags::ACK, &[]);
        let state = self.stack.state(CONNECTION);
        assert_eq!(state.map(|state| state.name()), Some("CLOSED"));
    }
}

fn cycles(c: &mut Criterion) {
    let mut group = c.benchmark_group("cycles");
    group.throughput(Throughput::Elements(1));
    let stacks: [&dyn Factory; 3] = [&Smoltcp::Immediate, &Reference::Forking, &Reference::Single];
    for stack in stacks {
        let mut bench = Bench::new(stack);
        group.bench_function(stack.describe().name, |b| b.iter(|| bench.cycle()));
    }
    group.finish();
}

fn check(c: &mut Criterion) {
    const CASES: usize = 500;
    let mut group = c.benchmark_group("check");
    let stacks: [&dyn Factory; 3] = [&Smoltcp::Immediate, &Reference::Forking, &Model::STANDARD];
    for stack in stacks {
        let mut driver = Driver::new(stack);
        let run = cross_in(driver.description(), IpVersion::V4, 0);
        let cases: Vec<_> =
            Case::all(true).step_by(1_561).take(CASES).map(|case| (case, case.scenario(&run))).collect();
        group.throughput(Throughput::Elements(cases.len() as u64));
        group.bench_function(stack.describe().name, |b| {
            b.iter(|| {
                for (case, (scenario, event)) in &cases {
                    let _ = black_box(driver.run(scenario, case.aim(*event)));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, cycles, check);
criterion_main!(benches);
