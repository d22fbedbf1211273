//! smoltcp 0.14.0 over IP packets, in virtual time.
//!
//! What smoltcp does not say is not made up here: its `close` and `abort` answer nothing, so they are `Done`;
//! `SendError::InvalidState` and `RecvError::InvalidState` are one error for every reason, so the socket's
//! `state()`, which any user can ask too, tells "not open" from "closing". A lost connection is never named
//! `Reset` or `TimedOut`, because smoltcp never names it.
//!
//! Nothing that smoltcp sends is filtered: where it answers with ICMP (a protocol that it does not know),
//! the driver sees that packet. On its own accord it sends no neighbour discovery, no router solicitations
//! and no multicast reports: the medium is IP, and SLAAC and multicast are not compiled in.

mod device;
mod isn;

use ::smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use ::smoltcp::socket::tcp;
use ::smoltcp::time as smol;
use ::smoltcp::wire::{HardwareAddress, IpCidr, Ipv4Address, Ipv6Address};
use lastack_core::types::{Duration, Endpoint, Instant, State};

use self::device::{Arrivals, Port};
use super::{
    Call, Capabilities, Description, Factory, Handle, IpVersion, ListenerKind, Outcome, Packets, Polled,
    Setup, SocketOption, Subject, prefix_len, stack_addr,
};
use crate::table::{Choice, Profile};

/// Version as published; the manifest asks for exactly this one.
const VERSION: &str = "0.14.0";
/// smoltcp's own delay of acknowledgments: "by default, the ACK delay is set to 10ms" (`set_ack_delay`).
const ACK_DELAY: Duration = Duration::from_millis(10);
/// smoltcp panics above this ("cannot exceed 1 GiB", `Socket::new`).
const BUFFER_MAX: u32 = 1 << 30;
/// More packets than this at once are a flood; see [`Stack::poll`].
const PACKETS_MAX: usize = 10_000;

/// smoltcp in one of two settings, for everything that a set-up leaves open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Smoltcp {
    /// No delayed acknowledgments, no Nagle algorithm: every answer comes at its instant.
    Immediate,
    /// smoltcp's defaults: acknowledgments delayed by 10 ms, Nagle on.
    Defaults,
}

impl Smoltcp {
    const fn name(self) -> &'static str {
        match self {
            Smoltcp::Immediate => "smoltcp",
            Smoltcp::Defaults => "smoltcp-default",
        }
    }

    /// What smoltcp's README, its item documentation and its commented constants say. They say nothing of RFC
    /// 5961, RFC 1337, MAY-2 and the time after which a connection is given up (without a user timeout it
    /// never is), so these stay undeclared.
    fn profile(self) -> Profile {
        let immediate = self == Smoltcp::Immediate;
        Profile {
            // README, TCP layer: the TIME-WAIT timeout is fixed, 10 s: twice the MSL.
            msl: Some(Duration::from_secs(5)),
            // `RTTE_MIN_RTO` and `RTTE_MAX_RTO` in socket/tcp.rs, with RFC 6298 as their reason.
            rto_min: Some(Duration::from_secs(1)),
            rto_max: Some(Duration::from_secs(60)),
            // `Socket::close` closes the transmit half only, says its documentation.
            half_duplex: Choice::No,
            // `set_ack_delay` and `set_nagle_enabled`.
            ack_delay: Some(if immediate { Duration::ZERO } else { ACK_DELAY }),
            nagle: if immediate { Choice::No } else { Choice::Yes },
            ..Profile::default()
        }
    }
}

impl Factory for Smoltcp {
    fn describe(&self) -> Description {
        Description {
            name: self.name().to_owned(),
            version: VERSION.to_owned(),
            profile: self.profile(),
            capabilities: Capabilities {
                ipv4: true,
                ipv6: true,
                many: true,
                // A listening socket has no backlog: it is one connection to be (documentation of `tcp::Socket`).
                listener: ListenerKind::BecomesConnection,
                iss: true,
                exact_recv_buffer: true,
                zero_recv_buffer: true,
                half_close: true,
                user_timeout: true,
                keep_alive: true,
                virtual_time: true,
                names_errors: false,
                reads_when_full: false,
            },
        }
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Stack::new(*self))
    }
}

/// A handle of the scenario and the socket behind it.
struct Slot {
    handle: Handle,
    socket: SocketHandle,
    /// The port on which this socket listens, or listened until it became a connection that nobody accepted.
    listens: Option<u16>,
}

/// One host: an interface and its sockets.
struct Stack {
    variant: Smoltcp,
    setup: Setup,
    iface: Interface,
    sockets: SocketSet<'static>,
    /// Few, so a list is faster than a map; in order of opening.
    slots: Vec<Slot>,
    arrivals: Arrivals,
    now: Instant,
}

impl Stack {
    fn new(variant: Smoltcp) -> Stack {
        let setup = Setup::default();
        Stack {
            variant,
            setup,
            iface: interface(&setup, 0),
            sockets: SocketSet::new(Vec::new()),
            slots: Vec::new(),
            arrivals: Arrivals::default(),
            now: Instant::ZERO,
        }
    }

    /// A closed socket as the set-up wants it; what the set-up leaves open is the variant's choice.
    fn new_socket(&self) -> tcp::Socket<'static> {
        let buffer = |octets: u32| tcp::SocketBuffer::new(vec![0; octets as usize]);
        let mut socket = tcp::Socket::new(buffer(self.setup.recv_buffer), buffer(self.setup.send_buffer));
        let immediate = (self.variant == Smoltcp::Immediate).then_some(false);
        if let Some(on) = self.setup.nagle.or(immediate) {
            socket.set_nagle_enabled(on);
        }
        if let Some(on) = self.setup.ack_delay.or(immediate) {
            socket.set_ack_delay(on.then_some(smol_span(ACK_DELAY)));
        }
        if let Some(timeout) = self.setup.user_timeout {
            socket.set_timeout(Some(smol_span(timeout)));
        }
        if let Some(interval) = self.setup.keep_alive {
            socket.set_keep_alive(Some(smol_span(interval)));
        }
        socket
    }

    fn find(&self, handle: Handle) -> Option<usize> {
        self.slots.iter().position(|slot| slot.handle == handle)
    }

    /// The slot of a handle. A handle without a socket gets a closed one, so that smoltcp itself answers
    /// whatever is called on it; a closed socket is kept and used again, as smoltcp allows.
    fn slot(&mut self, handle: Handle) -> usize {
        self.find(handle).unwrap_or_else(|| {
            let socket = self.sockets.add(self.new_socket());
            self.slots.push(Slot { handle, socket, listens: None });
            self.slots.len() - 1
        })
    }

    fn socket(&mut self, handle: Handle) -> &mut tcp::Socket<'static> {
        let slot = self.slot(handle);
        self.sockets.get_mut(self.slots[slot].socket)
    }

    fn open_passive(&mut self, handle: Handle, port: u16) -> Outcome {
        let slot = self.slot(handle);
        let socket: &mut tcp::Socket<'_> = self.sockets.get_mut(self.slots[slot].socket);
        match socket.listen(port) {
            Ok(()) => {
                self.slots[slot].listens = Some(port);
                Outcome::Done
            }
            Err(tcp::ListenError::InvalidState) => Outcome::Exists,
            Err(tcp::ListenError::Unaddressable) => Outcome::Invalid,
        }
    }

    fn open_active(&mut self, handle: Handle, port: u16, remote: Endpoint) -> Outcome {
        let slot = self.slot(handle);
        let socket: &mut tcp::Socket<'_> = self.sockets.get_mut(self.slots[slot].socket);
        match socket.connect(self.iface.context(), (remote.addr, remote.port), port) {
            Ok(()) => {
                self.slots[slot].listens = None;
                Outcome::Done
            }
            Err(tcp::ConnectError::InvalidState) => Outcome::Exists,
            Err(tcp::ConnectError::Unaddressable) => Outcome::Invalid,
        }
    }

    /// smoltcp's users accept by hand: the socket that has left LISTEN is the connection, and another one
    /// is made to listen in its place.
    fn accept(&mut self, handle: Handle, into: Handle) -> Outcome {
        let Some(slot) = self.find(handle) else { return Outcome::NoConnection };
        let Some(port) = self.slots[slot].listens else { return Outcome::NoConnection };
        if self.socket(handle).state() == tcp::State::Listen {
            return Outcome::WouldBlock;
        }
        if handle == into || self.find(into).is_some() && self.socket(into).state() != tcp::State::Closed {
            return Outcome::Exists;
        }
        if let Some(closed) = self.find(into) {
            self.sockets.remove(self.slots.remove(closed).socket);
        }
        // The removal may have moved the listener's slot.
        let slot = self.slot(handle);
        self.slots[slot].handle = into;
        self.slots[slot].listens = None;
        self.open_passive(handle, port)
    }

    fn send(&mut self, handle: Handle, octets: &[u8]) -> Outcome {
        let socket = self.socket(handle);
        match socket.send_slice(octets) {
            Ok(0) if !octets.is_empty() => Outcome::WouldBlock,
            Ok(queued) => Outcome::Octets(queued as u32),
            Err(tcp::SendError::InvalidState) => not_open(socket.state()),
        }
    }

    fn receive(&mut self, handle: Handle, max: u32, received: &mut Vec<u8>) -> Outcome {
        let socket = self.socket(handle);
        let start = received.len();
        received.resize(start + socket.recv_queue().min(max as usize), 0);
        let result = socket.recv_slice(&mut received[start..]);
        received.truncate(start + result.unwrap_or(0));
        match result {
            Ok(0) if !socket.can_recv() => Outcome::WouldBlock,
            Ok(taken) => Outcome::Octets(taken as u32),
            Err(tcp::RecvError::Finished) => Outcome::EndOfStream,
            Err(tcp::RecvError::InvalidState) => not_open(socket.state()),
        }
    }

    /// A call to which smoltcp answers nothing. Whether there was a connection, its user can ask before.
    fn silently(&mut self, handle: Handle, call: fn(&mut tcp::Socket<'static>)) -> Outcome {
        let socket = self.socket(handle);
        let before = socket.state();
        call(socket);
        if socket.state() == tcp::State::Closed {
            let slot = self.slot(handle);
            self.slots[slot].listens = None;
        }
        if before == tcp::State::Closed { Outcome::NoConnection } else { Outcome::Done }
    }

    fn set(&mut self, handle: Handle, option: SocketOption) -> Outcome {
        let socket = self.socket(handle);
        match option {
            SocketOption::Nagle(on) => socket.set_nagle_enabled(on),
            SocketOption::AckDelay(on) => socket.set_ack_delay(on.then_some(smol_span(ACK_DELAY))),
            SocketOption::UserTimeout(timeout) => socket.set_timeout(timeout.map(smol_span)),
            SocketOption::KeepAlive(interval) => socket.set_keep_alive(interval.map(smol_span)),
        }
        Outcome::Done
    }
}

impl Subject for Stack {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        check(setup)?;
        self.setup = *setup;
        for slot in self.slots.drain(..) {
            self.sockets.remove(slot.socket);
        }
        self.arrivals.clear();
        self.now = Instant::ZERO;
        let random_seed = setup.iss.map_or(seed, |iss| isn::seed_for(iss, seed));
        self.iface = interface(setup, random_seed);
        Ok(())
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        match call {
            Call::OpenPassive { port } => self.open_passive(handle, port),
            Call::OpenActive { port, remote } => self.open_active(handle, port, remote),
            Call::Accept { into } => self.accept(handle, into),
            Call::Send(octets) => self.send(handle, octets),
            Call::Receive { max } => self.receive(handle, max, received),
            // smoltcp has one close, and it closes the transmit half.
            Call::ShutdownWrite | Call::Close => self.silently(handle, tcp::Socket::close),
            Call::Abort => self.silently(handle, tcp::Socket::abort),
            Call::Status => Outcome::InState(state(self.socket(handle).state())),
            Call::Set(option) => self.set(handle, option),
        }
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.arrivals.push(packet);
    }

    /// smoltcp's `poll` goes on until nothing comes in and nothing goes out, so it settles by itself; `More`
    /// is what it says when it went on until the transmit queue was full.
    ///
    /// `out` never grows past 10,000 packets: a flood is `More` for ever and eats no memory.
    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        let allowed = PACKETS_MAX.saturating_sub(out.len());
        let room = room.min(allowed);
        let mut port = Port {
            arrivals: &mut self.arrivals,
            out,
            room,
            refused: false,
            mtu: usize::from(self.setup.mtu),
        };
        self.iface.poll(smol_instant(self.now), &mut port, &mut self.sockets);
        let flooding = allowed == 0;
        if port.refused && (port.room < room || flooding) { Polled::More } else { Polled::Settled }
    }

    /// What `poll_at` says; an instant that is past means now.
    fn next_timer(&mut self) -> Option<Instant> {
        let at = self.iface.poll_at(smol_instant(self.now), &self.sockets)?;
        let micros = u64::try_from(at.total_micros()).unwrap_or(0);
        Some(Instant::from_micros(micros).max(self.now))
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.now = self.now.max(to);
        self.now
    }

    /// A handle that was never opened has no connection, and that is CLOSED.
    fn state(&mut self, handle: Handle) -> Option<State> {
        let Some(slot) = self.find(handle) else { return Some(State::Closed) };
        let socket: &tcp::Socket<'_> = self.sockets.get(self.slots[slot].socket);
        Some(state(socket.state()))
    }
}

/// Why a set-up cannot be had. smoltcp itself would panic or leave no room for text.
fn check(setup: &Setup) -> Result<(), String> {
    if setup.recv_buffer.max(setup.send_buffer) > BUFFER_MAX {
        return Err(format!("smoltcp's buffers end at {BUFFER_MAX} octets"));
    }
    // The smallest MTU of RFC 791, and as much text in an IPv6 packet.
    let least = match setup.ip {
        IpVersion::V4 => 68,
        IpVersion::V6 => 88,
    };
    if setup.mtu < least {
        return Err(format!("an MTU of {} octets leaves no room for text; {least} is the least", setup.mtu));
    }
    Ok(())
}

/// A fresh interface with the stack's address and a default route. The gateway is a name only: on this
/// medium a packet to a foreign address is an IP packet in the queue like any other.
fn interface(setup: &Setup, random_seed: u64) -> Interface {
    let (mut arrivals, mut out) = (Arrivals::default(), Packets::default());
    let mtu = usize::from(setup.mtu);
    let mut port = Port { arrivals: &mut arrivals, out: &mut out, room: 0, refused: false, mtu };
    let mut config = Config::new(HardwareAddress::Ip);
    config.random_seed = random_seed;
    let mut iface = Interface::new(config, &mut port, smol::Instant::ZERO);
    let cidr = IpCidr::new(stack_addr(setup.ip).into(), prefix_len(setup.ip));
    // Both lists are empty here and hold one or more; a host without an address fails the self-check.
    iface.update_ip_addrs(|addrs| {
        let _ = addrs.push(cidr);
    });
    let _ = match setup.ip {
        IpVersion::V4 => iface.routes_mut().add_default_ipv4_route(Ipv4Address::new(192, 0, 2, 254)),
        IpVersion::V6 => {
            iface.routes_mut().add_default_ipv6_route(Ipv6Address::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xfe))
        }
    };
    iface
}

/// `InvalidState` in the vocabulary of RFC 9293 3.10.2 and 3.10.3, by the state that smoltcp reports: there
/// is no open connection, or its direction is closed already.
const fn not_open(state: tcp::State) -> Outcome {
    match state {
        tcp::State::Closed | tcp::State::Listen | tcp::State::SynSent | tcp::State::SynReceived => {
            Outcome::NoConnection
        }
        _ => Outcome::Closing,
    }
}

const fn state(state: tcp::State) -> State {
    match state {
        tcp::State::Closed => State::Closed,
        tcp::State::Listen => State::Listen,
        tcp::State::SynSent => State::SynSent,
        tcp::State::SynReceived => State::SynReceived,
        tcp::State::Established => State::Established,
        tcp::State::FinWait1 => State::FinWait1,
        tcp::State::FinWait2 => State::FinWait2,
        tcp::State::CloseWait => State::CloseWait,
        tcp::State::Closing => State::Closing,
        tcp::State::LastAck => State::LastAck,
        tcp::State::TimeWait => State::TimeWait,
    }
}

/// The latest instant and the longest span handed to smoltcp, which adds them as signed 64-bit numbers: 36
/// thousand years each, four of which still fit.
const MICROS_MAX: u64 = i64::MAX as u64 / 8;

fn smol_instant(at: Instant) -> smol::Instant {
    smol::Instant::from_micros(at.micros().min(MICROS_MAX) as i64)
}

fn smol_span(span: Duration) -> smol::Duration {
    smol::Duration::from_micros(span.micros().min(MICROS_MAX))
}
