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
use lastack::subject::exec::{Exec, PATIENCE};
use lastack::subject::{Factory, registry};
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

/// Distinct bugs of lwIP, as found.
#[cfg(feature = "lwip")]
#[test]
fn known_bugs_of_lwip_are_found() {
    check("finds-lwip", |expected| !expected.is_empty() && !expected.contains(&"fits".to_owned()));
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

/// What a stack has taught that no other shows: the example is built apart (`cargo build --release` in its folder).
#[test]
fn what_pktkit_taught_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/examples/exec/pktkit-vtcp");
    let program = folder.join("target/release/pktkit-vtcp");
    if !program.exists() {
        println!("skipped: {} is not built", program.display());
        return;
    }
    let words = vec![program.display().to_string()];
    let stack = Exec::program(words, PATIENCE).expect("a program that speaks the protocol");
    check_on("pktkit", |expected| !expected.is_empty(), |_| Ok(&stack));
}

#[test]
fn known_bugs_are_found() {
    check("finds", |expected| !expected.is_empty() && !expected.contains(&"fits".to_owned()));
}

/// Every file of a folder, on the stack that it names; `shape` says what its files may expect.
fn check(folder: &str, shape: fn(&[String]) -> bool) {
    check_on(folder, shape, |text| {
        let stacks = heads(text, "stack");
        let [stack] = &stacks[..] else { return Err("no `# stack NAME`".into()) };
        registry::named(stack).ok_or_else(|| format!("no stack {stack}"))
    });
}

fn check_on<'f>(
    folder: &str,
    shape: fn(&[String]) -> bool,
    stack: impl Fn(&str) -> Result<&'f dyn Factory, String>,
) {
    let files = files(folder);
    assert!(files.len() >= 5, "only {} files in {folder}", files.len());
    let wrong: Vec<String> = files
        .iter()
        .filter_map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = fs::read_to_string(path).expect("a readable file");
            let expected = heads(&text, "expect");
            let fits = shape(&expected).then_some(()).ok_or("wrong folder".to_owned());
            let complaint = fits.and_then(|()| run(&text, &expected, stack(&text)?));
            complaint.err().map(|why| format!("{folder}/{name}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn run(text: &str, expected: &[String], factory: &dyn Factory) -> Result<(), String> {
    let scenario = parse(text).map_err(|why| why.to_string())?;
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
