//! picoTCP behind lastack's pipe protocol. The adapter is `c/main.c`.
//!
//! ```sh
//! cargo build --release
//! lastack protocol --exec target/release/picotcp
//! lastack check    --exec target/release/picotcp --waivers waivers.toml --watchdog 2
//! ```
//!
//! The program that this makes contains picoTCP, which is under the GPL, version 2; it talks to lastack over a
//! pipe only. With `SANITIZE=1` in the environment of the build, a memory error ends it with a report on
//! standard error.

unsafe extern "C" {
    /// Serves requests until the end of the input; what the process is to exit with.
    safe fn lastack_serve() -> i32;
}

fn main() {
    std::process::exit(lastack_serve());
}
