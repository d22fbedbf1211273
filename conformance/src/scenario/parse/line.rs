//! A line taken apart: words, brackets, numbers, and the place of each.

use lastack_core::types::Duration;

use super::error::{Expected, Found, ParseError};

/// A word and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    /// First octet in the line.
    pub(super) at: usize,
}

impl<'a> Word<'a> {
    /// The pieces before and from octet `index` on; all of it and nothing where it cannot be cut there.
    pub(super) fn split_at(self, index: usize) -> (Word<'a>, Word<'a>) {
        let (head, tail) = self.text.split_at_checked(index).unwrap_or((self.text, ""));
        (Word { text: head, at: self.at }, Word { text: tail, at: self.at + head.len() })
    }
}

/// What is left of a line. Words end at blanks; `<`, `>` and `,` are words; a comment ends the line.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    number: usize,
    text: &'a str,
    /// Where reading goes on; always between two characters.
    at: usize,
    /// Where the comment or the line's end is.
    end: usize,
}

impl<'a> Line<'a> {
    /// Line `number`, counted from 1.
    pub(super) fn new(number: usize, text: &'a str) -> Line<'a> {
        let end = text.find('#').unwrap_or(text.len());
        Line { number, text, at: 0, end }
    }

    /// The next word, left where it is.
    pub(super) fn peek(&self) -> Option<Word<'a>> {
        self.clone().next()
    }

    /// The next word, taken.
    pub(super) fn next(&mut self) -> Option<Word<'a>> {
        let rest = self.text.get(self.at..self.end)?;
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let rest = &rest[blank..];
        let len = match rest.find([' ', '\t', '<', '>', ',']) {
            Some(0) => 1,
            Some(len) => len,
            None => rest.len(),
        };
        let word = Word { text: &rest[..len], at: self.at + blank };
        self.at = word.at + len;
        (len > 0).then_some(word)
    }

    /// The next word, which has to be there.
    pub(super) fn word(&mut self, expected: Expected) -> Result<Word<'a>, ParseError> {
        match self.next() {
            Some(word) => Ok(word),
            None => Err(self.error_here(expected)),
        }
    }

    /// Nothing more may stand in the line.
    pub(super) fn end(&mut self) -> Result<(), ParseError> {
        match self.next() {
            None => Ok(()),
            Some(word) => Err(self.error(word, Expected::EndOfLine)),
        }
    }

    /// `word` is not what was expected.
    pub(super) fn error(&self, word: Word<'_>, expected: Expected) -> ParseError {
        // Half of `peer0:9000` may be missing: what stands in its place came.
        let mut here = word.text;
        if here.is_empty() {
            let next = self.text.get(word.at..self.end).unwrap_or_default();
            here = next.split_inclusive(|_| true).next().unwrap_or_default();
        }
        if here.is_empty() {
            return self.error_here(expected);
        }
        self.error_of(word, expected, Found::word(here))
    }

    /// As [`Line::error`], with another word for what came.
    pub(super) fn error_of(&self, word: Word<'_>, expected: Expected, found: Found) -> ParseError {
        ParseError::new(self.number, self.text, word.at, expected, found)
    }

    /// The line ends where something was expected. The caret stands right behind its last word.
    fn error_here(&self, expected: Expected) -> ParseError {
        let at = self.text[..self.end].trim_end().len();
        ParseError::new(self.number, self.text, at, expected, Found::EndOfLine)
    }

    /// A decimal number up to `max`.
    pub(super) fn number(&mut self, max: u64) -> Result<u64, ParseError> {
        let word = self.word(Expected::Number { min: 0, max })?;
        self.number_in(word, max)
    }

    /// The number that `word` is.
    pub(super) fn number_in(&self, word: Word<'_>, max: u64) -> Result<u64, ParseError> {
        let number = digits(word.text).filter(|&n| n <= max);
        number.ok_or_else(|| self.error(word, Expected::Number { min: 0, max }))
    }

    /// An octet.
    pub(super) fn u8(&mut self) -> Result<u8, ParseError> {
        Ok(self.number(u64::from(u8::MAX))? as u8)
    }

    /// Two octets.
    pub(super) fn u16(&mut self) -> Result<u16, ParseError> {
        Ok(self.number(u64::from(u16::MAX))? as u16)
    }

    /// Four octets.
    pub(super) fn u32(&mut self) -> Result<u32, ParseError> {
        Ok(self.number(u64::from(u32::MAX))? as u32)
    }

    /// The value of the next word in a list of words.
    pub(super) fn choice<T: Copy>(&mut self, values: &[T], words: Words) -> Result<T, ParseError> {
        let word = self.word(Expected::OneOf(words))?;
        let found = words.iter().position(|w| *w == word.text).and_then(|i| values.get(i));
        found.copied().ok_or_else(|| self.error(word, Expected::OneOf(words)))
    }

    /// A span: `1.5s`, `200ms`, `1us`, exact to the microsecond.
    pub(super) fn duration(&mut self, expected: Expected) -> Result<Duration, ParseError> {
        let word = self.word(expected)?;
        span(word.text).ok_or_else(|| self.error(word, expected))
    }

    /// A span, or another word for none.
    pub(super) fn duration_or(&mut self, none: &str, e: Expected) -> Result<Option<Duration>, ParseError> {
        if self.peek().is_some_and(|word| word.text == none) {
            self.next();
            return Ok(None);
        }
        self.duration(e).map(Some)
    }

    /// A signed offset, `+3` or `-1`; nothing is none.
    pub(super) fn offset_in(&self, word: Word<'_>, min: i32, max: i32) -> Result<i32, ParseError> {
        let offset = match word.text.as_bytes().first() {
            None => Some(0),
            Some(b'+') => digits(&word.text[1..]).and_then(|n| i32::try_from(n).ok()),
            // The sign is ASCII, so octet 1 begins a character; -2^31 has no positive twin.
            Some(b'-') => digits(&word.text[1..])
                .and_then(|n| i64::try_from(n).ok())
                .and_then(|n| i32::try_from(-n).ok()),
            Some(_) => None,
        };
        let offset = offset.filter(|n| (min..=max).contains(n));
        offset.ok_or_else(|| self.error(word, Expected::Number { min: min.into(), max: max as u64 }))
    }
}

/// A closed list of words.
pub(super) type Words = &'static [&'static str];

/// Decimal digits and nothing else.
fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Digits, a point and fewer digits if there are any, a unit.
fn span(text: &str) -> Option<Duration> {
    let (number, decimals) = if let Some(number) = text.strip_suffix("us") {
        (number, 0)
    } else if let Some(number) = text.strip_suffix("ms") {
        (number, 3)
    } else {
        (text.strip_suffix('s')?, 6)
    };
    let unit = 10_u64.pow(decimals);
    let (whole, part) = match number.split_once('.') {
        None => (number, 0),
        Some((whole, part)) => {
            // `decimals` is at most 6, so the length fits and the missing zeros are few.
            let missing = decimals.checked_sub(u32::try_from(part.len()).ok()?)?;
            (whole, digits(part)? * 10_u64.pow(missing))
        }
    };
    let micros = digits(whole)?.checked_mul(unit)?.checked_add(part)?;
    Some(Duration::from_micros(micros))
}
