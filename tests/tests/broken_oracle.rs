//! The oracle with one part switched off: somebody must notice.
//!
//! Without a *check* the finding that it is there for vanishes: each has a mutant whose flaw the whole
//! oracle finds and the broken one does not. Without a *tolerance* a stack that conforms is accused.

#[path = "common/mutants.rs"]
mod mutants;

use lastack::driver::Driver;
use lastack::oracle::Broken;
use lastack::scenario::parse::parse;
use lastack::subject::UserSignal;
use lastack::subject::smoltcp::Smoltcp;
use lastack::verdict::Obligation as O;
use mutants::{Flaw, Mutant};

/// A part of the oracle, a stack, what happens, and the finding: rule and kind.
struct Case {
    off: Broken,
    stack: Mutant,
    events: &'static str,
    finding: &'static str,
}

const fn case(off: Broken, flaw: Flaw, events: &'static str, finding: &'static str) -> Case {
    let stack = Mutant { flaw, base: Smoltcp::Immediate, profile: "" };
    Case { off, stack, events, finding }
}

const fn declared(off: Broken, profile: &'static str, events: &'static str, finding: &'static str) -> Case {
    let stack = Mutant { flaw: Flaw::None, base: Smoltcp::Immediate, profile };
    Case { off, stack, events, finding }
}

const OPEN: &str = "call 0 connect 8000 peer0:9000\n< S. seq IRS <mss 1460>\n";
const OPEN_SHUT: &str = "call 0 connect 8000 peer0:9000\n< S. seq IRS win 0 <mss 1460>\n";
const OPEN_SMALL: &str = "call 0 connect 8000 peer0:9000\n< S. seq IRS win 100 <mss 1460>\n";
const OPEN_SLOW: &str = "call 0 connect 8000 peer0:9000\nwait 0.4s\n< S. seq IRS <mss 1460>\nwait 0.4s\n";
const OPEN_TIMED: &str = "user_timeout 20s\ncall 0 connect 8000 peer0:9000\n< S. seq IRS <mss 1460>\n";

/// What the whole oracle finds and the broken one does not. `OPEN` and its kin stand for the handshake.
#[rustfmt::skip]
const CHECKS: &[Case] = &[
    case(Broken::Debts,       Flaw::NoAcks,        "OPEN; < P. len 5; wait 1s",                    "SYN-SENT-SYN-ACK:missing-reply"),
    case(Broken::Debts,       Flaw::Late(700),     "OPEN; < P. len 5; wait 1s",                    "CALL-OPEN-ACTIVE:missing-reply"),
    case(Broken::AckNumbers,  Flaw::WrongAck,      "OPEN; < P. len 5; wait 1s",                    ":rcv-nxt"),
    case(Broken::SeqNumbers,  Flaw::WrongSeq,      "OPEN; < P. len 5; wait 1s",                    ":wrong-number"),
    case(Broken::RstFields,   Flaw::WrongRst,      "< . seq 5 ack 77; wait 1s",                    "STRAY-WITH-ACK:wrong-number"),
    case(Broken::SendWindow,  Flaw::BlindToWindow, "OPEN_SMALL; call 0 send 1000; wait 0.1s",      "SEND-WINDOW:wrong-number"),
    case(Broken::QueuedText,  Flaw::Longwinded,    "OPEN; call 0 send 5; wait 0.1s",               ":stream"),
    case(Broken::FinPlace,    Flaw::FinTooSoon,    "OPEN; call 0 send 5; wait 0.1s",               "FIN-FOLLOWS-TEXT:wrong-number"),
    case(Broken::ExtraReplies, Flaw::AnswersRst,   "OPEN; < R seq RCV.NXT-1; wait 0.1s",           "RST-OUTSIDE-WINDOW:extra-reply"),
    case(Broken::Superfluous, Flaw::AcksRst,       "OPEN; < R seq RCV.NXT-1; wait 0.1s",           "RST-OUTSIDE-WINDOW:superfluous"),
    case(Broken::Lateness,    Flaw::Late(300),     "OPEN_SLOW; < P. seq RCV.NXT-5 len 5; wait 1s", "UNACCEPTABLE-SEQ:missing-reply"),
    case(Broken::Outcomes,    Flaw::RefusesSend,   "OPEN; call 0 send 5",                          "CALL-SEND:wrong-signal"),
    case(Broken::Signals,     Flaw::Tells(UserSignal::Reset),      "OPEN; < P. len 5; wait 0.1s",   "SIGNAL-HAS-CAUSE:wrong-signal"),
    case(Broken::Signals,     Flaw::Tells(UserSignal::Refused),    "OPEN; < P. len 5; wait 0.1s",   "SIGNAL-HAS-CAUSE:wrong-signal"),
    case(Broken::Signals,     Flaw::Tells(UserSignal::TimedOut),   "OPEN; call 0 send 5; wait 0.1s; < .; wait 0.1s", "SIGNAL-HAS-CAUSE:wrong-signal"),
    case(Broken::Signals,     Flaw::Tells(UserSignal::PeerClosed), "OPEN; < P. len 5; wait 0.1s",   "SIGNAL-HAS-CAUSE:wrong-signal"),
    case(Broken::Signals,     Flaw::Tells(UserSignal::Closed),     "OPEN; < P. len 5; wait 0.1s",   "SIGNAL-HAS-CAUSE:wrong-signal"),
    case(Broken::PacketWar,   Flaw::AcksAcks,      "OPEN; wait 1s; < .; wait 0.1s",                "ACK-FOR-ACK:monitor"),
    case(Broken::NewParts,    Flaw::None,          "OPEN; < P. len 5; < F. seq RCV.NXT-5 len 5; wait 1s", "NEW-PART-TAKEN:rcv-nxt"),
    case(Broken::RewoundAcks, Flaw::OldSeq,        "OPEN; call 0 send 5; < P. ack SND.UNA len 5; wait 0.1s", "ACK-CARRIES-SND-NXT:wrong-number"),
    declared(Broken::Throttle, "syn=rfc5961",      "OPEN; < S seq RCV.NXT+9; wait 1s",             "SYN-IN-WINDOW:missing-reply"),
    case(Broken::Obligation(O::Retransmit),   Flaw::NoResend,       "OPEN; call 0 send 5; wait 200s",         "OWES-RETRANSMISSION:obligation"),
    case(Broken::Obligation(O::Probe),        Flaw::NoProbes,       "OPEN_SHUT; call 0 send 5; wait 200s",    "OWES-PROBE:obligation"),
    case(Broken::Obligation(O::Progress),     Flaw::NoText,         "OPEN; call 0 send 5; wait 200s",         "OWES-PROGRESS:obligation"),
    case(Broken::Obligation(O::Fin),          Flaw::NoFin,          "OPEN; call 0 close; wait 200s",          "OWES-FIN:obligation"),
    case(Broken::Obligation(O::WindowUpdate), Flaw::ShutsWindow,    "OPEN; < P. len 5; wait 0.1s",            "OWES-WINDOW-UPDATE:obligation"),
    case(Broken::Obligation(O::TimeWait),     Flaw::NoTimeWait,     "OPEN; call 0 close; < .; < F.; wait 1s; < F. seq RCV.NXT-1; wait 1s", "FIN-IN-ORDER-LAST:wrong-state"),
    declared(Broken::Obligation(O::TimeWait), "msl=60s",            "OPEN; call 0 close; < .; < F.; wait 60s; < F. seq RCV.NXT-1; wait 1s", "OWES-TIME-WAIT:obligation"),
    declared(Broken::Obligation(O::TimeWait), "msl=1s",             "OPEN; call 0 close; < .; < F.; wait 6s; < F. seq RCV.NXT-1; wait 1s", "OWES-TIME-WAIT:obligation"),
    declared(Broken::Obligation(O::GiveUp),   "r2=180s",            "call 0 connect 8000 peer0:9000; wait 600s", "OWES-GIVING-UP:obligation"),
    declared(Broken::Obligation(O::GiveUp),   "r2=180s",            "call 0 listen 8000; < S seq IRS <mss 1460>; wait 600s", "OWES-GIVING-UP:obligation"),
    case(Broken::Obligation(O::UserTimeout),  Flaw::NoUserTimeout,  "OPEN_TIMED; call 0 send 5; wait 400s",   "OWES-USER-TIMEOUT:obligation"),
    case(Broken::Obligation(O::Silence),      Flaw::SpeaksAfterEnd, "OPEN; < R; wait 2s",                    "OWES-SILENCE:obligation"),
];

/// What the broken oracle accuses, though the whole one rightly does not.
#[rustfmt::skip]
const TOLERANCES: &[Case] = &[
    case(Broken::Coalescing,     Flaw::None,   "OPEN; < PF. len 5; wait 1s",                                 ":missing-reply"),
    case(Broken::AnySegmentAcks, Flaw::None,   "OPEN_SHUT; call 0 send 5; < P. len 5; wait 0.6s",            "TEXT-IN-ORDER:missing-reply"),
    Case { stack: Mutant { flaw: Flaw::None, base: Smoltcp::Defaults, profile: "" },
        ..case(Broken::DelayedAcks, Flaw::None, "OPEN; < P. len 5; wait 1s",                                 "TEXT-IN-ORDER:missing-reply") },
    case(Broken::Edges,          Flaw::Modest, "OPEN; < P. len window+100; wait 1s",                         ":rcv-nxt"),
    case(Broken::WindowUpdates,  Flaw::None,   "OPEN_SHUT; < .; call 0 send 100; wait 0.1s",                 "WINDOW-SHRUNK:wrong-number"),
    case(Broken::ProbeOctet,     Flaw::None,   "OPEN_SHUT; call 0 send 5; wait 10s",                         "SEND-WINDOW:wrong-number"),
    case(Broken::ResentAcks,     Flaw::OldSeq, "OPEN; call 0 send 5; wait 2s; < P. ack SND.UNA len 5; wait 0.1s", "ACK-CARRIES-SND-NXT:wrong-number"),
    case(Broken::FreeAcks,        Flaw::AcksTwice,     "OPEN; < P. len 5; wait 1s",                             ":superfluous"),
    case(Broken::NumbersOnTheWay, Flaw::AcksByHalves,  "OPEN; < P. len 10; wait 1s",                            ":rcv-nxt"),
    case(Broken::RecutText,       Flaw::RecutsText,    "OPEN; call 0 send 10; wait 2s",                         ":wrong-number"),
    Case { stack: Mutant { flaw: Flaw::None, base: Smoltcp::Defaults, profile: "" },
        ..case(Broken::Nagle,     Flaw::None,          "OPEN; call 0 send 5; call 0 send 5; wait 0.2s; < .; wait 0.1s", "OWES-PROGRESS:obligation") },
    case(Broken::SillyWindow,     Flaw::LateText(200), "OPEN; < . win 10; call 0 send 500; wait 1s",            "OWES-PROGRESS:obligation"),
    case(Broken::ThrottledChallenges, Flaw::None,      "OPEN; < . ack SND.NXT+9; < . ack SND.NXT+9; wait 1s",   "ACK-UNSENT:missing-reply"),
];

#[test]
fn without_a_check_its_finding_vanishes() {
    judge(CHECKS, true);
}

#[test]
fn without_a_tolerance_a_conforming_stack_is_accused() {
    judge(TOLERANCES, false);
}

#[test]
fn everything_that_can_be_switched_off_has_a_case() {
    let missing: Vec<Broken> =
        Broken::all().filter(|off| !CHECKS.iter().chain(TOLERANCES).any(|case| case.off == *off)).collect();
    assert!(missing.is_empty(), "nobody would notice: {missing:?}");
}

/// The nearest that is right: the same words, each with a cause.
#[test]
fn what_the_user_is_told_with_a_cause_passes() {
    let told = |signal, events| {
        let case = case(Broken::Nothing, Flaw::Tells(signal), events, "");
        assert_eq!(run(&case, Broken::Nothing), <[&str; 0]>::default(), "{signal:?}: {events}");
    };
    told(UserSignal::Reset, "OPEN; < R; wait 0.1s");
    told(UserSignal::Refused, "call 0 connect 8000 peer0:9000; < R. seq 0 ack SND.NXT; wait 0.1s");
    told(UserSignal::TimedOut, "OPEN; call 0 send 5; wait 110s; < . ack SND.UNA; wait 0.1s");
    told(UserSignal::PeerClosed, "OPEN; < F.; wait 0.1s");
    told(UserSignal::Closed, "OPEN; call 0 close; < .; wait 0.1s");
    told(UserSignal::Closed, "OPEN; < F.; call 0 close; < .; wait 0.1s");
}

/// The whole oracle finds what the case names, or (for a tolerance) only the broken one does.
fn judge(cases: &[Case], whole_finds: bool) {
    let complain = |case: &Case| {
        let (whole, broken) = (run(case, Broken::Nothing), run(case, case.off));
        let has = |found: &[String]| found.iter().any(|signature| signature.contains(case.finding));
        let right =
            has(&whole) == whole_finds && has(&broken) != whole_finds && (whole_finds || whole.is_empty());
        let name = format!("{:?}, {:?}", case.off, case.stack.flaw);
        (!right).then(|| format!("{name}: whole {whole:?}, broken {broken:?}, expected {}", case.finding))
    };
    let wrong: Vec<String> = cases.iter().filter_map(complain).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn run(case: &Case, off: Broken) -> Vec<String> {
    let mut text = case.events.to_owned();
    let preludes = [
        ("OPEN_SHUT;", OPEN_SHUT),
        ("OPEN_SMALL;", OPEN_SMALL),
        ("OPEN_SLOW;", OPEN_SLOW),
        ("OPEN_TIMED;", OPEN_TIMED),
        ("OPEN;", OPEN),
    ];
    for (name, events) in preludes {
        text = text.replace(name, events);
    }
    let text = format!("lastack scenario 1\n{}\n", text.replace("; ", "\n"));
    let scenario = parse(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    let mut driver = Driver::new(&case.stack);
    driver.break_oracle(off);
    let summary = driver.run(&scenario, None).expect("a set-up that smoltcp has");
    let found = summary.finding.iter().chain(&summary.conceded);
    found.map(|difference| difference.signature.to_string()).collect()
}
