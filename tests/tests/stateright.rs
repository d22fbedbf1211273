//! Our search of small worlds beside another checker's: the same worlds have the same number of states.

use std::sync::{Arc, Mutex};

use lastack::lesson::{Variant, World};
use lastack::model::Config;
use lastack::small::{Action, Do, Faults, Limits, Machine, Modelled, Properties, Setup, State, search};
use stateright::{Checker, Model, Property};

/// A world whose every state is reached within a second.
const SMALL: World = World {
    faults: Faults { drops: 1, copies: 1, corruptions: 0, timers: [1, 0], crashes: [0, 0] },
    ..World::new(&[Do::Open, Do::Send, Do::Close], &[Do::Listen, Do::Close]).connected()
};

/// The machine as another checker's model. Inputs are remembered in it, so it is shared and locked.
struct Shared {
    machine: Arc<Mutex<Machine<'static, Modelled>>>,
    first: State,
}

impl Model for Shared {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.first]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.machine.lock().expect("nobody panics while it is locked").actions(state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.machine.lock().expect("nobody panics while it is locked").apply(state, action)
    }

    /// It searches as long as one property stands.
    fn properties(&self) -> Vec<Property<Shared>> {
        vec![Property::always("there are two ends", |_, _| true)]
    }
}

#[test]
fn another_checker_finds_as_many_states() {
    let setup: &'static Setup<Config, Modelled> =
        Box::leak(Box::new(SMALL.setup(&Variant::default()).expect("a profile that can be read")));
    let limits = Limits { states: usize::MAX, depth: usize::MAX, watch: Properties::default() };
    let (ours, ..) = search(setup, limits);
    assert!(ours.counts.whole && ours.counts.states > 1000, "{:?}", ours.counts);

    let (machine, first) = Machine::new(setup);
    let theirs = Shared { machine: Arc::new(Mutex::new(machine)), first }.checker().spawn_bfs().join();
    theirs.assert_properties();
    assert_eq!(theirs.unique_state_count(), ours.counts.states);
}
