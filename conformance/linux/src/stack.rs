//! One stack: its device, its sockets, its clock.

use std::io::{self, Read as _};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};

use crate::diag::{self, Id, State};
use crate::namespace::{self, Namespace, Refused};
use crate::netlink::Netlink;
use crate::translate::{Networks, Translation};
use crate::tun::Tun;

/// Room of a listener for connections that were not accepted.
pub const BACKLOG: u16 = 8;
/// The longest packet of an IP version's length fields.
const PACKET_MAX: usize = 65_575;
/// A device's MTU when it is made.
const MTU: u32 = 1500;

/// How often a new address is looked for, and the first and the longest rest between two looks: ten seconds. The
/// rests double, so that a thousand stacks that wait for the kernel do not keep it from its work.
const LOOKS_MAX: u32 = 200;
const LOOK: Duration = Duration::from_micros(50);
const LOOK_MAX: Duration = Duration::from_millis(50);

/// The next pair of networks, in the whole process.
static NETWORK: AtomicU32 = AtomicU32::new(1);

/// What the stack is before anything happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setup {
    /// The addresses that the caller sees.
    pub networks: Networks,
    /// MTU of the device, in octets.
    pub mtu: u32,
    /// `SO_RCVBUF` of every socket, in octets; the kernel doubles it for its own needs and has a least value.
    pub recv_buffer: u32,
    /// `SO_SNDBUF`, likewise.
    pub send_buffer: u32,
    /// `TCP_NODELAY` where it is said.
    pub no_delay: Option<bool>,
    /// `TCP_USER_TIMEOUT`.
    pub user_timeout: Option<Duration>,
    /// `SO_KEEPALIVE` with this idle time and interval.
    pub keep_alive: Option<Duration>,
}

/// Names a connection or listener until the next reset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conn(usize);

/// A socket, and what is left to know when its user has closed it.
struct Entry {
    socket: Option<Socket>,
    id: Id,
    listens: bool,
}

/// A device in the namespace and the sockets on its address.
pub struct Stack {
    namespace: &'static Namespace,
    tun: Tun,
    route: Netlink,
    diag: Netlink,
    translation: Option<Translation>,
    setup: Option<Setup>,
    mtu: u32,
    entries: Vec<Entry>,
    /// Ends of connections that may be there: those of every SYN.
    seen: Vec<Id>,
    began: Instant,
    buffer: Vec<u8>,
}

impl Stack {
    /// A device in a namespace of the process's own; [`Stack::reset`] follows.
    ///
    /// # Errors
    /// No namespace, no device, or no netlink, in plain words.
    pub fn new() -> Result<Stack, Refused> {
        let namespace = namespace::next()?;
        let refused = |what: &str, error: io::Error| Refused(format!("{what}: {error}"));
        let _inside = namespace.enter().map_err(|error| refused("the namespace", error))?;
        let tun = Tun::open().map_err(|error| refused("/dev/net/tun", error))?;
        let mut route = Netlink::route().map_err(|error| refused("netlink", error))?;
        let diag = Netlink::sock_diag().map_err(|error| refused("sock_diag", error))?;
        route.bring_up(tun.index).map_err(|error| refused("the device does not come up", error))?;
        Ok(Stack {
            namespace,
            tun,
            route,
            diag,
            translation: None,
            setup: None,
            mtu: MTU,
            entries: Vec::new(),
            seen: Vec::new(),
            began: Instant::now(),
            buffer: vec![0; PACKET_MAX],
        })
    }

    /// Forgets every connection and moves to networks that were not used for long; the clock starts at zero.
    ///
    /// # Errors
    /// The kernel refuses the address or the MTU.
    pub fn reset(&mut self, setup: &Setup) -> io::Result<()> {
        self.clear();
        if let Some(old) = self.translation.take() {
            // Gone already where the MTU was too small for IPv6.
            let _ = self.route.remove_address(self.tun.index, self.own(&old), old.prefix_len());
        }
        if setup.mtu != self.mtu {
            self.route.set_mtu(self.tun.index, setup.mtu)?;
            self.mtu = setup.mtu;
        }
        let new = Translation::new(setup.networks, NETWORK.fetch_add(1, Ordering::Relaxed));
        self.setup = Some(*setup);
        self.route.add_address(self.tun.index, self.own(&new), new.prefix_len())?;
        self.translation = Some(new);
        self.await_address(self.own(&new))?;
        self.began = Instant::now();
        Ok(())
    }

    /// An IPv6 address is there at once, and packets to it are taken once a worker of the kernel has seen it.
    fn await_address(&mut self, own: IpAddr) -> io::Result<()> {
        let mut rest = LOOK;
        for _ in 0..LOOKS_MAX {
            // While the address is new there may be no route at all.
            if own.is_ipv4() || self.route.is_local(own).unwrap_or(false) {
                return Ok(());
            }
            std::thread::sleep(rest);
            rest = (rest * 2).min(LOOK_MAX);
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "the address does not become usable"))
    }

    /// Ends what there is, in the kernel too: an orphan would go on sending, and the kernel only keeps so many.
    fn clear(&mut self) {
        for entry in self.entries.drain(..) {
            if let Some(socket) = entry.socket {
                let _ = socket.set_linger(Some(Duration::ZERO));
            }
        }
        for id in self.seen.drain(..) {
            // A kernel without that ability lets it run out.
            let _ = diag::destroy(&mut self.diag, &id);
        }
        while self.tun.read(&mut self.buffer).is_some() {}
    }

    fn own(&self, translation: &Translation) -> IpAddr {
        self.setup.map_or(IpAddr::from([0; 4]), |setup| translation.inside(setup.networks.stack))
    }

    /// The time since the reset.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Rests until this time since the reset, or until a packet is there.
    pub fn wait(&self, until: Duration) {
        if let Some(left) = until.checked_sub(self.now()) {
            self.tun.wait(left);
        }
    }

    /// A packet arrives; TCP has seen it when this returns.
    ///
    /// # Errors
    /// The kernel does not take it for an IP packet.
    pub fn deliver(&mut self, packet: &[u8]) -> io::Result<()> {
        let Some(translation) = &self.translation else { return Ok(()) };
        let Some(copy) = self.buffer.get_mut(..packet.len()) else { return Ok(()) };
        copy.copy_from_slice(packet);
        translation.inwards(copy);
        if let Some(id) = syn_ends(copy) {
            note(&mut self.seen, id);
        }
        self.tun.write(copy)
    }

    /// Appends the next TCP segment that this stack sends, as one IP packet; false if there is none. What the
    /// kernel sends besides, or for an address of an earlier reset, is passed over.
    pub fn take_packet(&mut self, packet: &mut Vec<u8>) -> bool {
        let Some(translation) = &self.translation else { return false };
        while let Some(len) = self.tun.read(&mut self.buffer) {
            let read = &mut self.buffer[..len];
            if translation.outwards(read) {
                packet.extend_from_slice(read);
                return true;
            }
        }
        false
    }

    /// `listen` on a port of the stack's address.
    ///
    /// # Errors
    /// The kernel's, as for every call below.
    pub fn listen(&mut self, port: u16) -> io::Result<Conn> {
        let (socket, local) = self.bound(port, false)?;
        socket.listen(i32::from(BACKLOG))?;
        // From now on a connection may be opened from its port, as TCP has it; another listener still may not.
        socket.set_reuse_port(true)?;
        let remote = SocketAddr::new(unspecified(local.ip()), 0);
        Ok(self.keep(Entry { socket: Some(socket), id: Id { local, remote, cookie: None }, listens: true }))
    }

    /// `connect` from a local port.
    ///
    /// # Errors
    /// The kernel's.
    pub fn connect(&mut self, port: u16, remote: SocketAddr) -> io::Result<Conn> {
        let (socket, local) = self.bound(port, true)?;
        let addr = self.translation.map_or(remote.ip(), |to| to.inside(remote.ip()));
        let remote = SocketAddr::new(addr, remote.port());
        match socket.connect(&remote.into()) {
            Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => return Err(error),
            _ => {}
        }
        let id = Id { local, remote, cookie: socket.cookie().ok() };
        note(&mut self.seen, Id { cookie: None, ..id });
        Ok(self.keep(Entry { socket: Some(socket), id, listens: false }))
    }

    /// `accept`.
    ///
    /// # Errors
    /// The kernel's; `WouldBlock` for none.
    pub fn accept(&mut self, listener: Conn) -> io::Result<Conn> {
        let (socket, _) = self.socket(listener)?.accept()?;
        socket.set_nonblocking(true)?;
        let ends = (socket.local_addr()?.as_socket(), socket.peer_addr()?.as_socket());
        let (Some(local), Some(remote)) = ends else { return Err(io::ErrorKind::Unsupported.into()) };
        let id = Id { local, remote, cookie: socket.cookie().ok() };
        Ok(self.keep(Entry { socket: Some(socket), id, listens: false }))
    }

    /// A socket with the set-up's options on the stack's address.
    fn bound(&self, port: u16, beside_listener: bool) -> io::Result<(Socket, SocketAddr)> {
        let (Some(setup), Some(translation)) = (&self.setup, &self.translation) else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let local = SocketAddr::new(translation.inside(setup.networks.stack), port);
        let socket = {
            let _inside = self.namespace.enter()?;
            Socket::new(Domain::for_address(local), Type::STREAM.nonblocking(), Some(Protocol::TCP))?
        };
        socket.set_recv_buffer_size(setup.recv_buffer as usize)?;
        socket.set_send_buffer_size(setup.send_buffer as usize)?;
        if let Some(on) = setup.no_delay {
            socket.set_tcp_nodelay(on)?;
        }
        if setup.user_timeout.is_some() {
            socket.set_tcp_user_timeout(setup.user_timeout)?;
        }
        if let Some(interval) = setup.keep_alive {
            socket.set_tcp_keepalive(&keep_alive(interval))?;
        }
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(beside_listener)?;
        // Urgent text stays in the stream, where RFC 9293 3.8.5 has it.
        socket.set_out_of_band_inline(true)?;
        socket.bind(&local.into())?;
        Ok((socket, local))
    }

    fn keep(&mut self, entry: Entry) -> Conn {
        self.entries.push(entry);
        Conn(self.entries.len() - 1)
    }

    fn socket(&self, conn: Conn) -> io::Result<&Socket> {
        let socket = self.entries.get(conn.0).and_then(|entry| entry.socket.as_ref());
        socket.ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
    }

    /// `send`.
    ///
    /// # Errors
    /// The kernel's.
    pub fn send(&self, conn: Conn, octets: &[u8]) -> io::Result<usize> {
        self.socket(conn)?.send_with_flags(octets, libc::MSG_NOSIGNAL)
    }

    /// `recv`; 0 is the end of the stream, if there was room for more.
    ///
    /// # Errors
    /// The kernel's.
    pub fn receive(&self, conn: Conn, into: &mut [u8]) -> io::Result<usize> {
        let mut socket = self.socket(conn)?;
        socket.read(into)
    }

    /// `shutdown(SHUT_WR)`.
    ///
    /// # Errors
    /// The kernel's.
    pub fn shut_down_write(&self, conn: Conn) -> io::Result<()> {
        self.socket(conn)?.shutdown(Shutdown::Write)
    }

    /// `close`, with `SO_LINGER` of zero seconds if it is to be an abort. The connection may not be named any
    /// more, but for its state.
    ///
    /// # Errors
    /// It was closed before.
    pub fn close(&mut self, conn: Conn, abort: bool) -> io::Result<()> {
        let socket = self.entries.get_mut(conn.0).and_then(|entry| entry.socket.take());
        let socket = socket.ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))?;
        if abort {
            socket.set_linger(Some(Duration::ZERO))?;
        }
        Ok(())
    }

    /// `TCP_NODELAY`.
    ///
    /// # Errors
    /// The kernel's.
    pub fn set_no_delay(&self, conn: Conn, on: bool) -> io::Result<()> {
        self.socket(conn)?.set_tcp_nodelay(on)
    }

    /// `TCP_USER_TIMEOUT`; `None` is off.
    ///
    /// # Errors
    /// The kernel's.
    pub fn set_user_timeout(&self, conn: Conn, timeout: Option<Duration>) -> io::Result<()> {
        self.socket(conn)?.set_tcp_user_timeout(timeout)
    }

    /// `SO_KEEPALIVE` with this idle time and interval; `None` is off.
    ///
    /// # Errors
    /// The kernel's.
    pub fn set_keep_alive(&self, conn: Conn, interval: Option<Duration>) -> io::Result<()> {
        let socket = self.socket(conn)?;
        match interval {
            Some(interval) => socket.set_tcp_keepalive(&keep_alive(interval)),
            None => socket.set_keepalive(false),
        }
    }

    /// The error that waits for the user, if there is one; it is told once.
    pub fn take_error(&self, conn: Conn) -> Option<io::Error> {
        let socket = self.socket(conn).ok()?;
        let mut asked = [PollFd::new(socket.as_fd(), PollFlags::empty())];
        poll(&mut asked, PollTimeout::ZERO).ok()?;
        let waits = asked[0].revents().is_some_and(|events| events.contains(PollFlags::POLLERR));
        if waits { socket.take_error().ok().flatten() } else { None }
    }

    /// The state in the kernel's own record; CLOSED where there is none.
    ///
    /// # Errors
    /// The kernel has no `sock_diag`.
    pub fn state(&mut self, conn: Conn) -> io::Result<State> {
        let Some(entry) = self.entries.get(conn.0) else { return Ok(State::Closed) };
        match (entry.listens, &entry.socket) {
            (true, Some(_)) => Ok(State::Listen),
            (true, None) => Ok(State::Closed),
            (false, _) => diag::state(&mut self.diag, &entry.id),
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.clear();
    }
}

fn keep_alive(interval: Duration) -> TcpKeepalive {
    TcpKeepalive::new().with_time(interval).with_interval(interval)
}

const fn unspecified(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
    }
}

fn note(seen: &mut Vec<Id>, id: Id) {
    if !seen.contains(&id) {
        seen.push(id);
    }
}

/// The ends of the connection that a SYN on its way in may open.
fn syn_ends(packet: &[u8]) -> Option<Id> {
    const SYN: u8 = 2;
    let (local, remote, at): (IpAddr, IpAddr, usize) = match packet.first()? >> 4 {
        4 => {
            let octets = |at: usize| packet.get(at..at + 4).and_then(|o| <[u8; 4]>::try_from(o).ok());
            (octets(16)?.into(), octets(12)?.into(), usize::from(packet[0] & 15) * 4)
        }
        6 => {
            let octets = |at: usize| packet.get(at..at + 16).and_then(|o| <[u8; 16]>::try_from(o).ok());
            (octets(24)?.into(), octets(8)?.into(), 40)
        }
        _ => return None,
    };
    let tcp = packet.get(at..at + 14)?;
    let port = |at: usize| u16::from_be_bytes([tcp[at], tcp[at + 1]]);
    let is_syn = tcp[13] & SYN != 0;
    is_syn.then(|| Id {
        local: SocketAddr::new(local, port(2)),
        remote: SocketAddr::new(remote, port(0)),
        cookie: None,
    })
}
