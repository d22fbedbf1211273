//! A rule in words.

/// What the rule asks for, in one sentence.
pub fn in_words(_rule: &str) -> Option<String> {
    None
}

/// Everything there is to say of a rule.
///
/// # Errors
/// There is no such rule; names that come near.
pub fn explain(rule: &str) -> Result<String, String> {
    Err(format!("there is no rule {rule:?}"))
}
