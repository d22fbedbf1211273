//! The stacks that come with the tool.

use super::Factory;
#[cfg(feature = "lwip")]
use super::lwip::Lwip;
#[cfg(feature = "smoltcp")]
use super::smoltcp::Smoltcp;

/// One line a stack.
static EMBEDDED: &[&dyn Factory] = &[
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Immediate,
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Defaults,
];

/// Stacks that run only when they are named.
static ONLY_NAMED: &[&dyn Factory] = &[
    #[cfg(feature = "lwip")]
    &Lwip(lastack_lwip::Version::V212),
    #[cfg(feature = "lwip")]
    &Lwip(lastack_lwip::Version::Dev221),
];

/// Every embedded stack, in the order of the report. Which ones there are is a matter of features.
pub fn embedded() -> &'static [&'static dyn Factory] {
    EMBEDDED
}

/// Every stack that runs only when it is named.
pub fn only_named() -> &'static [&'static dyn Factory] {
    ONLY_NAMED
}

/// The stack of this name.
pub fn named(name: &str) -> Option<&'static dyn Factory> {
    EMBEDDED.iter().chain(ONLY_NAMED).copied().find(|stack| stack.describe().name == name)
}
