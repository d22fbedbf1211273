//! A host made of one version of smoltcp, from 0.9 on. This file is compiled once for each version, inside a
//! module that says what differs: `published`, the crate; [`Octets`], what a packet is read as; `interface`;
//! `EMITS_ONCE`; and `dress`, what of a manner the version has.

use lastack_core::types::{Endpoint, Instant, State};

use super::published::iface::{Interface, SocketHandle, SocketSet};
use super::published::phy::{
    Checksum, ChecksumCapabilities, Device, DeviceCapabilities, Medium, RxToken, TxToken,
};
use super::published::socket::tcp;
use super::published::time as smol;
use super::published::wire::{IpCidr, Ipv4Address, Ipv6Address};
use super::{EMITS_ONCE, Octets, dress, interface};
use crate::subject::smoltcp::device::{Arrival, Departure, Port};
use crate::subject::smoltcp::stack::{MICROS_MAX, Version, not_open};
use crate::subject::smoltcp::{ACK_DELAY, Smoltcp};
use crate::subject::{IpVersion, Outcome, Setup, SocketOption, prefix_len, stack_addr};

/// An interface and its sockets.
pub struct Host {
    iface: Interface,
    sockets: SocketSet<'static>,
}

impl Host {
    fn socket(&mut self, socket: SocketHandle) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(socket)
    }
}

impl Version for Host {
    type Socket = SocketHandle;
    const DRAWS_IDENT: bool = true;

    fn new(setup: &Setup, random_seed: u64, port: &mut Port) -> Host {
        let mut iface = interface(port, random_seed);
        let cidr = IpCidr::new(stack_addr(setup.ip).into(), prefix_len(setup.ip));
        // Both lists are empty here and hold one or more; a host without an address fails the self-check.
        iface.update_ip_addrs(|addrs| {
            let _ = addrs.push(cidr);
        });
        let routes = iface.routes_mut();
        let _ = match setup.ip {
            IpVersion::V4 => routes.add_default_ipv4_route(Ipv4Address::new(192, 0, 2, 254)),
            IpVersion::V6 => {
                routes.add_default_ipv6_route(Ipv6Address::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xfe))
            }
        };
        Host { iface, sockets: SocketSet::new(Vec::new()) }
    }

    fn add(&mut self, recv_buffer: u32, send_buffer: u32, manner: Smoltcp) -> SocketHandle {
        let buffer = |octets: u32| tcp::SocketBuffer::new(vec![0; octets as usize]);
        let mut socket = tcp::Socket::new(buffer(recv_buffer), buffer(send_buffer));
        dress(&mut socket, manner);
        self.sockets.add(socket)
    }

    fn remove(&mut self, socket: SocketHandle) {
        self.sockets.remove(socket);
    }

    fn listen(&mut self, socket: SocketHandle, port: u16) -> Outcome {
        match self.socket(socket).listen(port) {
            Ok(()) => Outcome::Done,
            Err(tcp::ListenError::InvalidState) => Outcome::Exists,
            Err(tcp::ListenError::Unaddressable) => Outcome::Invalid,
        }
    }

    fn connect(&mut self, socket: SocketHandle, port: u16, remote: Endpoint) -> Outcome {
        let socket: &mut tcp::Socket<'_> = self.sockets.get_mut(socket);
        match socket.connect(self.iface.context(), (remote.addr, remote.port), port) {
            Ok(()) => Outcome::Done,
            Err(tcp::ConnectError::InvalidState) => Outcome::Exists,
            Err(tcp::ConnectError::Unaddressable) => Outcome::Invalid,
        }
    }

    fn send(&mut self, socket: SocketHandle, octets: &[u8]) -> Outcome {
        match self.socket(socket).send_slice(octets) {
            Ok(0) if !octets.is_empty() => Outcome::WouldBlock,
            Ok(queued) => Outcome::Octets(queued as u32),
            Err(tcp::SendError::InvalidState) => not_open(self.state(socket)),
        }
    }

    fn receive(&mut self, socket: SocketHandle, max: u32, received: &mut Vec<u8>) -> Outcome {
        let queue = self.socket(socket);
        let start = received.len();
        received.resize(start + queue.recv_queue().min(max as usize), 0);
        let result = queue.recv_slice(&mut received[start..]);
        received.truncate(start + result.unwrap_or(0));
        match result {
            Ok(0) if !queue.can_recv() => Outcome::WouldBlock,
            Ok(taken) => Outcome::Octets(taken as u32),
            Err(tcp::RecvError::Finished) => Outcome::EndOfStream,
            Err(tcp::RecvError::InvalidState) => not_open(self.state(socket)),
        }
    }

    fn close(&mut self, socket: SocketHandle) {
        self.socket(socket).close();
    }

    fn abort(&mut self, socket: SocketHandle) {
        self.socket(socket).abort();
    }

    fn state(&mut self, socket: SocketHandle) -> State {
        match self.socket(socket).state() {
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

    fn set(&mut self, socket: SocketHandle, option: SocketOption) {
        let socket = self.socket(socket);
        match option {
            SocketOption::Nagle(on) => socket.set_nagle_enabled(on),
            SocketOption::AckDelay(on) => socket.set_ack_delay(on.then_some(span(ACK_DELAY))),
            SocketOption::UserTimeout(timeout) => socket.set_timeout(timeout.map(span)),
            SocketOption::KeepAlive(interval) => socket.set_keep_alive(interval.map(span)),
        }
    }

    fn poll(&mut self, now: Instant, port: &mut Port) {
        loop {
            let before = port.out.len();
            self.iface.poll(instant(now), port, &mut self.sockets);
            // Each round takes room, so there is a last one.
            if !EMITS_ONCE || port.out.len() == before {
                return;
            }
        }
    }

    fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        let at = self.iface.poll_at(instant(now), &self.sockets)?;
        Some(Instant::from_micros(u64::try_from(at.total_micros()).unwrap_or(0)))
    }
}

impl Device for Port {
    type RxToken<'b> = Arrival<'b>;
    type TxToken<'b> = Departure<'b>;

    fn receive(&mut self, _now: smol::Instant) -> Option<(Arrival<'_>, Departure<'_>)> {
        self.take()
    }

    fn transmit(&mut self, _now: smol::Instant) -> Option<Departure<'_>> {
        self.give()
    }

    /// Every checksum is computed and verified by smoltcp itself.
    fn capabilities(&self) -> DeviceCapabilities {
        let mut checksum = ChecksumCapabilities::default();
        checksum.ipv4 = Checksum::Both;
        checksum.tcp = Checksum::Both;
        checksum.icmpv4 = Checksum::Both;
        checksum.icmpv6 = Checksum::Both;
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = self.mtu;
        capabilities.checksum = checksum;
        capabilities
    }
}

impl RxToken for Arrival<'_> {
    fn consume<R, F: FnOnce(Octets<'_>) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

impl TxToken for Departure<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        self.fill(len, write)
    }
}

fn instant(at: Instant) -> smol::Instant {
    smol::Instant::from_micros(at.micros().min(MICROS_MAX) as i64)
}

fn span(span: lastack_core::types::Duration) -> smol::Duration {
    smol::Duration::from_micros(span.micros().min(MICROS_MAX))
}
