use core::net::IpAddr;

use super::checksum::Sum;
use super::{IPV4_LEN, IPV6_LEN, Part, TCP, TCP_LEN, TCP_WORDS, WireError};
use crate::types::{Checksum, Endpoint, Flags, Header, Options, Segment, SeqNum};

/// Reads one IPv4 or IPv6 packet that holds one TCP segment. Nothing is allocated, nothing is corrected:
///
/// - A checksum that is not what its algorithm gives is [`Checksum::Literal`]. So is 0xffff where 0x0000 is
///   right, although a receiver that adds everything up lets it pass.
/// - A data offset that the packet can satisfy divides options from text. One below 5 or past the packet's
///   end divides nothing: it stays in [`Header::data_offset`], the options are empty and everything behind
///   the 20 fixed octets is text.
/// - Fields that an IP version lacks are as [`Header`] says (`ident` 0, `dont_fragment` on, ...).
///
/// # Errors
/// Whatever a [`Segment`] cannot hold: anything but TCP, IPv4 options, fragments, the reserved IPv4 flag,
/// IPv6 extension headers, headers cut off, and a packet that is shorter or *longer* than its IP header
/// says (octets behind the packet are link padding, for the link to remove).
pub fn parse(packet: &[u8]) -> Result<Segment<'_>, WireError> {
    match packet.first().map(|octet| octet >> 4) {
        Some(4) => parse_v4(packet),
        Some(6) => parse_v6(packet),
        Some(got) => Err(WireError::Version { got }),
        None => Err(WireError::TooShort { part: Part::Packet, want: 1, got: 0 }),
    }
}

/// RFC 791 3.1.
fn parse_v4(packet: &[u8]) -> Result<Segment<'_>, WireError> {
    let (ip, tcp) = split::<IPV4_LEN>(packet, Part::Ipv4)?;
    let header_len = usize::from(ip[0] & 0x0f) * 4;
    if header_len != IPV4_LEN {
        return Err(WireError::Ipv4HeaderLength { got: header_len });
    }
    check_length(usize::from(be16(ip[2], ip[3])), packet.len())?;
    let fragment = be16(ip[6], ip[7]);
    if fragment & 0x8000 != 0 {
        return Err(WireError::Ipv4ReservedBit);
    }
    let (more, offset) = (fragment & 0x2000 != 0, (fragment & 0x1fff) << 3);
    if more || offset != 0 {
        return Err(WireError::Fragment { offset, more });
    }
    if ip[9] != TCP {
        return Err(WireError::NotTcp { got: ip[9] });
    }
    let right = Sum::default().add(&ip[..10]).add(&ip[12..]).field();
    let came = be16(ip[10], ip[11]);
    let src = IpAddr::from([ip[12], ip[13], ip[14], ip[15]]);
    let dst = IpAddr::from([ip[16], ip[17], ip[18], ip[19]]);
    let mut segment = parse_tcp(src, dst, tcp, Sum::of_pseudo_header(&ip[12..], tcp.len()))?;
    let header = &mut segment.header;
    header.ttl = ip[8];
    header.traffic_class = ip[1];
    header.ident = be16(ip[4], ip[5]);
    header.dont_fragment = fragment & 0x4000 != 0;
    header.ip_checksum = compare(came, right);
    Ok(segment)
}

/// RFC 8200 3.
fn parse_v6(packet: &[u8]) -> Result<Segment<'_>, WireError> {
    let (ip, tcp) = split::<IPV6_LEN>(packet, Part::Ipv6)?;
    check_length(IPV6_LEN + usize::from(be16(ip[4], ip[5])), packet.len())?;
    if ip[6] != TCP {
        return Err(not_tcp_v6(ip[6]));
    }
    let (mut src, mut dst) = ([0; 16], [0; 16]);
    src.copy_from_slice(&ip[8..24]);
    dst.copy_from_slice(&ip[24..]);
    let mut segment = parse_tcp(src.into(), dst.into(), tcp, Sum::of_pseudo_header(&ip[8..], tcp.len()))?;
    let header = &mut segment.header;
    header.ttl = ip[7];
    header.traffic_class = (ip[0] << 4) | (ip[1] >> 4);
    header.flow_label = u32::from_be_bytes([0, ip[1] & 0x0f, ip[2], ip[3]]);
    Ok(segment)
}

/// RFC 9293 3.1. `sum` holds the pseudo-header; the IP fields are left for the caller.
fn parse_tcp(src: IpAddr, dst: IpAddr, tcp: &[u8], sum: Sum) -> Result<Segment<'_>, WireError> {
    let (fixed, rest) = split::<TCP_LEN>(tcp, Part::Tcp)?;
    let words = fixed[12] >> 4;
    let options_len = usize::from(words.saturating_sub(TCP_WORDS)) * 4;
    let divided = if words < TCP_WORDS { None } else { rest.split_at_checked(options_len) };
    let divided = divided.and_then(|(options, text)| Some((Options::from_octets(options)?, text)));
    let (options, text, data_offset) = match divided {
        Some((options, text)) => (options, text, None),
        None => (Options::NONE, rest, Some(words)),
    };
    let right = sum.add(&fixed[..16]).add(&fixed[18..]).add(rest).field();
    let header = Header {
        src: Endpoint { addr: src, port: be16(fixed[0], fixed[1]) },
        dst: Endpoint { addr: dst, port: be16(fixed[2], fixed[3]) },
        ttl: 0,
        traffic_class: 0,
        ident: 0,
        dont_fragment: true,
        flow_label: 0,
        ip_checksum: Checksum::Right,
        seq: SeqNum::new(be32(fixed[4], fixed[5], fixed[6], fixed[7])),
        ack: SeqNum::new(be32(fixed[8], fixed[9], fixed[10], fixed[11])),
        flags: Flags::from_bits(be16(fixed[12], fixed[13])),
        window: be16(fixed[14], fixed[15]),
        urgent: be16(fixed[18], fixed[19]),
        data_offset,
        checksum: compare(be16(fixed[16], fixed[17]), right),
        options,
    };
    Ok(Segment { header, text })
}

/// The first `N` octets and the rest.
fn split<const N: usize>(octets: &[u8], part: Part) -> Result<(&[u8; N], &[u8]), WireError> {
    octets.split_first_chunk().ok_or(WireError::TooShort { part, want: N, got: octets.len() })
}

fn check_length(want: usize, got: usize) -> Result<(), WireError> {
    if want == got { Ok(()) } else { Err(WireError::Length { want, got }) }
}

fn compare(came: u16, right: u16) -> Checksum {
    if came == right { Checksum::Right } else { Checksum::Literal(came) }
}

/// The extension headers of IANA's list (RFC 7045 and its registry), and everything else.
fn not_tcp_v6(got: u8) -> WireError {
    match got {
        0 | 43 | 44 | 50 | 51 | 60 | 135 | 139 | 140 | 253 | 254 => WireError::ExtensionHeader { got },
        _ => WireError::NotTcp { got },
    }
}

const fn be16(a: u8, b: u8) -> u16 {
    u16::from_be_bytes([a, b])
}

const fn be32(a: u8, b: u8, c: u8, d: u8) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}
