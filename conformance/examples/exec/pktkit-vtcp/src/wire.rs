//! IP around segments: vtcp writes neither IP headers nor checksums.

use std::net::IpAddr;

use pktkit::vtcp::Segment;
use pktkit::{Packet, Protocol, checksum, combine_checksums, pseudo_header_checksum};

/// A TCP segment for `own`, and who sent it. None for what a host drops in silence: not for us, damaged, a
/// fragment, a source that is nobody (RFC 9293 3.9.2.3, MUST-57, MUST-63).
pub fn unwrap(packet: &[u8], own: IpAddr) -> Option<(IpAddr, Segment)> {
    let (six, header) = match packet.first()? >> 4 {
        4 => (false, usize::from(packet[0] & 15) * 4),
        6 => (true, 40),
        _ => return None,
    };
    let total = if six { 40 + number(packet, 4)? } else { number(packet, 2)? };
    if total > packet.len() || header < 20 || total < header {
        return None;
    }
    let fragment = !six && number(packet, 6)? & 0x3fff != 0;
    if fragment || !six && checksum(&packet[..header]) != 0 {
        return None;
    }
    let packet = Packet::from_slice(&packet[..total]);
    let source = packet.src_addr().filter(|source| is_somebody(*source))?;
    let ours = packet.dst_addr() == Some(own) && packet.ip_protocol() == Protocol::TCP;
    if !ours || packet.verify_transport_checksum() != Some(true) {
        return None;
    }
    Some((source, Segment::parse(packet.payload()).ok()?))
}

fn number(packet: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(packet.get(at..at + 2)?.try_into().ok()?)))
}

/// Neither multicast, broadcast, unspecified nor loopback.
pub fn is_somebody(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast() || v4.octets() == [192, 0, 2, 255] || v4.octets()[0] == 0);
    !(broadcast || address.is_multicast() || address.is_unspecified() || address.is_loopback())
}

/// A segment of vtcp's as a packet.
pub fn wrap(own: IpAddr, peer: IpAddr, segment: &[u8]) -> Vec<u8> {
    let mut packet = vec![0; if own.is_ipv6() { 40 } else { 20 }];
    let len = segment.len() as u16;
    match (own, peer) {
        (IpAddr::V4(own), IpAddr::V4(peer)) => {
            packet[0] = 0x45;
            packet[2..4].copy_from_slice(&(len + 20).to_be_bytes());
            packet[6] = 0x40;
            packet[8..10].copy_from_slice(&[64, 6]);
            packet[12..16].copy_from_slice(&own.octets());
            packet[16..20].copy_from_slice(&peer.octets());
            let sum = checksum(&packet);
            packet[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        (IpAddr::V6(own), IpAddr::V6(peer)) => {
            packet[0] = 0x60;
            packet[4..6].copy_from_slice(&len.to_be_bytes());
            packet[6..8].copy_from_slice(&[6, 64]);
            packet[8..24].copy_from_slice(&own.octets());
            packet[24..40].copy_from_slice(&peer.octets());
        }
        _ => unreachable!("own and peer are of one family"),
    }
    let pseudo = pseudo_header_checksum(Protocol::TCP, own, peer, len);
    let sum = !combine_checksums(pseudo, !checksum(segment));
    let tcp = packet.len();
    packet.extend_from_slice(segment);
    packet[tcp + 16..tcp + 18].copy_from_slice(&sum.to_be_bytes());
    packet
}
