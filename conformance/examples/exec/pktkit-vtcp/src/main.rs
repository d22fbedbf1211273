//! `pktkit::vtcp` behind lastack's pipe protocol.
//!
//! vtcp is one connection without a host around it. The host is `stack.rs`: addresses, ports, a listener with its
//! queue, the RST of a closed port; it does what pktkit's own drivers (`vclient`, `slirp`) do. `calls.rs` has the
//! calls of the protocol, and `clock.rs` gives the standard library the virtual clock.
//!
//! ```sh
//! cargo build --release
//! lastack protocol --exec target/release/pktkit-vtcp
//! lastack check    --exec target/release/pktkit-vtcp --waivers waivers.toml
//! ```

use std::io;

mod calls;
mod clock;
#[path = "../../pipe.rs"]
mod pipe;
#[path = "../../serve.rs"]
mod serve;
mod stack;
mod wire;

/// From pktkit's documentation: RFC 5961 ("challenge ACKs against blind RST, SYN and data injection"); TIME-WAIT 60 s,
/// which a newer SYN may end (RFC 6191); `Conn::release` ends reading; DELAYED_ACK is 40 ms; Nagle, unless `nodelay`;
/// "Linux's constants" for the retransmission timer, of which 200 ms is the least.
const ABOUT: &str = "\
name pktkit-vtcp
version 0.1.11
profile rfc5961,msl=30s,reopen=yes,half_duplex=yes,ack_delay=40ms,nagle=yes,rto_min=200ms
can ipv4 ipv6 many exact-recv-buffer half-close virtual-time
listener forks 16
";

fn main() -> io::Result<()> {
    serve::serve::<stack::Stack>()
}
