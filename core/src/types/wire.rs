//! Packet bytes to segments and back.
//!
//! [`parse`] reads an IPv4 or IPv6 packet that holds TCP into a [`Segment`](super::Segment) that borrows its text;
//! [`emit`] writes one. Both are lossless: whatever `parse` accepts, `emit` writes again octet for octet.
//! So a wrong checksum stays a literal value, a wrong data offset stays what it is, option octets stay raw
//! ([`options`] reads them), and what a [`Segment`](super::Segment) cannot hold is an error and never dropped.
//!
//! The headers are laid out by hand, so that etherparse, which the tests hold against this, is a second
//! opinion; its checksum sum is used, for its speed in every build profile.

mod emit;
mod error;
mod option;
mod parse;

pub use emit::emit;
pub use error::{Part, WireError};
pub use option::{OptionError, OptionReader, OptionsBuilder, TcpOption, options};
pub use parse::parse;

use etherparse::checksum::Sum16BitWords;

/// IANA's protocol number of TCP.
const TCP: u8 = 6;
/// Octets of an IPv4 header without options.
const IPV4_LEN: usize = 20;
/// Octets of the fixed IPv6 header.
const IPV6_LEN: usize = 40;
/// Octets of a TCP header without options (RFC 9293 3.1).
const TCP_LEN: usize = 20;
/// The data offset of a TCP header without options, in 32-bit words.
const TCP_WORDS: u8 = 5;
/// The largest IPv4 total length and the largest IPv6 payload length.
const LENGTH_MAX: usize = u16::MAX as usize;

/// Starts the sum of a TCP checksum with the pseudo-header (RFC 9293 3.1; RFC 8200 8.1). `addresses` are
/// source and destination as they stand in the packet, `len` the octets of TCP header and text.
fn pseudo_sum(addresses: &[u8], len: usize) -> Sum16BitWords {
    // A packet's length field has 16 bits, so the upper half of IPv6's 32-bit length is always zero.
    Sum16BitWords::new().add_slice(addresses).add_2bytes([0, TCP]).add_2bytes((len as u16).to_be_bytes())
}

/// The field's value for a sum over everything that the checksum covers.
fn checksum_field(sum: Sum16BitWords) -> u16 {
    sum.ones_complement().to_be()
}

#[cfg(test)]
mod tests;
