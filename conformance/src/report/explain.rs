//! A rule in words.

/// What the rule asks for, in one sentence.
pub fn in_words(_rule: &str) -> Option<String> {
    None
}
