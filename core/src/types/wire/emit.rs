use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::checksum::Sum;
use super::{IPV4_LEN, IPV6_LEN, LENGTH_MAX, TCP, TCP_LEN, WireError};
use crate::types::{Checksum, Header, Options, Segment};

/// Room for the longest headers: IPv6, TCP, options.
const HEADERS_MAX: usize = IPV6_LEN + TCP_MAX;
/// A TCP header with all the options that it can hold.
const TCP_MAX: usize = TCP_LEN + Options::MAX;

/// Appends the segment's packet bytes to `out`.
///
/// Everything is written as it stands; only what says so is computed: lengths, [`Checksum::Right`], and the
/// data offset where [`Header::data_offset`] is `None`. Option octets are filled up with zeros (end of
/// option list) to a multiple of four. Fields that the IP version lacks are not written.
///
/// # Errors
/// The addresses are not of one IP version, the text does not fit, or a field is wider than its place.
/// Nothing is appended then.
pub fn emit(segment: &Segment<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
    let h = &segment.header;
    let options_len = h.options.as_octets().len().next_multiple_of(4);
    let words = ((TCP_LEN + options_len) / 4) as u8;
    let offset = h.data_offset.unwrap_or(words);
    if offset > 15 {
        return Err(WireError::DataOffset { got: offset });
    }
    let tcp_len = TCP_LEN + options_len;
    let mut headers = [0; HEADERS_MAX];
    let ip_len = match (h.src.addr, h.dst.addr) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            check_room(LENGTH_MAX - IPV4_LEN - tcp_len, segment.text)?;
            write_v4(&mut headers, h, src, dst, tcp_len + segment.text.len());
            IPV4_LEN
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            check_room(LENGTH_MAX - tcp_len, segment.text)?;
            if h.flow_label > 0xf_ffff {
                return Err(WireError::FlowLabel { got: h.flow_label });
            }
            write_v6(&mut headers, h, src, dst, tcp_len + segment.text.len());
            IPV6_LEN
        }
        (src, dst) => return Err(WireError::MixedVersions { src, dst }),
    };
    // Both IP headers end with the two addresses.
    let addresses = if ip_len == IPV4_LEN { &headers[12..20] } else { &headers[8..40] };
    let sum = Sum::of_pseudo_header(addresses, tcp_len + segment.text.len());
    write_tcp(&mut headers[ip_len..ip_len + tcp_len], h, offset, segment.text, sum);
    out.extend_from_slice(&headers[..ip_len + tcp_len]);
    out.extend_from_slice(segment.text);
    Ok(())
}

fn check_room(max: usize, text: &[u8]) -> Result<(), WireError> {
    if text.len() > max { Err(WireError::TooLong { max, got: text.len() }) } else { Ok(()) }
}

/// RFC 791 3.1; `payload_len` is known to fit.
fn write_v4(ip: &mut [u8; HEADERS_MAX], h: &Header, src: Ipv4Addr, dst: Ipv4Addr, payload_len: usize) {
    ip[0] = 0x45;
    ip[1] = h.traffic_class;
    ip[2..4].copy_from_slice(&((IPV4_LEN + payload_len) as u16).to_be_bytes());
    ip[4..6].copy_from_slice(&h.ident.to_be_bytes());
    ip[6] = if h.dont_fragment { 0x40 } else { 0 };
    ip[8] = h.ttl;
    ip[9] = TCP;
    ip[12..16].copy_from_slice(&src.octets());
    ip[16..20].copy_from_slice(&dst.octets());
    // The checksum field is still zero, so it does not disturb its own sum.
    let checksum = match h.ip_checksum {
        Checksum::Right => Sum::default().add(&ip[..IPV4_LEN]).field(),
        Checksum::Literal(value) => value,
    };
    ip[10..12].copy_from_slice(&checksum.to_be_bytes());
}

/// RFC 8200 3; `payload_len` and the flow label are known to fit.
fn write_v6(ip: &mut [u8; HEADERS_MAX], h: &Header, src: Ipv6Addr, dst: Ipv6Addr, payload_len: usize) {
    let first = 6 << 28 | u32::from(h.traffic_class) << 20 | h.flow_label;
    ip[0..4].copy_from_slice(&first.to_be_bytes());
    ip[4..6].copy_from_slice(&(payload_len as u16).to_be_bytes());
    ip[6] = TCP;
    ip[7] = h.ttl;
    ip[8..24].copy_from_slice(&src.octets());
    ip[24..40].copy_from_slice(&dst.octets());
}

/// RFC 9293 3.1. `tcp` has the length of header and padded options and is all zero; `sum` holds the
/// pseudo-header.
fn write_tcp(tcp: &mut [u8], h: &Header, offset: u8, text: &[u8], sum: Sum) {
    tcp[0..2].copy_from_slice(&h.src.port.to_be_bytes());
    tcp[2..4].copy_from_slice(&h.dst.port.to_be_bytes());
    tcp[4..8].copy_from_slice(&h.seq.value().to_be_bytes());
    tcp[8..12].copy_from_slice(&h.ack.value().to_be_bytes());
    tcp[12..14].copy_from_slice(&(u16::from(offset) << 12 | h.flags.bits()).to_be_bytes());
    tcp[14..16].copy_from_slice(&h.window.to_be_bytes());
    tcp[18..20].copy_from_slice(&h.urgent.to_be_bytes());
    let options = h.options.as_octets();
    tcp[TCP_LEN..TCP_LEN + options.len()].copy_from_slice(options);
    let checksum = match h.checksum {
        Checksum::Right => sum.add(tcp).add(text).field(),
        Checksum::Literal(value) => value,
    };
    tcp[16..18].copy_from_slice(&checksum.to_be_bytes());
}
