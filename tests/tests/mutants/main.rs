//! Every rule, obligation and monitor has a mutant of the model that it names first (design 11.2).
//!
//! What no finding can name stands in `exceptions.txt`, each entry under its reason; an entry that is no longer
//! needed fails. The numbers are printed: `cargo test --test mutants -- --nocapture`.

mod index;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lastack::monitor::MONITORS;
use lastack::mutant::{Mutant, monitors, obligations, of_rule};
use lastack::table::rules::{self, is_executed};
use lastack::verdict::Obligation;
use run::Fate;

/// `TARGET: what`, as a mutant prints, and the reason.
type Exceptions = BTreeMap<String, String>;

#[test]
fn every_rule_obligation_and_monitor_can_fail() {
    let index = index::index();
    let rules = executed_rules();
    let never: Vec<String> = rules
        .iter()
        .filter(|rule| !index.contains_key(*rule))
        .map(|rule| format!("{rule}: never fires"))
        .collect();
    let of_rules = rules.iter().filter(|rule| index.contains_key(*rule)).flat_map(|rule| of_rule(rule));
    let mutants: Vec<Mutant> = of_rules.chain(obligations()).chain(monitors()).collect();
    let fates = run::all(&mutants, &index);
    let alive = mutants.iter().zip(&fates).filter(|(_, fate)| !fate.is_killed());
    let alive: BTreeMap<String, String> =
        alive.map(|(mutant, fate)| (mutant.to_string(), fate.to_string())).collect();
    let listed = exceptions();
    let needed: BTreeSet<&String> = alive.keys().chain(&never).collect();
    print(&mutants, &fates, &rules, &listed);
    let missing = needed.iter().filter(|name| !listed.contains_key(**name));
    let missing: Vec<String> = missing
        .map(|name| format!("{name}: {}", alive.get(*name).map_or("no cell", String::as_str)))
        .collect();
    let stale: Vec<&String> = listed.keys().filter(|name| !needed.contains(name)).collect();
    assert!(missing.is_empty(), "{} nobody named:\n{}", missing.len(), missing.join("\n"));
    assert!(stale.is_empty(), "exceptions that are not needed: {stale:#?}");
}

#[test]
fn every_obligation_and_monitor_has_a_mutant() {
    let targets: BTreeSet<&str> =
        obligations().iter().chain(&monitors()).map(|mutant| mutant.target).collect();
    let names = Obligation::ALL.iter().map(|o| o.name()).chain(MONITORS.iter().map(|m| m.name));
    let missing: Vec<&str> = names.filter(|name| !targets.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Names of the rules that a stack executes; the others explain these.
fn executed_rules() -> BTreeSet<&'static str> {
    rules::RULES.iter().filter(|rule| is_executed(rule)).map(|rule| rule.name).collect()
}

fn exceptions() -> Exceptions {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutants/exceptions.txt");
    let text = std::fs::read_to_string(path).expect("the list of exceptions");
    let mut reason = "";
    let mut all = Exceptions::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("# ") {
            Some(why) => reason = why,
            None => {
                assert!(!reason.is_empty(), "no reason above {line}");
                assert!(all.insert(line.to_owned(), reason.to_owned()).is_none(), "{line} stands twice");
            }
        }
    }
    all
}

fn print(mutants: &[Mutant], fates: &[Fate], rules: &BTreeSet<&'static str>, listed: &Exceptions) {
    let killed: BTreeSet<&str> = mutants
        .iter()
        .zip(fates)
        .filter(|(_, fate)| fate.is_killed())
        .map(|(mutant, _)| mutant.target)
        .collect();
    let of = |names: &mut dyn Iterator<Item = &'static str>| {
        let all: Vec<&str> = names.collect();
        format!("{} of {}", all.iter().filter(|name| killed.contains(**name)).count(), all.len())
    };
    let count = |wanted: fn(&Fate) -> bool| fates.iter().filter(|fate| wanted(fate)).count();
    let names: BTreeSet<&str> = rules::RULES.iter().map(|rule| rule.name).collect();
    println!("{} named rules, {} executed", names.len(), rules.len());
    println!("falsified: {} rules", of(&mut rules.iter().copied()));
    println!("falsified: {} obligations", of(&mut Obligation::ALL.iter().map(|o| o.name())));
    println!("falsified: {} monitors", of(&mut MONITORS.iter().map(|m| m.name)));
    println!(
        "{} mutants: {} named by the first finding, {} by a later one, {} misnamed, {} not found",
        mutants.len(),
        count(|fate| *fate == Fate::Named),
        count(|fate| matches!(fate, Fate::NamedLater(_))),
        count(|fate| matches!(fate, Fate::Misnamed(_))),
        count(|fate| *fate == Fate::Survived),
    );
    println!("{} exceptions", listed.len());
}
