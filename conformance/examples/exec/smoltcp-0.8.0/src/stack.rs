//! smoltcp 0.8.0 with the calls, outcomes, states and signals of the protocol.

use std::collections::{BTreeMap, VecDeque};

use smoltcp::Error;
use smoltcp::iface::{Interface, InterfaceBuilder, SocketHandle};
use smoltcp::socket::{TcpSocket, TcpSocketBuffer, TcpState};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{IpAddress, IpCidr, Ipv4Address, Ipv6Address};

use crate::ABOUT;
use crate::pipe::Fields;
use crate::serve::{Answer, Served, outcome};
use crate::wire::Wire;

/// A poll of 0.8.0 may never end by itself.
const PACKETS_PER_POLL: usize = 1000;

/// What RESET sets up.
struct Setup {
    receive_buffer: usize,
    send_buffer: usize,
    nagle: u8,
    delayed_ack: u8,
    user_timeout: u64,
    keep_alive: u64,
}

pub struct Stack {
    setup: Setup,
    interface: Interface<'static, Wire>,
    /// The tool's handles.
    conns: BTreeMap<u8, SocketHandle>,
    now: Instant,
}

impl Served for Stack {
    const ABOUT: &'static str = ABOUT;

    fn new(fields: &mut Fields<'_>) -> Stack {
        let ip = fields.u8();
        let (receive_buffer, send_buffer) = (fields.u32() as usize, fields.u32() as usize);
        let (nagle, delayed_ack, mtu) = (fields.u8(), fields.u8(), fields.u16().into());
        let _iss = (fields.u8(), fields.u32()); // drawn by smoltcp
        let (user_timeout, keep_alive) = (fields.u64(), fields.u64());
        let setup = Setup { receive_buffer, send_buffer, nagle, delayed_ack, user_timeout, keep_alive };
        let wire = Wire { arriving: VecDeque::new(), leaving: Vec::new(), room: 0, mtu };
        let address = match ip {
            4 => IpCidr::new(IpAddress::v4(192, 0, 2, 1), 24),
            _ => IpCidr::new(IpAddress::v6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 64),
        };
        let interface = InterfaceBuilder::new(wire, Vec::new())
            .random_seed(fields.u64())
            .ip_addrs(vec![address])
            .finalize();
        Stack { setup, interface, conns: BTreeMap::new(), now: Instant::from_micros(0) }
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.interface.device_mut().arriving.push_back(packet.to_vec());
    }

    fn advance(&mut self, micros: u64) {
        self.now = Instant::from_micros(micros as i64);
    }

    fn now_micros(&self) -> u64 {
        self.now.total_micros() as u64
    }

    fn poll(&mut self, room: usize) -> (Vec<Vec<u8>>, bool) {
        let room = room.min(PACKETS_PER_POLL);
        self.interface.device_mut().room = room;
        // Its errors are about single packets, "to be logged and ignored".
        let _ = self.interface.poll(self.now);
        let packets = std::mem::take(&mut self.interface.device_mut().leaving);
        // Without any room nothing more would come of another poll.
        let used_up = room > 0 && packets.len() >= room;
        let waiting = !self.interface.device().arriving.is_empty();
        let more = used_up && (waiting || self.timer().is_some_and(|at| at <= self.now_micros()));
        (packets, more)
    }

    fn timer(&mut self) -> Option<u64> {
        let at = self.interface.poll_at(self.now)?;
        Some(at.total_micros().max(self.now.total_micros()) as u64)
    }

    fn state(&mut self, handle: u8) -> u8 {
        self.conns.get(&handle).copied().map_or(0, |socket| number(self.tcp(socket).state()))
    }

    fn call(&mut self, handle: u8, call: u8, fields: &mut Fields<'_>) -> Answer {
        match call {
            1 => return self.open_passive(handle, fields.u16()).into(),
            2 => return self.open_active(handle, fields).into(),
            _ => {}
        }
        let Some(socket) = self.conns.get(&handle).copied() else {
            return outcome::NO_CONNECTION.into();
        };
        let state = self.tcp(socket).state();
        match call {
            3 => self.accept(handle, fields.u8()).into(),
            4 => self.send(socket, fields.0),
            5 => self.receive(socket, fields.u32()),
            9 => Answer { value: number(state).into(), ..outcome::IN_STATE.into() },
            10 => self.set(socket, |tcp| tcp.set_nagle_enabled(fields.u8() != 0)),
            11 => self.set(socket, |tcp| tcp.set_ack_delay(ack_delay(fields.u8()))),
            12 => self.set(socket, |tcp| tcp.set_timeout(duration(fields.u64()))),
            13 => self.set(socket, |tcp| tcp.set_keep_alive(duration(fields.u64()))),
            6..=8 if state == TcpState::Closed => outcome::NO_CONNECTION.into(),
            8 => {
                self.tcp(socket).abort();
                outcome::DONE.into()
            }
            6 | 7 => {
                let closed = matches!(state, TcpState::Listen | TcpState::SynSent);
                let open =
                    matches!(state, TcpState::SynReceived | TcpState::Established | TcpState::CloseWait);
                self.tcp(socket).close();
                if open || closed { outcome::DONE.into() } else { outcome::CLOSING.into() }
            }
            _ => outcome::UNSUPPORTED.into(),
        }
    }
}

impl Stack {
    fn tcp(&mut self, socket: SocketHandle) -> &mut TcpSocket<'static> {
        self.interface.get_socket::<TcpSocket<'static>>(socket)
    }

    fn set(&mut self, socket: SocketHandle, option: impl FnOnce(&mut TcpSocket<'static>)) -> Answer {
        option(self.tcp(socket));
        outcome::DONE.into()
    }

    /// The handle's socket, made where there is none.
    fn socket(&mut self, handle: u8) -> SocketHandle {
        if let Some(socket) = self.conns.get(&handle) {
            return *socket;
        }
        let receive = TcpSocketBuffer::new(vec![0; self.setup.receive_buffer]);
        let send = TcpSocketBuffer::new(vec![0; self.setup.send_buffer]);
        let socket = self.interface.add_socket(TcpSocket::new(receive, send));
        self.conns.insert(handle, socket);
        socket
    }

    fn open_passive(&mut self, handle: u8, port: u16) -> u8 {
        let socket = self.socket(handle);
        let result = self.tcp(socket).listen(port);
        self.opened(handle, result)
    }

    fn open_active(&mut self, handle: u8, fields: &mut Fields<'_>) -> u8 {
        let local = fields.u16();
        let len = fields.u8().into();
        let remote = match fields.octets(len) {
            v4 if len == 4 => IpAddress::Ipv4(Ipv4Address::from_bytes(v4)),
            v6 => IpAddress::Ipv6(Ipv6Address::from_bytes(v6)),
        };
        let port = fields.u16();
        let socket = self.socket(handle);
        let (tcp, context) = self.interface.get_socket_and_context::<TcpSocket<'static>>(socket);
        let result = tcp.connect(context, (remote, port), local);
        self.opened(handle, result)
    }

    /// The options of the set-up; `listen` and `connect` put them back to the defaults.
    fn opened(&mut self, handle: u8, result: Result<(), Error>) -> u8 {
        match result {
            Ok(()) => {}
            Err(Error::Illegal) => return outcome::EXISTS,
            Err(_) => return outcome::INVALID,
        }
        let Setup { nagle, delayed_ack, user_timeout, keep_alive, .. } = self.setup;
        let socket = self.socket(handle);
        let tcp = self.tcp(socket);
        if nagle < 2 {
            tcp.set_nagle_enabled(nagle == 1);
        }
        if delayed_ack < 2 {
            tcp.set_ack_delay(ack_delay(delayed_ack));
        }
        tcp.set_timeout(duration(user_timeout));
        tcp.set_keep_alive(duration(keep_alive));
        outcome::DONE
    }

    /// smoltcp's listener becomes the connection: it takes the new handle, and another listener the old one.
    fn accept(&mut self, handle: u8, taken: u8) -> u8 {
        let Some(socket) = self.conns.get(&handle).copied() else { return outcome::NO_CONNECTION };
        let tcp = self.tcp(socket);
        if tcp.state() == TcpState::Listen {
            return outcome::WOULD_BLOCK;
        }
        let port = tcp.local_endpoint().port;
        self.conns.remove(&handle);
        self.conns.insert(taken, socket);
        self.open_passive(handle, port)
    }

    fn send(&mut self, socket: SocketHandle, octets: &[u8]) -> Answer {
        let tcp = self.tcp(socket);
        match (tcp.send_slice(octets), tcp.state()) {
            (Ok(0), _) if !octets.is_empty() => outcome::WOULD_BLOCK.into(),
            (Ok(count), _) => Answer { value: count as u32, ..outcome::OCTETS.into() },
            (Err(_), TcpState::Closed) => outcome::NO_CONNECTION.into(),
            (Err(_), TcpState::Listen) => outcome::INVALID.into(),
            (Err(_), TcpState::SynSent | TcpState::SynReceived) => outcome::WOULD_BLOCK.into(),
            (Err(_), _) => outcome::CLOSING.into(),
        }
    }

    fn receive(&mut self, socket: SocketHandle, most: u32) -> Answer {
        let tcp = self.tcp(socket);
        let mut octets = vec![0; (most as usize).min(tcp.recv_queue())];
        match (tcp.recv_slice(&mut octets), tcp.state()) {
            (Ok(0), _) => outcome::WOULD_BLOCK.into(),
            (Ok(count), _) => Answer { value: count as u32, octets, ..outcome::OCTETS.into() },
            (Err(Error::Finished), _) => outcome::END_OF_STREAM.into(),
            (Err(_), TcpState::Closed) => outcome::NO_CONNECTION.into(),
            (Err(_), TcpState::Listen | TcpState::SynSent | TcpState::SynReceived) => {
                outcome::WOULD_BLOCK.into()
            }
            (Err(_), _) => outcome::CLOSING.into(),
        }
    }
}

fn number(state: TcpState) -> u8 {
    match state {
        TcpState::Closed => 0,
        TcpState::Listen => 1,
        TcpState::SynSent => 2,
        TcpState::SynReceived => 3,
        TcpState::Established => 4,
        TcpState::FinWait1 => 5,
        TcpState::FinWait2 => 6,
        TcpState::CloseWait => 7,
        TcpState::Closing => 8,
        TcpState::LastAck => 9,
        TcpState::TimeWait => 10,
    }
}

/// 10 ms is smoltcp's default.
fn ack_delay(on: u8) -> Option<Duration> {
    (on != 0).then(|| Duration::from_millis(10))
}

fn duration(micros: u64) -> Option<Duration> {
    (micros != 0).then(|| Duration::from_micros(micros))
}
