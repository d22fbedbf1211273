//! The arguments, as data.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::campaign::Mutator;
use crate::subject::IpVersion;
use crate::table::Level;

/// Exit codes, the first that applies.
pub const EXIT_CODES: &str = "\
Exit codes, the first that applies:
  2    wrong usage, or a filter that matched nothing
  130  interrupted: what was known by then was printed
  3    our own code failed, an adapter does not work, a cell was not reached and nobody said why, or a campaign's
       canary was not found
  1    a difference at or above --level, a panic, a hang or a flood
  4    a stale waiver: all its cells ran, none showed it
  0    none of these";

/// Checks TCP stacks against the transition tables of RFC 9293.
#[derive(Parser, Debug)]
#[command(version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Arguments {
    /// Without one: check, every stack, with the waivers that come with them.
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub process: Process,
}

/// Stacks in processes of their own.
#[derive(Args, Debug, Default)]
pub struct Process {
    /// In place of all stacks: the one that this program speaks for, over the pipe protocol.
    #[arg(long, value_name = "COMMAND", global = true, conflicts_with = "isolate")]
    pub exec: Option<String>,
    /// Every stack in a process of its own, so that one that aborts or hangs is a finding and no end.
    #[arg(long, global = true)]
    pub isolate: bool,
    /// Seconds that a process has for an answer; 0.2 will do for one that hangs often.
    #[arg(long, value_name = "SECONDS", default_value = "10", global = true, value_parser = seconds)]
    pub watchdog: Duration,
}

/// A tenth of a second to a day.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|s| (0.1..=86_400.0).contains(s));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "seconds between 0.1 and 86400 are expected".to_owned())
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run every cell against stacks and report what differs from the table.
    Check(Check),
    /// Say what there is to run; with --filter name the cells, each with the rule that it aims at.
    List(List),
    /// Run one cell, passing or not, and show it as a ladder.
    Trace(Trace),
    /// Run a scenario, a fuzz artifact or a finding from a file, and show it as a ladder.
    Replay(Replay),
    /// Run random worlds: two stacks, a link that loses, delays, duplicates and remembers, and their users.
    World(World),
    /// Fuzz: scripts, worlds, packets or texts, guided by what of the table they reach; one finding per bug.
    Campaign(Campaign),
    /// Say what a rule, obligation or monitor asks for, on whose word, and who is known to differ.
    Explain(Explain),
    /// Say why TCP is as it is: list the lessons, or tell one.
    Why(Why),
    /// Print the transition table.
    Table(Table),
    /// Say how every requirement and rule is checked, or why it is not.
    Cover,
    /// Name the stacks, with what they declare.
    Stacks,
    /// Say whether a program speaks the pipe protocol (with --exec), and whether its stack can be checked.
    Protocol,
    /// Speak the pipe protocol for a stack, on standard input and output.
    Serve(Serve),
}

#[derive(Args, Debug)]
pub struct Serve {
    /// Which stack.
    pub stack: String,
}

/// Random histories that a plain check runs: seconds, beside the cells.
pub const HISTORIES: u64 = 20_000;
/// Worlds with the model and with itself that a plain check runs of each stack: a second or two of the whole.
pub const WORLDS: u64 = 1_000;

#[derive(Args, Debug)]
pub struct Check {
    /// Stacks to check, by name; the embedded ones when none is named.
    #[arg(value_name = "STACK")]
    pub stacks: Vec<String>,
    /// Only cells whose name matches: `*`, `?`, `[..]`, `{a,b}`.
    #[arg(long, value_name = "GLOB")]
    pub filter: Option<String>,
    /// What makes the run fail: a broken MUST, lower-case text too, or SHOULD too.
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = LevelArg::Text)]
    pub level: LevelArg,
    /// Judge by this profile: classic, rfc5961, any, or NAME=VALUE,.. over what the stack declares.
    #[arg(long, value_name = "P")]
    pub profile: Option<String>,
    /// Seed of everything that is drawn by chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// So many random histories on each stack over each IP version; 0 for none.
    #[arg(long, value_name = "N", default_value_t = HISTORIES)]
    pub histories: u64,
    /// On a stack whose clock is real: leave out what waits for a timer.
    #[arg(long)]
    pub no_timers: bool,
    /// So many worlds of each stack with the model, which obeys the RFC, and with itself, over each IP version; 0
    /// for none.
    #[arg(long, value_name = "N", default_value_t = WORLDS)]
    pub worlds: u64,
    /// Only over this IP version.
    #[arg(long, value_enum, value_name = "4|6")]
    pub ip: Option<IpArg>,
    /// More waivers, besides those that come with the stacks.
    #[arg(long, value_name = "FILE", conflicts_with = "no_waivers")]
    pub waivers: Vec<PathBuf>,
    /// Waive nothing.
    #[arg(long)]
    pub no_waivers: bool,
    /// Write a waiver for every finding that has none; its reasons are yours to write.
    #[arg(long, value_name = "FILE")]
    pub write_waivers: Option<PathBuf>,
    /// Print every finding with its script, and the matrix of states and events.
    #[arg(long)]
    pub full: bool,
    /// What is printed.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub format: Format,
    /// Write every finding's scenario, and the report in all formats, into this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl Default for Check {
    fn default() -> Check {
        Check {
            stacks: Vec::new(),
            filter: None,
            level: LevelArg::default(),
            profile: None,
            seed: 0,
            histories: HISTORIES,
            no_timers: false,
            worlds: WORLDS,
            ip: None,
            waivers: Vec::new(),
            no_waivers: false,
            write_waivers: None,
            full: false,
            format: Format::default(),
            out: None,
        }
    }
}

#[derive(Args, Debug)]
pub struct List {
    /// Name the cells that match, with the level, rule and source of what they aim at.
    #[arg(long, value_name = "GLOB")]
    pub filter: Option<String>,
    /// Under whose profile, and by whose ISN; the first stack when none is named.
    #[arg(long, value_name = "S")]
    pub stack: Option<String>,
}

/// What `trace` and `replay` share.
#[derive(Args, Debug)]
pub struct Show {
    /// Which stack; the first when none is named.
    #[arg(long, value_name = "S")]
    pub stack: Option<String>,
    /// Host B's stack, where the scenario is a world; the same as host A's when none is named.
    #[arg(long, value_name = "S")]
    pub other: Option<String>,
    /// Count sequence numbers from each end's ISN.
    #[arg(long)]
    pub relative: bool,
    /// One line a happening, no ladder.
    #[arg(long)]
    pub lines: bool,
    /// Write the packets as a pcapng capture.
    #[arg(long, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Trace {
    /// A cell's name, as `list` prints it, or a random history's: random:SEED:INDEX:WAY+THEME.
    pub cell: String,
    #[command(flatten)]
    pub show: Show,
    /// Over which IP version.
    #[arg(long, value_enum, value_name = "4|6", default_value_t = IpArg::V4)]
    pub ip: IpArg,
    /// Seed of everything that is drawn by chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Print the cell's scenario and do not run it.
    #[arg(long)]
    pub script: bool,
}

#[derive(Args, Debug)]
pub struct Replay {
    /// A scenario as text or bytes; `-` reads from standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub show: Show,
}

#[derive(Args, Debug)]
pub struct World {
    /// Host A's stack, and host B's; the first one against itself when none is named.
    #[arg(value_name = "STACK", num_args = 0..=2)]
    pub stacks: Vec<String>,
    /// How many worlds.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub worlds: u64,
    /// Seed of everything that is drawn by chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Only worlds of this mix: storm, reorder, loss, windows, lives, causes.
    #[arg(long, value_name = "MIX")]
    pub mix: Option<String>,
    /// Over which IP version.
    #[arg(long, value_enum, value_name = "4|6", default_value_t = IpArg::V4)]
    pub ip: IpArg,
    /// Go on after the first finding of a world, to see who is left waiting in the end.
    #[arg(long)]
    pub run_on: bool,
    /// With --run-on: shrink so many worlds in which somebody is left waiting, and name the causes.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "run_on")]
    pub deadlocks: usize,
    /// Waive nothing.
    #[arg(long)]
    pub no_waivers: bool,
    /// Threads; as many as there are processors when not given.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Write every finding's scenario into this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Campaign {
    /// What is fuzzed: segments (one stack, any script), worlds (two stacks and a link with faults), incarnations
    /// (one pair of sockets again and again), differential (one script, two stacks), wire (packets), scenario_text
    /// (the parser of scripts).
    #[arg(value_name = "TARGET", default_value = "segments")]
    pub target: String,
    /// The stack; the first when none is named.
    #[arg(long, value_name = "S")]
    pub subject: Option<String>,
    /// The second stack of worlds and differential; the model when none is named.
    #[arg(long, value_name = "S")]
    pub against: Option<String>,
    /// So long; a minute when neither this nor --executions is given.
    #[arg(long, value_name = "N", conflicts_with = "executions")]
    pub seconds: Option<u64>,
    /// So many inputs in all, those of earlier runs in the same folder counted: the same seed and number give the
    /// same result.
    #[arg(long, value_name = "N")]
    pub executions: Option<u64>,
    /// Threads; as many as there are processors when not given. What is found does not depend on it.
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// The engine that is built in, or libFuzzer by way of cargo-fuzz, which also sees the branches of our code.
    #[arg(long, value_enum, value_name = "ENGINE", default_value_t = EngineArg::Builtin)]
    pub engine: EngineArg,
    /// What inputs are changed as: what they mean, or octets like any other, to compare with.
    #[arg(long, value_enum, value_name = "MUTATOR", default_value_t = MutatorArg::Meaning)]
    pub mutator: MutatorArg,
    /// Keep the campaign in this folder, and go on with the one that is there.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Take what another campaign's folder holds, too.
    #[arg(long, value_name = "DIR")]
    pub merge: Vec<PathBuf>,
    /// Do not fuzz: run what --out holds, and say what of it still shows.
    #[arg(long, requires = "out")]
    pub replay: bool,
    /// Seed of all inputs.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// What makes the campaign fail: a broken MUST, lower-case text too, or SHOULD too.
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = LevelArg::Text)]
    pub level: LevelArg,
    /// More waivers, besides those that come with the stacks.
    #[arg(long, value_name = "FILE", conflicts_with = "no_waivers")]
    pub waivers: Vec<PathBuf>,
    /// Waive nothing.
    #[arg(long)]
    pub no_waivers: bool,
    /// Print the cells that the cell suite reaches, for data/cells.txt.
    #[arg(long, hide = true)]
    pub cells: bool,
}

#[derive(Args, Debug)]
pub struct Explain {
    /// Its name, as findings and tables print it.
    pub rule: String,
}

#[derive(Args, Debug)]
pub struct Why {
    /// Its name, as the list has it; all of them with `all`.
    pub lesson: Option<String>,
    /// The long form of what is measured or searched: minutes, and for a search so many states.
    #[arg(long, value_name = "STATES", num_args = 0..=1, require_equals = true, default_missing_value = "12000000")]
    pub long: Option<usize>,
}

#[derive(Args, Debug)]
pub struct Table {
    /// In which form.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = TableFormat::Markdown)]
    pub format: TableFormat,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LevelArg {
    Must,
    #[default]
    Text,
    Should,
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Level {
        match level {
            LevelArg::Must => Level::Must,
            LevelArg::Text => Level::Text,
            LevelArg::Should => Level::Should,
        }
    }
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    #[default]
    Text,
    Json,
    Junit,
    Markdown,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum EngineArg {
    Builtin,
    Libfuzzer,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MutatorArg {
    Meaning,
    Octets,
}

impl From<MutatorArg> for Mutator {
    fn from(arg: MutatorArg) -> Mutator {
        match arg {
            MutatorArg::Meaning => Mutator::Meaning,
            MutatorArg::Octets => Mutator::Octets,
        }
    }
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableFormat {
    Markdown,
    Dot,
    Json,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum IpArg {
    #[value(name = "4")]
    V4,
    #[value(name = "6")]
    V6,
}

impl From<IpArg> for IpVersion {
    fn from(ip: IpArg) -> IpVersion {
        match ip {
            IpArg::V4 => IpVersion::V4,
            IpArg::V6 => IpVersion::V6,
        }
    }
}
