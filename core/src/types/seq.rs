use core::fmt;

/// A sequence number: an unsigned 32-bit number on a circle (RFC 9293 3.4).
///
/// There is no `Ord`: on a circle "less" has a meaning only within half the circle, so every comparison
/// is a method whose name says which one it is. All arithmetic wraps; nothing here panics.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SeqNum(u32);

impl SeqNum {
    /// The number as it stands in a header.
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// The number as it stands in a header.
    pub const fn value(self) -> u32 {
        self.0
    }

    /// The number `octets` further on.
    #[must_use]
    pub const fn add(self, octets: u32) -> Self {
        Self(self.0.wrapping_add(octets))
    }

    /// The number `octets` before.
    #[must_use]
    pub const fn sub(self, octets: u32) -> Self {
        Self(self.0.wrapping_sub(octets))
    }

    /// The number at a signed offset.
    #[must_use]
    pub const fn offset(self, octets: i32) -> Self {
        Self(self.0.wrapping_add_signed(octets))
    }

    /// Steps forward from `base` to here, counted once round the circle: 0 to 2^32 - 1.
    pub const fn steps_from(self, base: Self) -> u32 {
        self.0.wrapping_sub(base.0)
    }

    /// Signed distance from `base`, -2^31 to 2^31 - 1; negative is before.
    pub const fn diff(self, base: Self) -> i32 {
        self.0.wrapping_sub(base.0) as i32
    }

    /// RFC 9293 3.4 `<`: strictly before, within half the circle. Of two numbers exactly 2^31 apart each
    /// is before the other.
    pub const fn is_before(self, other: Self) -> bool {
        self.diff(other) < 0
    }

    /// RFC 9293 3.4 `=<`.
    pub const fn is_at_or_before(self, other: Self) -> bool {
        self.0 == other.0 || self.is_before(other)
    }

    /// Strictly after, within half the circle.
    pub const fn is_after(self, other: Self) -> bool {
        other.is_before(self)
    }

    /// At or after, within half the circle.
    pub const fn is_at_or_after(self, other: Self) -> bool {
        other.is_at_or_before(self)
    }

    /// `start =< self < start + len`, for any `len` up to 2^32 - 1: exact on the whole circle.
    pub const fn in_window(self, start: Self, len: u32) -> bool {
        self.steps_from(start) < len
    }

    /// The later of two numbers.
    #[must_use]
    pub const fn max(self, other: Self) -> Self {
        if self.is_before(other) { other } else { self }
    }

    /// The earlier of two numbers.
    #[must_use]
    pub const fn min(self, other: Self) -> Self {
        if self.is_before(other) { self } else { other }
    }
}

impl fmt::Debug for SeqNum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SeqNum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
