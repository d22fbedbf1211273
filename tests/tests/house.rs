//! The architecture, checked: who may use whom, no unsafe code, no long files.
//!
//! The lists come first; extend them when a room is added. A violation names file and line.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `conformance`, left to right. A room may use itself, its own group and every group above;
/// never one below.
const ROOMS: &[&[&str]] = &[
    &["class"],
    &["table"],
    &["verdict"],
    // The trait's `Setup`, `Handle` and `Packets` are the vocabulary of a script; a script's addresses and
    // ports are those that a subject is opened with.
    // The model is a subject that knows the table and nothing of its judge.
    &["subject", "scenario", "model"],
    // What happened, as data; the oracle's rooms read it, ladder and capture print it.
    &["trace"],
    &["ledger"],
    &["oracle"],
    &["reached"],
    // A script's anchors become numbers by what the oracle knows.
    &["resolve"],
    &["monitor"],
    &["reach", "driver"],
    // A property knows lives and ledgers; a report tells what it says, the world asks for it.
    &["property"],
    // A suite fills a report.
    &["report"],
    &["suite"],
    &["link"],
    &["world"],
    // Two models, or two references, and every order of what can happen; it knows the table and no judge.
    &["small"],
    &["lesson", "mutant"],
    &["campaign"],
    &["cli"],
];

/// The rooms of `core`, left to right: what the judge may take, then the reference. As above, a room may use
/// itself and what stands before it.
const CORE_ROOMS: &[&[&str]] = &[
    &["types"],
    // The configuration names the generator of initial sequence numbers, and what keys cookies.
    &["isn", "cookie"],
    &["config"],
    &["rto", "buffer", "reassembly", "signal"],
    &["tcb"],
    &["reset", "send", "record"],
    &["call"],
    &["arrives", "timer"],
    &["host"],
];

/// Files of `conformance` that may take more than `types` from `lastack_core`, with the reason.
const REFERENCE_USERS: &[(&str, &str)] = &[
    ("conformance/src/subject/reference.rs", "the reference's adapter, behind the feature `reference`"),
    ("conformance/src/subject/reference/tuned.rs", "the same, changed within the RFC"),
    ("conformance/src/lesson/measure/target.rs", "the host that lessons attack, behind the same feature"),
    ("conformance/src/lesson/measure/isn.rs", "its generators of ISNs"),
    ("conformance/src/lesson/measure/blind.rs", "attacks on its connections"),
    ("conformance/src/lesson/measure/flood.rs", "attacks on its listener"),
    ("conformance/src/lesson/measure/queues.rs", "its listener's queues"),
];

/// What each crate may take from the workspace.
const CRATES: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("conformance", &["lastack-core", "lastack-linux", "lastack-lwip"]),
    // A C stack behind a plain API: it knows nothing of the rest.
    ("conformance/lwip", &[]),
    // The kernel behind a plain API, likewise.
    ("conformance/linux", &[]),
    ("fuzz", &["lastack", "lastack-core"]),
    ("tests", &["lastack", "lastack-core"]),
];

/// Roots of the crates that forbid unsafe code.
const NO_UNSAFE: &[&str] = &["core/src/lib.rs", "conformance/src/lib.rs"];

/// Source files of the workspace that hold unsafe code, with the reason. Nowhere else may it stand.
const UNSAFE_FILES: &[(&str, &str)] = &[
    ("conformance/examples/exec/picotcp/src/main.rs", "an example's way into its C program"),
    ("conformance/examples/exec/pktkit-vtcp/src/clock.rs", "an example's clock in place of the C library's"),
    ("conformance/linux/src/tun.rs", "the one ioctl of a TUN device"),
    ("fuzz/src/counters.rs", "libFuzzer's counters are a section of the program, which it reads itself"),
    ("conformance/lwip/src/slots.rs", "lwIP's memory and its table of C functions"),
    ("conformance/lwip/src/stack.rs", "calls into that table"),
];

/// The most lines of a source file.
const LINES_MAX: usize = 450;

/// Longer files, with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

// ---------------------------------------------------------------- the checks

#[test]
fn rooms_use_only_what_stands_before_them() {
    assert_none(conformance().iter().flat_map(|file| room_violations(file, ROOMS)));
    assert_none(sources("core/src").iter().flat_map(|file| room_violations(file, CORE_ROOMS)));
}

#[test]
fn conformance_takes_only_plain_types_from_core() {
    let excepted = |file: &Source| REFERENCE_USERS.iter().any(|(path, _)| *path == file.path);
    let files = conformance();
    assert_none(files.iter().filter(|file| !excepted(file)).flat_map(core_violations));
}

#[test]
fn crates_depend_only_on_what_stands_before_them() {
    let manifest = |(folder, allowed): &(&str, &[&str])| {
        let file = Source::read(&root().join(folder).join("Cargo.toml"));
        dependency_violations(&file, allowed)
    };
    assert_none(CRATES.iter().flat_map(manifest));
}

#[test]
fn unsafe_code_stands_only_where_it_is_listed() {
    for path in NO_UNSAFE {
        let text = Source::read(&root().join(path)).text;
        assert!(text.lines().any(|line| line == "#![forbid(unsafe_code)]"), "{path} does not forbid it");
    }
    let files = [sources("core"), sources("conformance"), sources("fuzz")].concat();
    let listed = |file: &Source| UNSAFE_FILES.iter().any(|(path, _)| *path == file.path);
    assert_none(files.iter().filter(|file| !listed(file)).flat_map(unsafe_violations));
    assert_none(UNSAFE_FILES.iter().filter_map(|(path, _)| {
        let needed = files.iter().any(|f| f.path == *path && !unsafe_violations(f).is_empty());
        (!needed).then(|| format!("{path} is listed as unsafe and is not"))
    }));
}

#[test]
fn no_file_is_long() {
    let files: Vec<Source> = CRATES.iter().flat_map(|(folder, _)| sources(folder)).collect();
    let is_long = |file: &&Source| file.text.lines().count() > LINES_MAX;
    let listed = |path: &str| LONG_FILES.iter().any(|(long, _)| *long == path);
    assert_none(
        files
            .iter()
            .filter(is_long)
            .filter(|file| !listed(&file.path))
            .map(|file| format!("{}: {} lines, at most {LINES_MAX}", file.path, file.text.lines().count())),
    );
    assert_none(LONG_FILES.iter().filter_map(|(path, _)| {
        let needed = files.iter().filter(is_long).any(|file| file.path == *path);
        (!needed).then(|| format!("{path} is listed as long and is not"))
    }));
}

// ---------------------------------------------------------------- what breaks a rule

/// Uses of rooms that stand behind the file's own, or in no list.
fn room_violations(file: &Source, rooms: &[&[&str]]) -> Vec<String> {
    let group = |room: &str| rooms.iter().position(|group| group.contains(&room));
    let modules = file.modules();
    let Some(own) = modules.first() else { return Vec::new() };
    let Some(own_group) = group(own) else {
        return vec![format!("{}: the room `{own}` is not in ROOMS", file.path)];
    };
    let code = file.code();
    let mut uses = targets(&code, "crate");
    uses.extend(targets(&code, &vec!["super"; modules.len()].join("::")).into_iter().filter(
        |(_, target)| {
            // From a module inside this file, as many `super` may stay in the room.
            group(target).is_some() && target != own
        },
    ));
    let judge = |(at, target): (usize, String)| match group(&target) {
        Some(group) if group <= own_group => None,
        Some(_) => Some(file.at(at, &format!("`{own}` stands before `{target}` and may not use it"))),
        None => Some(file.at(at, &format!("`crate::{target}` is no room of ROOMS"))),
    };
    uses.into_iter().filter_map(judge).collect()
}

/// Mentions of `lastack_core` that are not `lastack_core::types`.
fn core_violations(file: &Source) -> Vec<String> {
    let code = file.code();
    let allowed = targets(&code, "lastack_core");
    let mentions = words(&code).filter(|(_, word)| *word == "lastack_core").map(|(at, _)| at);
    let judge = |mention: usize| {
        let mut here = allowed.iter().filter(|(at, _)| *at == mention).map(|(_, target)| target.as_str());
        let plain = here.clone().next().is_some() && here.all(|target| target == "types");
        (!plain).then(|| file.at(mention, "only `lastack_core::types` may be used here"))
    };
    mentions.filter_map(judge).collect()
}

/// The keyword `unsafe`.
fn unsafe_violations(file: &Source) -> Vec<String> {
    let code = file.code();
    words(&code).filter(|(_, word)| *word == "unsafe").map(|(at, _)| file.at(at, "unsafe code")).collect()
}

/// Crates of the workspace in a manifest's dependencies that are not allowed there.
fn dependency_violations(file: &Source, allowed: &[&str]) -> Vec<String> {
    let mut in_dependencies = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        let line = line.trim();
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
            continue;
        }
        let name = line.split(['=', '.', ' ']).next().unwrap_or("").trim_matches('"');
        if in_dependencies && name.starts_with("lastack") && !allowed.contains(&name) {
            found.push(format!("{}:{number}: may not depend on {name}", file.path));
        }
    }
    found
}

// ---------------------------------------------------------------- reading sources

fn assert_none(violations: impl Iterator<Item = String>) {
    let violations: Vec<String> = violations.collect();
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the workspace.
#[derive(Clone)]
struct Source {
    /// From the workspace's root, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn read(path: &Path) -> Source {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let relative = path.strip_prefix(root()).expect("below the root");
        let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        Source { path: parts.join("/"), text }
    }

    /// The text with comments blanked out, line by line. `//` inside a string is taken for one; what it
    /// hides is the rest of a line that holds an address.
    fn code(&self) -> String {
        let code = |line: &str| line.split("//").next().unwrap_or("").to_owned();
        self.text.lines().map(code).collect::<Vec<_>>().join("\n")
    }

    /// The line of `offset` in [`Source::code`], and what is wrong there.
    fn at(&self, offset: usize, what: &str) -> String {
        let line = 1 + self.code()[..offset].matches('\n').count();
        format!("{}:{line}: {what}", self.path)
    }

    /// The module path of a file below a crate's `src`; empty for `lib.rs` and `main.rs`.
    fn modules(&self) -> Vec<String> {
        let (_, inner) = self.path.split_once("/src/").expect("a crate's source");
        let names = inner.strip_suffix(".rs").unwrap_or(inner).split('/').map(str::to_owned);
        names.filter(|name| !matches!(name.as_str(), "lib" | "main" | "mod")).collect()
    }
}

fn conformance() -> Vec<Source> {
    sources("conformance/src")
}

/// All Rust files below a folder of the workspace, in order of their paths; build folders are left out.
fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(Source::read(&path));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Identifiers and where they start.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.split(move |c| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - code.as_ptr() as usize, word))
}

/// What stands behind `path::` wherever it occurs, and where it occurs: `path::a::B` gives `a`,
/// `path::{a::B, c}` gives `a` and `c`.
fn targets(code: &str, path: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(&format!("{path}::")) {
        let inside_a_path = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        if inside_a_path {
            continue;
        }
        let rest = code[at + path.len() + 2..].trim_start();
        let names = if rest.starts_with('{') { names_in_braces(rest) } else { vec![rest] };
        let first_word = |name: &str| words(name).next().map_or("*", |(_, word)| word).to_owned();
        found.extend(names.into_iter().map(|name| (at, first_word(name))));
    }
    found
}

/// The parts of `{a::B, c::{D, E}}` between its own commas.
fn names_in_braces(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut names) = (0, 1, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                names.push(&group[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 1 => {
                names.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    names.retain(|name| !name.trim().is_empty());
    names
}

// ---------------------------------------------------------------- the checks can fail

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

#[test]
fn a_use_from_left_to_right_is_found_with_its_line() {
    let found = |path, text| room_violations(&source(path, text), ROOMS);
    let behind = "conformance/src/table/walk.rs:2: `table` stands before `oracle` and may not use it";
    assert_eq!(found("conformance/src/table/walk.rs", "\nuse crate::oracle::Set;"), [behind]);
    assert_eq!(
        found("conformance/src/table/walk.rs", "\nuse crate::{\n  class::Class,\n  oracle::{A, B},\n};"),
        [behind]
    );
    assert_eq!(found("conformance/src/table/walk.rs", "\nfn f(x: super::super::oracle::Set) {}"), [behind]);
    assert_eq!(found("conformance/src/table.rs", "use super::cli;").len(), 1);
    assert_eq!(found("conformance/src/cellar.rs", "").len(), 1);
    assert_eq!(found("conformance/src/cli.rs", "use crate::cellar::X;").len(), 1);
}

#[test]
fn a_use_from_right_to_left_is_no_violation() {
    let found = |path, text| room_violations(&source(path, text), ROOMS);
    let none: [&str; 0] = [];
    assert_eq!(
        found("conformance/src/oracle/set.rs", "use crate::{class::Class, table::Rule, trace};"),
        none
    );
    assert_eq!(
        found("conformance/src/table/types.rs", "// crate::oracle\nuse super::profile::Profile;"),
        none
    );
    assert_eq!(found("conformance/src/class.rs", "mod tests { use super::*; }"), none);
    assert_eq!(found("conformance/src/lib.rs", "use crate::cli;"), none);
}

#[test]
fn the_reference_inside_core_is_found() {
    let found = |text| core_violations(&source("conformance/src/oracle.rs", text)).len();
    assert_eq!(found("use lastack_core::tcb::Tcb;"), 1);
    assert_eq!(found("use lastack_core::{types::SeqNum, tcb};"), 1);
    assert_eq!(found("use lastack_core as core;"), 1);
    assert_eq!(found("use lastack_core::*;"), 1);
    assert_eq!(found("use lastack_core::types::{Flags, SeqNum};\nfn f(_: lastack_core::types::State) {}"), 0);
}

#[test]
fn unsafe_code_is_found_and_its_prohibition_is_not() {
    let text = "#![forbid(unsafe_code)]\n// unsafe\nfn f() { unsafe { g() } }";
    assert_eq!(unsafe_violations(&source("core/src/x.rs", text)), ["core/src/x.rs:3: unsafe code"]);
}

#[test]
fn a_dependency_against_the_order_is_found() {
    let found = |text| dependency_violations(&source("core/Cargo.toml", text), &["lastack-core"]);
    let text = "[package]\nname = \"lastack-x\"\n[dev-dependencies]\nlastack = { path = \"../conformance\" }";
    assert_eq!(found(text), ["core/Cargo.toml:4: may not depend on lastack"]);
    assert_eq!(found("[dependencies]\nlastack-tests.path = \"../tests\"").len(), 1);
    assert_eq!(found("[dependencies]\nlastack-core = { path = \"../core\" }").len(), 0);
}
