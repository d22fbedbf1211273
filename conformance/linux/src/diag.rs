//! `sock_diag`: what the kernel knows of a connection, whoever owns it, and the way to get rid of it.

use std::io;
use std::net::{IpAddr, SocketAddr};

use crate::netlink::{Netlink, family};

const BY_FAMILY: u16 = 20;
const DESTROY: u16 = 21;
const TCP: u8 = 6;

/// A connection's state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum State {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}

/// A socket of the kernel: its two ends, and its cookie where it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Id {
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub cookie: Option<u64>,
}

/// The state of the connection between these ends; CLOSED where there is none, or another one by now.
///
/// # Errors
/// The kernel does not answer such questions.
pub fn state(diag: &mut Netlink, id: &Id) -> io::Result<State> {
    match diag.ask(BY_FAMILY, &request(id)) {
        // A listener answers for connections that are not there.
        Ok(answer) => Ok(answer.get(1).and_then(|number| named(*number)).unwrap_or(State::Closed)),
        Err(error) if is_gone(&error) => Ok(State::Closed),
        Err(error) => Err(error),
    }
}

/// Ends the connection between these ends, whatever its state; nobody is told.
///
/// # Errors
/// The kernel cannot, or may not for this user.
pub fn destroy(diag: &mut Netlink, id: &Id) -> io::Result<()> {
    match diag.tell(DESTROY, 0, &request(id)) {
        Ok(()) => Ok(()),
        Err(error) if is_gone(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// ENOENT, or ESTALE where the cookie is another one.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(2 | 116))
}

/// `struct inet_diag_req_v2`.
fn request(id: &Id) -> Vec<u8> {
    let mut body = vec![family(id.local.ip()), TCP, 0, 0];
    body.extend(u32::MAX.to_ne_bytes());
    body.extend(id.local.port().to_be_bytes());
    body.extend(id.remote.port().to_be_bytes());
    for addr in [id.local.ip(), id.remote.ip()] {
        let mut octets = [0; 16];
        match addr {
            IpAddr::V4(addr) => octets[..4].copy_from_slice(&addr.octets()),
            IpAddr::V6(addr) => octets = addr.octets(),
        }
        body.extend(octets);
    }
    body.extend([0; 4]);
    let cookie = id.cookie.unwrap_or(u64::MAX);
    body.extend((cookie as u32).to_ne_bytes());
    body.extend(((cookie >> 32) as u32).to_ne_bytes());
    body
}

/// The kernel's numbers. CLOSE is a socket without a connection; LISTEN is a listener's answer.
const fn named(number: u8) -> Option<State> {
    Some(match number {
        1 => State::Established,
        2 => State::SynSent,
        3 | 12 => State::SynReceived,
        4 => State::FinWait1,
        5 => State::FinWait2,
        6 => State::TimeWait,
        8 => State::CloseWait,
        9 => State::LastAck,
        11 => State::Closing,
        _ => return None,
    })
}
