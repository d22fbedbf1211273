//! The doors of cargo-fuzz into [`lastack::campaign`]: what libFuzzer needs around [`Bench::run`].
//!
//! ```text
//! libFuzzer --bytes--> Door::run --> Bench::run --> findings: told, written, abort (or on, where asked)
//!     ^                                        \--> Reached: extra counters, read by libFuzzer after each run
//!     +------- bytes that reached something new, changed by campaign::mutate
//! ```
//!
//! Everything else is told by the environment ([`settings`]).

mod counters;
mod door;
mod settings;
mod tell;

pub use self::door::{begin, cross, mutate, run};

/// A fuzz target: libFuzzer's entry points for a target of `lastack::campaign`.
#[macro_export]
macro_rules! door {
    ($target:expr) => {
        libfuzzer_sys::fuzz_target!(init: $crate::begin($target), |input: &[u8]| $crate::run(input));
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
            $crate::mutate($target, data, size, max, seed)
        });
        libfuzzer_sys::fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
            $crate::cross($target, one, other, out, seed)
        });
    };
}
