//! The reference and the model side by side, cell by cell: both are right by the table, so where they differ the table
//! has to leave it open.
//!
//! What flows: a cell -> its script on both stacks -> two traces -> [`effect::Effect`]s, one an event -> the weightiest
//! difference -> the [`choice::Choice`] that it comes from. A verdict worse than allowed, or a difference that no choice
//! of the closed list explains, fails.
//!
//! Both stacks run under the reference's profile, with Nagle and without delayed ACKs where the script leaves that
//! open, and begin at the same ISS. A sample is part of `cargo test`; all cells take some minutes:
//! `cargo test --release --test side_by_side -- --ignored --nocapture`.

mod choice;
mod effect;

use std::collections::BTreeMap;

use choice::Choice;
use effect::Effect;
use lastack::driver::Driver;
use lastack::model::{Edition, Model};
use lastack::scenario::Scenario;
use lastack::subject::reference::Reference;
use lastack::subject::{Factory, IpVersion};
use lastack::suite::run::{Case, cross_in};
use lastack::verdict::Verdict;

#[test]
fn they_differ_where_the_table_lets_them() {
    compare(Reference::Single, IpVersion::V4, 97);
    compare(Reference::SingleClassic, IpVersion::V6, 211);
}

#[test]
#[ignore = "all cells and short histories take minutes"]
fn every_cell_with_rfc_5961() {
    compare(Reference::Single, IpVersion::V4, 1);
}

#[test]
#[ignore = "all cells and short histories take minutes"]
fn every_cell_without_rfc_5961() {
    compare(Reference::SingleClassic, IpVersion::V4, 1);
}

/// One stack and what it showed of a cell.
struct Side<'f> {
    driver: Driver<'f>,
    scenario: Scenario,
    verdict: Verdict,
    effects: Vec<Effect>,
}

impl<'f> Side<'f> {
    fn new(factory: &'f dyn Factory) -> Side<'f> {
        let mut driver = Driver::new(factory);
        driver.record();
        Side { driver, scenario: Scenario::default(), verdict: Verdict::Inconclusive, effects: Vec::new() }
    }

    /// Whether the stack can run the cell.
    fn run(&mut self, case: &Case, ip: IpVersion) -> bool {
        let description = self.driver.description();
        if case.needs().lacking(&description.capabilities).is_some() {
            return false;
        }
        let mut run = cross_in(description, ip, 0);
        run.iss = Some(0x7000_0000);
        let (mut scenario, event) = case.scenario(&run);
        scenario.setup.nagle.get_or_insert(true);
        scenario.setup.ack_delay.get_or_insert(false);
        let Ok(summary) = self.driver.run(&scenario, case.aim(event)) else { return false };
        let trace = self.driver.trace().expect("it records");
        self.effects = effect::effects(trace, scenario.events.len());
        (self.scenario, self.verdict) = (scenario, summary.verdict());
        true
    }
}

/// Every `step`-th cell and history; prints how many differ, by choice, each with an example.
fn compare(reference: Reference, ip: IpVersion, step: usize) {
    let profile = reference.describe().profile;
    let model = Model::new("model", Edition::standard(), profile);
    let (mut ours, mut table) = (Side::new(&reference), Side::new(&model));
    let mut counts: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let (mut compared, mut wrong) = (0, Vec::new());
    for case in Case::all(true).step_by(step) {
        if !ours.run(&case, ip) || !table.run(&case, ip) {
            continue;
        }
        compared += 1;
        let verdicts = [ours.verdict, table.verdict];
        if verdicts.iter().any(|verdict| *verdict > Verdict::Allowed) {
            wrong.push(format!("{case}: {} and {}", verdicts[0], verdicts[1]));
            continue;
        }
        let licensed = verdicts.contains(&Verdict::Allowed);
        let Some(difference) = effect::first_difference(&ours.effects, &table.effects) else {
            continue;
        };
        let effects = [&ours.effects[..], &table.effects[..]];
        let choice = Choice::of(&difference, &ours.scenario, &profile, effects);
        let name = match (choice, licensed) {
            (Some(choice), _) => choice.says(),
            (None, true) => "a licence of the row that fired (verdict: allowed)",
            (None, false) => {
                wrong.push(format!("{case}: {difference}"));
                continue;
            }
        };
        counts.entry(name.to_owned()).or_insert_with(|| (0, format!("{case}: {difference}"))).0 += 1;
    }
    let differing: usize = counts.values().map(|(count, _)| count).sum();
    println!("{}, {ip:?}: {compared} compared, {differing} differ by choice", reference.describe().name);
    for (name, (count, example)) in &counts {
        println!("{count:>8} {name}\n         e.g. {example}");
    }
    assert!(compared >= 3_000, "only {compared} ran on both");
    assert!(wrong.is_empty(), "{} differ otherwise, first {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}
