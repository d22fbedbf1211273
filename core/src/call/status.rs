use core::fmt;

/// Why STATUS fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StatusError {
    /// `error: connection does not exist`.
    NoConnection,
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error: connection does not exist")
    }
}

impl core::error::Error for StatusError {}
