//! What a finding of a campaign follows from: of a script as [`crate::suite::cause`] has it, of a world by leaving
//! out one event.
//!
//! ```text
//! least script --its first events, and questions--> Bench --> accepted, and charged to one of those events?
//! least world  --without one event----------------> Bench --> accepted?
//! ```
//!
//! A campaign still lists it, and looks for a script that shows it by itself.

use super::findings::{Key, Waived};
use super::{Bench, Target};
use crate::reached::Reached;
use crate::scenario::Scenario;
use crate::suite::cause::{asked, goes_astray};
use crate::verdict::{Difference, Signature, Verdict};

/// The accepted signature that this finding of a stack follows from, if there is one.
pub fn cause(bench: &mut Bench<'_>, input: &[u8], key: &Key, waived: &Waived) -> Option<Signature> {
    let script = bench.scenario(input)?;
    let shorter = match bench.target() {
        Target::Segments | Target::Incarnations => asked(&script),
        Target::Worlds => without_one(&script),
        Target::Differential | Target::Wire | Target::ScenarioText => return None,
    };
    key.0?;
    shorter.into_iter().find_map(|(scenario, events)| {
        let ran = bench.run(&scenario.to_bytes(), &mut Reached::new());
        let of_stack = ran.found.iter().filter(|found| found.stack == key.0);
        let all: Vec<&Difference> = of_stack.map(|found| &found.difference).collect();
        let accepted =
            |d: &&&Difference| waived.admits(script.setup.ip, &(key.0, d.signature)) && d.event < events;
        let news = all.iter().any(|d| d.verdict == Verdict::Fail && !accepted(&d));
        if news { None } else { all.iter().filter(accepted).find(|d| goes_astray(d)).map(|d| d.signature) }
    })
}

/// A world has its users to show where its connections stand: it without one of its events.
fn without_one(script: &Scenario) -> Vec<(Scenario, usize)> {
    let without = |at: usize| {
        let mut less = script.clone();
        less.events.remove(at);
        (less, usize::MAX)
    };
    (0..script.events.len()).rev().map(without).collect()
}
