//! The adapter itself, one for every version: handles, accepting, and the driver's clock.

use lastack_core::types::{Endpoint, Instant, State};

use super::device::Port;
use super::{Smoltcp, clock, isn};
use crate::subject::{Call, Handle, IpVersion, Outcome, Packets, Polled, Setup, SocketOption, Subject};

/// smoltcp panics above this ("cannot exceed 1 GiB", `Socket::new`).
const BUFFER_MAX: u32 = 1 << 30;
/// More packets than this at once are a flood; see [`Stack::poll`].
const PACKETS_MAX: usize = 10_000;
/// The latest instant and the longest span handed to smoltcp, which adds them as signed 64-bit numbers: 36
/// thousand years each, four of which still fit.
pub const MICROS_MAX: u64 = i64::MAX as u64 / 8;

/// One version of smoltcp: a host, by that version's own names.
pub trait Version {
    /// What the version calls a socket by.
    type Socket: Copy;
    /// Whether an IPv4 identification is drawn before the first ISN.
    const DRAWS_IDENT: bool;

    /// A fresh interface with the stack's address and a default route, and no sockets. The gateway is a name
    /// only: on this medium a packet to a foreign address is an IP packet in the queue like any other.
    fn new(setup: &Setup, random_seed: u64, port: &mut Port) -> Self;
    /// A closed socket with smoltcp's own defaults, but for what only this manner has.
    fn add(&mut self, recv_buffer: u32, send_buffer: u32, manner: Smoltcp) -> Self::Socket;
    fn remove(&mut self, socket: Self::Socket);
    fn listen(&mut self, socket: Self::Socket, port: u16) -> Outcome;
    fn connect(&mut self, socket: Self::Socket, port: u16, remote: Endpoint) -> Outcome;
    fn send(&mut self, socket: Self::Socket, octets: &[u8]) -> Outcome;
    fn receive(&mut self, socket: Self::Socket, max: u32, received: &mut Vec<u8>) -> Outcome;
    fn close(&mut self, socket: Self::Socket);
    fn abort(&mut self, socket: Self::Socket);
    fn state(&mut self, socket: Self::Socket) -> State;
    fn set(&mut self, socket: Self::Socket, option: SocketOption);
    /// Works until nothing comes in and nothing goes out, or there is no room.
    fn poll(&mut self, now: Instant, port: &mut Port);
    /// When to poll next; an instant that is past means now.
    fn poll_at(&mut self, now: Instant) -> Option<Instant>;
}

/// A handle of the scenario and the socket behind it.
struct Slot<S> {
    handle: Handle,
    socket: S,
    /// The port on which this socket listens, or listened until it became a connection that nobody accepted.
    listens: Option<u16>,
}

/// One host and what the scenario knows of it.
pub struct Stack<V: Version> {
    manner: Smoltcp,
    setup: Setup,
    host: V,
    /// Few, so a list is faster than a map; in order of opening.
    slots: Vec<Slot<V::Socket>>,
    port: Port,
    now: Instant,
}

impl<V: Version> Stack<V> {
    pub fn new(manner: Smoltcp) -> Stack<V> {
        let setup = Setup::default();
        let mut port = Port::default();
        Stack {
            manner,
            setup,
            host: V::new(&setup, 0, &mut port),
            slots: Vec::new(),
            port,
            now: Instant::ZERO,
        }
    }

    /// A closed socket as the set-up wants it; what the set-up leaves open is the variant's choice.
    fn new_socket(&mut self) -> V::Socket {
        let Setup { recv_buffer, send_buffer, nagle, ack_delay, user_timeout, keep_alive, .. } = self.setup;
        let socket = self.host.add(recv_buffer, send_buffer, self.manner);
        let immediate = self.manner.is_immediate().then_some(false);
        let wanted = [
            nagle.or(immediate).map(SocketOption::Nagle),
            ack_delay.or(immediate).map(SocketOption::AckDelay),
            user_timeout.map(|timeout| SocketOption::UserTimeout(Some(timeout))),
            keep_alive.map(|interval| SocketOption::KeepAlive(Some(interval))),
        ];
        for option in wanted.into_iter().flatten() {
            self.host.set(socket, option);
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
            let socket = self.new_socket();
            self.slots.push(Slot { handle, socket, listens: None });
            self.slots.len() - 1
        })
    }

    fn socket(&mut self, handle: Handle) -> V::Socket {
        let slot = self.slot(handle);
        self.slots[slot].socket
    }

    fn open_passive(&mut self, handle: Handle, port: u16) -> Outcome {
        let slot = self.slot(handle);
        let outcome = self.host.listen(self.slots[slot].socket, port);
        if outcome == Outcome::Done {
            self.slots[slot].listens = Some(port);
        }
        outcome
    }

    fn open_active(&mut self, handle: Handle, port: u16, remote: Endpoint) -> Outcome {
        let slot = self.slot(handle);
        let outcome = self.host.connect(self.slots[slot].socket, port, remote);
        if outcome == Outcome::Done {
            self.slots[slot].listens = None;
        }
        outcome
    }

    /// smoltcp's users accept by hand: the socket that has left LISTEN is the connection, and another one
    /// is made to listen in its place.
    fn accept(&mut self, handle: Handle, into: Handle) -> Outcome {
        let Some(slot) = self.find(handle) else { return Outcome::NoConnection };
        let Some(port) = self.slots[slot].listens else { return Outcome::NoConnection };
        if self.host.state(self.slots[slot].socket) == State::Listen {
            return Outcome::WouldBlock;
        }
        let target = self.find(into);
        let in_use = target.is_some_and(|slot| self.host.state(self.slots[slot].socket) != State::Closed);
        if handle == into || in_use {
            return Outcome::Exists;
        }
        if let Some(closed) = target {
            self.host.remove(self.slots.remove(closed).socket);
        }
        // The removal may have moved the listener's slot.
        let slot = self.slot(handle);
        self.slots[slot].handle = into;
        self.slots[slot].listens = None;
        self.open_passive(handle, port)
    }

    /// A call to which smoltcp answers nothing. Whether there was a connection, its user can ask before.
    fn silently(&mut self, handle: Handle, call: fn(&mut V, V::Socket)) -> Outcome {
        let slot = self.slot(handle);
        let socket = self.slots[slot].socket;
        let before = self.host.state(socket);
        call(&mut self.host, socket);
        if self.host.state(socket) == State::Closed {
            self.slots[slot].listens = None;
        }
        if before == State::Closed { Outcome::NoConnection } else { Outcome::Done }
    }
}

impl<V: Version> Subject for Stack<V> {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        check(setup)?;
        self.setup = *setup;
        self.slots.clear();
        self.port.arrivals.clear();
        self.port.mtu = usize::from(setup.mtu);
        self.now = Instant::ZERO;
        let seed_for = if V::DRAWS_IDENT { isn::seed_for_second } else { isn::seed_for_first };
        let random_seed = setup.iss.map_or(seed, |iss| seed_for(iss, seed));
        self.host = V::new(setup, random_seed, &mut self.port);
        Ok(())
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        match call {
            Call::OpenPassive { port } => self.open_passive(handle, port),
            Call::OpenActive { port, remote } => self.open_active(handle, port, remote),
            Call::Accept { into } => self.accept(handle, into),
            // smoltcp has one close, and it closes the transmit half.
            Call::ShutdownWrite | Call::Close => self.silently(handle, V::close),
            Call::Abort => self.silently(handle, V::abort),
            Call::Send(octets) => {
                let socket = self.socket(handle);
                self.host.send(socket, octets)
            }
            Call::Receive { max } => {
                let socket = self.socket(handle);
                self.host.receive(socket, max, received)
            }
            Call::Status => {
                let socket = self.socket(handle);
                Outcome::InState(self.host.state(socket))
            }
            Call::Set(option) => {
                let socket = self.socket(handle);
                self.host.set(socket, option);
                Outcome::Done
            }
        }
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.port.arrivals.push(packet);
    }

    /// smoltcp goes on until nothing comes in and nothing goes out, so it settles by itself; `More` is what
    /// it says when it went on until the transmit queue was full.
    ///
    /// `out` never grows past 10,000 packets: a flood is `More` for ever and eats no memory.
    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        let allowed = PACKETS_MAX.saturating_sub(out.len());
        let room = room.min(allowed);
        self.port.room = room;
        self.port.refused = false;
        core::mem::swap(&mut self.port.out, out);
        clock::set(self.now);
        self.host.poll(self.now, &mut self.port);
        core::mem::swap(&mut self.port.out, out);
        let flooding = allowed == 0;
        if self.port.refused && (self.port.room < room || flooding) { Polled::More } else { Polled::Settled }
    }

    /// What `poll_at` says; an instant that is past means now.
    fn next_timer(&mut self) -> Option<Instant> {
        self.host.poll_at(self.now).map(|at| at.max(self.now))
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.now = self.now.max(to);
        self.now
    }

    /// A handle that was never opened has no connection, and that is CLOSED.
    fn state(&mut self, handle: Handle) -> Option<State> {
        let Some(slot) = self.find(handle) else { return Some(State::Closed) };
        Some(self.host.state(self.slots[slot].socket))
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

/// `InvalidState` in the vocabulary of RFC 9293 3.10.2 and 3.10.3, by the state that smoltcp reports: there
/// is no open connection, or its direction is closed already.
pub const fn not_open(state: State) -> Outcome {
    match state {
        State::Closed | State::Listen | State::SynSent | State::SynReceived => Outcome::NoConnection,
        _ => Outcome::Closing,
    }
}
