//! `worlds`: two stacks, their users, and a link with faults.
//!
//! Found is what the first rule's breaker is charged with, as in a search through random worlds.

use super::bounds;
use crate::campaign::{Found, Ran};
use crate::reached::Reached;
use crate::scenario::bytes::VERSION_WORLD;
use crate::scenario::{HostId, Scenario};
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

/// `stand_in`: host B is a stack of ours, there for host A's sake. What it breaks is no finding of A's.
pub fn run(world: &mut World<'_>, scenario: &Scenario, stand_in: bool, reached: &mut Reached) -> Ran {
    let _ = reached;
    let mut ran = Ran { events: scenario.events.len().max(1), ..Ran::default() };
    let course = match world.run(scenario) {
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
