//! How much a campaign finds: every mutant of every rule of the table, from no inputs at all.
//!
//! `cargo run --release --example power -- [EXECUTIONS [SEEDS [NAME]]]`: for each mutant (design 11.2; those that no finding can
//! name are left out) a `segments` campaign of at most so many executions (20,000), with so many seeds (1); prints
//! which mutants were named, after how many executions, and the medians. Some rules are in force under a profile
//! only: a mutant that is not named gets another one. With a NAME only rules that have it in theirs.

use core::ops::ControlFlow;
use std::collections::BTreeMap;

use lastack::campaign::{Campaign, INPUT_MAX, Mutator, Plan, Target, Waived, Watch};
use lastack::model::Model;
use lastack::mutant::{Mutant, judged_as, of_rule};
use lastack::table::rules::{RULES, is_executed};

/// `TARGET: what`, a line each.
const EXCEPTIONS: &str = include_str!("../../tests/tests/mutants/exceptions.txt");

/// What brings all rules into force, as in the test of the mutants; the first is what a stack is that declares nothing.
const PROFILES: [&str; 3] = ["", "classic", "reopen=yes half_duplex=yes"];

/// Ends as soon as one of these rules is named.
struct UntilNamed(Vec<&'static str>);

impl Watch for UntilNamed {
    fn round(&mut self, campaign: &Campaign) -> ControlFlow<()> {
        match self.named(campaign) {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }

    fn seconds(&self) -> f64 {
        0.0
    }
}

impl UntilNamed {
    /// The execution that named one of them first.
    fn named(&self, campaign: &Campaign) -> Option<u64> {
        let named = campaign.findings.iter().filter(|(key, _)| self.0.contains(&key.1.rule));
        named.map(|(_, finding)| finding.first.0).min()
    }
}

fn main() -> Result<(), String> {
    let mut numbers = std::env::args().skip(1).take(2).map(|word| word.parse::<u64>());
    let mut next = |default| numbers.next().unwrap_or(Ok(default)).map_err(|error| error.to_string());
    let (executions, seeds) = (next(20_000)?, next(1)?);
    let mut names: Vec<&str> = RULES.iter().filter(|row| is_executed(row)).map(|row| row.name).collect();
    let part = std::env::args().nth(3).unwrap_or_default();
    names.retain(|name| name.contains(&part));
    names.sort_unstable();
    names.dedup();
    let mut rules: BTreeMap<&str, Vec<Option<u64>>> = BTreeMap::new();
    for rule in names {
        for mutant in of_rule(rule).iter().filter(|mutant| !is_excepted(mutant)) {
            let found = PROFILES.iter().find_map(|profile| {
                let mutant = Mutant { profile, ..mutant.clone() };
                median(&mut (0..seeds).map(|seed| named(&mutant, seed, executions)).collect::<Vec<_>>())
            });
            println!("{:<44} {}", mutant.to_string(), found.map_or("-".to_owned(), |at| at.to_string()));
            rules.entry(rule).or_default().push(found);
        }
    }
    let all: Vec<Option<u64>> = rules.values().flatten().copied().collect();
    let first: Vec<Option<u64>> = rules.values().map(|found| found.iter().flatten().min().copied()).collect();
    for (what, list) in [("mutants", all), ("rules, by any of their mutants", first)] {
        let found = list.iter().flatten().count();
        let middle = median(&mut list.clone()).map_or("-".to_owned(), |at| at.to_string());
        println!("{what}: {found} of {} named within {executions} executions, median {middle}", list.len());
    }
    Ok(())
}

/// The execution by which a campaign named it.
fn named(mutant: &Mutant, seed: u64, executions: u64) -> Option<u64> {
    let stack = mutant.stack().ok()?;
    let waived = Waived::default();
    let stacks = [&*stack, &Model::STANDARD];
    let plan = Plan {
        target: Target::Segments,
        stacks,
        seed,
        jobs: 1,
        input_max: INPUT_MAX,
        mutator: Mutator::Meaning,
        waived: &waived,
    };
    let mut campaign = Campaign::default();
    let mut watch = UntilNamed(judged_as(mutant));
    campaign.run(&plan, executions, &mut watch);
    watch.named(&campaign)
}

/// No finding can name it, and the tests say why.
fn is_excepted(mutant: &Mutant) -> bool {
    let (is, never) = (mutant.to_string(), format!("{}: never fires", mutant.target));
    EXCEPTIONS.lines().any(|line| line == is || line == never)
}

/// The middle one; what was not found comes last.
fn median(found: &mut [Option<u64>]) -> Option<u64> {
    found.sort_unstable_by_key(|at| at.unwrap_or(u64::MAX));
    found.get(found.len() / 2).copied().flatten()
}
