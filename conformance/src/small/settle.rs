//! A fair run to the end: from any state on, nothing is lost any more, every segment arrives, every user goes on
//! with its script, and every timer fires when nothing else is left to be done. What has not come right then never
//! will: either nothing happens any more, or the same happens again and again.
//!
//! One fair run is followed from each state, not all of them; but it is followed from every state that a search
//! finds, and so from every way to begin one.

use std::collections::HashSet;
use std::hash::Hasher as _;

use super::flying::Peer;
use super::judge::{self, Properties};
use super::machine::{Input, Machine, Number, State};
use super::seen::{Mix, Mixing};
use super::{Stack, Timer};

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
pub struct Settled {
    known: HashSet<u128, Mixing>,
    watch: Properties,
}

impl Settled {
    /// Looks for these properties.
    pub fn new(watch: Properties) -> Settled {
        Settled { known: HashSet::default(), watch }
    }

    /// What a fair run from this state breaks.
    pub fn after<S: Stack>(&mut self, machine: &mut Machine<'_, S>, state: &State) -> Properties {
        let mut run = Run::new(state);
        let mut path: Vec<(Run, Round)> = Vec::new();
        for _ in 0..ROUNDS {
            if self.known.contains(&run.key()) {
                break;
            }
            let before = run.clone();
            let round = run.round(machine, &mut |_, _| {});
            let again = path.iter().position(|(earlier, _)| *earlier == before);
            if let Some(at) = again
                && path[at..].iter().any(|(_, round)| *round != Round::Segments)
                && run.fire(machine, Timer::TwoMsl, &mut |_, _| {})
            {
                continue;
            }
            let ends = run.both(machine);
            let broken = match (again, round) {
                (Some(at), _) => {
                    let segments = path[at..].iter().all(|(_, round)| *round == Round::Segments);
                    judge::broken_for_ever(ends.0, ends.1, segments)
                }
                (None, Round::Rest) => judge::broken_at_rest(ends.0, ends.1),
                (None, _) => judge::broken(ends.0, ends.1),
            };
            let broken = broken.and(self.watch);
            if broken != Properties::default() {
                return broken;
            }
            path.push((before, round));
            if again.is_some() || round == Round::Rest {
                break;
            }
        }
        self.known.extend(path.iter().map(|(run, _)| run.key()));
        Properties::default()
    }

    /// Octets that this takes, about.
    pub fn octets(&self) -> usize {
        self.known.capacity() * (size_of::<u128>() + 1)
    }
}

/// How a fair run ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Nothing happens any more.
    Rest,
    /// From the step of this number on the same happens again and again.
    Repeats(usize),
    /// Neither, so far.
    Open,
}

/// One step of a fair run: an end's input, and both ends afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Beat {
    pub peer: Peer,
    pub input: Input,
    pub before: [u32; 2],
    pub after: [u32; 2],
}

/// The fair run from a state, step by step.
pub fn tail<S: Stack>(machine: &mut Machine<'_, S>, state: &State) -> (Vec<Beat>, Ending) {
    let mut run = Run::new(state);
    let mut path: Vec<(Run, usize)> = Vec::new();
    let mut beats = Vec::new();
    for _ in 0..ROUNDS {
        let mut ends = run.ends;
        let again = path.iter().find(|(earlier, _)| *earlier == run).map(|(_, at)| *at);
        let timers = again.is_some_and(|at| beats[at..].iter().any(|beat: &Beat| beat.input == Input::Fire));
        path.push((run.clone(), beats.len()));
        let mut note = |peer, (input, after)| {
            let before = std::mem::replace(&mut ends, after);
            beats.push(Beat { peer, input, before, after });
        };
        if timers && run.fire(machine, Timer::TwoMsl, &mut note) {
            continue;
        }
        if let Some(at) = again {
            return (beats, Ending::Repeats(at));
        }
        let round = run.round(machine, &mut note);
        if round == Round::Rest {
            return (beats, Ending::Rest);
        }
    }
    (beats, Ending::Open)
}

type Both<'m, S> = ([&'m super::End<S>; 2], [&'m super::View; 2]);

/// Who watches a run: the end, its input, and both ends afterwards.
type Watcher<'w> = &'w mut dyn FnMut(Peer, (Input, [u32; 2]));

impl Run {
    fn new(state: &State) -> Run {
        Run { ends: state.ends, bag: state.bag.into_iter().filter(|number| *number != 0).collect() }
    }

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

    fn step<S: Stack>(
        &mut self,
        machine: &mut Machine<'_, S>,
        (peer, input): (Peer, Input),
        watch: Watcher<'_>,
    ) -> bool {
        let Some((end, sent)) = machine.step(peer, self.ends[peer.index()], input) else { return false };
        self.ends[peer.index()] = end;
        self.bag.extend_from_slice(sent);
        watch(peer, (input, self.ends));
        true
    }

    /// All that is in flight arrives; where nothing is, both users call; where both have nothing to say, timers: the
    /// short ones first. Where those go round in a circle, 2 MSL are over at last.
    fn round<S: Stack>(&mut self, machine: &mut Machine<'_, S>, watch: Watcher<'_>) -> Round {
        if !self.bag.is_empty() {
            let mut arriving = core::mem::take(&mut self.bag);
            if machine.setup().overtakes {
                arriving.sort_unstable();
            }
            for number in arriving {
                let to = machine.segment(number).to;
                self.step(machine, (to, Input::Arrive(number)), watch);
            }
            if machine.setup().overtakes {
                // Their order makes no difference, so that it tells no two runs apart.
                self.bag.sort_unstable();
            }
            return Round::Segments;
        }
        let mut called = false;
        for peer in Peer::BOTH {
            called |= self.step(machine, (peer, Input::Call), watch);
        }
        if called {
            return Round::Calls;
        }
        let fired = self.fire(machine, Timer::Soon, watch) || self.fire(machine, Timer::TwoMsl, watch);
        if fired { Round::Timers } else { Round::Rest }
    }

    /// The timers of a kind fire, where they run.
    fn fire<S: Stack>(&mut self, machine: &mut Machine<'_, S>, kind: Timer, watch: Watcher<'_>) -> bool {
        let timers = self.both(machine).1.map(|view| view.timer);
        for peer in Peer::BOTH.into_iter().filter(|peer| timers[peer.index()] == kind) {
            self.step(machine, (peer, Input::Fire), watch);
        }
        timers.contains(&kind)
    }
}
