//! `worlds`: two stacks, their users, and a link with faults.
//!
//! Found is what the first rule's breaker is charged with, as in a search through random worlds.

use super::bounds;
use crate::campaign::{Found, Ran};
use crate::reached::Reached;
use crate::scenario::bytes::VERSION_WORLD;
use crate::scenario::{HostId, Scenario};
use crate::subject::Factory;
use crate::verdict::Verdict;
use crate::world::World;
use crate::world::search::{Charged, worst};

/// The world that these bytes are, whatever their version.
pub fn scenario(input: &[u8]) -> Scenario {
    let mut bytes = input.to_vec();
    match bytes.first_mut() {
        Some(version) => *version = VERSION_WORLD,
        None => bytes.push(VERSION_WORLD),
    }
    let mut scenario = Scenario::from_bytes(&bytes);
    scenario.world.get_or_insert_default();
    bounds::bound(&mut scenario);
    scenario
}

/// A world that keeps what its ends reach.
pub fn world<'f>([a, b]: [&'f dyn Factory; 2]) -> World<'f> {
    let mut world = World::new(a, b);
    world.keep_reached();
    world
}

/// `stand_in`: host B is a stack of ours, there for host A's sake. What it breaks is no finding of A's.
pub fn run(world: &mut World<'_>, scenario: &Scenario, stand_in: bool, reached: &mut Reached) -> Ran {
    let mut ran = Ran { events: scenario.events.len().max(1), ..Ran::default() };
    let course = world.run(scenario);
    HostId::BOTH.into_iter().filter_map(|host| world.reached(host)).for_each(|more| {
        reached.add(more);
    });
    let course = match course {
        Ok(course) => course,
        Err(why) => return Ran { inconclusive: Some(why), ..ran },
    };
    for (charged, difference) in worst(&course) {
        let stack = match charged {
            Charged::Host(HostId::B) if stand_in => {
                if difference.verdict == Verdict::Fail {
                    ran.inconclusive = Some(format!("the partner broke {}", difference.signature));
                }
                continue;
            }
            Charged::Host(host) => Some(host.index()),
            Charged::Pair => None,
        };
        ran.found.push(Found { stack, difference });
    }
    ran.inconclusive = ran.inconclusive.or(course.inconclusive);
    ran
}
