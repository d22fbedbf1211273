//! The stacks that come with the tool.

use super::Factory;
#[cfg(feature = "smoltcp")]
use super::smoltcp::Smoltcp;
use crate::model::Model;

/// One line a stack.
static EMBEDDED: &[&dyn Factory] = &[
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Immediate,
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Defaults,
];

/// Stacks of our own, by which the judge is judged: they are checked when named.
static NAMED: &[&dyn Factory] = &[&Model::STANDARD];

/// Every embedded stack, in the order of the report. Which ones there are is a matter of features.
pub fn embedded() -> &'static [&'static dyn Factory] {
    EMBEDDED
}

/// Stacks that are checked only when they are named.
pub fn on_request() -> &'static [&'static dyn Factory] {
    NAMED
}

/// The stack of this name, embedded or not.
pub fn named(name: &str) -> Option<&'static dyn Factory> {
    EMBEDDED.iter().chain(NAMED).copied().find(|stack| stack.describe().name == name)
}
