//! The stacks that come with the tool.

use super::Factory;
#[cfg(feature = "reference")]
use super::reference::Reference;
#[cfg(feature = "smoltcp")]
use super::smoltcp::Smoltcp;

/// One line a stack.
static EMBEDDED: &[&dyn Factory] = &[
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Immediate,
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Defaults,
    #[cfg(feature = "reference")]
    &Reference::Forking,
    #[cfg(feature = "reference")]
    &Reference::ForkingClassic,
    #[cfg(feature = "reference")]
    &Reference::Single,
    #[cfg(feature = "reference")]
    &Reference::SingleClassic,
];

/// Every embedded stack, in the order of the report. Which ones there are is a matter of features.
pub fn embedded() -> &'static [&'static dyn Factory] {
    EMBEDDED
}

/// The embedded stack of this name.
pub fn named(name: &str) -> Option<&'static dyn Factory> {
    EMBEDDED.iter().copied().find(|stack| stack.describe().name == name)
}
