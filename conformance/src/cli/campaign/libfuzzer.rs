//! `--engine libfuzzer`: builds and drives the doors of cargo-fuzz, then reads what they left.
//!
//! libFuzzer keeps a corpus of its own in the folder's `libfuzzer/`, because it also keeps what only reached
//! another branch; it begins with ours. Findings do not end it (`LASTACK_GO_ON`). What it leaves goes through the
//! same functions as an input of our own.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::Work;
use super::screen::Screen;
use crate::campaign::{Campaign, Mutator, Watch as _, folder};
use crate::cli::exit::Failure;
use crate::cli::{console, interrupt};
use crate::subject::registry;

/// How often it is asked whether somebody wants the run to end.
const STEP: Duration = Duration::from_millis(100);

/// Runs it, and takes what it found into the campaign.
pub(super) fn run(work: &Work<'_>, campaign: &mut Campaign, screen: &mut Screen<'_>) -> Result<(), Failure> {
    let root = ready(work)?;
    // As with our own engine they are so many in all.
    let left = work.arguments.executions.map(|all| all.saturating_sub(campaign.executions));
    if left == Some(0) {
        return Ok(());
    }
    // What libFuzzer begins with.
    screen.save(campaign)?;
    let temporary = work.arguments.out.is_none();
    let dir = match &work.arguments.out {
        Some(dir) => std::path::absolute(dir)?,
        None => std::env::temp_dir().join(format!("lastack-campaign-{}", std::process::id())),
    };
    for folder in ["corpus", "libfuzzer", "artifacts"] {
        std::fs::create_dir_all(dir.join(folder))?;
    }
    let executions = fuzz(work, screen, &root, &dir, left)?;
    let before = campaign.executions;
    for kept in ["libfuzzer", "artifacts"] {
        let inputs = folder::inputs(&dir.join(kept))?;
        campaign.take(&work.plan, &inputs, screen.seconds());
    }
    campaign.executions = before + executions;
    if temporary {
        std::fs::remove_dir_all(&dir)?;
    }
    Ok(())
}

/// Whether it can run, before anything takes time; the folder with the doors.
pub(super) fn ready(work: &Work<'_>) -> Result<PathBuf, Failure> {
    let names = work.plan.stacks.map(|stack| stack.describe().name);
    if let Some(name) = names.iter().find(|name| registry::named(name).is_none()) {
        return Err(Failure::Usage(format!(
            "--engine libfuzzer: the doors in `fuzz` have no stack {name:?}"
        )));
    }
    let root = project_root()?;
    needs(Command::new("cargo").args(["fuzz", "--version"]), "cargo-fuzz (cargo install cargo-fuzz)")?;
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    needs(Command::new(compiler).arg("--version"), "a C++ compiler (or name it with CXX)")?;
    Ok(root)
}

/// Runs the fuzzer to its end, or until somebody wants it to end; how many executions it tells of.
fn fuzz(
    work: &Work<'_>,
    screen: &Screen<'_>,
    root: &Path,
    dir: &Path,
    executions: Option<u64>,
) -> Result<u64, Failure> {
    let mut command = Command::new("cargo");
    // -O: which crates have debug assertions says the manifest; without it all have.
    command.current_dir(root).args(["fuzz", "run", "-O", "-s", "none", "--no-trace-compares"]);
    let stacks = work.plan.stacks.map(|stack| stack.describe().name);
    for feature in features(&stacks) {
        command.args(["--features", feature]);
    }
    command.arg(work.plan.target.name()).args([dir.join("libfuzzer"), dir.join("corpus")]).arg("--");
    // 0 is a seed of its own choice.
    command.arg(format!("-seed={}", (work.plan.seed as u32).max(1)));
    command.arg(format!("-max_len={}", work.plan.input_max));
    // Its own weighing of thousands of branches in each input costs more than the input; how often each was taken
    // tells less than what of the table was reached.
    command.args(["-entropic=0", "-reduce_inputs=0", "-use_counters=0"]);
    command.arg(format!("-artifact_prefix={}/", dir.join("artifacts").display()));
    if let Some(left) = screen.left() {
        command.arg(format!("-max_total_time={}", left.as_secs().max(1)));
    }
    if let Some(executions) = executions {
        command.arg(format!("-runs={executions}"));
    }
    let stop = dir.join("stop");
    command.arg(format!("-stop_file={}", stop.display()));
    if work.plan.jobs > 1 {
        command.arg(format!("-fork={}", work.plan.jobs));
        command.args(["-ignore_crashes=1", "-ignore_timeouts=1", "-ignore_ooms=1"]);
    }
    command.env("LASTACK_SUBJECT", &stacks[0]).env("LASTACK_AGAINST", &stacks[1]).env("LASTACK_GO_ON", "1");
    if work.arguments.no_waivers {
        command.env("LASTACK_NO_WAIVERS", "1");
    }
    let waivers: Vec<PathBuf> =
        work.arguments.waivers.iter().map(std::path::absolute).collect::<Result<_, _>>()?;
    let waivers =
        std::env::join_paths(waivers).map_err(|error| Failure::Usage(format!("--waivers: {error}")))?;
    command.env("LASTACK_WAIVERS", waivers);
    if work.plan.mutator == Mutator::Octets {
        command.env("LASTACK_OCTETS", "1");
    }
    remove(&stop)?;
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let stderr = child.stderr.take();
    let (executions, status) = std::thread::scope(|scope| {
        let told = scope.spawn(|| stderr.map_or(Ok(0), |stderr| follow(BufReader::new(stderr))));
        // Ctrl-C reaches the fuzzer too; what ends this process alone does not.
        while !told.is_finished() {
            if interrupt::asked() && !stop.exists() {
                std::fs::write(&stop, "stop")?;
            }
            std::thread::sleep(STEP);
        }
        let executions = told.join().map_err(|_| std::io::Error::other("its output was not read"))??;
        Ok::<_, std::io::Error>((executions, child.wait()?))
    })?;
    remove(&stop)?;
    // A finding of its own (a timeout, no memory) ends it too: what it left is read all the same.
    if executions == 0 && !interrupt::asked() {
        return Err(Failure::Own(format!("cargo fuzz ran nothing: {status}")));
    }
    if !status.success() && !interrupt::asked() {
        console::complain(&format!("cargo fuzz ended with {status}"));
    }
    Ok(executions)
}

/// Hands on what it says; how many executions it has told of.
fn follow(said: impl BufRead) -> std::io::Result<u64> {
    let mut executions = 0;
    for line in said.split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        executions = executions_in(&line).unwrap_or(executions).max(executions);
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
    Ok(executions)
}

/// What is not there needs no removing.
fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// `#1234  NEW cov: ...`, `#1234: cov: ...` or `Done 1234 runs in ...`.
fn executions_in(line: &str) -> Option<u64> {
    let rest = line.strip_prefix('#').or_else(|| line.strip_prefix("Done "))?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

/// Features of the doors that these stacks need.
fn features(stacks: &[String; 2]) -> Vec<&'static str> {
    let needs = |name: &str| stacks.iter().any(|stack| stack.starts_with(name));
    [("lwip", "lwip"), ("smoltcp-0", "smoltcp-old")]
        .into_iter()
        .filter(|(name, _)| needs(name))
        .map(|(_, feature)| feature)
        .collect()
}

/// The nearest folder above with the doors in it.
fn project_root() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()?;
    let has_doors =
        |dir: &&Path| dir.join("fuzz/fuzz_targets").is_dir() && dir.join("fuzz/Cargo.toml").is_file();
    let root = here.ancestors().find(has_doors).map(Path::to_owned);
    root.ok_or_else(|| {
        Failure::Usage(
            "--engine libfuzzer: there is no folder `fuzz` here: run it in lastack's sources".to_owned(),
        )
    })
}

fn needs(command: &mut Command, what: &str) -> Result<(), Failure> {
    let run = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match run {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Failure::Usage(format!("--engine libfuzzer needs {what}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executions_are_read_from_what_libfuzzer_says() {
        assert_eq!(executions_in("#4096\tpulse  cov: 12 ft: 30"), Some(4096));
        assert_eq!(executions_in("#77: cov: 1 ft: 2 corp: 3"), Some(77));
        assert_eq!(executions_in("Done 100000 runs in 3 second(s)"), Some(100_000));
        assert_eq!(executions_in("INFO: Loaded 1 modules"), None);
    }
}
