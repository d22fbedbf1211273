//! What is run against a stack: cells (one event each in every state and situation) and short histories.
//!
//! A cell is a name and nothing else: way, event, tail. Its scenario is made when it is asked for, and its
//! name parses back, so that a suite of many thousands weighs nothing and any one of them can be replayed.

pub mod acks;
pub mod cause;
pub mod cells;
pub mod cross;
pub mod edges;
pub mod events;
mod gather;
pub mod histories;
pub mod kinds;
pub mod metamorphic;
mod pace;
pub mod random;
mod real_time;
pub mod rows;
pub mod run;
pub mod segments;
pub mod tails;
pub mod time_wait;
pub mod transition;
#[cfg(feature = "trials")]
pub mod trials;

use core::fmt;

/// Why a name is not that of a cell or history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NameError {
    /// A name has three parts: way, event, tail.
    Parts {
        /// How many there were.
        got: usize,
    },
    /// No way into a state has this name.
    Way(String),
    /// No event has this name.
    Event(String),
    /// No set-up has this name.
    Cross(String),
    /// No tail has this name.
    Tail(String),
    /// A random history's seed or index is no number.
    Number(String),
    /// A random history is about WAY+THEME.
    Theme(String),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NameError::Parts { got } => {
                write!(f, "a name is WAY:EVENT:TAIL, three parts between colons; this one has {got}")
            }
            NameError::Way(name) => write!(f, "there is no way into a state named `{name}`"),
            NameError::Event(name) => write!(f, "there is no event named `{name}`"),
            NameError::Cross(name) => write!(f, "there is no set-up named `{name}`"),
            NameError::Number(text) => write!(f, "random:SEED:INDEX, and `{text}` is no number"),
            NameError::Theme(text) => write!(f, "`{text}` is not WAY+THEME, as in established/hole+loss"),
            NameError::Tail(name) => {
                write!(f, "there is no tail named `{name}`: they are probes, silent, friendly and send")
            }
        }
    }
}

impl std::error::Error for NameError {}

/// The three parts of `WAY:EVENT:TAIL`.
fn parts(name: &str) -> Result<[&str; 3], NameError> {
    let mut parts = name.split(':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(way), Some(event), Some(tail), None) => Ok([way, event, tail]),
        _ => Err(NameError::Parts { got: name.split(':').count() }),
    }
}

/// The value that stands beside `name` in a table of names.
fn by_name<T: Copy>(table: &[(T, &str)], name: &str) -> Option<T> {
    table.iter().find(|(_, n)| *n == name).map(|(value, _)| *value)
}

/// The name that stands beside `value` in a table of names that holds every value.
fn name_of<T: Copy + PartialEq>(table: &[(T, &'static str)], value: T) -> &'static str {
    table.iter().find(|(v, _)| *v == value).map_or("?", |(_, name)| *name)
}

#[cfg(test)]
mod tests;
