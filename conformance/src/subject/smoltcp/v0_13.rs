//! smoltcp 0.13.1.

use ::smoltcp_0_13 as published;
use published::iface::{Config, Interface};
use published::time::Instant;
use published::wire::HardwareAddress;

use super::Smoltcp;
use super::device::Port;

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

/// Every manner is that of 0.14.0.
fn dress(_: &mut published::socket::tcp::Socket<'_>, _: Smoltcp) {}
