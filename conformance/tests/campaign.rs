//! `lastack campaign` as people run it: its folder, its exit codes, an interrupt.
#![cfg(all(feature = "cli", feature = "smoltcp"))]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn campaign(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastack"));
    command.arg("campaign").args(arguments).output().expect("the binary was built for this test")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder of this test's own, not there yet.
fn fresh(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    path
}

/// Of a table; an input of one finding may be a shorter one of another.
fn signatures(table: &str) -> Vec<String> {
    let words = table.lines().flat_map(str::split_whitespace);
    words.filter(|word| word.matches(':').count() == 3).map(str::to_owned).collect()
}

fn count(dir: &Path) -> usize {
    std::fs::read_dir(dir).map_or(0, Iterator::count)
}

#[test]
fn wrong_usage_is_2() {
    let dir = fresh("campaign-usage");
    std::fs::create_dir_all(&dir).expect("the target folder can be written");
    std::fs::write(dir.join("campaign.txt"), "lastack campaign 1\ntarget wire\n").expect("it is ours");
    let at = dir.display().to_string();
    let cases: [(&[&str], &str); 7] = [
        (&["segments", "--engine", "libfuzzer", "--isolate"], "not with --exec or --isolate"),
        (&["segmnts"], "there are: wire, segments"),
        (&["wire", "--subject", "smoltcp"], "wire runs no stack"),
        (&["segments", "--against", "smoltcp"], "segments runs one stack"),
        (&["segments", "--subject", "nope"], "there is no stack"),
        (&["segments", "--seconds", "1", "--executions", "1"], "--executions"),
        (&["segments", "--out", &at], "it holds a campaign of wire, not of segments on smoltcp 0.14.0"),
    ];
    for (arguments, hint) in cases {
        let output = campaign(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(hint), "{arguments:?}: {}", err(&output));
    }
}

/// Started, gone on with, replayed and merged: what was found stays, and every finding's file replays.
#[test]
fn a_campaign_is_continued_replayed_and_merged() {
    let (dir, other) = (fresh("campaign-one"), fresh("campaign-two"));
    let (at, beside) = (dir.display().to_string(), other.display().to_string());
    let base = ["segments", "--subject", "smoltcp", "--no-waivers", "--jobs", "1"];
    let first = campaign(&[&base[..], &["--executions", "400", "--out", &at]].concat());
    assert_eq!(first.status.code(), Some(1), "{}", err(&first));
    assert!(err(&first).contains("canary: the planted bug was found"), "{}", err(&first));
    let (inputs, findings) = (count(&dir.join("corpus")), count(&dir.join("findings")));
    assert!(inputs > 50 && findings > 0, "{inputs} {findings}");

    let more = campaign(&[&base[..], &["--executions", "900", "--out", &at]].concat());
    assert!(out(&more).contains("900 executions"), "{}", out(&more));
    assert!(count(&dir.join("findings")) >= findings && count(&dir.join("corpus")) > inputs);

    let replayed = campaign(&[&base[..], &["--replay", "--out", &at]].concat());
    assert_eq!(replayed.status.code(), Some(1));
    assert_eq!(signatures(&out(&replayed)), signatures(&out(&more)));

    for entry in std::fs::read_dir(dir.join("findings")).expect("it is there") {
        let path = entry.expect("it can be read").path();
        let rule = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        let rule = rule.split('.').next().unwrap_or_default();
        let mut replay = Command::new(env!("CARGO_BIN_EXE_lastack"));
        let output = replay.arg("replay").arg(&path).args(["--stack", "smoltcp"]).output();
        let output = output.expect("the binary was built for this test");
        assert!(out(&output).contains(rule), "{}: {}", path.display(), out(&output));
    }

    let merged = ["--executions", "1", "--seed", "5", "--out", &beside, "--merge", &at];
    let merged = campaign(&[&base[..], &merged].concat());
    assert_eq!(merged.status.code(), Some(1), "{}", err(&merged));
    assert!(count(&other.join("findings")) >= count(&dir.join("findings")));
}

/// What libFuzzer leaves is read into the same folder and table. In place of cargo-fuzz stands a script that does as it
/// would: it tells of executions, and leaves a finding.
#[cfg(unix)]
#[test]
fn what_libfuzzer_leaves_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, tools) = (fresh("campaign-libfuzzer"), fresh("campaign-tools"));
    std::fs::create_dir_all(&tools).expect("the target folder can be written");
    let script = tools.join("cargo-fuzz");
    std::fs::write(&script, CARGO_FUZZ).expect("it is ours");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&script, mode).expect("it is ours");
    let path = std::env::var("PATH").unwrap_or_default();
    let run = |path: &str| {
        Command::new(env!("CARGO_BIN_EXE_lastack"))
            .args(["campaign", "segments", "--subject", "smoltcp", "--no-waivers", "--engine", "libfuzzer"])
            .args(["--executions", "5000", "--out", &dir.display().to_string()])
            .env("PATH", path)
            .env("CXX", "true")
            .output()
            .expect("the binary was built for this test")
    };
    let output = run(&format!("{}:{path}", tools.display()));
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).contains("5000 executions"), "{}", out(&output));
    assert!(out(&output).contains("SYN-IN-WINDOW:missing-reply:SYN:no-ack"), "{}", out(&output));
    assert_eq!(count(&dir.join("findings")), 1);
    // So many are all, and they have been run.
    let output = run(&format!("{}:{path}", tools.display()));
    assert!(out(&output).contains("5000 executions"), "{}", out(&output));
    // And where there is none, it says what is missing.
    let output = run(&tools.join("nothing").display().to_string());
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert!(!err(&output).contains("canary"), "it is said before anything takes time: {}", err(&output));
    assert!(err(&output).contains("--engine libfuzzer needs cargo-fuzz"), "{}", err(&output));
}

const CARGO_FUZZ: &str = r##"#!/bin/sh
case "$*" in *--version*) exit 0 ;; esac
[ "$LASTACK_SUBJECT $LASTACK_GO_ON" = "smoltcp 1" ] || exit 1
for word in "$@"; do
    case "$word" in -artifact_prefix=*) prefix="${word#-artifact_prefix=}" ;; esac
done
printf 'lastack scenario 1\ncall 0 connect 8000 peer0:9000\n< S. seq IRS\n< S\n' > "${prefix}found.lastack"
echo "#4096 NEW    cov: 12 ft: 30" >&2
echo "Done 5000 runs in 1 second(s)" >&2
"##;

/// Ctrl-C ends it with 130; the folder holds what was found until then, and goes on.
#[cfg(unix)]
#[test]
fn an_interrupt_loses_nothing() {
    interrupted_by(&["-INT"]);
}

/// Likewise what ends services and what `timeout` sends, twice.
#[cfg(unix)]
#[test]
fn a_termination_loses_nothing() {
    interrupted_by(&["-TERM", "-TERM"]);
}

fn interrupted_by(signals: &[&str]) {
    let dir = fresh(&format!("campaign-interrupt{}", signals.concat()));
    let at = dir.display().to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lastack"))
        .args([
            "campaign",
            "segments",
            "--subject",
            "smoltcp",
            "--no-waivers",
            "--seconds",
            "600",
            "--out",
            &at,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built for this test");
    // As soon as something was found.
    let mut told = std::io::BufReader::new(child.stderr.take().expect("it is piped"));
    let mut line = String::new();
    while !line.starts_with("found by execution") {
        line.clear();
        let octets = std::io::BufRead::read_line(&mut told, &mut line).expect("it can be read");
        assert!(octets > 0, "it ended without a finding");
    }
    for signal in signals {
        let killed = Command::new("kill").args([*signal, child.id().to_string().as_str()]).status();
        assert!(killed.expect("there is a kill").success());
    }
    // Whatever else it says must not block it.
    std::io::copy(&mut told, &mut std::io::sink()).expect("it can be read");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", out(&output));
    assert!(out(&output).contains("executions"), "{}", out(&output));
    assert!(count(&dir.join("corpus")) > 0 && count(&dir.join("findings")) > 0);
    let replayed = campaign(&["segments", "--subject", "smoltcp", "--no-waivers", "--replay", "--out", &at]);
    assert_eq!(replayed.status.code(), Some(1), "{}", err(&replayed));
}
