//! Netlink, as far as it is needed: one request, one answer.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};

const HEADER: usize = 16;
const NLMSG_ERROR: u16 = 2;
const REQUEST: u16 = 1;
const ACK: u16 = 4;
const EXCLUSIVE_CREATE: u16 = 0x200 | 0x400;

const RTM_NEWLINK: u16 = 16;
const RTM_NEWADDR: u16 = 20;
const RTM_DELADDR: u16 = 21;
const RTM_GETROUTE: u16 = 26;
const RTA_DST: u16 = 1;
const RTN_LOCAL: u8 = 2;
const IFLA_MTU: u16 = 4;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_F_NODAD: u8 = 2;
const IFF_UP: u32 = 1;

const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

/// The kernel's number of an IP version.
pub fn family(addr: IpAddr) -> u8 {
    if addr.is_ipv4() { AF_INET } else { AF_INET6 }
}

/// A netlink socket.
pub struct Netlink {
    fd: OwnedFd,
    number: u32,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Netlink {
    /// Links and addresses.
    pub fn route() -> io::Result<Netlink> {
        Netlink::open(SockProtocol::NetlinkRoute)
    }

    /// Sockets and their states.
    pub fn sock_diag() -> io::Result<Netlink> {
        Netlink::open(SockProtocol::NetlinkSockDiag)
    }

    fn open(protocol: SockProtocol) -> io::Result<Netlink> {
        let fd = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?;
        Ok(Netlink { fd, number: 0, request: Vec::new(), answer: vec![0; 8192] })
    }

    /// Sends a request; the answer's body, which is empty where the kernel just agrees.
    ///
    /// # Errors
    /// The kernel's.
    pub fn ask(&mut self, kind: u16, body: &[u8]) -> io::Result<&[u8]> {
        self.ask_with(kind, REQUEST, body)
    }

    /// Sends a request that the kernel only agrees to.
    ///
    /// # Errors
    /// The kernel's.
    pub fn tell(&mut self, kind: u16, flags: u16, body: &[u8]) -> io::Result<()> {
        self.ask_with(kind, REQUEST | ACK | flags, body).map(drop)
    }

    fn ask_with(&mut self, kind: u16, flags: u16, body: &[u8]) -> io::Result<&[u8]> {
        self.number = self.number.wrapping_add(1);
        self.request.clear();
        self.request.extend(((HEADER + body.len()) as u32).to_ne_bytes());
        self.request.extend(kind.to_ne_bytes());
        self.request.extend(flags.to_ne_bytes());
        self.request.extend(self.number.to_ne_bytes());
        self.request.extend([0; 4]);
        self.request.extend_from_slice(body);
        send(self.fd.as_raw_fd(), &self.request, MsgFlags::empty())?;
        loop {
            // The kernel has answered when the request is sent; without an answer there will be none.
            let len = recv(self.fd.as_raw_fd(), &mut self.answer, MsgFlags::MSG_DONTWAIT)?;
            let short = || io::Error::new(io::ErrorKind::UnexpectedEof, "a short netlink answer");
            let message = self.answer.get(..len).filter(|m| m.len() >= HEADER).ok_or_else(short)?;
            if number(message, 8) != self.number {
                continue;
            }
            if u16::from_ne_bytes([message[4], message[5]]) != NLMSG_ERROR {
                return Ok(&self.answer[HEADER..len]);
            }
            let code = number(message.get(HEADER..HEADER + 4).ok_or_else(short)?, 0).cast_signed();
            return if code == 0 { Ok(&[]) } else { Err(io::Error::from_raw_os_error(-code)) };
        }
    }

    /// Brings a link up.
    pub fn bring_up(&mut self, link: u32) -> io::Result<()> {
        self.tell(RTM_NEWLINK, 0, &link_message(link, IFF_UP, IFF_UP))
    }

    /// Sets a link's MTU, in octets.
    pub fn set_mtu(&mut self, link: u32, mtu: u32) -> io::Result<()> {
        let mut body = link_message(link, 0, 0);
        attribute(&mut body, IFLA_MTU, &mtu.to_ne_bytes());
        self.tell(RTM_NEWLINK, 0, &body)
    }

    /// Gives a link an address.
    pub fn add_address(&mut self, link: u32, addr: IpAddr, prefix_len: u8) -> io::Result<()> {
        self.tell(RTM_NEWADDR, EXCLUSIVE_CREATE, &address_message(link, addr, prefix_len))
    }

    /// Whether a packet to this address would be for this host.
    pub fn is_local(&mut self, addr: IpAddr) -> io::Result<bool> {
        // `struct rtmsg`: family, bits of the destination, and what only answers have; the type is last but flags.
        const TYPE: usize = 7;
        let (octets, bits): (&[u8], u8) = match &addr {
            IpAddr::V4(addr) => (&addr.octets(), 32),
            IpAddr::V6(addr) => (&addr.octets(), 128),
        };
        let mut body = vec![family(addr), bits, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        attribute(&mut body, RTA_DST, octets);
        Ok(self.ask(RTM_GETROUTE, &body)?.get(TYPE) == Some(&RTN_LOCAL))
    }

    /// Takes it away.
    pub fn remove_address(&mut self, link: u32, addr: IpAddr, prefix_len: u8) -> io::Result<()> {
        self.tell(RTM_DELADDR, 0, &address_message(link, addr, prefix_len))
    }
}

/// Four octets at `at`, of which the caller knows that they are there.
fn number(octets: &[u8], at: usize) -> u32 {
    octets.get(at..at + 4).map_or(0, |o| u32::from_ne_bytes([o[0], o[1], o[2], o[3]]))
}

/// `struct ifinfomsg`.
fn link_message(link: u32, flags: u32, change: u32) -> Vec<u8> {
    let mut body = vec![0; 4];
    body.extend(link.to_ne_bytes());
    body.extend(flags.to_ne_bytes());
    body.extend(change.to_ne_bytes());
    body
}

/// `struct ifaddrmsg` and the address, at once usable.
fn address_message(link: u32, addr: IpAddr, prefix_len: u8) -> Vec<u8> {
    let mut body = vec![family(addr), prefix_len, IFA_F_NODAD, 0];
    body.extend(link.to_ne_bytes());
    match addr {
        IpAddr::V4(addr) => {
            attribute(&mut body, IFA_LOCAL, &addr.octets());
            attribute(&mut body, IFA_ADDRESS, &addr.octets());
        }
        IpAddr::V6(addr) => attribute(&mut body, IFA_ADDRESS, &addr.octets()),
    }
    body
}

/// `struct rtattr`; the values here are multiples of four octets.
fn attribute(body: &mut Vec<u8>, kind: u16, value: &[u8]) {
    body.extend((4 + value.len() as u16).to_ne_bytes());
    body.extend(kind.to_ne_bytes());
    body.extend_from_slice(value);
}
