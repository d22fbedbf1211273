//! Packet bytes to segments and back.
//!
//! [`parse`] reads an IPv4 or IPv6 packet that holds TCP into a [`Segment`](super::Segment) that borrows its text;
//! [`emit`] writes one. Both are lossless: whatever `parse` accepts, `emit` writes again octet for octet.
//! So a wrong checksum stays a literal value, a wrong data offset stays what it is, option octets stay raw
//! ([`options`] reads them), and what a [`Segment`](super::Segment) cannot hold is an error and never dropped.
//!
//! The headers are laid out by hand, so that etherparse, which the tests hold against this, is a second
//! opinion.

mod checksum;
mod emit;
mod error;
mod option;
mod parse;

pub use emit::emit;
pub use error::{Part, WireError};
pub use option::{OptionError, OptionReader, OptionsBuilder, TcpOption, options};
pub use parse::parse;

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

#[cfg(test)]
mod tests;
