//! Two ends and the link between them as a machine of numbers: every end, and every segment, is kept once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash};

use super::Timer;
use super::end::End;
use super::flying::{Flying, Peer};
use super::setup::{Do, Setup};
use super::{Stack, View};

/// The most segments in flight.
pub const ROOM: usize = 8;

/// A segment by its number; 0 is none.
pub type Number = u16;

/// What moves an end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Input {
    /// Its user's next call.
    Call,
    /// Its earliest timer.
    Fire,
    /// It loses its memory.
    Crash,
    /// A segment arrives.
    Arrive(Number),
    /// A segment arrives with a wrong octet.
    ArriveCorrupt(Number),
}

/// What can happen in a world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// A user makes its next call.
    Call(Peer),
    /// A segment arrives.
    Deliver(Number),
    /// A timer fires.
    Fire(Peer),
    /// A segment is lost.
    Drop(Number),
    /// A segment arrives, and a copy of it stays in the network.
    Copy(Number),
    /// A segment arrives with a wrong octet.
    Corrupt(Number),
    /// A segment of an earlier incarnation appears.
    Stale(u8),
    /// An end loses its memory and starts again.
    Crash(Peer),
}

/// A world: both ends by number, what is in flight, and the faults that are left.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct State {
    /// A and B.
    pub ends: [u32; 2],
    /// What is in flight.
    pub bag: [Number; ROOM],
    /// Faults left: drops, copies, corruptions, timers and crashes of A and B; stale segments as a set.
    pub left: [u8; 8],
}

/// Places in [`State::left`].
mod left {
    pub const DROPS: usize = 0;
    pub const COPIES: usize = 1;
    pub const CORRUPTIONS: usize = 2;
    pub const TIMERS: usize = 3;
    pub const CRASHES: usize = 5;
    pub const STALE: usize = 7;
}

type Deterministic = BuildHasherDefault<DefaultHasher>;

/// Things that are kept once, by number.
struct Kept<T> {
    all: Vec<T>,
    numbers: HashMap<T, u32, Deterministic>,
}

impl<T: Clone + Eq + Hash> Kept<T> {
    fn new() -> Kept<T> {
        Kept { all: Vec::new(), numbers: HashMap::default() }
    }

    fn number(&mut self, thing: T) -> u32 {
        match self.numbers.entry(thing) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let number = self.all.len() as u32;
                self.all.push(new.key().clone());
                *new.insert(number)
            }
        }
    }
}

/// What an end's input comes to: its next number, and what it sends.
type Stepped = Option<(u32, Box<[Number]>)>;

/// A world at work.
pub struct Machine<'s, S: Stack> {
    setup: &'s Setup<S::Config, S>,
    ends: [Kept<End<S>>; 2],
    views: [Vec<View>; 2],
    segments: Kept<Flying>,
    stale: Vec<Number>,
    steps: [HashMap<(u32, Input), Stepped, super::seen::Mixing>; 2],
    /// What would have gone beyond a bound.
    pub left_out: u64,
}

impl<'s, S: Stack> Machine<'s, S> {
    /// The machine of a set-up, and its first state.
    pub fn new(setup: &'s Setup<S::Config, S>) -> (Machine<'s, S>, State) {
        let mut machine = Machine {
            setup,
            ends: [Kept::new(), Kept::new()],
            views: [Vec::new(), Vec::new()],
            segments: Kept::new(),
            stale: Vec::new(),
            steps: [HashMap::default(), HashMap::default()],
            left_out: 0,
        };
        machine.stale = setup.stale.iter().filter_map(|s| machine.segment_number(s.clone())).collect();
        let ends = Peer::BOTH.map(|peer| machine.end_number(peer, End::new(&setup.sides[peer.index()])));
        let faults = &setup.faults;
        let stale = (1_u16 << setup.stale.len().min(8)) - 1;
        let left = [
            faults.drops,
            faults.copies,
            faults.corruptions,
            faults.timers[0],
            faults.timers[1],
            faults.crashes[0],
            faults.crashes[1],
            stale as u8,
        ];
        let mut state = State { ends, bag: [0; ROOM], left };
        for peer in Peer::BOTH {
            for _ in 0..setup.prologue[peer.other().index()] {
                // B first: a listener is there before anybody opens.
                if let Some(next) = machine.apply(&state, Action::Call(peer.other())) {
                    state = machine.delivered_all(next);
                }
            }
        }
        (machine, state)
    }

    /// The world's set-up.
    pub const fn setup(&self) -> &'s Setup<S::Config, S> {
        self.setup
    }

    fn end_number(&mut self, peer: Peer, end: End<S>) -> u32 {
        let (kept, views) = (&mut self.ends[peer.index()], &mut self.views[peer.index()]);
        let number = kept.number(end);
        if let Some(end) = kept.all.get(views.len()) {
            views.push(end.stack.view(&self.setup.sides[peer.index()].config));
        }
        number
    }

    /// The number of a segment, if there is still one to give and the link carries it. 0 is kept for none.
    fn segment_number(&mut self, segment: Flying) -> Option<Number> {
        if segment.text.len() > self.setup.carries {
            return None;
        }
        Number::try_from(self.segments.number(segment) + 1).ok()
    }

    /// An end of a state.
    pub fn end(&self, state: &State, peer: Peer) -> &End<S> {
        &self.ends[peer.index()].all[state.ends[peer.index()] as usize]
    }

    /// What is to be seen of it.
    pub fn view(&self, state: &State, peer: Peer) -> &View {
        &self.views[peer.index()][state.ends[peer.index()] as usize]
    }

    /// A segment.
    pub fn segment(&self, number: Number) -> &Flying {
        &self.segments.all[usize::from(number) - 1]
    }

    /// The stale segment of this place.
    pub fn stale(&self, place: u8) -> &Flying {
        self.segment(self.stale[usize::from(place)])
    }

    /// The call that an action makes.
    pub fn call_of(&self, state: &State, action: Action) -> Option<Do> {
        let Action::Call(peer) = action else { return None };
        self.end(state, peer).next_call(&self.setup.sides[peer.index()])
    }

    /// How many ends of A and B, and how many segments, there are.
    pub fn kept(&self) -> [usize; 3] {
        [self.ends[0].all.len(), self.ends[1].all.len(), self.segments.all.len()]
    }

    /// One input of one end: done once, then looked up.
    pub fn step(&mut self, peer: Peer, end: u32, input: Input) -> Option<(u32, &[Number])> {
        let i = peer.index();
        if !self.steps[i].contains_key(&(end, input)) {
            let stepped = self.step_anew(peer, end, input);
            self.steps[i].insert((end, input), stepped);
        }
        let stepped = self.steps[i].get(&(end, input))?.as_ref();
        stepped.map(|(end, sent)| (*end, &**sent))
    }

    fn step_anew(&mut self, peer: Peer, end: u32, input: Input) -> Stepped {
        let side = &self.setup.sides[peer.index()];
        let arriving = match input {
            Input::Arrive(number) | Input::ArriveCorrupt(number) => Some(self.segment(number)),
            _ => None,
        };
        let (next, sent) = self.ends[peer.index()].all[end as usize].step(peer, side, input, arriving)?;
        let next = self.end_number(peer, next);
        Some((next, sent.into_iter().filter_map(|segment| self.segment_number(segment)).collect()))
    }

    /// Everything that can happen in a state, in the order in which it is tried.
    pub fn actions(&self, state: &State, out: &mut Vec<Action>) {
        out.clear();
        let left = &state.left;
        let flying = || {
            let mut last = 0;
            let is_new = move |number: &Number| std::mem::replace(&mut last, *number) != *number;
            state.bag.into_iter().filter(|number| *number != 0).filter(is_new)
        };
        let flying = || flying().filter(|number| self.setup.overtakes || self.is_first(state, *number));
        out.extend(Peer::BOTH.map(Action::Call));
        out.extend(flying().map(Action::Deliver));
        out.extend(Peer::BOTH.into_iter().filter(|peer| self.may_fire(state, *peer)).map(Action::Fire));
        if left[left::DROPS] > 0 {
            out.extend(flying().map(Action::Drop));
        }
        if left[left::COPIES] > 0 {
            out.extend(flying().map(Action::Copy));
        }
        if left[left::CORRUPTIONS] > 0 {
            let with_text = |number: &Number| !self.segment(*number).text.is_empty();
            out.extend(flying().filter(with_text).map(Action::Corrupt));
        }
        out.extend((0..8).filter(|place| left[left::STALE] & (1 << place) != 0).map(Action::Stale));
        let crashes = |peer: &Peer| left[left::CRASHES + peer.index()] > 0;
        out.extend(Peer::BOTH.into_iter().filter(crashes).map(Action::Crash));
    }

    /// No segment in flight to the same end was sent before it.
    fn is_first(&self, state: &State, number: Number) -> bool {
        let to = self.segment(number).to;
        state.bag.iter().take_while(|n| **n != number && **n != 0).all(|n| self.segment(*n).to != to)
    }

    fn may_fire(&self, state: &State, peer: Peer) -> bool {
        match self.view(state, peer).timer {
            Timer::None => false,
            Timer::Soon => state.left[left::TIMERS + peer.index()] > 0,
            Timer::TwoMsl => state.bag[0] == 0 && self.view(state, peer.other()).timer != Timer::Soon,
        }
    }

    /// The state after an action; `None` where nothing comes of it, or it goes beyond a bound.
    pub fn apply(&mut self, state: &State, action: Action) -> Option<State> {
        let mut next = *state;
        let (peer, input) = match action {
            Action::Call(peer) => (peer, Input::Call),
            Action::Fire(peer) => {
                if self.view(state, peer).timer == Timer::Soon {
                    next.left[left::TIMERS + peer.index()] -= 1;
                }
                (peer, Input::Fire)
            }
            Action::Crash(peer) => {
                next.left[left::CRASHES + peer.index()] -= 1;
                (peer, Input::Crash)
            }
            Action::Deliver(number) => {
                next.remove(number);
                (self.segment(number).to, Input::Arrive(number))
            }
            Action::Copy(number) => {
                next.left[left::COPIES] -= 1;
                (self.segment(number).to, Input::Arrive(number))
            }
            Action::Drop(number) => {
                next.left[left::DROPS] -= 1;
                next.remove(number);
                return Some(next);
            }
            Action::Corrupt(number) => {
                next.left[left::CORRUPTIONS] -= 1;
                next.remove(number);
                (self.segment(number).to, Input::ArriveCorrupt(number))
            }
            Action::Stale(place) => {
                next.left[left::STALE] &= !(1 << place);
                let number = *self.stale.get(usize::from(place))?;
                (self.segment(number).to, Input::Arrive(number))
            }
        };
        let (room, sorted) = (self.setup.room.min(ROOM), self.setup.overtakes);
        let at = state.ends[peer.index()];
        let Some((end, sent)) = self.step(peer, at, input) else {
            // A corrupt segment that nobody looks at is a lost one.
            return matches!(action, Action::Corrupt(_)).then_some(next);
        };
        next.ends[peer.index()] = end;
        let fits = next.insert(sent, room, sorted);
        self.left_out += u64::from(!fits);
        fits.then_some(next)
    }

    /// Everything in flight is delivered, and what that sets off, in order; for a prologue.
    fn delivered_all(&mut self, mut state: State) -> State {
        for _ in 0..64 {
            let Some(number) = state.bag.into_iter().find(|number| *number != 0) else { break };
            match self.apply(&state, Action::Deliver(number)) {
                Some(next) => state = next,
                None => break,
            }
        }
        state
    }
}

impl State {
    fn remove(&mut self, number: Number) {
        if let Some(at) = self.bag.iter().position(|n| *n == number) {
            self.bag.copy_within(at + 1.., at);
            self.bag[ROOM - 1] = 0;
        }
    }

    /// Puts segments in flight, where there is room for all of them: by number where any may be the next, so that
    /// their order makes no difference; else behind those that are there.
    fn insert(&mut self, sent: &[Number], room: usize, sorted: bool) -> bool {
        for &number in sent {
            let held = self.bag.iter().take_while(|n| **n != 0).count();
            if held >= room {
                return false;
            }
            let at = if sorted { self.bag[..held].partition_point(|n| *n <= number) } else { held };
            self.bag.copy_within(at..held, at + 1);
            self.bag[at] = number;
        }
        true
    }

    /// How many segments are in flight.
    pub fn in_flight(&self) -> usize {
        self.bag.iter().take_while(|number| **number != 0).count()
    }
}
