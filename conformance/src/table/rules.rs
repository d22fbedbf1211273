//! All rules, and how to find one.

mod calls;
mod cases;
#[rustfmt::skip]
mod licences;
mod open;
pub mod remarks;
mod sequence;
mod text;
mod timers;
mod words;

use core::fmt;

use lastack_core::types::State;

use super::types::{Event, Rule, Switch};

/// A rule, by its place in [`RULES`]. Equal ids are the same row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(u16);

/// Every row, in the order in which the rows of one event, state and step are tried.
pub static RULES: [Rule; COUNT] = ROWS;

const GROUPS: [&[Rule]; 6] = [calls::ROWS, timers::ROWS, open::ROWS, sequence::ROWS, text::ROWS, cases::ROWS];

/// How many rows there are.
pub const COUNT: usize = {
    let mut count = 0;
    let mut group = 0;
    while group < GROUPS.len() {
        count += GROUPS[group].len();
        group += 1;
    }
    count
};

pub(super) const ROWS: [Rule; COUNT] = {
    let mut rows = [GROUPS[0][0]; COUNT];
    let (mut at, mut group) = (0, 0);
    while group < GROUPS.len() {
        let mut row = 0;
        while row < GROUPS[group].len() {
            rows[at] = GROUPS[group][row];
            at += 1;
            row += 1;
        }
        group += 1;
    }
    rows
};

impl RuleId {
    pub(super) const fn new(index: usize) -> RuleId {
        assert!(index < COUNT);
        RuleId(index as u16)
    }

    /// Its place in [`RULES`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The row itself.
    pub fn rule(self) -> &'static Rule {
        rule(self)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.rule().name)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The row of an id.
pub fn rule(id: RuleId) -> &'static Rule {
    // An id is made only by `RuleId::new`, which checks it against `COUNT`.
    &RULES[id.index()]
}

/// All ids, in order.
pub fn all() -> impl Iterator<Item = RuleId> {
    (0..COUNT).map(RuleId::new)
}

/// The rows with this name, in order.
pub fn by_name(name: &str) -> impl Iterator<Item = RuleId> {
    all().filter(move |id| rule(*id).name == name)
}

/// The first row with this name in this state.
pub const fn find(name: &str, state: State) -> Option<RuleId> {
    let mut index = 0;
    while index < COUNT {
        let row = &RULES[index];
        if row.states.has(state) && same(row.name, name) {
            return Some(RuleId::new(index));
        }
        index += 1;
    }
    None
}

/// As [`find`], for constants: `const ACK_NEW: RuleId = id("ACK-NEW", State::Established);` costs nothing
/// at run time, and a name that does not exist does not compile.
///
/// # Panics
/// Where there is no such rule: call it in constants only.
pub const fn id(name: &str, state: State) -> RuleId {
    match find(name, state) {
        Some(id) => id,
        None => panic!("no rule of this name in this state"),
    }
}

/// Whether a row is tried by a walk, or by the look-up of a call or timer; otherwise it only explains.
pub const fn is_executed(row: &Rule) -> bool {
    match row.switch {
        Switch::Composite => false,
        // RFC 9293 3.10.7.4 step 1: only what lies inside the window is processed. These three say so for the
        // right edge; every other case row follows from core rows.
        Switch::Case => {
            matches!(row.event, Event::Segment)
                && (same(row.name, "TEXT-RIGHT-OVERLAP")
                    || same(row.name, "TEXT-RIGHT-OVERLAP-HELD")
                    || same(row.name, "FIN-RIGHT-OVERLAP"))
        }
        _ => true,
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
