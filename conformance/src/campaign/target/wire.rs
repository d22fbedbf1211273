//! `wire`: any octets as a packet. What is read is written again octet for octet, and etherparse reads the same, or
//! there is a reason.
//!
//! A right checksum is added up once more, the slow way.

mod agreement;
mod options;

use lastack_core::types::wire::{emit, options, parse};
use lastack_core::types::{Checksum, Header};

use super::own;
use crate::campaign::Ran;
use crate::reached::Reached;

pub use self::agreement::Agreement;
pub use self::options::same_options;

pub(in crate::campaign) fn run(input: &[u8], reached: &mut Reached) -> Ran {
    said(input, reached);
    let mut ran = Ran { events: 1, ..Ran::default() };
    if let Err(why) = check(input) {
        ran.found.push(own("WIRE-READS-AGAIN", "two readers that agree", why));
    }
    ran
}

/// What the reader says of a packet: why it is none; or its control bits, its options, what is wrong on purpose.
fn said(packet: &[u8], reached: &mut Reached) {
    let segment = match parse(packet) {
        Ok(segment) => segment,
        Err(error) => return reached.say(&error.to_string()),
    };
    let h = &segment.header;
    reached.say(&format!("{} {:?} {:?} {}", h.flags, h.checksum, h.ip_checksum, h.data_offset.is_some()));
    for option in options(h.options.as_octets()) {
        match option {
            Ok(option) => reached.say(&format!("{option:?}")),
            Err(error) => reached.say(&error.to_string()),
        }
    }
}

/// All that there is to say about one packet: what is read is written again octet for octet, right checksums are
/// right, and etherparse reads the same or has a reason.
///
/// # Errors
/// What does not hold, in a sentence.
pub fn check(packet: &[u8]) -> Result<Agreement, String> {
    if let Ok(segment) = parse(packet) {
        let mut again = Vec::new();
        emit(&segment, &mut again).map_err(|error| format!("cannot be written again: {error}"))?;
        same("the packet written again", again.as_slice(), packet)?;
        checksums(&segment.header, packet)?;
        same_options(segment.header.options.as_octets())?;
    }
    agreement::compare(packet)
}

/// A checksum that is said to be right makes what it covers add up to all ones (RFC 9293 3.1; RFC 791 3.1).
fn checksums(header: &Header, packet: &[u8]) -> Result<(), String> {
    let v4 = header.src.addr.is_ipv4();
    let ip_len = if v4 { 20 } else { 40 };
    let (ip, tcp) = packet.split_at(ip_len);
    if v4 && header.ip_checksum == Checksum::Right {
        same("the sum of the IP header", slow_sum([ip]), 0xffff)?;
    }
    if header.checksum == Checksum::Right {
        let addresses = if v4 { &ip[12..] } else { &ip[8..] };
        let len = (tcp.len() as u32).to_be_bytes();
        same("the sum of the segment", slow_sum([addresses, &len, &[0, 6], tcp]), 0xffff)?;
    }
    Ok(())
}

/// The ones' complement sum of 16-bit words; every part but the last has an even length.
fn slow_sum<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u16 {
    let words = parts.into_iter().flat_map(|part| part.chunks(2));
    words.fold(0, |sum: u16, word| {
        let word = u16::from_be_bytes([word[0], word.get(1).copied().unwrap_or(0)]);
        let (sum, carry) = sum.overflowing_add(word);
        sum + u16::from(carry)
    })
}

fn same<T: PartialEq + core::fmt::Debug>(what: &str, ours: T, theirs: T) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("{what}: {ours:?}, and {theirs:?}")) }
}
