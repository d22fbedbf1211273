//! Stacks that are wrong on purpose, to prove that each check can fail (design 11.2).
//!
//! A mutant is the model with one thing broken: a row of the table (`of_rule`), what it owes in time
//! (`obligations`), or what a monitor watches (`monitors`). It names its target, which is what a finding must
//! name.

mod bent;
mod monitors;
mod obligations;
mod rules;

pub use bent::{Bend, Bent, How, When};
pub use monitors::monitors;
pub use obligations::obligations;
pub use rules::{judged_as, of_rule};

use crate::model::{Edit, Edition, Model};
use crate::oracle::Broken;
use crate::subject::Factory;
use crate::table::Profile;

/// One stack that is wrong on purpose.
#[derive(Clone, PartialEq, Debug)]
pub struct Mutant {
    /// The rule, obligation or monitor that must be named.
    pub target: &'static str,
    /// What is broken, in a few words.
    pub what: &'static str,
    /// The table's part of it.
    pub edits: Vec<Edit>,
    /// The wire's part of it.
    pub bend: Option<Bend>,
    /// What the stack declares: as on the command line.
    pub profile: &'static str,
    /// What happens, as a scenario's lines, `; ` between them; `None` is every cell in which the rule fires.
    pub events: Option<&'static str>,
    /// The part of the oracle that would speak first; without it only the monitor is left.
    pub off: Broken,
}

impl Mutant {
    const fn new(target: &'static str, what: &'static str, edits: Vec<Edit>) -> Mutant {
        Mutant { target, what, edits, bend: None, profile: "", events: None, off: Broken::Nothing }
    }

    /// The stack.
    ///
    /// # Errors
    /// An edit of a rule that there is not, or a profile that cannot be read.
    pub fn stack(&self) -> Result<Box<dyn Factory>, String> {
        let profile = Profile::UNDECLARED.with_text(self.profile)?;
        let model = Model::new("mutant", Edition::new(&self.edits)?, profile);
        Ok(match self.bend {
            Some(bend) => Box::new(Bent { model, bend }),
            None => Box::new(model),
        })
    }
}

/// `RULE: what`.
impl core::fmt::Display for Mutant {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.target, self.what)
    }
}
