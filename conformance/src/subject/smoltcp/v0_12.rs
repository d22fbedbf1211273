//! smoltcp 0.12.0.

use ::smoltcp_0_12 as published;
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
/// `poll` emits one segment a socket, and leaves the rest to the next `poll`.
const EMITS_ONCE: bool = true;

fn interface(port: &mut Port, random_seed: u64) -> Interface {
    let mut config = Config::new(HardwareAddress::Ip);
    config.random_seed = random_seed;
    Interface::new(config, port, Instant::ZERO)
}

/// Every manner is that of 0.14.0.
fn dress(_: &mut published::socket::tcp::Socket<'_>, _: Smoltcp) {}
