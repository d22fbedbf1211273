//! A target with its stacks, run on one input after the other.

use super::Target;
use crate::driver::Driver;
use crate::reached::Reached;
use crate::scenario::Scenario;
use crate::subject::Factory;
use crate::verdict::Difference;

/// What one input came to.
#[derive(Clone, Default, Debug)]
pub struct Ran {
    /// What broke.
    pub found: Vec<Found>,
    /// Why there is no verdict.
    pub inconclusive: Option<String>,
    /// Events of the input, or 1 where it has none.
    pub events: usize,
}

/// Something that broke.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which of the stacks: 0 or 1; `None` where our own code is at fault, or the pair.
    pub stack: Option<usize>,
    /// What; its signature names the bug.
    pub difference: Difference,
}

/// A target with its stacks. Buffers and stacks are kept from input to input.
pub struct Bench<'f> {
    target: Target,
    first: Driver<'f>,
}

impl<'f> Bench<'f> {
    /// A bench. Targets of one stack take the first; `wire` and `scenario_text` take none of them.
    pub fn new(target: Target, stacks: [&'f dyn Factory; 2]) -> Bench<'f> {
        Bench { target, first: Driver::new(stacks[0]) }
    }

    /// Runs one input; what it reached is added to `reached`.
    pub fn run(&mut self, input: &[u8], reached: &mut Reached) -> Ran {
        // Targets come one by one.
        match self.target {
            Target::Segments => self.segments(input, reached),
            _ => Ran::default(),
        }
    }

    fn segments(&mut self, input: &[u8], _reached: &mut Reached) -> Ran {
        let scenario = Scenario::from_bytes(input);
        let events = scenario.events.len();
        match self.first.run(&scenario, None) {
            Err(why) => Ran { inconclusive: Some(why), events, ..Ran::default() },
            Ok(summary) => {
                let found = summary.finding.into_iter().chain(summary.conceded);
                let found = found.map(|difference| Found { stack: Some(0), difference }).collect();
                Ran { found, inconclusive: summary.inconclusive, events }
            }
        }
    }
}
