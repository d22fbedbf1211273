//! Why text is no scenario: where, what was expected, what came.

use core::fmt;

/// Why a text is no scenario. Prints as a sentence, the line itself, and a caret under the place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What may stand there.
    pub expected: Expected,
    /// What stands there.
    pub found: Found,
    /// The line, or the piece of it around the place when it is long; nothing in it moves a terminal.
    pub excerpt: String,
    /// Where in the excerpt the place is, in characters from 0.
    pub caret: usize,
}

/// What may stand at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// Something, in plain words.
    Thing(&'static str),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A decimal number between these, both included.
    Number {
        /// The least.
        min: i64,
        /// The largest.
        max: u64,
    },
    /// A word that may come once, and has come.
    NoSecond(&'static str),
    /// Nothing more.
    EndOfLine,
    /// A line of at most so many octets.
    LineOf(usize),
    /// At most so many events.
    Events(usize),
}

/// What stands at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// A word or character, cut when it is long.
    Word(String),
    /// The line ends.
    EndOfLine,
    /// The text ends.
    EndOfText,
    /// So many octets.
    Octets(usize),
    /// One more.
    OneMore,
}

/// The most characters of a line that an error shows.
const EXCERPT: usize = 100;
/// The most characters of a word that an error shows.
const WORD: usize = 40;

impl ParseError {
    /// An error at the octet `at` of `text`, which is line `line` counted from 1.
    pub(super) fn new(line: usize, text: &str, at: usize, expected: Expected, found: Found) -> ParseError {
        let before = text.get(..at).unwrap_or(text).chars().count();
        let skip = if before < EXCERPT { 0 } else { before - EXCERPT / 2 };
        let excerpt = text.chars().skip(skip).take(EXCERPT).map(shown).collect();
        ParseError { line, column: before + 1, expected, found, excerpt, caret: before - skip }
    }
}

impl Found {
    /// A word as it stands.
    pub(super) fn word(word: &str) -> Found {
        let mut shown_word: String = word.chars().take(WORD).map(shown).collect();
        if shown_word.len() < word.len() {
            shown_word.push_str("...");
        }
        Found::Word(shown_word)
    }
}

/// A character that takes one place on a screen and does nothing else there.
fn shown(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() => c,
        _ => char::REPLACEMENT_CHARACTER,
    }
}

impl core::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ParseError { line, column, expected, found, excerpt, caret } = self;
        writeln!(f, "line {line}, column {column}: expected {expected}, found {found}")?;
        writeln!(f, "  {excerpt}")?;
        write!(f, "  {:>width$}", '^', width = caret + 1)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Expected::Thing(thing) => f.write_str(thing),
            Expected::OneOf(words) => write_list(f, words),
            Expected::Number { min, max } => write!(f, "a number from {min} to {max}"),
            Expected::NoSecond(word) => write!(f, "no second `{word}`"),
            Expected::EndOfLine => f.write_str("the end of the line"),
            Expected::LineOf(octets) => write!(f, "a line of at most {octets} octets"),
            Expected::Events(count) => write!(f, "at most {count} events"),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Word(word) => write!(f, "`{word}`"),
            Found::EndOfLine => f.write_str("the end of the line"),
            Found::EndOfText => f.write_str("the end of the text"),
            Found::Octets(octets) => write!(f, "{octets} octets"),
            Found::OneMore => f.write_str("one more"),
        }
    }
}

/// `a`, `b` or `c`.
fn write_list(f: &mut fmt::Formatter<'_>, words: &[&str]) -> fmt::Result {
    for (i, word) in words.iter().enumerate() {
        let before = match i {
            0 => "",
            _ if i + 1 == words.len() => " or ",
            _ => ", ",
        };
        write!(f, "{before}`{word}`")?;
    }
    Ok(())
}
