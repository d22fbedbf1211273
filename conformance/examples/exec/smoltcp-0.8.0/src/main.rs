//! smoltcp 0.8.0 behind lastack's pipe protocol: a complete example of an adapter.
//!
//! ```sh
//! cargo build --release
//! lastack protocol --exec target/release/smoltcp-0-8-0
//! lastack check    --exec target/release/smoltcp-0-8-0
//! ```

use std::io;

#[path = "../../pipe.rs"]
mod pipe;
#[path = "../../serve.rs"]
mod serve;
mod stack;
mod wire;

/// Its documentation says nothing of RFC 5961; TIME-WAIT lasts 10 s.
const ABOUT: &str = "\
name smoltcp-0.8.0
version 0.8.0
profile half_duplex=no,msl=5s,nagle=yes,ack_delay=10ms
can ipv4 ipv6 many exact-recv-buffer zero-recv-buffer half-close user-timeout keep-alive virtual-time
listener becomes
";

fn main() -> io::Result<()> {
    serve::serve::<stack::Stack>()
}
