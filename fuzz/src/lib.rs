//! The room of the coverage-guided fuzzing targets: a thin door into the scenarios of `lastack`.
//!
//! There are no targets yet. They will read the byte form of a scenario, so that a fuzzer's input, a text
//! and a property test's value are one thing.
#![forbid(unsafe_code)]
