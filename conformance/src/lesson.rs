//! Why TCP is as it is: what breaks when one of its rules is taken away.
//!
//! A [`Lesson`] is data: what textbooks say, a [`World`], the stacks without a rule and with it ([`Variant`]: edits
//! of the table, a profile, or what stands before a stack's door; never a branch in a stack), and the property that
//! breaks. What happens is found, not written: the search of [`crate::small`] gives the shortest trace.
//!
//! ```text
//! Lesson -> World x Variant -> small::Setup -> small::search -> the shortest trace -> tell
//!                                          \-> the same world with the rule, searched whole
//! ```

#[cfg(feature = "reference")]
mod demonstrations;
mod list;
#[cfg(feature = "reference")]
mod measure;
#[cfg(feature = "reference")]
mod play;
mod searches;
mod tell;
mod world;

use crate::scenario::Scenario;

pub use list::{Kind, Lesson, SEARCHES};
pub use searches::{Search, UNBROKEN};
pub use tell::{tell, unbroken};
pub use world::{Actor, CALM, PROFILE, SOUND, Stale, Variant, World};

/// All lessons, in the order in which they are told.
pub fn lessons() -> impl Iterator<Item = &'static Lesson> {
    #[cfg(feature = "reference")]
    let more = demonstrations::DEMONSTRATIONS.iter().chain(measure::MEASUREMENTS);
    #[cfg(not(feature = "reference"))]
    let more = core::iter::empty();
    SEARCHES.iter().chain(more)
}

/// What the lessons play that a scenario tells, by the lessons' names.
pub fn scripts() -> impl Iterator<Item = (&'static str, Scenario)> {
    #[cfg(feature = "reference")]
    let all = demonstrations::DEMONSTRATIONS.iter().flat_map(|lesson| {
        let scenes = if let Kind::Demonstration(scenes) = lesson.kind { scenes } else { &[] };
        scenes.iter().filter_map(|scene| Some((lesson.name, play::scenario(scene).ok()?)))
    });
    #[cfg(not(feature = "reference"))]
    let all = core::iter::empty();
    all
}
