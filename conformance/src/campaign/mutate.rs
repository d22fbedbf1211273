//! Changes inputs: what makes a campaign climb.
//!
//! ```text
//! bytes --decode--> Scenario --a few steps, drawn from a seed--> Scenario --encode--> bytes
//! ```
//!
//! A scenario is changed as a script: events come, go, change places, are taken from another script; a number
//! moves to another of the values at which stacks decide (`values`). So what comes out is as telling as
//! what went in, and never longer than it may be. Packets and texts are changed as octets (`octets`). The same
//! seed makes the same change.

mod octets;
mod script;
mod segment;
mod values;
mod world;

use self::script::Draft;
use super::Target;
use crate::scenario::Scenario;
use crate::scenario::bytes::{HEAD, HEAD_MORE, RECORD};
use crate::suite::random::Rng;

/// What inputs are changed as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mutator {
    /// As what they mean.
    #[default]
    Meaning,
    /// As octets, whatever they mean: what a fuzzer does that knows nothing, to compare with.
    Octets,
}

/// Steps of one change: each further one is half as likely.
const STEPS_MAX: usize = 8;
/// Room that a script needs to be changed as one: its heads and an event.
const LEAST: usize = HEAD + HEAD_MORE + RECORD;

/// Changes an input of a target. `other` is a second input, for what is taken from one into the other; what
/// comes out has at most `max` octets.
pub fn mutate(
    target: Target,
    mutator: Mutator,
    input: &mut Vec<u8>,
    other: Option<&[u8]>,
    max: usize,
    seed: u64,
) {
    let mut rng = Rng::new(seed);
    if mutator == Mutator::Octets {
        return octets::change(None, input, other, max, &mut rng);
    }
    // Now and then a script is changed as octets too: they mean something whatever they are.
    let as_octets = max < LEAST
        || match target {
            Target::Wire => true,
            Target::ScenarioText => rng.chance(1, 2),
            _ => rng.chance(1, 64),
        };
    match target {
        _ if as_octets => octets::change(Some(target), input, other, max, &mut rng),
        Target::ScenarioText => {
            let script = text(input);
            let world = script.world.is_some() || rng.chance(1, 8);
            let script = change(rng, script, other.map(text), max, world);
            *input = script.to_string().into_bytes();
        }
        _ => {
            let other = other.map(Scenario::from_bytes);
            let world = target == Target::Worlds;
            *input = change(rng, Scenario::from_bytes(input), other, max, world).to_bytes();
        }
    }
    input.truncate(max);
}

/// A script, a few steps further.
fn change(rng: Rng, script: Scenario, other: Option<Scenario>, max: usize, world: bool) -> Scenario {
    let most = (max - HEAD - HEAD_MORE) / RECORD;
    let mut draft = Draft::new(rng, script, most, world);
    for _ in 0..STEPS_MAX {
        draft.step(other.as_ref());
        if draft.rng.chance(1, 2) {
            break;
        }
    }
    draft.scenario
}

/// The script that a text is; of no script an empty one.
fn text(input: &[u8]) -> Scenario {
    String::from_utf8_lossy(input).parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever goes in, what comes out is no longer than it may be, and another seed makes another change.
    #[test]
    fn sizes_hold_and_seeds_decide() {
        let mut rng = Rng::new(7);
        for target in Target::ALL {
            for max in [0, 1, HEAD, LEAST, LEAST + 1, 1_000, 4_096] {
                let mut input: Vec<u8> = (0..rng.below(3_000)).map(|_| rng.next() as u8).collect();
                let other: Vec<u8> = (0..rng.below(3_000)).map(|_| rng.next() as u8).collect();
                for round in 0..40 {
                    let (mut twin, seed) = (input.clone(), rng.next());
                    let other = Some(&other[..]).filter(|_| round % 2 == 0);
                    let mutator = if round % 8 < 6 { Mutator::Meaning } else { Mutator::Octets };
                    mutate(target, mutator, &mut input, other, max, seed);
                    mutate(target, mutator, &mut twin, other, max, seed);
                    assert!(input.len() <= max, "{} of {max} octets", input.len());
                    assert_eq!(input, twin);
                }
            }
        }
    }

    /// From nothing come scripts that decode to what they were made as, of every kind of event.
    #[test]
    fn scripts_grow_from_nothing() {
        use crate::scenario::Event;
        for target in [Target::Segments, Target::Worlds] {
            let mut kinds = [0; 5];
            for seed in 0..300 {
                let mut input = Vec::new();
                for round in 0..12 {
                    mutate(target, Mutator::Meaning, &mut input, None, 2_000, seed * 100 + round);
                }
                let scenario = Scenario::from_bytes(&input);
                for event in &scenario.events {
                    kinds[match event {
                        Event::Call { .. } => 0,
                        Event::Segment(_) => 1,
                        Event::Wait(_) => 2,
                        Event::Room(_) => 3,
                        Event::World(_) => 4,
                    }] += 1;
                }
            }
            let expected = if target == Target::Worlds { 5 } else { 4 };
            assert!(kinds[..expected].iter().all(|count| *count > 20), "{kinds:?}");
        }
    }
}
