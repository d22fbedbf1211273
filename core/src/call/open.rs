use core::fmt;
use core::net::IpAddr;

use crate::config::Config;
use crate::isn::Isns;
use crate::tcb::{Origin, Tcb};
use crate::types::{Endpoint, Instant};

/// Why OPEN fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OpenError {
    /// `error: connection already exists`.
    Exists,
    /// `error: remote socket unspecified`: its address or port is zero.
    RemoteUnspecified,
    /// No connection can have this remote address: broadcast, multicast, or of an IP version that the host
    /// has no address of (MUST-46).
    BadRemote(Endpoint),
    /// No local socket has port 0, or an address that is not the host's.
    BadLocal,
    /// `error: connection does not exist`: the name is nobody's.
    NoConnection,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Exists => f.write_str("error: connection already exists"),
            OpenError::RemoteUnspecified => f.write_str("error: remote socket unspecified"),
            OpenError::BadRemote(remote) => write!(f, "error: no connection can be made to {remote}"),
            OpenError::BadLocal => f.write_str("error: no such local socket"),
            OpenError::NoConnection => f.write_str("error: connection does not exist"),
        }
    }
}

impl core::error::Error for OpenError {}

/// Whether a connection to `remote` can be.
pub(crate) fn check_remote(config: &Config, remote: Endpoint) -> Result<(), OpenError> {
    if remote.port == 0 || remote.addr.is_unspecified() {
        return Err(OpenError::RemoteUnspecified);
    }
    if is_many(config, remote.addr) { Err(OpenError::BadRemote(remote)) } else { Ok(()) }
}

/// Broadcast or multicast (MUST-46, MUST-57, MUST-63; RFC 1122 3.2.1.3).
pub(crate) fn is_many(config: &Config, addr: IpAddr) -> bool {
    let IpAddr::V4(v4) = addr else { return addr.is_multicast() };
    let is_directed = |own: &crate::config::Address| {
        let IpAddr::V4(own_v4) = own.addr else { return false };
        // /31 and /32 have no broadcast address (RFC 3021).
        let host_bits = 32_u32.saturating_sub(own.prefix_len.into());
        let mask = 1_u32.checked_shl(host_bits).map_or(u32::MAX, |bit| bit - 1);
        host_bits > 1 && v4.to_bits() == own_v4.to_bits() | mask
    };
    v4.is_multicast() || v4.is_broadcast() || config.addresses.iter().any(is_directed)
}

/// CLOSED STATE, active, the remote socket specified: a TCB in SYN-SENT whose SYN is owed.
pub(crate) fn active(
    config: &Config,
    isns: &mut Isns,
    now: Instant,
    local: Endpoint,
    remote: Endpoint,
) -> Tcb {
    let iss = isns.select(now, local, remote, None);
    Tcb::new(config, local, remote, Origin::Active, iss)
}
