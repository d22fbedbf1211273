//! A fair run to the end: from any state on, nothing is lost any more, every segment arrives, every user goes on
//! with its script, and every timer fires when nothing else is left to be done. What has not come right then never
//! will: either nothing happens any more, or the same happens again and again.
//!
//! One fair run is followed from each state, not all of them; but it is followed from every state that a search
//! finds, and so from every way to begin one.

use std::collections::HashSet;

use super::flying::Peer;
use super::judge::{self, Properties};
use super::machine::{Input, Machine, Number, State};
use super::seen::{Mix, Mixing};
use super::{Stack, Timer};
use std::hash::Hasher as _;

/// A run that has neither ended nor repeated itself by now never will.
const ROUNDS: usize = 500;

/// What happens next in a fair run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Round {
    Segments,
    Calls,
    Timers,
    Rest,
}

/// Both ends and all that is in flight, without bounds.
#[derive(Clone, PartialEq, Eq)]
struct Run {
    ends: [u32; 2],
    bag: Vec<Number>,
}

/// States from which all comes right, by two independent hashes of 64 bits each: a state that is taken for another
/// would have to agree in both.
#[derive(Default)]
pub struct Settled(HashSet<u128, Mixing>);

impl Settled {
    /// What a fair run from this state breaks.
    pub fn after<S: Stack>(&mut self, machine: &mut Machine<'_, S>, state: &State) -> Properties {
        let bag = state.bag.into_iter().filter(|number| *number != 0).collect();
        let mut run = Run { ends: state.ends, bag };
        let mut path: Vec<(Run, Round)> = Vec::new();
        for _ in 0..ROUNDS {
            if self.0.contains(&run.key()) {
                break;
            }
            let before = run.clone();
            let round = run.round(machine);
            let ends = run.both(machine);
            let again = path.iter().position(|(earlier, _)| *earlier == before);
            let broken = match (again, round) {
                (Some(at), _) => {
                    let segments = path[at..].iter().all(|(_, round)| *round == Round::Segments);
                    judge::broken_for_ever(ends.0, ends.1, segments)
                }
                (None, Round::Rest) => judge::broken_at_rest(ends.0, ends.1),
                (None, _) => judge::broken(ends.0, ends.1),
            };
            if broken != Properties::default() {
                return broken;
            }
            path.push((before, round));
            if again.is_some() || round == Round::Rest {
                break;
            }
        }
        self.0.extend(path.iter().map(|(run, _)| run.key()));
        Properties::default()
    }

    /// Octets that this takes, about.
    pub fn octets(&self) -> usize {
        self.0.capacity() * (size_of::<u128>() + 1)
    }
}

type Both<'m, S> = ([&'m super::End<S>; 2], [&'m super::View; 2]);

impl Run {
    fn key(&self) -> u128 {
        let hash = |seed: u64| {
            let mut mix = Mix::default();
            mix.write_u64(seed);
            self.ends.iter().for_each(|end| mix.write_u32(*end));
            self.bag.iter().for_each(|number| mix.write_u16(*number));
            u128::from(mix.finish())
        };
        hash(1) << 64 | hash(2)
    }

    fn both<'m, S: Stack>(&self, machine: &'m Machine<'_, S>) -> Both<'m, S> {
        let state = State { ends: self.ends, bag: [0; super::ROOM], left: [0; 8] };
        let end = |peer| machine.end(&state, peer);
        let view = |peer| machine.view(&state, peer);
        (Peer::BOTH.map(end), Peer::BOTH.map(view))
    }

    fn step<S: Stack>(&mut self, machine: &mut Machine<'_, S>, peer: Peer, input: Input) -> bool {
        match machine.step(peer, self.ends[peer.index()], input) {
            Some((end, sent)) => {
                self.ends[peer.index()] = end;
                self.bag.extend_from_slice(sent);
                true
            }
            None => false,
        }
    }

    /// All that is in flight arrives; where nothing is, both users call; where both have nothing to say, timers.
    fn round<S: Stack>(&mut self, machine: &mut Machine<'_, S>) -> Round {
        if !self.bag.is_empty() {
            let mut arriving = core::mem::take(&mut self.bag);
            arriving.sort_unstable();
            for number in arriving {
                let to = machine.segment(number).to;
                self.step(machine, to, Input::Arrive(number));
            }
            self.bag.sort_unstable();
            return Round::Segments;
        }
        let mut called = false;
        for peer in Peer::BOTH {
            called |= self.step(machine, peer, Input::Call);
        }
        if called {
            return Round::Calls;
        }
        let timers = self.both(machine).1.map(|view| view.timer);
        for kind in [Timer::Soon, Timer::TwoMsl] {
            if timers.contains(&kind) {
                for peer in Peer::BOTH {
                    if timers[peer.index()] == kind {
                        self.step(machine, peer, Input::Fire);
                    }
                }
                return Round::Timers;
            }
        }
        Round::Rest
    }
}
