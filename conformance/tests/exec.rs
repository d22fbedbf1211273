//! The pipe protocol: a stack behind it is judged as the same stack beside it, and a program that fails is a
//! finding after which the run goes on.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use lastack::driver::Driver;
use lastack::scenario::{Scenario, build};
use lastack::subject::exec::Exec;
use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{Factory, IpVersion};
use lastack::suite::run::{Case, cross_in};
use lastack::trace::{Entry, Happening, Trace};

const LASTACK: &str = env!("CARGO_BIN_EXE_lastack");
const PATIENCE: Duration = Duration::from_secs(60);

fn lastack(arguments: &[&str]) -> Output {
    Command::new(LASTACK).args(arguments).output().expect("the command starts")
}

fn words(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

fn served() -> Exec {
    Exec::program([LASTACK, "serve", "smoltcp"].map(str::to_owned).to_vec(), PATIENCE).expect("it serves")
}

/// A connection of two segments and a call.
fn handshake() -> Scenario {
    let events = vec![build::call(0, build::listen(8000)), build::syn().event(), build::ack().event()];
    Scenario { events, ..Scenario::default() }
}

#[test]
fn a_program_says_what_the_stack_says() {
    assert_eq!(served().describe(), Smoltcp::Immediate.describe());
}

/// Every seven hundredth cell and history: the same summary, packet for packet the same trace.
#[test]
fn over_the_pipe_everything_is_as_beside_it() {
    let served = served();
    let (mut near, mut far) = (Driver::new(&Smoltcp::Immediate), Driver::new(&served));
    near.record();
    far.record();
    let run = cross_in(near.description(), IpVersion::V4, 3);
    let mut compared = 0;
    for case in Case::all(true).step_by(701) {
        let (scenario, event) = case.scenario(&run);
        let aim = case.aim(event);
        assert_eq!(near.run(&scenario, aim), far.run(&scenario, aim), "{case}");
        assert_eq!(seen(near.trace()), seen(far.trace()), "{case}");
        compared += 1;
    }
    assert!(compared > 1_000, "{compared} were compared");
}

/// All that happened but the stack's words about states, which cross the pipe with the next poll only: after a
/// finding there is none.
fn seen(trace: Option<&Trace>) -> Vec<(&Entry, &[u8])> {
    let entries = trace.map(Trace::entries).unwrap_or_default();
    let entries = entries.iter().filter(|entry| !matches!(entry.what, Happening::Word { .. }));
    entries.map(|entry| (entry, trace.map_or(&[][..], |trace| trace.packet(entry)))).collect()
}

/// What a panic inside the stack says crosses the pipe, and the next scenario runs.
#[test]
fn a_panic_behind_the_pipe_is_the_panic() {
    let near = lastack(&["replay", &overrun(), "--stack", "smoltcp"]);
    let far = lastack(&["--isolate", "replay", &overrun(), "--stack", "smoltcp"]);
    assert!(words(&near.stdout).contains("PANIC:panic:time:no-ack"), "{}", words(&near.stdout));
    assert_eq!(words(&near.stdout), words(&far.stdout));
}

/// smoltcp's known assertion: text past the receive buffer right after a scaled SYN,ACK.
fn overrun() -> String {
    let script = "lastack scenario 1\nrecv_buffer 200000\ncall 0 listen 8000\n< S seq IRS <mss 1460,wscale 7>\n\
                  < .\n< P. seq RCV.NXT+200000 len 1000\n< P. seq RCV.NXT+199990 len 1000\nwait 1s\n";
    file("overrun.txt", script)
}

fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the folder for tests can be written");
    path.display().to_string()
}

/// The shell line for a program that serves until `octets` of requests have come, and then does `after`.
fn until(octets: usize, after: &str) -> String {
    format!("{{ dd bs=1 count={octets} 2>/dev/null; {after}; }} | {LASTACK} serve smoltcp")
}

/// What a scenario comes to on such a program, and what it comes to on the next one.
fn rule_of(line: &str, patience: Duration) -> [Option<&'static str>; 2] {
    let stack = Exec::shell(line, patience).expect("it says HELLO");
    let mut driver = Driver::new(&stack);
    [(); 2].map(|()| {
        let summary = driver.run(&handshake(), None).expect("the set-up is possible");
        summary.finding.map(|finding| finding.signature.rule)
    })
}

#[test]
fn a_program_that_ends_is_a_finding() {
    // HELLO and RESET fit, the handshake does not.
    assert_eq!(rule_of(&until(90, "true"), PATIENCE), [Some("SUBJECT-ENDS"); 2]);
}

#[test]
fn a_program_that_hangs_is_a_finding() {
    assert_eq!(rule_of(&until(90, "sleep 600"), Duration::from_secs(1)), [Some("SUBJECT-HANGS"); 2]);
}

#[test]
fn a_program_that_talks_nonsense_is_a_finding() {
    let hello = "name x\ncan ipv4\n";
    let frame = |code: u8, fields: &str| {
        let len = fields.len() + 1;
        format!("printf '\\000\\000\\000\\{len:03o}\\{code:03o}'; printf '{}'", fields.replace('\n', "\\n"))
    };
    let hello = frame(129, &format!("\\000\\001{hello}"))
        .replace(&format!("\\{:03o}", hello.len() + 9), &format!("\\{:03o}", hello.len() + 3));
    // DONE, and then a state that does not exist.
    let quiet = frame(99, "");
    let line = format!("{hello}; {}; {quiet}; sleep 600", frame(130, ""));
    assert_eq!(rule_of(&line, PATIENCE), [Some("SUBJECT-NONSENSE"); 2]);
}

#[test]
fn what_is_wrong_with_a_program_is_said_before_anything_runs() {
    for (line, why) in [
        ("exit 3", "it ended: exit status: 3"),
        ("echo hello; sleep 600", "a frame of 1751477356 octets"),
        ("no-such-program-anywhere", "it ended: exit status: 127"),
    ] {
        let output = lastack(&["check", "--exec", line]);
        assert_eq!(output.status.code(), Some(2), "{line}: {}", words(&output.stderr));
        assert!(words(&output.stderr).contains(why), "{line}: {}", words(&output.stderr));
    }
    let output = lastack(&["check", "--exec", "sleep 600", "--watchdog", "0.3"]);
    assert!(words(&output.stderr).contains("no answer in time"), "{}", words(&output.stderr));
    let output = lastack(&["check", "--exec", "sleep 600", "--watchdog", "0"]);
    assert_eq!(output.status.code(), Some(2), "no time at all: {}", words(&output.stderr));
}

/// The template in C, where there is a C compiler: it answers as RFC 9293 3.10.7.1 has it, and `protocol` says
/// what it lacks.
#[test]
fn the_template_in_c_is_a_closed_host() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/exec/template.c");
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("template");
    let compiled = Command::new("cc")
        .args(["-Wall", "-Wextra", "-Werror", "-O1", "-o"])
        .arg(&program)
        .arg(source)
        .status();
    let Ok(status) = compiled else {
        // Rust's own linker is a C compiler nearly everywhere; where there is none there is nothing to try.
        println!("no C compiler: the template was not tried");
        return;
    };
    assert!(status.success(), "the template compiles without warnings");
    let script = "lastack scenario 1\n< S seq IRS <mss 1460>\n< . ack ISS+7\n< F. ack ISS+7 len 5\n< R\n< S. seq IRS\n";
    let program = program.display().to_string();
    let v6 = script.replace("1\n<", "1\nip 6\n<");
    for (name, script) in [("closed-4.txt", script), ("closed-6.txt", &v6)] {
        let output = lastack(&["replay", &file(name, script), "--exec", &program]);
        assert_eq!(output.status.code(), Some(0), "{}", words(&output.stdout));
        assert!(words(&output.stdout).contains("pass: no difference"), "{}", words(&output.stdout));
    }
    let output = lastack(&["protocol", "--exec", &program]);
    assert_eq!(output.status.code(), Some(3), "{}", words(&output.stdout));
    assert!(words(&output.stderr).contains("passive OPEN came to NoResources"), "{}", words(&output.stderr));
}
