//! Which states were seen: rows in the order in which they were found, and a table of their places. Nothing is
//! told apart by a hash alone: equal hashes lead to a row, and the row is compared.

use std::hash::{BuildHasherDefault, Hasher};

use super::machine::{Action, State};

/// A state, from which state and by what it was first reached.
#[derive(Clone, Copy)]
pub struct Row {
    /// The state.
    pub state: State,
    /// The row that it was reached from; its own place for the first.
    pub from: u32,
    /// By what.
    pub by: Option<Action>,
}

/// All states so far.
pub struct Seen {
    rows: Vec<Row>,
    /// Places of rows, plus one; 0 is empty. Its length is a power of two.
    table: Vec<u32>,
}

/// Rows are added in steps, so that no second copy of all of them is ever made.
const STEP: usize = 1 << 18;

impl Seen {
    pub fn new() -> Seen {
        Seen { rows: Vec::new(), table: vec![0; 1 << 10] }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn row(&self, at: usize) -> Option<&Row> {
        self.rows.get(at)
    }

    /// Octets that this takes.
    pub fn octets(&self) -> usize {
        self.rows.capacity() * size_of::<Row>() + self.table.capacity() * size_of::<u32>()
    }

    /// Adds a state unless it was seen; says whether it is new.
    pub fn add(&mut self, row: Row) -> bool {
        if (self.rows.len() + 1) * 4 > self.table.len() * 3 {
            self.grow();
        }
        let at = match self.place(&row.state) {
            Ok(_) => return false,
            Err(at) => at,
        };
        if self.rows.len() == self.rows.capacity() {
            self.rows.reserve_exact(STEP.min(self.rows.len().max(64)));
        }
        self.rows.push(row);
        self.table[at] = self.rows.len() as u32;
        true
    }

    /// The place in the table of a state, or of the gap where it belongs.
    fn place(&self, state: &State) -> Result<usize, usize> {
        let mask = self.table.len() - 1;
        let mut at = hash(state) as usize & mask;
        loop {
            match self.table[at] {
                0 => return Err(at),
                n if self.rows[n as usize - 1].state == *state => return Ok(at),
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn grow(&mut self) {
        self.table = vec![0; self.table.len() * 2];
        for i in 0..self.rows.len() {
            if let Err(at) = self.place(&self.rows[i].state) {
                self.table[at] = i as u32 + 1;
            }
        }
    }
}

/// A hash of a state, the same on every machine.
pub fn hash(state: &State) -> u64 {
    let mut mix = Mix::default();
    state.ends.iter().for_each(|end| mix.write_u32(*end));
    for four in state.bag.chunks_exact(4) {
        mix.write_u64(four.iter().fold(0, |all, n| all << 16 | u64::from(*n)));
    }
    mix.write_u64(u64::from_le_bytes(state.left));
    mix.finish()
}

/// A quick hash for numbers: multiply and fold, as wyhash does.
#[derive(Default)]
pub struct Mix(u64);

/// For tables whose keys are numbers.
pub type Mixing = BuildHasherDefault<Mix>;

impl Mix {
    fn mix(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0xa076_1d64_78bd_642f;
        self.0 = (wide >> 64) as u64 ^ wide as u64;
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        octets.iter().for_each(|octet| self.mix(u64::from(*octet)));
    }

    fn write_u16(&mut self, n: u16) {
        self.mix(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.mix(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.mix(n);
    }

    fn write_isize(&mut self, n: isize) {
        self.mix(n as u64);
    }
}
