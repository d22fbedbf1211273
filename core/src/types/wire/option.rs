use core::fmt;

use crate::types::Options;

const END: u8 = 0;
const NOP: u8 = 1;
const MSS: u8 = 2;
const SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;

/// One option of a TCP header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TcpOption<'a> {
    /// End of option list (RFC 9293 3.2). Nothing is read behind it; [`OptionReader::rest`] is the padding.
    EndOfList,
    /// No operation (RFC 9293 3.2).
    Nop,
    /// Maximum segment size, in octets (RFC 9293 3.2, 3.7.1).
    Mss(u16),
    /// Window scale, the shift as it stands, also above 14 (RFC 7323 2.2).
    WindowScale(u8),
    /// SACK permitted (RFC 2018 2).
    SackPermitted,
    /// SACK: one to four pairs of edges, 8 octets each, as they stand (RFC 2018 3).
    Sack(&'a [u8]),
    /// Timestamps (RFC 7323 3.2).
    Timestamps {
        /// TSval.
        value: u32,
        /// TSecr.
        echo: u32,
    },
    /// Any other kind.
    Unknown {
        /// Its kind.
        kind: u8,
        /// What stands behind kind and length.
        data: &'a [u8],
    },
}

/// An option that cannot be read. Offsets are counted from the first option octet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OptionError {
    /// The kind is the last octet; it needs a length behind it.
    NoLength {
        /// Where the option starts.
        offset: usize,
        /// Its kind.
        kind: u8,
    },
    /// The length counts kind and length themselves, so 0 and 1 cannot be (MUST-7).
    LengthBelowTwo {
        /// Where the option starts.
        offset: usize,
        /// Its kind.
        kind: u8,
        /// Its length.
        len: u8,
    },
    /// The option ends behind the header (MUST-7).
    PastHeader {
        /// Where the option starts.
        offset: usize,
        /// Its kind.
        kind: u8,
        /// Its length.
        len: u8,
        /// The octets that are left, kind and length included.
        left: usize,
    },
    /// A known kind with a length that it never has. Reading goes on behind it.
    WrongLength {
        /// Where the option starts.
        offset: usize,
        /// Its kind.
        kind: u8,
        /// The length that this kind has (for SACK, that of its whole pairs, one to four).
        want: u8,
        /// Its length.
        len: u8,
    },
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            OptionError::NoLength { offset, kind } => {
                write!(f, "option {kind} at offset {offset}: a length expected, the header ends")
            }
            OptionError::LengthBelowTwo { offset, kind, len } => {
                write!(f, "option {kind} at offset {offset}: a length of at least 2 expected, {len} came")
            }
            OptionError::PastHeader { offset, kind, len, left } => {
                write!(f, "option {kind} at offset {offset}: its length is {len}, {left} octets are left")
            }
            OptionError::WrongLength { offset, kind, want, len } => {
                write!(f, "option {kind} at offset {offset}: a length of {want} expected, {len} came")
            }
        }
    }
}

impl core::error::Error for OptionError {}

/// Reads raw option octets one option at a time, in the order in which they stand.
///
/// It ends with the octets, after [`TcpOption::EndOfList`], or after an error behind which nobody knows
/// where the next option would start (all but [`OptionError::WrongLength`]).
///
/// ```
/// use lastack_core::types::wire::{TcpOption, options};
/// let mut reader = options(&[1, 2, 4, 0x05, 0xb4, 0, 0, 0]);
/// assert_eq!(reader.next(), Some(Ok(TcpOption::Nop)));
/// assert_eq!(reader.next(), Some(Ok(TcpOption::Mss(1460))));
/// assert_eq!(reader.next(), Some(Ok(TcpOption::EndOfList)));
/// assert_eq!(reader.next(), None);
/// assert_eq!(reader.rest(), [0, 0]);
/// ```
pub fn options(raw: &[u8]) -> OptionReader<'_> {
    OptionReader { raw, offset: 0, ended: false }
}

/// See [`options`].
#[derive(Clone, Debug)]
pub struct OptionReader<'a> {
    raw: &'a [u8],
    offset: usize,
    ended: bool,
}

impl<'a> OptionReader<'a> {
    /// What is not read yet. Once the reader has ended: the padding behind the end of the list, or what
    /// an unreadable option left behind, its kind first.
    pub fn rest(&self) -> &'a [u8] {
        self.raw.get(self.offset..).unwrap_or(&[])
    }

    /// Kind, length and data of the option at the offset, or why that cannot be told.
    fn frame(&self, kind: u8) -> Result<(u8, &'a [u8]), OptionError> {
        let (offset, rest) = (self.offset, self.rest());
        let len = *rest.get(1).ok_or(OptionError::NoLength { offset, kind })?;
        if len < 2 {
            return Err(OptionError::LengthBelowTwo { offset, kind, len });
        }
        let data = rest.get(2..usize::from(len));
        let data = data.ok_or(OptionError::PastHeader { offset, kind, len, left: rest.len() })?;
        Ok((len, data))
    }
}

impl<'a> Iterator for OptionReader<'a> {
    type Item = Result<TcpOption<'a>, OptionError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let kind = *self.rest().first()?;
        let offset = self.offset;
        match kind {
            END => {
                self.ended = true;
                self.offset += 1;
                return Some(Ok(TcpOption::EndOfList));
            }
            NOP => {
                self.offset += 1;
                return Some(Ok(TcpOption::Nop));
            }
            _ => {}
        }
        match self.frame(kind) {
            Ok((len, data)) => {
                self.offset += usize::from(len);
                let known = read(kind, data);
                Some(known.map_err(|want| OptionError::WrongLength { offset, kind, want, len }))
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}

/// The option of this kind with this data, or the length that the kind wants.
fn read(kind: u8, data: &[u8]) -> Result<TcpOption<'_>, u8> {
    match (kind, data) {
        (MSS, &[a, b]) => Ok(TcpOption::Mss(u16::from_be_bytes([a, b]))),
        (MSS, _) => Err(4),
        (SCALE, &[shift]) => Ok(TcpOption::WindowScale(shift)),
        (SCALE, _) => Err(3),
        (SACK_PERMITTED, []) => Ok(TcpOption::SackPermitted),
        (SACK_PERMITTED, _) => Err(2),
        (SACK, pairs) if matches!(pairs.len(), 8 | 16 | 24 | 32) => Ok(TcpOption::Sack(pairs)),
        (SACK, pairs) => Err(2 + 8 * (pairs.len() / 8).clamp(1, 4) as u8),
        (TIMESTAMPS, &[a, b, c, d, e, f, g, h]) => Ok(TcpOption::Timestamps {
            value: u32::from_be_bytes([a, b, c, d]),
            echo: u32::from_be_bytes([e, f, g, h]),
        }),
        (TIMESTAMPS, _) => Err(10),
        (kind, data) => Ok(TcpOption::Unknown { kind, data }),
    }
}

/// Puts option octets together, in the order of the calls, without alignment.
///
/// ```
/// use lastack_core::types::wire::OptionsBuilder;
/// let options = OptionsBuilder::new().mss(1460).raw(&[1]).scale(7).build();
/// assert_eq!(options.unwrap().as_octets(), [2, 4, 0x05, 0xb4, 1, 3, 3, 7]);
/// ```
#[derive(Clone, Debug)]
pub struct OptionsBuilder {
    octets: [u8; Options::MAX],
    /// More than [`Options::MAX`] when something did not fit.
    len: usize,
}

impl OptionsBuilder {
    /// No options yet.
    pub const fn new() -> Self {
        Self { octets: [0; Options::MAX], len: 0 }
    }

    /// Maximum segment size.
    #[must_use]
    pub fn mss(self, octets: u16) -> Self {
        let [a, b] = octets.to_be_bytes();
        self.raw(&[MSS, 4, a, b])
    }

    /// Window scale.
    #[must_use]
    pub fn scale(self, shift: u8) -> Self {
        self.raw(&[SCALE, 3, shift])
    }

    /// SACK permitted.
    #[must_use]
    pub fn sack_permitted(self) -> Self {
        self.raw(&[SACK_PERMITTED, 2])
    }

    /// Timestamps.
    #[must_use]
    pub fn timestamps(self, value: u32, echo: u32) -> Self {
        self.raw(&[TIMESTAMPS, 10]).raw(&value.to_be_bytes()).raw(&echo.to_be_bytes())
    }

    /// Any octets.
    #[must_use]
    pub fn raw(mut self, octets: &[u8]) -> Self {
        let end = self.len.saturating_add(octets.len());
        if let Some(place) = self.octets.get_mut(self.len..end) {
            place.copy_from_slice(octets);
        }
        self.len = end;
        self
    }

    /// The options; `None` when they need more than 40 octets.
    pub fn build(self) -> Option<Options> {
        self.octets.get(..self.len).and_then(Options::from_octets)
    }
}

impl Default for OptionsBuilder {
    fn default() -> Self {
        Self::new()
    }
}
