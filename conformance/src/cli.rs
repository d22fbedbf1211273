//! The command line. [`main`] gives a stack's author all of it on the own stack:
//!
//! ```no_run
//! # use lastack::subject::Factory;
//! # fn run(my_stack: &dyn Factory) -> std::process::ExitCode {
//! lastack::cli::main(&[my_stack])
//! # }
//! ```
//!
//! Findings then print that program's name. Exit codes: `lastack --help`, and the README.

mod args;
mod campaign;
mod check;
mod console;
mod engine;
mod exit;
mod files;
mod interrupt;
mod list;
mod process;
mod show;
mod tell;
mod why;
mod world;
mod worlds;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;

use clap::Parser as _;

use self::args::{Arguments, Check, Command};
use self::exit::Failure;
use crate::subject::Factory;

/// What the sub-commands work on.
struct Session<'a> {
    /// The stacks that run when none is named, in the order of the report.
    stacks: &'a [&'a dyn Factory],
    /// Stacks that run only when they are named.
    only_named: &'a [&'a dyn Factory],
    /// What people typed to get here.
    command: String,
}

/// Runs the command line on these stacks: reads the program's arguments, prints, gives the exit code.
pub fn main(stacks: &[&dyn Factory]) -> ExitCode {
    main_with(stacks, &[])
}

/// glibc gives freed memory back to the system and takes it again page by page: for a stack with large buffers
/// that is a fifth of each scenario. A large block, freed once, raises both of its thresholds (mallopt(3),
/// `M_MMAP_THRESHOLD`); to other allocators it means nothing.
fn keep_freed_memory() {
    const BLOCK: usize = 16 << 20;
    drop(std::hint::black_box(Vec::<u8>::with_capacity(BLOCK)));
}

/// The same, with more stacks that run only when they are named.
pub fn main_with(stacks: &[&dyn Factory], only_named: &[&dyn Factory]) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return said(&error),
    };
    keep_freed_memory();
    let session = Session { stacks, only_named, command: command() };
    // A stack's panics are caught and become findings; printing each would bury the report.
    let own = std::panic::take_hook();
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = panic.to_string();
        }
    }));
    let run = catch_unwind(AssertUnwindSafe(|| session.begin(arguments)));
    std::panic::set_hook(own);
    let done = run.unwrap_or_else(|_| {
        let last = LAST_PANIC.lock().map(|last| last.clone()).unwrap_or_default();
        Err(Failure::Own(last))
    });
    let code = done.unwrap_or_else(|failure| {
        console::complain(&format!("{}: {failure}", session.command));
        failure.code()
    });
    ExitCode::from(code)
}

/// What the last panic said, and where it was: wanted only when it was our own.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Help and version go to standard output and are no failure; anything else is wrong usage.
fn said(error: &clap::Error) -> ExitCode {
    // A closed pipe is no failure of ours.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(exit::USAGE) } else { ExitCode::SUCCESS }
}

/// The program as typed, to be typed again; of a path from the root the name alone.
fn command() -> String {
    let typed = std::env::args_os().next().unwrap_or_default();
    let typed = Path::new(&typed);
    let shown = if typed.is_absolute() { typed.file_stem().map(Path::new) } else { Some(typed) };
    shown.map_or_else(|| "lastack".to_owned(), |name| name.display().to_string())
}

impl Session<'_> {
    fn run(&self, arguments: Arguments) -> Result<u8, Failure> {
        match arguments.command.unwrap_or_else(|| Command::Check(Check::default())) {
            Command::Check(check) => self.check(&check),
            Command::List(list) => self.list(&list),
            Command::Trace(trace) => self.trace(&trace),
            Command::Replay(replay) => self.replay(&replay),
            Command::World(world) => self.world(&world),
            Command::Campaign(campaign) => self.campaign(&campaign),
            Command::Explain(explain) => self.explain(&explain),
            Command::Why(why) => why::why(&why),
            Command::Table(table) => self.table(&table),
            Command::Cover => self.cover(),
            Command::Stacks => self.list_stacks(),
            Command::Protocol => self.protocol(),
            Command::Serve(serve) => self.serve(&serve),
        }
    }

    /// Every stack that can be named.
    fn known(&self) -> impl Iterator<Item = &dyn Factory> {
        self.stacks.iter().chain(self.only_named).copied()
    }

    /// The stack of this name; the first one when none is named.
    fn stack(&self, name: Option<&str>) -> Result<&dyn Factory, Failure> {
        let Some(name) = name else {
            let first = self.stacks.first();
            return first.copied().ok_or_else(|| Failure::Usage("there is no stack to run".to_owned()));
        };
        self.known().find(|stack| stack.describe().name == name).ok_or_else(|| {
            let names: Vec<String> = self.known().map(|stack| stack.describe().name).collect();
            Failure::Usage(format!("there is no stack {name:?}; there are: {}", names.join(", ")))
        })
    }
}
