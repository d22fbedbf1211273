//! The search: breadth first, so that the first path that breaks a property is a shortest one.

use super::Stack;
use super::flying::Peer;
use super::judge::{self, Properties, Property};
use super::machine::{Action, Machine, State};
use super::seen::{Row, Seen};
use super::settle::Settled;
use super::setup::Setup;

/// How far a search goes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// At most so many states; more are not looked at.
    pub states: usize,
    /// At most so many actions from the first state.
    pub depth: usize,
    /// The properties that are looked for.
    pub watch: Properties,
}

/// What a search went through.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Different states.
    pub states: usize,
    /// Actions that were tried and led somewhere.
    pub transitions: u64,
    /// Actions from the first state to the last one.
    pub depth: usize,
    /// Every state within the bounds was seen.
    pub whole: bool,
    /// Actions that were left out because too much would have been in flight.
    pub left_out: u64,
    /// Different ends of A and B, and different segments.
    pub kept: [usize; 3],
    /// Octets for states and their table, and for what is known to come right.
    pub octets: usize,
}

/// What a search found.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// What it went through.
    pub counts: Counts,
    /// The first property that breaks, and a shortest path to it.
    pub broken: Option<(Property, Vec<Action>)>,
}

/// Searches a world. Liveness is looked at only where it is watched.
pub fn search<S: Stack>(setup: &Setup<S::Config, S>, limits: Limits) -> (Found, Machine<'_, S>, State) {
    let (machine, first) = Machine::new(setup);
    let mut search = Search { machine, seen: Seen::new(), settled: Settled::new(limits.watch), limits };
    let mut counts = Counts { whole: true, ..Counts::default() };
    let broken = search.run(first, &mut counts);
    counts.states = search.seen.len();
    counts.left_out = search.machine.left_out;
    counts.kept = search.machine.kept();
    counts.octets = search.seen.octets() + search.settled.octets();
    (Found { counts, broken }, search.machine, first)
}

struct Search<'s, S: Stack> {
    machine: Machine<'s, S>,
    seen: Seen,
    settled: Settled,
    limits: Limits,
}

impl<S: Stack> Search<'_, S> {
    fn run(&mut self, first: State, counts: &mut Counts) -> Option<(Property, Vec<Action>)> {
        self.seen.add(Row { state: first, from: 0, by: None });
        if let Some(property) = self.judge(&first) {
            return Some((property, Vec::new()));
        }
        let mut actions = Vec::new();
        let (mut at, mut level_end) = (0, 1);
        while let Some(row) = self.seen.row(at) {
            let state = row.state;
            if at == level_end {
                counts.depth += 1;
                level_end = self.seen.len();
            }
            if counts.depth == self.limits.depth || self.seen.len() >= self.limits.states {
                counts.whole = false;
                break;
            }
            self.machine.actions(&state, &mut actions);
            for &action in &actions {
                let Some(next) = self.machine.apply(&state, action) else { continue };
                counts.transitions += 1;
                if !self.seen.add(Row { state: next, from: at as u32, by: Some(action) }) {
                    continue;
                }
                if let Some(property) = self.judge(&next) {
                    counts.depth += 1;
                    counts.whole = false;
                    return Some((property, self.path(self.seen.len() - 1)));
                }
            }
            at += 1;
        }
        None
    }

    fn judge(&mut self, state: &State) -> Option<Property> {
        let ends = Peer::BOTH.map(|peer| self.machine.end(state, peer));
        let views = Peer::BOTH.map(|peer| self.machine.view(state, peer));
        let now = judge::broken(ends, views).and(self.limits.watch).first();
        let lively = Property::ALL.iter().any(|p| p.is_liveness() && self.limits.watch.has(*p));
        now.or_else(|| {
            lively
                .then(|| self.settled.after(&mut self.machine, state).and(self.limits.watch).first())
                .flatten()
        })
    }

    fn path(&self, mut at: usize) -> Vec<Action> {
        let mut path = Vec::new();
        while let Some(Row { from, by: Some(action), .. }) = self.seen.row(at) {
            path.push(*action);
            at = *from as usize;
        }
        path.reverse();
        path
    }
}
