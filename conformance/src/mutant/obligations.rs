//! Mutants of what is owed in time.

use super::Mutant;

/// One mutant an obligation, at least.
pub fn obligations() -> Vec<Mutant> {
    Vec::new()
}
