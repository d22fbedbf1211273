//! The command, on the stacks that come with it.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use lastack::subject::registry;

fn main() -> ExitCode {
    lastack::cli::main_with(registry::embedded(), registry::only_named())
}
