//! The stacks that come with the tool.

use super::Factory;
#[cfg(all(feature = "linux", target_os = "linux"))]
use super::linux::Linux;
#[cfg(feature = "lwip")]
use super::lwip::Lwip;
#[cfg(feature = "reference")]
use super::reference::Reference;
#[cfg(feature = "smoltcp")]
use super::smoltcp::Smoltcp;
#[cfg(feature = "smoltcp-old")]
use super::smoltcp::old::Old;
use crate::model::Model;

/// One line a stack.
static EMBEDDED: &[&dyn Factory] = &[
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Immediate,
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Defaults,
    #[cfg(feature = "reference")]
    &Reference::Forking,
];

/// Stacks that run only when they are named: our own, by which the judge is judged, and older versions.
static ONLY_NAMED: &[&dyn Factory] = &[
    #[cfg(feature = "reference")]
    &Reference::ForkingClassic,
    #[cfg(feature = "reference")]
    &Reference::Single,
    #[cfg(feature = "reference")]
    &Reference::SingleClassic,
    &Model::STANDARD,
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Reno,
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Cubic,
    #[cfg(feature = "smoltcp")]
    &Smoltcp::Timestamps,
    #[cfg(feature = "lwip")]
    &Lwip(lastack_lwip::Version::V212),
    #[cfg(feature = "lwip")]
    &Lwip(lastack_lwip::Version::Dev221),
    #[cfg(feature = "lwip")]
    &Lwip(lastack_lwip::Version::Dev221Options),
    #[cfg(all(feature = "linux", target_os = "linux"))]
    &Linux,
    #[cfg(feature = "smoltcp-old")]
    &Old::V0_8_2,
    #[cfg(feature = "smoltcp-old")]
    &Old::V0_9_1,
    #[cfg(feature = "smoltcp-old")]
    &Old::V0_10_0,
    #[cfg(feature = "smoltcp-old")]
    &Old::V0_11_0,
    #[cfg(feature = "smoltcp-old")]
    &Old::V0_12_0,
    #[cfg(feature = "smoltcp-old")]
    &Old::V0_13_1,
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

/// Whether this is a stack of ours, which obeys the RFC: no finding of another one is charged to it.
pub fn is_ours(stack: &dyn Factory) -> bool {
    let name = stack.describe().name;
    name == "model" || name == "reference" || name.starts_with("reference-")
}
