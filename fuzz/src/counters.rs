//! What an input reached in the table, where libFuzzer looks for counters besides those of branches.
//!
//! libFuzzer sets them to zero before each run and reads them after it.

use lastack::reached::Reached;

/// Each thing that can be reached has a counter, or shares one. More would cost more time in each run than the
/// collisions cost.
const COUNTERS: usize = 1 << 14;

// The section's name is the interface. libFuzzer and `fold` run on one thread, one after the other.
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static mut TABLE: [u8; COUNTERS] = [0; COUNTERS];

/// Counts what was reached.
pub fn fold(reached: &Reached) {
    let table = &raw mut TABLE;
    // Nobody else has a reference: the fuzzer is between two of its own looks at it.
    let table = unsafe { &mut *table };
    reached.fold(table);
}
