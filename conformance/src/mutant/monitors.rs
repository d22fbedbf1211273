//! Mutants that a monitor is there for.

use super::Mutant;

/// One mutant a monitor.
pub fn monitors() -> Vec<Mutant> {
    Vec::new()
}
