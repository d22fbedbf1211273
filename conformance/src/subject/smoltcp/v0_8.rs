//! smoltcp 0.8.2, whose interface owns the device and the sockets.

use core::mem::swap;
use std::collections::BTreeMap;

use ::smoltcp_0_8 as published;
use lastack_core::types::{Duration, Endpoint, Instant, State};
use published::Error;
use published::iface::{Interface, InterfaceBuilder, Routes, SocketHandle};
use published::phy::{Checksum, ChecksumCapabilities, Device, DeviceCapabilities, Medium, RxToken, TxToken};
use published::socket::{TcpSocket, TcpSocketBuffer, TcpState};
use published::time as smol;
use published::wire::{IpCidr, Ipv4Address, Ipv6Address};

use super::device::{Arrival, Departure, Port};
use super::stack::{MICROS_MAX, Version, not_open};
use super::{ACK_DELAY, Smoltcp};
use crate::subject::{IpVersion, Outcome, Setup, SocketOption, prefix_len, stack_addr};

/// An interface and its sockets.
pub struct Host {
    iface: Interface<'static, Port>,
}

impl Host {
    fn socket(&mut self, socket: SocketHandle) -> &mut TcpSocket<'static> {
        self.iface.get_socket(socket)
    }

    /// `listen` and `connect` put every option back to its default before anything else.
    fn keeping_options(
        &mut self,
        socket: SocketHandle,
        open: impl FnOnce(&mut Interface<'static, Port>) -> published::Result<()>,
    ) -> Outcome {
        let before = self.socket(socket);
        let (nagle, ack_delay) = (before.nagle_enabled(), before.ack_delay());
        let (timeout, keep_alive) = (before.timeout(), before.keep_alive());
        match open(&mut self.iface) {
            Ok(()) => {}
            Err(Error::Unaddressable) => return Outcome::Invalid,
            Err(_) => return Outcome::Exists,
        }
        let after = self.socket(socket);
        after.set_nagle_enabled(nagle);
        after.set_ack_delay(ack_delay);
        after.set_timeout(timeout);
        if keep_alive.is_some() {
            after.set_keep_alive(keep_alive);
        }
        Outcome::Done
    }
}

impl Version for Host {
    type Socket = SocketHandle;
    const DRAWS_IDENT: bool = false;

    fn new(setup: &Setup, random_seed: u64, port: &mut Port) -> Host {
        let device = Port { mtu: port.mtu, ..Port::default() };
        let mut routes = Routes::new(BTreeMap::new());
        // A map that grows holds one route.
        let _ = match setup.ip {
            IpVersion::V4 => routes.add_default_ipv4_route(Ipv4Address::new(192, 0, 2, 254)),
            IpVersion::V6 => {
                routes.add_default_ipv6_route(Ipv6Address::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xfe))
            }
        };
        let iface = InterfaceBuilder::new(device, Vec::new())
            .ip_addrs(vec![IpCidr::new(stack_addr(setup.ip).into(), prefix_len(setup.ip))])
            .routes(routes)
            .random_seed(random_seed)
            .finalize();
        Host { iface }
    }

    fn add(&mut self, recv_buffer: u32, send_buffer: u32, _: Smoltcp) -> SocketHandle {
        let buffer = |octets: u32| TcpSocketBuffer::new(vec![0; octets as usize]);
        self.iface.add_socket(TcpSocket::new(buffer(recv_buffer), buffer(send_buffer)))
    }

    fn remove(&mut self, socket: SocketHandle) {
        self.iface.remove_socket(socket);
    }

    fn listen(&mut self, socket: SocketHandle, port: u16) -> Outcome {
        self.keeping_options(socket, |iface| iface.get_socket::<TcpSocket<'_>>(socket).listen(port))
    }

    fn connect(&mut self, socket: SocketHandle, port: u16, remote: Endpoint) -> Outcome {
        self.keeping_options(socket, |iface| {
            let (socket, context) = iface.get_socket_and_context::<TcpSocket<'_>>(socket);
            socket.connect(context, (remote.addr, remote.port), port)
        })
    }

    fn send(&mut self, socket: SocketHandle, octets: &[u8]) -> Outcome {
        match self.socket(socket).send_slice(octets) {
            Ok(0) if !octets.is_empty() => Outcome::WouldBlock,
            Ok(queued) => Outcome::Octets(queued as u32),
            Err(_) => not_open(self.state(socket)),
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
            Err(Error::Finished) => Outcome::EndOfStream,
            Err(_) => not_open(self.state(socket)),
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
            TcpState::Closed => State::Closed,
            TcpState::Listen => State::Listen,
            TcpState::SynSent => State::SynSent,
            TcpState::SynReceived => State::SynReceived,
            TcpState::Established => State::Established,
            TcpState::FinWait1 => State::FinWait1,
            TcpState::FinWait2 => State::FinWait2,
            TcpState::CloseWait => State::CloseWait,
            TcpState::Closing => State::Closing,
            TcpState::LastAck => State::LastAck,
            TcpState::TimeWait => State::TimeWait,
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

    /// The errors of `poll` are "an aid for troubleshooting", says its documentation.
    fn poll(&mut self, now: Instant, port: &mut Port) {
        swap(self.iface.device_mut(), port);
        let _ = self.iface.poll(instant(now));
        swap(self.iface.device_mut(), port);
    }

    fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        let at = self.iface.poll_at(instant(now))?;
        Some(Instant::from_micros(u64::try_from(at.total_micros()).unwrap_or(0)))
    }
}

impl<'a> Device<'a> for Port {
    type RxToken = Arrival<'a>;
    type TxToken = Departure<'a>;

    fn receive(&'a mut self) -> Option<(Arrival<'a>, Departure<'a>)> {
        self.take()
    }

    fn transmit(&'a mut self) -> Option<Departure<'a>> {
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
    fn consume<R, F>(self, _now: smol::Instant, read: F) -> published::Result<R>
    where
        F: FnOnce(&mut [u8]) -> published::Result<R>,
    {
        read(self.0)
    }
}

impl TxToken for Departure<'_> {
    fn consume<R, F>(self, _now: smol::Instant, len: usize, write: F) -> published::Result<R>
    where
        F: FnOnce(&mut [u8]) -> published::Result<R>,
    {
        self.fill(len, write)
    }
}

fn instant(at: Instant) -> smol::Instant {
    smol::Instant::from_micros(at.micros().min(MICROS_MAX) as i64)
}

fn span(span: Duration) -> smol::Duration {
    smol::Duration::from_micros(span.micros().min(MICROS_MAX))
}
