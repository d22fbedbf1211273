//! Changes to a packet's octets.

/// Where the addresses of an IP packet stand, and how long one is.
fn addresses(packet: &[u8]) -> Option<(usize, usize)> {
    match packet.first()? >> 4 {
        4 => Some((12, 4)),
        6 => Some((8, 16)),
        _ => None,
    }
}

/// Source and destination change places; false where the destination is not the other host.
pub(super) fn swap_addresses(packet: &mut [u8]) -> bool {
    let Some((at, len)) = addresses(packet) else { return false };
    let Some(both) = packet.get_mut(at..at + 2 * len) else { return false };
    let (src, dst) = both.split_at_mut(len);
    // The two hosts are .1 and .2 of one prefix.
    let same_prefix = src[..len - 1] == dst[..len - 1];
    if !(same_prefix && src[len - 1] == 1 && dst[len - 1] == 2) {
        return false;
    }
    src.swap_with_slice(dst);
    true
}

/// Octets of the IP header.
fn header_len(packet: &[u8]) -> usize {
    match packet.first() {
        Some(first) if first >> 4 == 4 => usize::from(first & 0xf) * 4,
        _ => 40,
    }
}

/// Where the checksum stands in a TCP header.
const CHECKSUM: usize = 16;

/// Turns one bit behind the IP header over, if there is any; `mended` makes the checksum fit again. Says
/// whether the packet is another one and nobody can tell.
pub(super) fn flip(packet: &mut [u8], bit: u16, mended: bool) -> bool {
    let start = header_len(packet).min(packet.len());
    let body = &mut packet[start..];
    if body.is_empty() {
        return false;
    }
    let bit = usize::from(bit) % (body.len() * 8);
    let word = bit / 16 * 2;
    if mended && (word == CHECKSUM || body.len() < CHECKSUM + 2) {
        return false;
    }
    let before = word_at(body, word);
    body[bit / 8] ^= 0x80 >> (bit % 8);
    if mended {
        // RFC 1624 3: the sum without the old word and with the new one.
        let sum = u32::from(!word_at(body, CHECKSUM)) + u32::from(!before) + u32::from(word_at(body, word));
        let folded = (sum & 0xffff) + (sum >> 16);
        let folded = (folded & 0xffff) + (folded >> 16);
        body[CHECKSUM..CHECKSUM + 2].copy_from_slice(&(!(folded as u16)).to_be_bytes());
    }
    mended
}

/// Two octets; behind the end there are zeros.
fn word_at(octets: &[u8], at: usize) -> u16 {
    let octet = |at: usize| octets.get(at).copied().unwrap_or(0);
    u16::from_be_bytes([octet(at), octet(at + 1)])
}
