//! What a panic said, short enough for a signature: two panics with different words are two findings.
//!
//! Numbers and whatever holds a digit are left out, so that one assertion keeps its words whatever the octets
//! were; the words live as long as the program, and there is a bound on how many there are.

use std::sync::{Mutex, PoisonError};

/// More words say no more.
const WORDS_MAX: usize = 14;
/// Characters of all words.
const LENGTH_MAX: usize = 90;
/// A stack whose panics say so many different things has one finding for all others.
const KEPT_MAX: usize = 256;

static KEPT: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// `index out of bounds: the len is 5` comes to `index-out-of-bounds-the-len-is`; nothing to an empty word.
pub fn of_panic(said: &str) -> &'static str {
    keep(short(said))
}

fn short(said: &str) -> String {
    let mut all = String::new();
    let separates = |c: char| !(c.is_alphanumeric() || "_'.".contains(c));
    for word in said.split(separates).filter(|word| word.chars().any(char::is_alphabetic)).take(WORDS_MAX) {
        let plain: String = word.chars().filter(|c| c.is_ascii_alphabetic() || *c == '_').collect();
        let has_digit = word.chars().any(|c| c.is_ascii_digit());
        if has_digit || plain.is_empty() || all.len() + plain.len() >= LENGTH_MAX {
            continue;
        }
        if !all.is_empty() {
            all.push('-');
        }
        all.push_str(&plain.to_ascii_lowercase());
    }
    all
}

fn keep(words: String) -> &'static str {
    // Whoever panicked with the lock left a list that is whole.
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.iter().find(|known| **known == words) {
        return known;
    }
    if words.is_empty() || kept.len() >= KEPT_MAX {
        return "";
    }
    let words: &'static str = Box::leak(words.into_boxed_str());
    kept.push(words);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One assertion keeps its words whatever the numbers were, and another has others.
    #[test]
    fn numbers_are_no_part_of_what_a_panic_said() {
        let one = of_panic("index out of bounds: the len is 5 but the index is 0x7f");
        assert_eq!(one, "index-out-of-bounds-the-len-is-but-the-index-is");
        assert_eq!(of_panic("index out of bounds: the len is 81 but the index is 99"), one);
        assert_ne!(of_panic("attempt to subtract with overflow"), one);
        assert_eq!(of_panic("12 34"), "");
    }
}
