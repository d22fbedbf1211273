//! Campaigns: coverage-guided fuzzing over the byte form of scenarios, one finding per bug.
//!
//! ```text
//! bytes --Target--> a scenario, a world, packets or a text --Bench::run--> Ran (findings) and Reached
//!   ^                                                                        |
//!   +---- Mutator <---- corpus: inputs that reached something new <----------+
//! ```
//!
//! Everybody who fuzzes goes through [`Bench::run`]: the engine of `lastack campaign`, the doors of cargo-fuzz, and
//! the tests that replay seeds and old findings. An input is bytes; all bytes mean something (see
//! [`crate::scenario`], bytes). What an input reached is told in the words of the table
//! ([`crate::reached`]), not in branches: libFuzzer adds those by itself.

mod bench;
pub mod canary;
mod cause;
pub mod cells;
mod corpus;
mod engine;
mod findings;
pub mod folder;
mod minimise;
mod mutate;
mod seeds;
pub mod table;
mod target;

pub use self::bench::{Bench, Found, Ran};
pub use self::corpus::Corpus;
pub use self::engine::{Campaign, INPUT_MAX, Plan, Watch};
pub use self::findings::{Finding, Findings, Key, Waived};
pub use self::mutate::{Mutator, mutate};
pub use self::seeds::{Seed, seeds};
pub use self::target::{Apart, By, Target, wire};
