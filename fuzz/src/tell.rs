//! A finding in words, and as a file that `lastack replay` reads.

use std::fmt::Write as _;
use std::path::PathBuf;

use lastack::campaign::{Found, Target};
use lastack::report::{explain, file_name};
use lastack::scenario::Scenario;
use lastack::subject::Factory;

/// Where libFuzzer puts what it keeps: the folder or the beginning of names that `-artifact_prefix` says.
pub fn artifacts() -> String {
    let prefix = std::env::args().find_map(|arg| arg.strip_prefix("-artifact_prefix=").map(str::to_owned));
    prefix.unwrap_or_default()
}

/// What was found, in the words of a report, and the scenario.
pub fn words(
    target: Target,
    stacks: [&dyn Factory; 2],
    found: &Found,
    scenario: Option<&Scenario>,
    last_panic: &str,
) -> String {
    let d = &found.difference;
    let who = match found.stack {
        Some(stack) => stacks[stack].describe().name,
        None if target == Target::Worlds => "the pair".to_owned(),
        None => "lastack itself".to_owned(),
    };
    let mut out =
        format!("\n{} ({}): {} of {who} in {} at {} s\n", d.verdict, d.level, d.signature, d.state, d.at);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "  wants  {}\n  came   {}", d.want, d.got);
    let _ = writeln!(out, "  rule   {}", explain::in_words(&d.signature, d.state, d.cite));
    if d.signature.kind == lastack::verdict::Kind::Panic {
        let _ = writeln!(out, "  panic  {last_panic}");
    }
    if let Some(scenario) = scenario {
        let _ = write!(out, "\n{scenario}");
    }
    out
}

/// Writes the scenario as text beside libFuzzer's own artifact, unless a shorter one is there; how to replay it.
pub fn write(
    target: Target,
    stacks: [&dyn Factory; 2],
    found: &Found,
    scenario: &Scenario,
    prefix: &str,
) -> String {
    let file = PathBuf::from(format!("{prefix}{}", file_name(&found.difference.signature)));
    let text = format!("{scenario}");
    let shorter = std::fs::read_to_string(&file).is_ok_and(|old| old.len() <= text.len());
    if let Some(why) = (!shorter).then(|| std::fs::write(&file, &text).err()).flatten() {
        return format!("{}: {why}", file.display());
    }
    let names = stacks.map(|stack| stack.describe().name);
    let mut command = match found.stack {
        Some(stack) if target != Target::Worlds => {
            format!("lastack replay {} --stack {}", file.display(), names[stack])
        }
        _ => format!("lastack replay {} --stack {}", file.display(), names[0]),
    };
    if target == Target::Worlds {
        command += &format!(" --other {}", names[1]);
    }
    command
}
