//! Why TCP is as it is: what breaks when one of its rules is taken away.

mod searches;
mod world;

pub use searches::*;
pub use world::{Actor, CALM, PROFILE, Stale, Variant, World};
