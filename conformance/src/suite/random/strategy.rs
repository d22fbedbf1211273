//! Random histories as strategies of `proptest`. They shrink by leaving out events, as [`super::shrink`] does.
//!
//! ```
//! use lastack::subject::IpVersion;
//! use lastack::suite::cells::CrossIn;
//! use lastack::suite::random::strategy::histories;
//! use lastack::table::Profile;
//! use proptest::prelude::*;
//!
//! proptest!(|(scenario in histories(CrossIn::new(IpVersion::V4, &Profile::default())))| {
//!     prop_assert!(!scenario.events.is_empty());
//! });
//! ```

use proptest::prelude::Rng as _;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::shrink::Shrinker;
use super::{Focus, Rng, history};
use crate::scenario::Scenario;
use crate::suite::cells::CrossIn;

/// Histories of every theme, from every way and from nothing.
pub fn histories(run: CrossIn) -> Histories {
    Histories { run, focus: None }
}

/// Histories about one thing.
pub fn histories_about(focus: Focus, run: CrossIn) -> Histories {
    Histories { run, focus: Some(focus) }
}

/// See [`histories`].
#[derive(Clone, Copy, Debug)]
pub struct Histories {
    run: CrossIn,
    focus: Option<Focus>,
}

impl Strategy for Histories {
    type Tree = Tree;
    type Value = Scenario;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut rng = Rng::new(runner.rng().next_u64());
        let focus = self.focus.unwrap_or_else(|| Focus::draw(&mut rng));
        let mut scenario = history(rng, focus, &self.run);
        scenario.setup.ip = self.run.ip;
        Ok(Tree::new(scenario))
    }
}

/// A history and those that are less than it.
#[derive(Clone, Debug)]
pub struct Tree {
    shrinker: Shrinker,
    /// What is tried at the moment, in place of the least one known.
    proposed: Option<Scenario>,
}

impl Tree {
    /// Begins with a scenario.
    pub(crate) fn new(scenario: Scenario) -> Tree {
        Tree { shrinker: Shrinker::new(scenario), proposed: None }
    }

    fn go_on(&mut self) -> bool {
        self.proposed = self.shrinker.propose();
        self.proposed.is_some()
    }
}

impl ValueTree for Tree {
    type Value = Scenario;

    fn current(&self) -> Scenario {
        self.proposed.as_ref().unwrap_or(&self.shrinker.best).clone()
    }

    /// The current one fails the test: it is the least known.
    fn simplify(&mut self) -> bool {
        if let Some(shows) = self.proposed.take() {
            self.shrinker.told(shows, true);
        }
        self.go_on()
    }

    /// The current one passes the test: back to the least known, and another way from there.
    fn complicate(&mut self) -> bool {
        if let Some(passes) = self.proposed.take() {
            self.shrinker.told(passes, false);
        }
        self.go_on()
    }
}
