//! TIME-WAIT of a stack that declares no MSL: its length is measured and reported beside RFC 9293's 240 s.

#[path = "common/mutants.rs"]
#[allow(dead_code)] // One flaw of many is needed here.
mod mutants;

use lastack::report::StackReport;
use lastack::subject::IpVersion;
use lastack::subject::smoltcp::Smoltcp;
use lastack::suite::run::{NoProgress, Options, run_stack};
use lastack::verdict::Verdict;
use mutants::{Flaw, Mutant};

const CELLS: &str = "time-wait/from-fin-wait-2:time-before-2msl:";

/// The few cells around the end of TIME-WAIT, judged under this profile.
fn check(flaw: Flaw, profile: &'static str) -> StackReport {
    let filter = |name: &str| name.starts_with(CELLS);
    let options = Options { filter: Some(&filter), ..Options::default() };
    let stack = Mutant { flaw, base: Smoltcp::Immediate, profile };
    run_stack(&stack, IpVersion::V4, &options, &mut NoProgress).0
}

fn found(report: &StackReport) -> Vec<String> {
    report.findings.iter().map(|(signature, f)| format!("{} {signature}", f.verdict)).collect()
}

/// smoltcp's README says ten seconds, and that is what probes see.
#[test]
fn an_undeclared_length_is_measured_and_shorter_than_the_rfc_is_non_strict() {
    let report = check(Flaw::None, "msl=any");
    let seen: Vec<&String> = report.seen.keys().collect();
    assert_eq!(
        seen,
        ["TIME-WAIT of an undeclared MSL: over after 10.000 s (RFC 9293's 2 x MSL is 240.000 s)"]
    );
    assert_eq!(found(&report), ["non-strict OWES-TIME-WAIT:obligation:time:no-ack"]);
}

#[test]
fn a_declared_length_is_judged_and_not_measured() {
    let report = check(Flaw::None, "");
    assert!(report.seen.is_empty(), "{:?}", report.seen);
    assert_eq!(found(&report), <[&str; 0]>::default());
}

#[test]
fn no_time_wait_at_all_fails_whatever_is_declared() {
    let report = check(Flaw::NoTimeWait, "msl=any");
    assert!(report.findings.values().any(|f| f.verdict == Verdict::Fail), "{:?}", found(&report));
}
