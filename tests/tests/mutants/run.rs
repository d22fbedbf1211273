//! Runs mutants: where their rule fires, or what their own events say.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use lastack::driver::{Driver, Summary};
use lastack::mutant::{Mutant, judged_as};
use lastack::scenario::parse::parse;
use lastack::subject::IpVersion;
use lastack::suite::run::cross_in;
use lastack::verdict::Difference;

use crate::index::{Cells, Index};

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// The first finding names the target.
    Named,
    /// A finding of another cell names it; this is the first one.
    NamedLater(String),
    /// Findings name others only, each so often.
    Misnamed(BTreeMap<String, usize>),
    /// Nothing was found.
    Survived,
}

impl Fate {
    pub fn is_killed(&self) -> bool {
        matches!(self, Fate::Named | Fate::NamedLater(_))
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Named => f.write_str("named"),
            Fate::NamedLater(first) => write!(f, "named behind {first}"),
            Fate::Misnamed(others) => {
                let names: Vec<&str> = others.keys().map(String::as_str).take(3).collect();
                write!(f, "misnamed as {}", names.join(", "))
            }
            Fate::Survived => f.write_str("not found"),
        }
    }
}

/// All of them, on two threads.
pub fn all(mutants: &[Mutant], index: &Index) -> Vec<Fate> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(mutant) = mutants.get(at) else { return done };
            let fate = match mutant.events {
                Some(events) => by_events(mutant, events),
                None => by_cells(mutant, &index[mutant.target]),
            };
            done.push((at, fate));
        }
    };
    let mut fates: Vec<(usize, Fate)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a stack's panics are caught")).collect()
    });
    fates.sort_by_key(|(at, _)| *at);
    fates.into_iter().map(|(_, fate)| fate).collect()
}

fn by_cells(mutant: &Mutant, cells: &Cells) -> Fate {
    let mutant = Mutant { profile: cells.profile, ..mutant.clone() };
    let stack = mutant.stack().expect("edits of rules that there are");
    let mut driver = Driver::new(&*stack);
    let cross = cross_in(driver.description(), IpVersion::V4, 0);
    let names = judged_as(&mutant);
    let mut others: BTreeMap<String, usize> = BTreeMap::new();
    let mut first = None;
    for case in &cells.cases {
        let (scenario, event) = case.scenario(&cross);
        let Ok(summary) = driver.run(&scenario, case.aim(event)) else { continue };
        for difference in differences(&summary) {
            if names.contains(&difference.signature.rule) {
                return first.map_or(Fate::Named, Fate::NamedLater);
            }
            first.get_or_insert_with(|| format!("{} in {case}", difference.signature));
            *others.entry(difference.signature.to_string()).or_default() += 1;
        }
    }
    if others.is_empty() { Fate::Survived } else { Fate::Misnamed(others) }
}

/// One scenario; nothing else may have been found before the target.
fn by_events(mutant: &Mutant, events: &str) -> Fate {
    let text = script(events);
    let scenario = parse(&text).unwrap_or_else(|why| panic!("{mutant}: {why}\n{text}"));
    let stack = mutant.stack().expect("edits of rules that there are");
    let mut driver = Driver::new(&*stack);
    driver.break_oracle(mutant.off);
    let summary = driver.run(&scenario, None).expect("a set-up that the model has");
    let target = differences(&summary).find(|d| d.signature.rule == mutant.target);
    let others = || differences(&summary).filter(|d| d.signature.rule != mutant.target);
    match target {
        Some(target) => match others().find(|other| other.at < target.at) {
            Some(other) => Fate::Misnamed(BTreeMap::from([(other.signature.to_string(), 1)])),
            None => Fate::Named,
        },
        None if others().next().is_none() => Fate::Survived,
        None => Fate::Misnamed(others().map(|other| (other.signature.to_string(), 1)).collect()),
    }
}

fn differences(summary: &Summary) -> impl Iterator<Item = &Difference> {
    summary.finding.iter().chain(&summary.conceded)
}

/// Handshakes that stand for themselves in a mutant's events.
const OPENINGS: [(&str, &str); 3] = [
    ("OPEN_SHUT", "call 0 connect 8000 peer0:9000; < S. seq IRS win 0 <mss 1460>"),
    ("OPEN_SMALL", "call 0 connect 8000 peer0:9000; < S. seq IRS win 100 <mss 1460>"),
    ("OPEN", "call 0 connect 8000 peer0:9000; < S. seq IRS <mss 1460>"),
];

fn script(events: &str) -> String {
    let mut text = events.to_owned();
    for (name, lines) in OPENINGS {
        text = text.replace(name, lines);
    }
    format!("lastack scenario 1\n{}\n", text.replace("; ", "\n"))
}
