//! What runs have reached, in the words of the table, as a set of small numbers.

/// A set of what was reached, and what of it is new since it was last asked.
#[derive(Clone, Default, Debug)]
pub struct Reached {
    touched: Vec<u32>,
}

impl Reached {
    /// Nothing.
    pub fn new() -> Reached {
        Reached::default()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.touched.clear();
    }
}
