//! The reference at one end of the TUN device, the kernel at the other, a wire between them, in real time.

use lastack::subject::linux::Linux;
use lastack::subject::{Call, Factory, Handle, IpVersion, Outcome, Packets, Setup, Subject, UserSignal};
use lastack_core::config::Address;
use lastack_core::types::{Duration, Endpoint, Instant, State};
use lastack_core::{Config, Host, Name, SendError};

use crate::link::{Faults, Wire};

const KERNEL: [u8; 4] = [192, 0, 2, 1];
const REFERENCE: [u8; 4] = [192, 0, 2, 2];
const KERNEL_PORT: u16 = 8000;
const REFERENCE_PORT: u16 = 9000;
/// Octets that a user writes or reads at once.
const PIECE: usize = 64 * 1024;
/// Nothing that is waited for takes longer, unless a test says so.
pub const SOON: Duration = Duration::from_secs(10);

/// How both ends and the wire are.
#[derive(Clone, Copy, Debug)]
pub struct World {
    pub mtu: u16,
    pub buffer: u32,
    pub faults: Faults,
    pub seed: u64,
    /// The reference's CLOSE closes both directions.
    pub half_duplex: bool,
    /// The reference's smallest and largest retransmission timeout. It has no fast retransmit, and by Karn's rule
    /// the timeout stays doubled as long as something of every flight is lost: on a wire that loses, each loss waits
    /// for it.
    pub rto: (Duration, Duration),
}

impl Default for World {
    fn default() -> World {
        World {
            mtu: 1500,
            buffer: 200_000,
            faults: Faults::default(),
            seed: 1,
            half_duplex: false,
            rto: (Duration::from_secs(1), Duration::from_secs(60)),
        }
    }
}

/// Both ends and what is between them.
pub struct Pair {
    pub kernel: Box<dyn Subject>,
    pub host: Host,
    /// To the kernel, to the reference.
    pub wires: [Wire; 2],
    pub now: Instant,
    packets: Packets,
    packet: Vec<u8>,
}

/// A connection between them: the kernel's handle, the reference's name.
#[derive(Clone, Copy)]
pub struct Connection {
    pub handle: Handle,
    pub name: Name,
}

impl Pair {
    /// `None`, said in plain words, where there is no namespace or device.
    pub fn new(world: &World) -> Option<Pair> {
        if let Err(why) = Linux.ready() {
            println!("skipped: {why}");
            return None;
        }
        let mut kernel = Linux.make();
        let buffer = world.buffer;
        let setup = Setup {
            ip: IpVersion::V4,
            mtu: world.mtu,
            recv_buffer: buffer,
            send_buffer: buffer,
            ..Setup::default()
        };
        kernel.reset(&setup, 0).expect("the namespace is there");
        let own = Address { addr: REFERENCE.into(), prefix_len: 24 };
        let mut config = Config::new(vec![own], [7; 16]);
        (config.mtu, config.recv_buffer, config.send_buffer) = (world.mtu, buffer, buffer);
        config.half_duplex = world.half_duplex;
        (config.rto_min, config.rto_max) = world.rto;
        Some(Pair {
            kernel,
            host: Host::new(config),
            wires: [0, 1].map(|way| Wire::new(world.faults, world.seed * 2 + way)),
            now: Instant::ZERO,
            packets: Packets::default(),
            packet: Vec::new(),
        })
    }

    /// Lets both ends and the wire work at this instant; whether anything moved.
    pub fn turn(&mut self) -> bool {
        self.now = self.kernel.advance(self.now).max(self.now);
        self.host.advance(self.now);
        let [to_kernel, to_host] = &mut self.wires;
        let mut moved = false;
        self.packets.clear();
        self.kernel.poll(64, &mut self.packets);
        for packet in self.packets.iter() {
            to_host.send(self.now, packet);
        }
        while let Some(packet) = to_host.receive(self.now) {
            moved = true;
            self.host.arrives(&packet);
        }
        for _ in 0..64 {
            self.packet.clear();
            if !self.host.transmit(&mut self.packet) {
                break;
            }
            to_kernel.send(self.now, &self.packet);
        }
        while let Some(packet) = to_kernel.receive(self.now) {
            moved = true;
            self.kernel.deliver(&packet);
        }
        moved
    }

    /// Turns until something is so; waits where nothing moves. Whether it came to be within the time.
    pub fn until(&mut self, span: Duration, mut so: impl FnMut(&mut Pair) -> bool) -> bool {
        let end = self.now + span;
        loop {
            let moved = self.turn();
            if so(self) {
                return true;
            }
            if self.now >= end {
                return false;
            }
            if !moved {
                let arrivals = self.wires.iter().filter_map(Wire::next);
                let next = arrivals.chain(self.host.next_timer()).min();
                let pause = self.now + Duration::from_millis(20);
                self.now = self.kernel.advance(next.unwrap_or(pause).min(pause)).max(self.now);
            }
        }
    }

    /// The kernel opens.
    pub fn kernel_opens(&mut self) -> Connection {
        let listener = self.host.open_passive(REFERENCE_PORT, None).expect("a free port");
        let remote = Endpoint { addr: REFERENCE.into(), port: REFERENCE_PORT };
        assert_eq!(self.call(1, Call::OpenActive { port: KERNEL_PORT, remote }), Outcome::Done);
        let mut name = None;
        let open = self.until(SOON, |pair| {
            name = name.or_else(|| pair.host.accept(listener));
            name.is_some() && pair.kernel.state(1) == Some(State::Established)
        });
        assert!(open, "the kernel's connection does not open");
        Connection { handle: 1, name: name.expect("it was accepted") }
    }

    /// The reference opens.
    pub fn reference_opens(&mut self) -> Connection {
        assert_eq!(self.call(0, Call::OpenPassive { port: KERNEL_PORT }), Outcome::Done);
        let remote = Endpoint { addr: KERNEL.into(), port: KERNEL_PORT };
        let name = self.host.open_active(REFERENCE_PORT, remote).expect("a free port");
        let open = self.until(SOON, |pair| {
            pair.kernel.state(1) == Some(State::Established)
                || pair.call(0, Call::Accept { into: 1 }) == Outcome::Done
        });
        assert!(open, "the reference's connection does not open");
        assert_eq!(self.host.status(name), Ok(State::Established));
        Connection { handle: 1, name }
    }

    pub fn call(&mut self, handle: Handle, call: Call<'_>) -> Outcome {
        self.kernel.call(handle, call, &mut Vec::new())
    }

    /// What the kernel told its user of this connection.
    pub fn signals(&mut self, handle: Handle) -> Vec<UserSignal> {
        let mut signals = Vec::new();
        self.kernel.signals(handle, &mut signals);
        signals
    }
}

/// A user's stream of so many octets, made as it is needed, with a checksum of what went past (FNV-1a).
#[derive(Clone, Debug)]
pub struct Stream {
    salt: u64,
    pub octets: usize,
    pub sum: u64,
}

impl Stream {
    pub fn new(salt: u64) -> Stream {
        Stream { salt, octets: 0, sum: 0xcbf2_9ce4_8422_2325 }
    }

    fn octet(&self, at: usize) -> u8 {
        let x = (at as u64).wrapping_add(self.salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (x >> 56) as u8
    }

    /// The next piece of a stream that ends at `end`.
    fn piece(&self, end: usize) -> Vec<u8> {
        (self.octets..end.min(self.octets + PIECE)).map(|at| self.octet(at)).collect()
    }

    pub fn passed(&mut self, octets: &[u8]) {
        for octet in octets {
            self.sum = (self.sum ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3);
        }
        self.octets += octets.len();
    }
}

/// What both users have written and read.
pub struct Traffic {
    /// By the kernel's user, by the reference's.
    pub written: [Stream; 2],
    /// By the reference's user, by the kernel's: the same octets in the end.
    pub read: [Stream; 2],
}

impl Traffic {
    pub fn new() -> Traffic {
        let streams = || [Stream::new(3), Stream::new(5)];
        Traffic { written: streams(), read: streams() }
    }

    /// Both users write up to their stream's end, and read what there is.
    pub fn work(&mut self, pair: &mut Pair, connection: Connection, ends: [usize; 2]) {
        let Connection { handle, name } = connection;
        let piece = self.written[0].piece(ends[0]);
        if !piece.is_empty()
            && let Outcome::Octets(taken) = pair.call(handle, Call::Send(&piece))
        {
            self.written[0].passed(&piece[..taken as usize]);
        }
        let piece = self.written[1].piece(ends[1]);
        match pair.host.send(name, &piece) {
            Ok(taken) => self.written[1].passed(&piece[..taken]),
            Err(SendError::NoResources) => {}
            Err(_) if piece.is_empty() => {}
            Err(error) => panic!("the reference's SEND: {error}"),
        }
        let mut text = Vec::new();
        // At the end of the stream there is an error, and nothing to read.
        let _ = pair.host.receive(name, PIECE as u32, &mut text);
        self.read[0].passed(&text);
        text.clear();
        pair.kernel.call(handle, Call::Receive { max: PIECE as u32 }, &mut text);
        self.read[1].passed(&text);
    }

    /// Everything written has been read.
    pub fn is_whole(&self, ends: [usize; 2]) -> bool {
        (0..2).all(|i| self.written[i].octets == ends[i] && self.read[i].octets == ends[i])
    }

    /// The checksums of what was written and of what was read.
    pub fn assert_same(&self) {
        for (written, read) in self.written.iter().zip(&self.read) {
            assert_eq!((written.octets, written.sum), (read.octets, read.sum));
        }
    }
}
