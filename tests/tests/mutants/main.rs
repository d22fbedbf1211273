//! Every rule, obligation and monitor has a mutant of the model that it names (design 11.2).

mod index;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use index::{Cells, Index};
use lastack::driver::Driver;
use lastack::mutant::{Mutant, judged_as, of_rule};
use lastack::subject::IpVersion;
use lastack::suite::run::cross_in;
use lastack::table::rules::{self, is_executed};

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq)]
enum Fate {
    /// The first finding names the target.
    Named,
    /// A finding names it, behind others.
    NamedLater(String),
    /// Findings name others only.
    Misnamed(BTreeMap<String, usize>),
    /// Nothing was found.
    Survived,
}

#[test]
fn explore() {
    let began = std::time::Instant::now();
    let index = index::index();
    println!("index {:?}", began.elapsed());
    let mut names: Vec<&str> = rules::RULES.iter().filter(|r| is_executed(r)).map(|r| r.name).collect();
    names.sort_unstable();
    names.dedup();
    println!("{} names executed; {} fired", names.len(), index.len());
    for name in &names {
        if !index.contains_key(name) {
            println!("NEVER FIRED {name}");
        }
    }
    let mutants: Vec<Mutant> = names.iter().filter(|n| index.contains_key(*n)).flat_map(|n| of_rule(n)).collect();
    let fates = run_all(&mutants, &index);
    println!("{} mutants {:?}", mutants.len(), began.elapsed());
    for (mutant, fate) in mutants.iter().zip(&fates) {
        if !matches!(fate, Fate::Named) {
            println!("{mutant}: {fate:?}");
        }
    }
    println!("named {} later {} misnamed {} survived {}",
        fates.iter().filter(|f| matches!(f, Fate::Named)).count(),
        fates.iter().filter(|f| matches!(f, Fate::NamedLater(_))).count(),
        fates.iter().filter(|f| matches!(f, Fate::Misnamed(_))).count(),
        fates.iter().filter(|f| matches!(f, Fate::Survived)).count());
}

fn run_all(mutants: &[Mutant], index: &Index) -> Vec<Fate> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(mutant) = mutants.get(at) else { return done };
            done.push((at, run(mutant, &index[mutant.target])));
        }
    };
    let mut fates: Vec<(usize, Fate)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|t| t.join().expect("no panic outside a stack")).collect()
    });
    fates.sort_by_key(|(at, _)| *at);
    fates.into_iter().map(|(_, fate)| fate).collect()
}

fn run(mutant: &Mutant, cells: &Cells) -> Fate {
    let mutant = Mutant { profile: cells.profile, ..mutant.clone() };
    let stack = mutant.stack().expect("edits of rules that there are");
    let mut driver = Driver::new(&*stack);
    let cross = cross_in(driver.description(), IpVersion::V4, 0);
    let names = judged_as(mutant.target);
    let mut others: BTreeMap<String, usize> = BTreeMap::new();
    let mut first = None;
    for case in &cells.cases {
        let (scenario, event) = case.scenario(&cross);
        let Ok(summary) = driver.run(&scenario, case.aim(event)) else { continue };
        for difference in summary.finding.iter().chain(&summary.conceded) {
            let rule = difference.signature.rule;
            if names.contains(&rule) {
                return match first {
                    None => Fate::Named,
                    Some(first) => Fate::NamedLater(first),
                };
            }
            first.get_or_insert_with(|| format!("{} in {case}", difference.signature));
            *others.entry(difference.signature.to_string()).or_default() += 1;
        }
    }
    if others.is_empty() { Fate::Survived } else { Fate::Misnamed(others) }
}
