//! The command, on the stacks that come with it.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    lastack::cli::main(lastack::subject::registry::embedded())
}
