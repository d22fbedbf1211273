//! Any segment, and a model of what it says once it is on the wire.

use std::net::IpAddr;

use lastack_core::types::wire::emit;
use lastack_core::types::{Checksum, Endpoint, Flags, Header, Options, Segment, SeqNum};
use proptest::prelude::*;

/// A checksum field as an offset from the right value; 0 is right.
pub type Wrong = u16;

fn wrong() -> impl Strategy<Value = Wrong> {
    prop_oneof![3 => Just(0u16), 1 => any::<u16>()]
}

fn addresses() -> impl Strategy<Value = (IpAddr, IpAddr)> {
    let v4 = any::<[[u8; 4]; 2]>().prop_map(|[a, b]| (a.into(), b.into()));
    let v6 = any::<[[u8; 16]; 2]>().prop_map(|[a, b]| (a.into(), b.into()));
    prop_oneof![v4, v6]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let octets = |most| prop::collection::vec(any::<u8>(), 0..most);
    prop_oneof![4 => Just(Vec::new()), 4 => octets(40), 1 => octets(1500)]
}

/// Any header; both checksums right.
fn header() -> impl Strategy<Value = Header> {
    let ip = (addresses(), any::<[u16; 2]>(), any::<[u8; 2]>(), any::<u16>(), any::<bool>(), 0..1u32 << 20);
    let tcp = (any::<[u32; 2]>(), any::<[u16; 3]>(), prop::option::weighted(0.2, 0..16u8));
    let raw = prop_oneof![Just(vec![]), prop::collection::vec(any::<u8>(), 0..=Options::MAX)];
    (ip, tcp, raw).prop_map(|(ip, tcp, raw)| {
        let ((src, dst), ports, [ttl, traffic_class], ident, dont_fragment, flow_label) = ip;
        let ([seq, ack], [flags, window, urgent], data_offset) = tcp;
        let [src, dst] = [(src, ports[0]), (dst, ports[1])].map(|(addr, port)| Endpoint { addr, port });
        let flags = Flags::from_bits(flags);
        let mut header = Header::new(src, dst, flags, SeqNum::new(seq), SeqNum::new(ack));
        (header.ttl, header.traffic_class) = (ttl, traffic_class);
        if src.addr.is_ipv4() {
            (header.ident, header.dont_fragment) = (ident, dont_fragment);
        } else {
            header.flow_label = flow_label;
        }
        (header.window, header.urgent, header.data_offset) = (window, urgent, data_offset);
        header.options = Options::from_octets(&raw).unwrap();
        header
    })
}

/// Any header, its text, and what is wrong with the IPv4 and the TCP checksum.
pub fn any_segment() -> impl Strategy<Value = (Header, Vec<u8>, Wrong, Wrong)> {
    (header(), text(), wrong(), wrong())
}

pub fn packet(header: Header, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    emit(&Segment { header, text }, &mut out).unwrap();
    out
}

/// The 16 bits at `offset`.
fn field(packet: &[u8], offset: usize) -> u16 {
    u16::from_be_bytes([packet[offset], packet[offset + 1]])
}

/// Octets of the IP header.
pub fn ip_len(header: &Header) -> usize {
    if header.src.addr.is_ipv4() { 20 } else { 40 }
}

/// Puts wrong checksums into a header whose checksums are right.
pub fn spoil(header: &mut Header, text: &[u8], ip: Wrong, tcp: Wrong) {
    let right = packet(*header, text);
    if ip != 0 && header.src.addr.is_ipv4() {
        header.ip_checksum = Checksum::Literal(field(&right, 10).wrapping_add(ip));
    }
    if tcp != 0 {
        header.checksum = Checksum::Literal(field(&right, ip_len(header) + 16).wrapping_add(tcp));
    }
}

/// RFC 1071, the slow way: words of 16 bits, carries put back at the end.
pub fn slow_sum(octets: &[u8]) -> u16 {
    let words = octets.chunks(2).map(|w| u64::from(w[0]) << 8 | u64::from(*w.get(1).unwrap_or(&0)));
    let mut sum: u64 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// Pseudo-header, TCP header and text of a packet, in the order in which they are summed.
pub fn summed_by_tcp(packet: &[u8], ip_len: usize) -> Vec<u8> {
    let addresses = if ip_len == 20 { &packet[12..20] } else { &packet[8..40] };
    let len = (packet.len() - ip_len) as u32;
    [addresses, &len.to_be_bytes(), &[0, 0, 0, 6], &packet[ip_len..]].concat()
}

/// What a segment says once it is on the wire: padding counts as options, and the data offset alone
/// divides options from text.
pub fn on_the_wire(mut header: Header, text: &[u8]) -> (Header, Vec<u8>) {
    let mut body = header.options.as_octets().to_vec();
    body.resize(body.len().next_multiple_of(4), 0);
    let right = 5 + body.len() / 4;
    let words = header.data_offset.map_or(right, usize::from);
    body.extend_from_slice(text);
    if words >= 5 && (words - 5) * 4 <= body.len() {
        let text = body.split_off((words - 5) * 4);
        header.options = Options::from_octets(&body).unwrap();
        header.data_offset = None;
        (header, text)
    } else {
        header.options = Options::NONE;
        header.data_offset = Some(words as u8);
        (header, body)
    }
}
