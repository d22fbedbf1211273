//! Exit codes: what a run comes to, in one number.

use core::fmt;

use crate::report::waivers::{Unneeded, Waivers};
use crate::report::{Report, StackReport};
use crate::table::Level;

/// Nothing to say.
pub const FINE: u8 = 0;
/// A difference at or above the level.
pub const DIFFERENCE: u8 = 1;
/// Wrong usage, or a filter that matched nothing.
pub const USAGE: u8 = 2;
/// Our own code failed, an adapter does not work, or a cell was not reached without a declaration or waiver.
pub const OWN_FAILURE: u8 = 3;
/// A waiver that nothing needs.
pub const STALE: u8 = 4;

/// Why a command could not do what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// The arguments, or a file that they name, are wrong.
    Usage(String),
    /// Something that is not the user's doing.
    Own(String),
}

impl Failure {
    pub fn code(&self) -> u8 {
        match self {
            Failure::Usage(_) => USAGE,
            Failure::Own(_) => OWN_FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(what) => f.write_str(what),
            Failure::Own(what) => write!(f, "own failure: {what}"),
        }
    }
}

/// Writing to standard output failed, other than by a closed pipe.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::Own(format!("standard output: {error}"))
    }
}

/// The code of a run that was made, first that applies: 3, 1, 4, 0. (2 never gets here.)
pub fn code(report: &Report, level: Level, waivers: &Waivers, stale: &[Unneeded]) -> u8 {
    let unexplained = |stack: &StackReport| {
        // A count without a reason is no declaration either.
        let told: u64 = stack.inconclusive.values().sum();
        stack.counts.inconclusive > told
            // The model is ours.
            || stack.worlds.iter().any(|met| met.partner_broke > 0)
            || stack.inconclusive.keys().any(|cause| !waivers.accepts(stack, cause))
    };
    let counted = |stack: &StackReport| stack.findings.values().any(|finding| finding.counts_at(level));
    if report.stacks.iter().any(unexplained) {
        OWN_FAILURE
    } else if report.stacks.iter().any(counted) {
        DIFFERENCE
    } else if !stale.is_empty() {
        STALE
    } else {
        FINE
    }
}

#[cfg(test)]
mod tests;
