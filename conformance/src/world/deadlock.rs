//! Worlds in which somebody is left waiting: each is shrunk to the least that still leaves somebody waiting, and
//! what is broken first there is the cause.

use std::collections::BTreeMap;

use super::random::RandomWorld;
use super::search::{Charged, Search, worst};
use crate::property::Breach;
use crate::scenario::Scenario;
use crate::suite::random::shrink::shrink;
use crate::verdict::{Difference, Signature};

/// One cause.
#[derive(Clone, Debug)]
pub struct Deadlock {
    /// Who is charged.
    pub charged: Charged,
    /// What was broken first.
    pub difference: Difference,
    /// Who is left waiting in the end.
    pub stuck: Breach,
    /// How many of the worlds shrank to this cause.
    pub count: u64,
    /// The one with the least scenario.
    pub name: RandomWorld,
    /// That scenario.
    pub scenario: Scenario,
}

/// The causes of these worlds, the most frequent first.
pub fn causes(search: &Search<'_>, names: &[RandomWorld]) -> Vec<Deadlock> {
    let mut world = search.world();
    world.run_on();
    let mut found: BTreeMap<(Charged, Signature), Deadlock> = BTreeMap::new();
    for name in names {
        let whole = name.scenario(search.ip);
        let scenario =
            shrink(whole, |scenario| world.run(scenario).is_ok_and(|course| course.stuck.is_some()));
        let Ok(course) = world.run(&scenario) else { continue };
        let first = worst(&course).into_iter().next();
        let (Some((charged, difference)), Some(stuck)) = (first, course.stuck) else { continue };
        let this =
            Deadlock { charged, difference: difference.clone(), stuck, count: 0, name: *name, scenario };
        let known = found.entry((charged, difference.signature)).or_insert_with(|| this.clone());
        known.count += 1;
        if this.scenario.events.len() < known.scenario.events.len() {
            *known = Deadlock { count: known.count, ..this };
        }
    }
    let mut all: Vec<Deadlock> = found.into_values().collect();
    all.sort_by_key(|deadlock| core::cmp::Reverse(deadlock.count));
    all
}
