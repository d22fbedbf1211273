//! Stacks that are right in other ways than those that come with the tool: what an author may choose is chosen
//! otherwise, and most say nothing of it. Nobody may accuse them.
//!
//! A sample is part of `cargo test`; all cells and more histories take some minutes:
//! `cargo test --release --test lawful -- --ignored --nocapture`.

mod manners;

use std::fmt::Write as _;

use lastack::driver::Driver;
use lastack::report::Finding;
use lastack::subject::reference::Reference::{self, Forking, ForkingClassic, Single, SingleClassic};
use lastack::subject::reference::tuned::Says::{AsBefore, Least, NoProfile, Nothing};
use lastack::subject::reference::tuned::{Says, Tuned};
use lastack::subject::{Factory, IpVersion};
use lastack::suite::random::search::{Search, search};
use lastack::suite::run::{Case, NoProgress, Options, cross_in, run_stack};
use lastack::verdict::{Signature, Verdict};
use lastack_core::IsnGenerator;
use lastack_core::config::{ChallengeLimit, Config, Listening, Protection, TimeWaitRst};
use lastack_core::types::Duration;
use manners::{Manner, Mannered};

const fn tuned(name: &'static str, base: Reference, says: Says, tune: fn(&mut Config)) -> Tuned {
    Tuned { name, base, tune, says }
}

/// One choice each, or the most of them at once; the section that leaves it open is in the configuration's docs.
const STACKS: &[Tuned] = &[
    tuned("forks, nothing declared", Forking, NoProfile, |_| {}),
    tuned("becomes, nothing declared", Single, NoProfile, |_| {}),
    tuned("forks without RFC 5961, nothing declared", ForkingClassic, NoProfile, |_| {}),
    tuned("becomes without RFC 5961, nothing declared", SingleClassic, NoProfile, |_| {}),
    tuned("forks and says nothing", Forking, Nothing, |_| {}),
    tuned("becomes and says nothing", SingleClassic, Nothing, |_| {}),
    tuned("forks, says nothing and can little", Forking, Least, |_| {}),
    tuned("becomes, says nothing and can little", SingleClassic, Least, |_| {}),
    tuned("half-duplex CLOSE", Forking, NoProfile, |c| c.half_duplex = true),
    tuned("full-duplex CLOSE without RFC 5961", SingleClassic, Nothing, |c| c.half_duplex = false),
    tuned("a RST ends TIME-WAIT", Forking, NoProfile, |c| c.time_wait_rst = TimeWaitRst::Close),
    tuned("a RST in TIME-WAIT is ignored", SingleClassic, NoProfile, |c| {
        c.time_wait_rst = TimeWaitRst::Ignore
    }),
    tuned("no reopening", Single, NoProfile, |c| c.reopen = false),
    tuned("reopening without RFC 5961", ForkingClassic, Nothing, |c| c.reopen = true),
    tuned("drops SYN,FIN", Forking, NoProfile, |c| c.drop_synfin = true),
    tuned("RFC 5961 for RST only", Forking, Nothing, |c| {
        (c.syn, c.ack) = (Protection::Classic, Protection::Classic);
    }),
    tuned("RFC 5961 for SYN only", Single, Nothing, |c| {
        (c.rst, c.ack) = (Protection::Classic, Protection::Classic);
    }),
    tuned("RFC 5961 for ACK only", Forking, NoProfile, |c| {
        (c.rst, c.syn) = (Protection::Classic, Protection::Classic);
    }),
    tuned("one challenge ACK in 10 s", Forking, AsBefore, |c| {
        c.challenge_limit = Some(ChallengeLimit { count: 1, span: Duration::from_secs(10) });
    }),
    tuned("challenge ACKs without limit", Single, Nothing, |c| c.challenge_limit = None),
    tuned("queues of one", Forking, Nothing, |c| {
        (c.listening, c.syn_cookies) = (Listening::Forks { syn_queue: 1, accept_queue: 1 }, None);
    }),
    tuned("queues of one, and SYN cookies", Forking, Nothing, |c| {
        c.listening = Listening::Forks { syn_queue: 1, accept_queue: 1 };
    }),
    tuned("no window scale", Forking, Nothing, |c| c.window_scale = false),
    tuned("clocked ISNs", Single, Nothing, |c| c.isn = IsnGenerator::Clocked),
    tuned("ACKs wait 499 ms", Forking, NoProfile, |c| {
        c.ack_delay = c.ack_delay.map(|_| Duration::from_millis(499));
    }),
    tuned("text waits 1 s for silly windows", Single, Nothing, |c| {
        c.override_timeout = Duration::from_secs(1)
    }),
    tuned("an MSL of 10 s", Forking, Nothing, |c| c.msl = Duration::from_secs(10)),
    tuned("an RTO between 1 and 120 s", Single, Nothing, |c| c.rto_max = Duration::from_secs(120)),
    tuned("an RTO of 3 s at least", Forking, Nothing, |c| c.rto_min = Duration::from_secs(3)),
    tuned("R2 of 100 s, and of 180 s for a SYN", Single, Nothing, |c| {
        (c.r2, c.r2_syn) = (Duration::from_secs(100), Duration::from_secs(180));
    }),
    tuned("a small send buffer", Forking, Nothing, |c| c.send_buffer = c.send_buffer.min(2_000)),
];

const fn mannered(base: Reference, manner: Manner) -> Mannered {
    Mannered { base, manner }
}

/// How they speak.
const STACKS_OF_MANNERS: &[Mannered] = &[
    mannered(Forking, Manner::Pushes),
    mannered(Forking, Manner::Offers),
    mannered(Single, Manner::Pads),
    mannered(Forking, Manner::Short(100)),
    mannered(SingleClassic, Manner::AcksTwice),
    mannered(Single, Manner::OneByOne),
];

/// Every `STEP`-th cell, a prime, so that all kinds have their turn; and so many random histories.
const SAMPLE: (usize, u64) = (1_999, 40);
const LONG: (usize, u64) = (7, 10_000);

#[test]
fn nobody_accuses_other_choices() {
    accuse_none(&choices(), SAMPLE);
}

#[test]
fn nobody_accuses_other_manners() {
    accuse_none(&manners(), SAMPLE);
}

#[test]
#[ignore = "all cells and many histories take minutes"]
fn nobody_accuses_them_in_all_cells() {
    accuse_none(&choices(), LONG);
    accuse_none(&manners(), LONG);
}

fn choices() -> Vec<&'static dyn Factory> {
    STACKS.iter().map(|stack| stack as &dyn Factory).collect()
}

fn manners() -> Vec<&'static dyn Factory> {
    STACKS_OF_MANNERS.iter().map(|stack| stack as &dyn Factory).collect()
}

/// Every `step`-th cell and short history, and so many random ones, of each stack.
fn accuse_none(stacks: &[&'static dyn Factory], (step, histories): (usize, u64)) {
    let cases: Vec<Case> = Case::all(true).step_by(step).collect();
    let mut accused = String::new();
    for (at, &stack) in stacks.iter().enumerate() {
        let name = stack.describe().name;
        let mut differences = in_cases(stack, &cases, at as u64);
        differences.extend(in_histories(stack, at as u64, histories));
        let [fails, lesser] =
            [true, false].map(|f| differences.iter().filter(|d| (d.1 == Verdict::Fail) == f).count());
        println!("{name}: {fails} accusations, {lesser} remarks");
        for (what, _) in differences.iter().filter(|(_, verdict)| *verdict == Verdict::Fail).take(20) {
            let _ = writeln!(accused, "{name}: {what}");
        }
    }
    assert!(accused.is_empty(), "{accused}");
}

/// What differed, and how grave it is.
type Differs = (String, Verdict);

fn in_cases(stack: &dyn Factory, cases: &[Case], seed: u64) -> Vec<Differs> {
    let mut driver = Driver::new(stack);
    let capabilities = stack.describe().capabilities;
    let run = cross_in(&stack.describe(), IpVersion::V4, seed);
    let mut all = Vec::new();
    for case in cases.iter().filter(|case| case.needs().lacking(&capabilities).is_none()) {
        let (scenario, event) = case.scenario(&run);
        let Ok(summary) = driver.run(&scenario, case.aim(event)) else { continue };
        for difference in summary.finding.iter().chain(&summary.conceded) {
            all.push((format!("{} in {case}", difference.signature), difference.verdict));
        }
    }
    all
}

fn in_histories(stack: &dyn Factory, seed: u64, histories: u64) -> Vec<Differs> {
    let nothing = |_: &str| false;
    let options = Options { filter: Some(&nothing), ..Options::default() };
    let (mut report, _) = run_stack(stack, IpVersion::V6, &options, &mut NoProgress);
    let plan = Search {
        factory: stack,
        ip: IpVersion::V6,
        profile: None,
        seed,
        histories,
        threads: 2,
        filter: None,
        waived: &[],
    };
    assert!(search(&plan, &mut report, &mut NoProgress), "not all histories ran");
    let one = |(signature, finding): (&Signature, &Finding)| {
        (format!("{signature} in {}\n{}", finding.cell, finding.scenario), finding.verdict)
    };
    report.findings.iter().map(one).collect()
}
