//! What the suites find in published versions of smoltcp, oldest first, as a benchmark of the suites
//! themselves: bugs that are known must show in the versions that have them and vanish where they were mended.
//!
//! No suite knows of these bugs. Run it in release, it takes minutes:
//! `cargo test --release -p lastack-tests --features smoltcp-old --test known_bugs`.
#![cfg(feature = "smoltcp-old")]

use core::fmt::Write as _;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lastack::driver::Driver;
use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::smoltcp::old::Old;
use lastack::subject::{Factory, IpVersion};
use lastack::suite::run::{Case, NoProgress, Options, cross_in, run_stack};
use lastack::verdict::{Signature, Verdict};

/// A bug that was mended, and where the suites show it.
struct Bug {
    what: &'static str,
    /// The first and the last version in which it shows.
    from: &'static str,
    to: &'static str,
    /// One of the cells or histories that show it.
    case: &'static str,
    signature: &'static str,
}

const BUGS: &[Bug] = &[
    // A lesser difference: RFC 9293 3.10.7.4 could be read so (TRIM-OR-REFUSE).
    Bug {
        what: "a segment partly left of the window is refused",
        from: "0.8.2",
        to: "0.9.1",
        case: "established/passive:TEXT-ACK@overlap-left/ack-dup:probes",
        signature: "NEW-PART-TAKEN:rcv-nxt:ACK:duplicate",
    },
    // Below 0.10 the whole segment is refused.
    Bug {
        what: "a FIN is ignored on a segment partly left of the window",
        from: "0.10.0",
        to: "0.11.0",
        case: "established/resent:TEXT-FIN-ACK@overlap-left/ack-last:probes",
        signature: "FIN-IN-ORDER:wrong-state:FIN:new",
    },
    Bug {
        what: "there is no simultaneous open",
        from: "0.8.2",
        to: "0.11.0",
        case: "syn-sent/fresh:SYN@irs/ack-none:probes",
        signature: "SYN-SENT-SYN:wrong-state:SYN:no-ack",
    },
    Bug {
        what: "the peer's FIN clears the retransmission timer",
        from: "0.8.2",
        to: "0.12.0",
        case: "established/active:send.fin:silent",
        signature: "OWES-RETRANSMISSION:obligation:time:no-ack",
    },
    Bug {
        what: "a FIN lost in CLOSING is never sent again",
        from: "0.8.2",
        to: "0.12.0",
        case: "fin-wait-1/fin:fin:silent",
        signature: "OWES-RETRANSMISSION:obligation:time:no-ack",
    },
    Bug {
        what: "a closed window is not probed",
        from: "0.8.2",
        to: "0.12.0",
        case: "established/active:wnd-0:send",
        signature: "OWES-PROBE:obligation:time:no-ack",
    },
    Bug {
        what: "a RST left of the window is answered by an ACK",
        from: "0.8.2",
        to: "0.13.1",
        case: "established/passive:RST@outside-left/ack-none:probes",
        signature: "RST-OUTSIDE-WINDOW:superfluous:RST:no-ack",
    },
];

/// All versions, oldest first.
fn stacks() -> Vec<&'static dyn Factory> {
    let old = Old::ALL.iter().map(|old| old as &dyn Factory);
    old.chain([&Smoltcp::Immediate as &dyn Factory]).collect()
}

/// What one case shows on one stack.
fn shown(stack: &dyn Factory, case: &str) -> Vec<String> {
    let case = Case::from_name(case).expect("a case of the suites");
    let (scenario, event) = case.scenario(&cross_in(&stack.describe(), IpVersion::V4, 0));
    let summary = Driver::new(stack).run(&scenario, case.aim(event)).expect("a set-up of any smoltcp");
    assert_eq!(summary.inconclusive, None);
    summary
        .finding
        .iter()
        .chain(&summary.conceded)
        .map(|difference| difference.signature.to_string())
        .collect()
}

#[test]
fn a_mended_bug_shows_in_the_versions_that_have_it_and_in_no_other() {
    for bug in BUGS {
        let mut seen = Vec::new();
        let mut wanted = Vec::new();
        let mut bad = false;
        for stack in stacks() {
            let version = stack.describe().version;
            bad |= version == bug.from;
            if bad {
                wanted.push(version.clone());
            }
            bad &= version != bug.to;
            if shown(stack, bug.case).iter().any(|signature| signature == bug.signature) {
                seen.push(version);
            }
        }
        assert!(!wanted.is_empty(), "{}: no version {}", bug.what, bug.from);
        assert_eq!(seen, wanted, "{}: {} in {}", bug.what, bug.signature, bug.case);
    }
}

/// Signatures and how bad each is, of every version.
fn findings(stacks: &[&dyn Factory]) -> Vec<BTreeMap<Signature, Verdict>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![BTreeMap::new(); stacks.len()]);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(stacks.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(stack) = stacks.get(at) else { return };
                    let (report, _) = run_stack(*stack, IpVersion::V4, &Options::default(), &mut NoProgress);
                    let verdicts = report.findings.iter().map(|(signature, f)| (*signature, f.verdict));
                    done.lock().expect("no thread panics with the lock")[at] = verdicts.collect();
                }
            });
        }
    });
    done.into_inner().expect("no thread panics with the lock")
}

/// Signatures of each version, and what goes and comes from each version to the next.
#[test]
fn versions_differ_as_they_did() {
    let stacks = stacks();
    let findings = findings(&stacks);
    let mut out = String::new();
    let mut before: Option<&BTreeMap<Signature, Verdict>> = None;
    for (stack, now) in stacks.iter().zip(&findings) {
        let fails = now.values().filter(|verdict| **verdict == Verdict::Fail).count();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}: {} signatures, {fails} fail", stack.describe().version, now.len());
        if let Some(before) = before {
            for (signature, verdict) in before.iter().filter(|(signature, _)| !now.contains_key(signature)) {
                let _ = writeln!(out, "  - {verdict} {signature}");
            }
            for (signature, verdict) in now.iter().filter(|(signature, _)| !before.contains_key(signature)) {
                let _ = writeln!(out, "  + {verdict} {signature}");
            }
        }
        before = Some(now);
    }
    insta::assert_snapshot!(out);
}
