use super::TCP;

/// The Internet checksum's sum as it grows (RFC 1071): words in the machine's order, the carries not yet folded in.
/// Turning the sum round turns every word round (RFC 1071 2 B), so that is done once, at the end.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// Starts the sum of a TCP checksum with the pseudo-header (RFC 9293 3.1; RFC 8200 8.1). `addresses` are
    /// source and destination as they stand in the packet, `len` the octets of TCP header and text.
    pub(super) fn of_pseudo_header(addresses: &[u8], len: usize) -> Sum {
        // A packet's length field has 16 bits, so the upper half of IPv6's 32-bit length is always zero.
        Sum::default().add(addresses).add_word(u16::from(TCP)).add_word(len as u16)
    }

    /// Adds octets; an odd last one is the upper half of its word, so only the last slice may have one.
    pub(super) fn add(self, octets: &[u8]) -> Sum {
        // Four octets at a time: folding brings their halves together. Wrapping, which a slice would have to be of
        // 16 GB for, lets the compiler add many at once in every build.
        let (quads, rest) = octets.as_chunks::<4>();
        let sum = quads.iter().fold(self.0, |sum, quad| sum.wrapping_add(u32::from_ne_bytes(*quad).into()));
        let last = match *rest {
            [a] => [a, 0, 0, 0],
            [a, b] => [a, b, 0, 0],
            [a, b, c] => [a, b, c, 0],
            _ => [0; 4],
        };
        Sum(sum.wrapping_add(u32::from_ne_bytes(last).into()))
    }

    /// Adds one word by its value.
    fn add_word(self, word: u16) -> Sum {
        Sum(self.0.wrapping_add(word.to_be().into()))
    }

    /// The field's value for a sum over everything that the checksum covers.
    pub(super) fn field(self) -> u16 {
        !u16::from_be(fold(self.0))
    }
}

/// The carries added in, until there are none.
fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    sum as u16
}
