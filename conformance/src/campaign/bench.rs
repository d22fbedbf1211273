//! A target with its stacks, run on one input after the other.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Target;
use super::target::{Apart, differential, incarnations, one_stack, scenario_text, wire, worlds};
use crate::driver::Driver;
use crate::reached::Reached;
use crate::scenario::Scenario;
use crate::subject::{Factory, registry};
use crate::verdict::Difference;
use crate::world::World;

/// What one input came to.
#[derive(Clone, Default, Debug)]
pub struct Ran {
    /// What broke.
    pub found: Vec<Found>,
    /// Why there is no verdict.
    pub inconclusive: Option<String>,
    /// Events of the input, or 1 where it has none.
    pub events: usize,
    /// Two stacks went apart (`differential`); accuses nobody by itself.
    pub apart: Option<Apart>,
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
    stacks: [&'f dyn Factory; 2],
    /// The second stack is one of ours, there for the first one's sake.
    stand_in: bool,
    machine: Machine<'f>,
}

/// What runs the inputs of a target.
enum Machine<'f> {
    Wire,
    OneStack(Box<Driver<'f>>),
    Worlds(Box<World<'f>>),
    Differential(Box<[Driver<'f>; 2]>),
    ScenarioText,
}

impl<'f> Machine<'f> {
    fn new(target: Target, [first, second]: [&'f dyn Factory; 2]) -> Machine<'f> {
        match target {
            Target::Wire => Machine::Wire,
            Target::Segments | Target::Incarnations => Machine::OneStack(Box::new(one_stack::driver(first))),
            Target::Worlds => Machine::Worlds(Box::new(worlds::world([first, second]))),
            Target::Differential => Machine::Differential(Box::new(differential::drivers([first, second]))),
            Target::ScenarioText => Machine::ScenarioText,
        }
    }
}

impl<'f> Bench<'f> {
    /// A bench. Targets of one stack take the first; `wire` and `scenario_text` take none of them.
    pub fn new(target: Target, stacks: [&'f dyn Factory; 2]) -> Bench<'f> {
        let stand_in = registry::is_ours(stacks[1]) && !registry::is_ours(stacks[0]);
        Bench { target, stacks, stand_in, machine: Machine::new(target, stacks) }
    }

    /// What it runs.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Runs one input; what it reached is added to `reached`.
    pub fn run(&mut self, input: &[u8], reached: &mut Reached) -> Ran {
        // What a stack does is caught where it is called: what comes here is our own.
        match catch_unwind(AssertUnwindSafe(|| self.play(input, reached))) {
            Ok(ran) => ran,
            Err(panic) => {
                self.machine = Machine::new(self.target, self.stacks);
                let found = vec![super::target::own_panic(panic.as_ref())];
                Ran { found, events: 1, ..Ran::default() }
            }
        }
    }

    fn play(&mut self, input: &[u8], reached: &mut Reached) -> Ran {
        let scenario = self.scenario(input);
        match (&mut self.machine, scenario) {
            (Machine::Wire, _) => wire::run(input, reached),
            (Machine::ScenarioText, _) => scenario_text::run(input, reached),
            (Machine::OneStack(driver), Some(scenario)) => one_stack::run(driver, &scenario, reached),
            (Machine::Worlds(world), Some(scenario)) => worlds::run(world, &scenario, self.stand_in, reached),
            (Machine::Differential(drivers), Some(scenario)) => {
                differential::run(drivers, &scenario, reached)
            }
            (_, None) => Ran { inconclusive: Some("no scenario".to_owned()), ..Ran::default() },
        }
    }

    /// The scenario that an input is to this target; as text it is what `lastack replay` runs. As bytes again it
    /// is an input that means the same. `None` where inputs are no scenarios, or this one is none.
    pub fn scenario(&self, input: &[u8]) -> Option<Scenario> {
        match self.target {
            Target::Wire => None,
            Target::Segments | Target::Differential => Some(one_stack::scenario(input)),
            Target::Worlds => Some(worlds::scenario(input)),
            Target::Incarnations => Some(incarnations::scenario(input)),
            Target::ScenarioText => scenario_text::scenario(input),
        }
    }
}
