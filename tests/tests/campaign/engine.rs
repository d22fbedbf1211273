//! The engine: the same result on any number of threads, a canary, short findings, a table.

use core::ops::ControlFlow;

use lastack::campaign::canary::canary;
use lastack::campaign::{
    Bench, Campaign, Finding, INPUT_MAX, Key, Mutator, Plan, Target, Waived, Watch, cells, table,
};
use lastack::reached::{Reached, Section};
use lastack::subject::{Factory, registry};
use lastack::verdict::SignaturePattern;

/// Watches nothing: a campaign of so many executions. Its clock stands still.
pub struct Unwatched;

impl Watch for Unwatched {
    fn round(&mut self, _campaign: &Campaign) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn seconds(&self) -> f64 {
        0.0
    }
}

pub fn stack(name: &str) -> &'static dyn Factory {
    registry::named(name).expect("it is embedded")
}

pub fn plan<'a>(target: Target, stack: &'a dyn Factory, jobs: usize, waived: &'a Waived) -> Plan<'a> {
    Plan {
        target,
        stacks: [stack; 2],
        seed: 3,
        jobs,
        input_max: INPUT_MAX,
        mutator: Mutator::Meaning,
        waived,
    }
}

fn campaign(plan: &Plan<'_>, executions: u64) -> Campaign {
    let mut campaign = Campaign::default();
    campaign.run(plan, executions, &mut Unwatched);
    campaign
}

fn inputs(campaign: &Campaign) -> Vec<Vec<u8>> {
    campaign.corpus.inputs().map(<[u8]>::to_vec).collect()
}

fn told(found: (&Key, &Finding)) -> (Key, Vec<u8>, u64, u64) {
    (*found.0, found.1.input.clone(), found.1.count, found.1.first.0)
}

/// One thread or three: the same inputs are kept, the same is found, at the same executions.
#[test]
fn threads_change_nothing() {
    let waived = Waived::default();
    let one = campaign(&plan(Target::Segments, stack("smoltcp"), 1, &waived), 1_500);
    let three = campaign(&plan(Target::Segments, stack("smoltcp"), 3, &waived), 1_500);
    assert!(inputs(&one).len() > 100 && !one.findings.is_empty());
    assert_eq!(inputs(&one), inputs(&three));
    assert_eq!(one.corpus.reached().indices(), three.corpus.reached().indices());
    let found = |campaign: &Campaign| campaign.findings.iter().map(told).collect::<Vec<_>>();
    assert_eq!(found(&one), found(&three));
}

/// Another seed makes another campaign.
#[test]
fn seeds_decide() {
    let waived = Waived::default();
    let first = plan(Target::Segments, stack("smoltcp"), 1, &waived);
    let second = Plan { seed: 4, ..first };
    assert_ne!(inputs(&campaign(&first, 200)), inputs(&campaign(&second, 200)));
}

/// Every target that has stacks finds a planted bug from no inputs at all.
#[test]
fn canaries_are_found() {
    for target in [Target::Segments, Target::Incarnations, Target::Differential, Target::Worlds] {
        let found = canary(target).unwrap_or_else(|why| panic!("{}: {why}", target.name()));
        assert!(found.cells > 100, "{}: {found:?}", target.name());
    }
}

/// What is kept of a finding is short: without any one of its events it is another finding, or none.
#[test]
fn findings_are_minimal() {
    let waived = Waived::default();
    let plan = plan(Target::Segments, stack("smoltcp"), 2, &waived);
    let campaign = campaign(&plan, 1_500);
    let mut bench = Bench::new(plan.target, plan.stacks);
    assert!(campaign.findings.len() >= 5, "{}", campaign.findings.len());
    for (key, finding) in campaign.findings.iter() {
        let mut shows = |input: &[u8]| {
            let ran = bench.run(input, &mut Reached::new());
            ran.found.iter().any(|f| (f.stack, f.difference.signature) == *key)
        };
        assert!(shows(&finding.input), "{}", key.1);
        let scenario = lastack::scenario::Scenario::from_bytes(&finding.input);
        assert!(scenario.events.len() <= 12, "{}: {scenario}", key.1);
        for at in 0..scenario.events.len() {
            let mut less = scenario.clone();
            less.events.remove(at);
            let shown = shows(&less.to_bytes());
            assert!(!shown, "{} without event {at} of\n{scenario}", key.1);
        }
    }
}

/// What is accepted is set apart, and does not make a campaign fail.
#[test]
fn accepted_findings_do_not_count() {
    let level = lastack::table::Level::Text;
    let waived = Waived::default();
    let open = campaign(&plan(Target::Segments, stack("smoltcp"), 1, &waived), 600);
    let counting = |campaign: &Campaign| campaign.findings.iter().filter(|(_, f)| f.counts_at(level)).count();
    assert!(counting(&open) > 0);
    let pattern = |key: &Key| key.1.to_string().parse::<SignaturePattern>().expect("as waivers write it");
    let patterns: Vec<SignaturePattern> = open.findings.iter().map(|(key, _)| pattern(key)).collect();
    let waived = Waived::new([stack("smoltcp"); 2], |_, _| patterns.clone());
    let closed = campaign(&plan(Target::Segments, stack("smoltcp"), 1, &waived), 600);
    assert_eq!(counting(&closed), 0);
    assert!(closed.findings.iter().any(|(_, finding)| finding.waived));
}

/// A SYN in the window of a passive SYN-RECEIVED is ignored: that is accepted, and what comes of it later is set apart.
/// Where it is not accepted, it counts.
#[test]
fn what_follows_from_something_accepted_is_set_apart() {
    let script = "lastack scenario 1\ncall 3 listen 8000\n< S <mss 1460>\n< S seq IRS+1 <mss 1460>\n\
                  < S seq IRS <mss 1460>\n< . seq IRS+1\ncall 3 send 1\n";
    let script: lastack::scenario::Scenario = script.parse().expect("a scenario");
    let of = |waived: &Waived| {
        let mut campaign = Campaign::default();
        campaign.take(&plan(Target::Segments, stack("smoltcp"), 1, waived), &[script.to_bytes()], 0.0);
        let found: Vec<Finding> = campaign.findings.iter().map(|(_, finding)| finding.clone()).collect();
        found
            .into_iter()
            .find(|f| f.difference.signature.to_string() == "HANDSHAKE-ACK-BAD:wrong-state:ACK:below")
    };
    let pattern: SignaturePattern = "SYN-IN-WINDOW-PASSIVE:*:*:*".parse().expect("as waivers write it");
    let apart = of(&Waived::new([stack("smoltcp"); 2], |_, _| vec![pattern.clone()])).expect("it shows");
    assert!(apart.follows && !apart.waived, "{apart:?}");
    assert_eq!(apart.cause.map(|cause| cause.rule), Some("SYN-IN-WINDOW-PASSIVE"));
    let alone = of(&Waived::default()).expect("it shows");
    assert!(!alone.follows && alone.cause.is_none(), "{alone:?}");
}

/// The table of a small campaign, as it is printed.
#[test]
fn the_table_of_a_small_campaign() {
    let waived = Waived::default();
    let plan = plan(Target::Segments, stack("smoltcp"), 1, &waived);
    let campaign = campaign(&plan, 400);
    let all = cells::of_suite().expect("the file is in order");
    let bench = Bench::new(plan.target, plan.stacks);
    let table = table::findings(&campaign, &bench, &["smoltcp".to_owned()]);
    insta::assert_snapshot!(format!("{}\n\n{table}", table::reached(&campaign, all)));
}

/// The cells that the suite reaches on the reference stand in the file: a part of them is looked up here, all of them
/// by `lastack campaign --cells`.
#[test]
fn the_file_of_cells_is_current() {
    let all = cells::of_suite().expect("the file is in order");
    let some = cells::measure(stack("reference"), 41);
    assert!(some.count(Section::Cells) > 1_000, "{}", some.count(Section::Cells));
    let missing: Vec<String> = some
        .things()
        .filter(|thing| !thing.index().is_some_and(|i| all.has(i)))
        .map(|t| t.to_string())
        .collect();
    assert!(missing.is_empty(), "lastack campaign --cells > conformance/data/cells.txt: {missing:#?}");
}

#[test]
#[ignore = "some minutes without optimisation"]
fn the_file_of_cells_is_complete() {
    let all = cells::measure(stack("reference"), 1);
    let file = cells::of_suite().expect("the file is in order");
    assert_eq!(cells::render(&all), cells::render(file));
}
