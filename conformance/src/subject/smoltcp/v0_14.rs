//! smoltcp 0.14.0.

use ::smoltcp as published;
use published::iface::{Config, Interface};
use published::socket::tcp::{CongestionControl, Socket};
use published::time::Instant;
use published::wire::HardwareAddress;

use super::device::Port;
use super::{Smoltcp, clock};

#[allow(clippy::duplicate_mod)]
#[path = "host.rs"]
mod host;
pub use host::Host;

/// What a packet is read as.
type Octets<'a> = &'a [u8];
/// Whether `poll` leaves to the next `poll` what more there is to emit.
const EMITS_ONCE: bool = false;

fn interface(port: &mut Port, random_seed: u64) -> Interface {
    let mut config = Config::new(HardwareAddress::Ip);
    config.random_seed = random_seed;
    Interface::new(config, port, Instant::ZERO)
}

fn dress(socket: &mut Socket<'_>, manner: Smoltcp) {
    // With its features compiled in, a new socket has Cubic.
    socket.set_congestion_control(match manner {
        Smoltcp::Reno => CongestionControl::Reno,
        Smoltcp::Cubic => CongestionControl::Cubic,
        Smoltcp::Immediate | Smoltcp::Defaults | Smoltcp::Timestamps => CongestionControl::None,
    });
    if manner == Smoltcp::Timestamps {
        socket.set_tsval_generator(Some(clock::milliseconds));
    }
}
