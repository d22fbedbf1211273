use super::TCP;

/// The Internet checksum's sum as it grows (RFC 1071): big-endian words of 16 bits, the carries not yet folded in.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// Starts the sum of a TCP checksum with the pseudo-header (RFC 9293 3.1; RFC 8200 8.1). `addresses` are
    /// source and destination as they stand in the packet, `len` the octets of TCP header and text.
    pub(super) fn of_pseudo_header(addresses: &[u8], len: usize) -> Sum {
        // A packet's length field has 16 bits, so the upper half of IPv6's 32-bit length is always zero.
        Sum::default().add(addresses).add(&[0, TCP]).add(&(len as u16).to_be_bytes())
    }

    /// Adds octets; an odd last one is the upper half of its word, so only the last slice may have one.
    pub(super) fn add(self, octets: &[u8]) -> Sum {
        // Words of four in the machine's order: folding brings their halves together, and turning the sum round
        // turns every word round (RFC 1071 2 B). Wrapping, which a slice would have to be of 16 GB for, lets the
        // compiler add many at once in every build.
        let (quads, rest) = octets.as_chunks::<4>();
        let sum = quads.iter().fold(0_u64, |sum, quad| sum.wrapping_add(u32::from_ne_bytes(*quad).into()));
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        let sum = fold(sum.wrapping_add(u32::from_ne_bytes(last).into()));
        Sum(self.0.wrapping_add(u16::from_be(sum).into()))
    }

    /// The field's value for a sum over everything that the checksum covers.
    pub(super) fn field(self) -> u16 {
        !fold(self.0)
    }
}

/// The carries added in, until there are none.
fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    sum as u16
}
