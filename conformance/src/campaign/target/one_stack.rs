//! `segments`: one stack, any scenario. Of a world it is host A's part, with nobody at the other end.

use super::bounds;
use crate::campaign::{Found, Ran};
use crate::driver::{Driver, Summary};
use crate::reached::Reached;
use crate::scenario::{Event, HostId, Scenario, WorldEvent};
use crate::subject::Factory;

/// The script for one stack that these bytes are.
pub fn scenario(input: &[u8]) -> Scenario {
    let mut scenario = Scenario::from_bytes(input);
    scenario.world = None;
    // What only a second host could do is done by nobody.
    scenario.events.retain(|event| match event {
        Event::World(WorldEvent::Crash { host, .. }) => *host == HostId::A,
        Event::World(_) => false,
        _ => true,
    });
    bounds::bound(&mut scenario);
    scenario
}

/// A driver that keeps what it reaches.
pub fn driver(stack: &dyn Factory) -> Driver<'_> {
    let mut driver = Driver::new(stack);
    driver.keep_reached();
    driver
}

pub fn run(driver: &mut Driver<'_>, scenario: &Scenario, reached: &mut Reached) -> Ran {
    let events = scenario.events.len().max(1);
    match driver.run(scenario, None) {
        Err(why) => Ran { inconclusive: Some(why), events, ..Ran::default() },
        Ok(summary) => {
            let mut ran = Ran { events, ..Ran::default() };
            take(&mut ran, 0, summary);
            note(driver, reached);
            ran
        }
    }
}

/// What the driver's last scenario reached, too.
pub fn note(driver: &Driver<'_>, reached: &mut Reached) {
    if let Some(more) = driver.reached() {
        reached.add(more);
    }
}

/// What a stack's judge said.
pub fn take(ran: &mut Ran, stack: usize, summary: Summary) {
    let found = summary.finding.into_iter().chain(summary.conceded);
    ran.found.extend(found.map(|difference| Found { stack: Some(stack), difference }));
    ran.inconclusive = ran.inconclusive.take().or(summary.inconclusive);
}
