//! Random worlds as strategies of `proptest`. They shrink by leaving out events and faults, then by plainer ones.
//!
//! ```
//! use lastack::subject::reference::Reference;
//! use lastack::world::World;
//! use lastack::world::strategy::worlds;
//! use proptest::prelude::*;
//!
//! proptest!(ProptestConfig::with_cases(20), |(scenario in worlds())| {
//!     let course = World::new(&Reference::Forking, &Reference::Forking).run(&scenario);
//!     prop_assert!(course.is_ok_and(|course| course.first.is_none() && course.breach.is_none()));
//! });
//! ```

use proptest::prelude::Rng as _;
use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::TestRunner;

use super::random::{Mix, draw};
use crate::scenario::Scenario;
use crate::suite::random::Rng;
use crate::suite::random::strategy::Tree;

/// Worlds of every mix.
pub fn worlds() -> Worlds {
    Worlds { mix: None }
}

/// Worlds of one mix.
pub fn worlds_of(mix: Mix) -> Worlds {
    Worlds { mix: Some(mix) }
}

/// See [`worlds`].
#[derive(Clone, Copy, Debug)]
pub struct Worlds {
    mix: Option<Mix>,
}

impl Strategy for Worlds {
    type Tree = Tree;
    type Value = Scenario;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut rng = Rng::new(runner.rng().next_u64());
        let mix = self.mix.unwrap_or_else(|| rng.pick(&Mix::ALL));
        Ok(Tree::new(draw(rng, mix)))
    }
}
