//! Scenarios as text, each with what it must come to: what known bugs look like (`finds`), and what must
//! never be accused (`fits`). A mistake of the oracle that is mended leaves a scenario here.
//!
//! The head of a file is comments behind its first line: why, then `# stack NAME`, `# profile SWITCH=VALUE`
//! where the stack's own is not meant, and one `# expect ...` a difference: `fits` (pass or allowed), or
//! verdict and signature. All differences are compared, not only those that are expected.

use std::fs;
use std::path::{Path, PathBuf};

use lastack::driver::Driver;
use lastack::scenario::parse::parse;
use lastack::subject::registry;
use lastack::verdict::{Difference, Verdict};

#[test]
fn what_must_never_be_accused_fits() {
    check("fits", |expected| expected == ["fits"]);
}

/// Likewise, on a stack that is there with its feature only; a detail beside it is named.
#[cfg(feature = "lwip")]
#[test]
fn what_must_never_be_accused_of_lwip_fits() {
    check("fits-lwip", |expected| {
        !expected.is_empty() && expected.iter().all(|one| !one.starts_with("fail"))
    });
}

/// Likewise, where a namespace and a TUN device can be had.
#[cfg(all(feature = "linux", target_os = "linux"))]
#[test]
fn what_must_never_be_accused_of_linux_fits() {
    match registry::named("linux").map(|stack| stack.ready()) {
        Some(Ok(())) => check("fits-linux", |expected| expected == ["fits"]),
        Some(Err(why)) => println!("skipped: {why}"),
        None => panic!("the feature is on"),
    }
}

#[test]
fn known_bugs_are_found() {
    check("finds", |expected| !expected.is_empty() && !expected.contains(&"fits".to_owned()));
}

/// Every file of a folder; `shape` says what its files may expect.
fn check(folder: &str, shape: fn(&[String]) -> bool) {
    let files = files(folder);
    assert!(files.len() >= 5, "only {} files in {folder}", files.len());
    let wrong: Vec<String> = files
        .iter()
        .filter_map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = fs::read_to_string(path).expect("a readable file");
            let expected = heads(&text, "expect");
            let complaint = if shape(&expected) { run(&text, &expected) } else { Err("wrong folder".into()) };
            complaint.err().map(|why| format!("{folder}/{name}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn run(text: &str, expected: &[String]) -> Result<(), String> {
    let scenario = parse(text).map_err(|why| why.to_string())?;
    let stacks = heads(text, "stack");
    let [stack] = &stacks[..] else { return Err("no `# stack NAME`".into()) };
    let factory = registry::named(stack).ok_or_else(|| format!("no stack {stack}"))?;
    let mut driver = Driver::new(factory);
    for switch in heads(text, "profile") {
        let profile = driver.description().profile.with_text(&switch)?;
        driver.set_profile(profile);
    }
    let summary = driver.run(&scenario, None)?;
    let line = |d: &Difference| format!("{} {}", d.verdict, d.signature);
    let mut seen: Vec<String> = summary.finding.iter().chain(&summary.conceded).map(line).collect();
    seen.sort();
    seen.dedup();
    if seen.is_empty() && matches!(summary.verdict(), Verdict::Pass | Verdict::Allowed) {
        seen.push("fits".into());
    }
    if let Some(why) = summary.inconclusive {
        return Err(format!("no verdict: {why}"));
    }
    if seen == expected {
        return Ok(());
    }
    let told = |d: &Difference| format!("\n  wants {}\n  came  {}", d.want, d.got);
    let told: String = summary.finding.iter().chain(&summary.conceded).map(told).collect();
    Err(format!("expects {}, is {}{told}", expected.join(", "), seen.join(", ")))
}

/// What stands behind `# WORD ` in the lines of a text.
fn heads(text: &str, word: &str) -> Vec<String> {
    let line = |line: &str| Some(line.strip_prefix("# ")?.strip_prefix(word)?.strip_prefix(' ')?.to_owned());
    text.lines().filter_map(line).collect()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions").join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.sort();
    files
}
