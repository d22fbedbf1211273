//! The inputs that fuzzing begins with, and old findings, through the targets of a campaign: no fuzzer is needed, and
//! the reference has no finding.
//!
//! `LASTACK_UPDATE=1 cargo test --test seeds` writes the seeds anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lastack::campaign::{Bench, Seed, Target, seeds};
use lastack::reached::Reached;
use lastack::scenario::Scenario;
use lastack::subject::registry;

/// Fewer inputs of a target would be no check.
const FLOOR: usize = 20;
/// All seeds together are a small thing.
const FILES_MAX: usize = 440;
const OCTETS_MAX: usize = 400_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files of a folder, by name.
fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let name = |path: &Path| path.file_name().expect("a file").to_string_lossy().into_owned();
    paths.map(|path| (name(&path), fs::read(&path).expect("a readable file"))).collect()
}

/// The scenarios of old findings.
fn regressions(folder: &str) -> Vec<(String, Scenario)> {
    let files = read(&root().join("tests/tests/regressions").join(folder));
    let scenario = |(name, text): (String, Vec<u8>)| {
        let text = String::from_utf8(text).expect("text");
        (name, text.parse().expect("a scenario"))
    };
    files.into_iter().map(scenario).collect()
}

/// What a target's folder of seeds holds: those of the library, and what found bugs.
fn expected(target: Target) -> BTreeMap<String, Vec<u8>> {
    let mut all: Vec<Seed> = seeds(target);
    let found = match target {
        Target::Segments => regressions("finds"),
        Target::Worlds => regressions("worlds"),
        _ => Vec::new(),
    };
    let found = found
        .into_iter()
        .map(|(name, scenario)| Seed { name: name.replace(".txt", ""), input: scenario.to_bytes() });
    all.extend(found);
    all.into_iter().map(|seed| (seed.name, seed.input)).collect()
}

/// `differential` begins with the seeds of `segments`.
fn folder(target: Target) -> PathBuf {
    let owner = if target == Target::Differential { Target::Segments } else { target };
    root().join("fuzz/seeds").join(owner.name())
}

#[test]
fn seeds_are_current() {
    let mut files = 0;
    let mut octets = 0;
    for target in Target::ALL.into_iter().filter(|target| *target != Target::Differential) {
        let (folder, expected) = (folder(target), expected(target));
        if std::env::var_os("LASTACK_UPDATE").is_some() {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).expect("a folder");
            expected.iter().for_each(|(name, input)| fs::write(folder.join(name), input).expect("a file"));
        }
        let there = read(&folder);
        let stale = |name: &&String| there.get(*name) != expected.get(*name);
        let stale: Vec<&String> = expected.keys().chain(there.keys()).filter(stale).collect();
        assert!(stale.is_empty(), "{}: LASTACK_UPDATE=1 writes anew: {stale:?}", folder.display());
        files += there.len();
        octets += there.values().map(Vec::len).sum::<usize>();
    }
    assert!(files <= FILES_MAX && octets <= OCTETS_MAX, "{files} files, {octets} octets");
}

/// All inputs of a target: its seeds, and every scenario of an old finding or an old mistake of ours.
fn inputs(target: Target) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = read(&folder(target)).into_iter().collect();
    for folder in ["finds", "fits", "worlds"] {
        for (name, scenario) in regressions(folder) {
            let input = match target {
                Target::ScenarioText => scenario.to_string().into_bytes(),
                _ => scenario.to_bytes(),
            };
            all.push((name, input));
        }
    }
    all
}

fn replay(target: Target) {
    let stacks = ["reference", "model"].map(|name| registry::named(name).expect("a stack of ours"));
    let mut bench = Bench::new(target, stacks);
    let (mut ran, mut reached, mut wrong) = (0, Reached::new(), Vec::new());
    for (name, input) in inputs(target) {
        let outcome = bench.run(&input, &mut reached);
        ran += usize::from(outcome.inconclusive.is_none());
        wrong.extend(outcome.found.iter().map(|found| {
            let d = &found.difference;
            format!("{name}: {} {}: wants {}, came {}", d.verdict, d.signature, d.want, d.got)
        }));
        // An input, and the scenario that it is read as, are one thing.
        if let Some(scenario) = bench.scenario(&input).filter(|_| target != Target::ScenarioText) {
            assert_eq!(bench.scenario(&scenario.to_bytes()), Some(scenario.clone()), "{name}");
            assert_eq!(scenario.to_string().parse(), Ok(scenario), "{name}");
        }
    }
    assert!(ran >= FLOOR, "only {ran} inputs of {} with a verdict", target.name());
    assert!(!reached.indices().is_empty(), "what {} reaches is not kept", target.name());
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn wire() {
    replay(Target::Wire);
}

#[test]
fn segments() {
    replay(Target::Segments);
}

#[test]
fn worlds() {
    replay(Target::Worlds);
}

#[test]
fn incarnations() {
    replay(Target::Incarnations);
}

#[test]
fn differential() {
    replay(Target::Differential);
}

#[test]
fn scenario_text() {
    replay(Target::ScenarioText);
}
