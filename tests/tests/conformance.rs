//! The cell suite on smoltcp 0.14.0 over IPv4, one trial a state, kind of event and edge.
//!
//! What smoltcp does is pinned in `pins/smoltcp.txt`. When a change of ours is meant to change it:
//! `LASTACK_UPDATE=1 cargo test -p lastack-tests --test conformance`, then read the diff. One trial:
//! `cargo test -p lastack-tests --test conformance -- established/SYN@middle`.

use std::process::ExitCode;

use lastack::subject::smoltcp::Smoltcp;

fn main() -> ExitCode {
    lastack::suite::trials::main(&Smoltcp::Immediate, "tests/pins/smoltcp.txt")
}
