//! Random histories on real subjects: what they find, how it shrinks, that nothing but the seed decides.

#[path = "common/mutants.rs"]
#[allow(dead_code)]
mod mutants;

use std::collections::BTreeSet;

use lastack::driver::Driver;
use lastack::report::StackReport;
use lastack::scenario::Scenario;
use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{Factory, IpVersion};
use lastack::suite::cause::cause;
use lastack::suite::random::search::{Search, search};
use lastack::suite::random::strategy::histories;
use lastack::suite::run::{NoProgress, Options, cross_in, run_stack};
use mutants::{Flaw, Mutant};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};

/// The report of a search, without cells.
fn searched(factory: &dyn Factory, seed: u64, histories: u64, threads: usize) -> StackReport {
    let nothing = |_: &str| false;
    let options = Options { filter: Some(&nothing), ..Options::default() };
    let (mut report, _) = run_stack(factory, IpVersion::V4, &options, &mut NoProgress);
    let plan = Search {
        factory,
        ip: IpVersion::V4,
        profile: None,
        seed,
        histories,
        threads,
        filter: None,
        waived: &[],
    };
    assert!(search(&plan, &mut report, &mut NoProgress), "not all histories ran");
    report
}

/// Signature, how often, and the shrunk script.
fn findings(report: &StackReport) -> Vec<(String, u64, String)> {
    let one = |(signature, finding): (&_, &lastack::report::Finding)| {
        (format!("{signature}"), finding.count, finding.scenario.to_string())
    };
    report.findings.iter().map(one).collect()
}

#[test]
fn seed_and_number_decide_and_threads_do_not() {
    let [one, two, other] = [(5, 1), (5, 3), (6, 1)]
        .map(|(seed, threads)| findings(&searched(&Smoltcp::Immediate, seed, 1_500, threads)));
    assert!(!one.is_empty());
    assert_eq!(one, two);
    assert_ne!(one, other);
}

/// What smoltcp itself shows is none of the flaw's.
fn found_only_with(flaw: Flaw) -> Vec<(String, Scenario)> {
    let mutant = Mutant { flaw, base: Smoltcp::Immediate, profile: "" };
    let plain = searched(&Smoltcp::Immediate, 0, 1_000, 2);
    let broken = searched(&mutant, 0, 1_000, 2);
    let fresh = broken.findings.iter().filter(|(signature, _)| !plain.findings.contains_key(signature));
    fresh.map(|(signature, finding)| (signature.to_string(), finding.scenario.clone())).collect()
}

#[test]
fn flaws_are_found_and_shrink_to_a_dozen_events() {
    for flaw in
        [Flaw::NoAcks, Flaw::WrongAck, Flaw::NoResend, Flaw::BlindToWindow, Flaw::NoFin, Flaw::NoTimeWait]
    {
        let found = found_only_with(flaw);
        let shortest = found.iter().min_by_key(|(_, scenario)| scenario.events.len());
        let (signature, scenario) = shortest.unwrap_or_else(|| panic!("{flaw:?} is not found"));
        assert!(scenario.events.len() <= 12, "{flaw:?}, {signature}:\n{scenario}");
    }
}

/// The strategy finds and shrinks as the search does.
#[test]
fn a_property_test_shrinks_to_a_dozen_events() {
    let mutant = Mutant { flaw: Flaw::NoFin, base: Smoltcp::Immediate, profile: "" };
    let mut driver = Driver::new(&mutant);
    let run = cross_in(&mutant.describe(), IpVersion::V4, 0);
    let mut fails = |scenario: &Scenario| {
        let summary = driver.run(scenario, None).expect("a set-up that smoltcp can have");
        summary.finding.is_some_and(|f| f.signature.rule == "OWES-FIN")
    };
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let strategy = histories(run);
    let mut trees = (0..500).map(|_| strategy.new_tree(&mut runner).expect("a history"));
    let mut tree = trees.find(|tree| fails(&tree.current())).expect("a FIN that never leaves is found");
    let mut least = tree.current();
    let mut more = tree.simplify();
    while more {
        let candidate = tree.current();
        more = if fails(&candidate) {
            least = candidate;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    assert!(least.events.len() <= 12, "{least}");
    assert!(fails(&least));
}

/// Rules that cells reach and these histories do not, each with the reason.
const UNREACHED: &[(&str, &str)] = &[];

/// A SYN in the window of a passive SYN-RECEIVED is ignored. Where that is accepted, what comes of it is set apart: its own
/// script, cut short and asked, shows the cause. Where something else is accepted, it is not.
#[test]
fn what_follows_from_something_accepted_has_a_cause() {
    let script = "lastack scenario 1\ncall 3 listen 8000\n< S <mss 1460>\n< S seq IRS+1 <mss 1460>\n\
                  < S seq IRS <mss 1460>\n< . seq IRS+1\ncall 3 send 1\n";
    let script: Scenario = script.parse().expect("a scenario");
    let mut driver = Driver::new(&Smoltcp::Immediate);
    let mut of = |waived: &str| cause(&mut driver, &script, &[waived.parse().expect("as waivers write it")]);
    assert_eq!(of("SYN-IN-WINDOW-PASSIVE:*:*:*").map(|by| by.rule), Some("SYN-IN-WINDOW-PASSIVE"));
    assert_eq!(of("RST-EXACT:*:*:*"), None);
}

#[test]
fn what_cells_reach_random_histories_reach() {
    let core = |name: &str| !name.contains('~');
    let options = Options { filter: Some(&core), histories: false, count_rules: true, ..Options::default() };
    let (cells, _) = run_stack(&Smoltcp::Immediate, IpVersion::V4, &options, &mut NoProgress);
    let random = searched(&Smoltcp::Immediate, 0, 20_000, 2).random.expect("a search says what it reached");
    let missing: BTreeSet<&str> =
        cells.fired.keys().filter(|rule| !random.reached.contains_key(*rule)).copied().collect();
    let listed: BTreeSet<&str> = UNREACHED.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(missing, listed, "rules that only cells reach");
}

/// Histories of which nothing can be said are few.
#[test]
fn few_histories_are_inconclusive() {
    let random = searched(&Smoltcp::Immediate, 9, 5_000, 2).random.expect("a search says what it came to");
    let lost = random.counts.inconclusive;
    assert_eq!(random.histories, 5_000);
    assert_eq!(lost, random.inconclusive.values().sum::<u64>(), "each has a reason");
    assert!(lost * 50 < random.histories, "{lost} of {}: {:?}", random.histories, random.inconclusive);
    assert!(random.counts.total() == random.histories && random.counts.fail < random.histories);
}
