//! The command as people run it: what it prints, where, and the exit code.
#![cfg(all(feature = "cli", feature = "smoltcp"))]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// One cell that is always there and quick.
const CELL: &str = "closed/fresh:SYN@irs/ack-none:probes";

fn lastack(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastack"));
    command.args(arguments).output().expect("the binary was built for this test")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("the target folder can be written");
    path
}

fn file(folder: &Path, name: &str, octets: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, octets).expect("the folder was just made");
    path.display().to_string()
}

/// Wrong usage is 2, and says on standard error what is wrong and what would be right.
#[test]
fn wrong_usage_is_2_and_says_what_is_right() {
    let dir = folder("usage");
    let waivers = file(&dir, "w.toml", b"[[stack]]\nname = \"s\"\nversion = 1\n");
    let broken = file(&dir, "broken.lastack", b"lastack scenario 1\n< S\nnonsense\n");
    let cases: [(&[&str], &str); 13] = [
        (&["chekc"], "check"),
        (&["check", "--filter"], "--filter <GLOB>"),
        (&["check", "--level", "musty"], "must, text, should"),
        (&["check", "--filter", "no such cell"], "matches none of"),
        (&["check", "--filter", "closed/fresh"], "did you mean '*closed/fresh*'?"),
        (&["check", "--filter", "[a"], "unclosed character class"),
        (&["check", "nope"], "there are: smoltcp"),
        (&["check", "--profile", "rst=maybe"], "not classic, rfc5961 or any"),
        (&["check", "--waivers", &waivers], "w.toml:3:11: "),
        (&["check", "--waivers", "/nonexistent/w.toml"], "/nonexistent/w.toml: "),
        (&["trace", "nowhere:nothing:never"], "nowhere"),
        (&["replay", &broken], "line 3, column 1"),
        (&["explain", "SYN-IN-WINDOV"], "SYN-IN-WINDOW"),
    ];
    for (arguments, hint) in cases {
        let output = lastack(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(hint), "{arguments:?}: {}", err(&output));
        assert_eq!(out(&output), "", "{arguments:?}");
    }
}

#[test]
fn help_and_version_are_no_failure() {
    let help = lastack(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(out(&help).contains("Exit codes"));
    assert!(out(&lastack(&["--version"])).contains(env!("CARGO_PKG_VERSION")));
}

/// A reader that goes away after one line is no failure of ours.
#[test]
fn a_closed_pipe_is_no_failure() {
    use std::io::{BufRead as _, BufReader};
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastack"));
    command
        .args(["list", "--filter", "established/*"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the binary was built for this test");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("a line comes");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(!err(&output).contains("panicked"), "{}", err(&output));
}

/// One seed, one report: only the seconds may differ.
#[test]
fn two_runs_give_the_same_json() {
    let run = || {
        let output = lastack(&["check", "smoltcp", "--filter", "closed/fresh:SYN@*", "--format", "json"]);
        let kept: Vec<String> =
            out(&output).lines().filter(|line| !line.contains("\"seconds\"")).map(str::to_owned).collect();
        assert!(kept.len() > 20, "{}", err(&output));
        kept
    };
    assert_eq!(run(), run());
}

/// What `--out` writes is what `replay` reads; the report in the folder is the one that was printed.
#[test]
fn findings_replay_from_the_folder() {
    let dir = folder("out");
    let at = dir.display().to_string();
    let arguments = ["check", "smoltcp", "--ip", "4", "--no-waivers", "--filter", "established/active:SYN@*"];
    let output = lastack(&[&arguments[..], &["--out", &at]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    // The folder holds all of it, the terminal the most telling part.
    let full = lastack(&[&arguments[..], &["--full", "--out", &at]].concat());
    let without_seconds = |text: String| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("smoltcp 0.14.0")).map(str::to_owned).collect()
    };
    let written = std::fs::read_to_string(dir.join("report.txt")).expect("it was written");
    assert_eq!(without_seconds(written), without_seconds(out(&full)));
    assert!(out(&output).lines().count() < out(&full).lines().count());
    let scripts: Vec<PathBuf> = std::fs::read_dir(dir.join("smoltcp-0.14.0-ipv4"))
        .expect("the stack has findings")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        let replayed = lastack(&["replay", &script.display().to_string(), "--stack", "smoltcp"]);
        let signature = script.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let rule = signature.split('.').next().unwrap_or_default().to_owned();
        assert!(out(&replayed).contains(&rule), "{signature}: {}", out(&replayed));
    }
}

/// Written, refused as long as nobody wrote reasons, then accepted: the same run ends with 0.
#[test]
fn waivers_are_written_refused_and_then_hold() {
    let dir = folder("waivers");
    let path = dir.join("new.toml").display().to_string();
    let arguments = ["check", "smoltcp", "--no-waivers", "--filter", "established/active:SYN@*"];
    let written = lastack(&[&arguments[..], &["--write-waivers", &path]].concat());
    assert_eq!(written.status.code(), Some(1), "{}", err(&written));

    let arguments = ["check", "smoltcp", "--waivers", &path, "--filter", "established/active:SYN@*"];
    let refused = lastack(&arguments);
    assert_eq!(refused.status.code(), Some(2));
    assert!(err(&refused).contains("a person must write why"), "{}", err(&refused));

    let text = std::fs::read_to_string(&path).expect("it was written");
    let reasoned = text.replace("TODO: why is this accepted?", "accepted for the length of this test");
    std::fs::write(&path, reasoned).expect("it is ours");
    let held = lastack(&arguments);
    assert_eq!(held.status.code(), Some(0), "{}{}", out(&held), err(&held));
    assert!(out(&held).contains("accepted for the length of this test"));
}

/// Any octets are some scenario, so a fuzz artifact replays; a capture is written beside it.
#[test]
fn bytes_replay_and_give_a_capture() {
    let dir = folder("bytes");
    let artifact = file(&dir, "artifact", &[1, 0, 255, 3, 7, 9, 200, 13, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    let pcap = dir.join("x.pcapng").display().to_string();
    let output = lastack(&["replay", &artifact, "--pcap", &pcap]);
    assert!(output.status.code().is_some_and(|code| code != 2), "{}", err(&output));
    let capture = std::fs::read(&pcap).expect("it was written");
    assert_eq!(capture[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
}

#[test]
fn a_trace_is_a_ladder_with_a_verdict() {
    let output = lastack(&["trace", CELL, "--stack", "smoltcp"]);
    let text = out(&output);
    assert!(text.contains("<CTL=RST,ACK>") && text.contains("-->") && text.contains("pass"), "{text}");
    assert_eq!(output.status.code(), Some(0));
    let script = lastack(&["trace", CELL, "--script"]);
    assert!(out(&script).starts_with("lastack scenario 1"));
}

/// What must be readable without a run.
#[test]
fn tables_rules_and_coverage_are_printed() {
    for (arguments, word) in [
        (&["table"][..], "SYN-IN-WINDOW"),
        (&["table", "--format", "dot"], "digraph"),
        (&["table", "--format", "json"], "\"name\""),
        (&["explain", "syn-in-window"], "RFC 9293 3.10.7.4"),
        (&["explain", "OWES-PROBE"], "MUST-36"),
        (&["explain", "CHECKSUM-TCP"], "MUST-2"),
        (&["cover"], "286 requirements"),
        (&["stacks"], "smoltcp 0.14.0"),
    ] {
        let output = lastack(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", err(&output));
        assert!(out(&output).contains(word), "{arguments:?}: {}", out(&output));
    }
}

/// The README shows what the command prints. `LASTACK_UPDATE=1` writes it anew.
#[test]
fn the_trace_in_the_readme_is_what_is_printed() {
    const BEGIN: &str = "<!-- trace: begin, generated -->\n";
    const END: &str = "<!-- trace: end -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = std::fs::read_to_string(&path).expect("the README stands in the root");
    let (before, rest) = text.split_once(BEGIN).expect("it begins");
    let (is, after) = rest.split_once(END).expect("it ends");
    let typed = is.lines().find_map(|line| line.strip_prefix("$ lastack ")).expect("a command is shown");
    let printed = out(&lastack(&typed.split(' ').collect::<Vec<_>>()));
    let want = format!("```text\n$ lastack {typed}\n{printed}```\n");
    if std::env::var_os("LASTACK_UPDATE").is_some_and(|value| value != "0") {
        std::fs::write(&path, format!("{before}{BEGIN}{want}{END}{after}")).expect("it can be written");
        return;
    }
    assert_eq!(is, want, "the trace is old: LASTACK_UPDATE=1 cargo test -p lastack --test cli");
}
