//! The stacks that come with the tool.

use super::Factory;

/// Every embedded stack, in the order of the report. Which ones there are is a matter of features.
pub fn embedded() -> Vec<&'static dyn Factory> {
    let mut stacks: Vec<&'static dyn Factory> = Vec::new();
    #[cfg(feature = "smoltcp")]
    for variant in super::smoltcp::Smoltcp::ALL {
        stacks.push(variant);
    }
    stacks
}

/// The embedded stack of this name.
pub fn named(name: &str) -> Option<&'static dyn Factory> {
    embedded().into_iter().find(|stack| stack.describe().name == name)
}
