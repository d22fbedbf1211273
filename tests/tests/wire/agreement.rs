//! Our reading of a packet and etherparse's.

use std::net::IpAddr;

use etherparse::err::{Layer, packet::SliceError};
use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice, NetSlice, SlicedPacket, TcpSlice, TransportSlice};
use lastack_core::types::wire::{WireError, emit, parse};
use lastack_core::types::{Checksum, Flags, Header, Segment};

/// How two readings of one packet compare. Whatever is not here is a failure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Agreement {
    /// Both read it, and every field is the same.
    Same,
    /// Neither reads it.
    NeitherReads,
    /// We read a data offset below 5; etherparse stops there.
    DataOffsetTooSmall,
    /// We read a data offset past the end; etherparse stops there.
    DataOffsetPastEnd,
    /// etherparse steps over IPv4 options. A segment has no place for them.
    Ipv4Options,
    /// etherparse steps over IPv6 extension headers. A segment has no place for them.
    ExtensionHeader,
    /// etherparse leaves out octets behind the packet's end. Left out is lost, so we refuse.
    Trailing,
    /// etherparse takes an IPv6 payload length of 0 for a jumbogram's. To us it is a wrong length.
    Jumbogram,
    /// etherparse does not look at the reserved flag. A segment has no place for it.
    ReservedFlag,
    /// etherparse reads the IP header of a fragment, and no further.
    Fragment,
    /// etherparse reads other protocols too.
    OtherProtocol,
}

impl Agreement {
    pub const ALL: [Agreement; 11] = [
        Agreement::Same,
        Agreement::NeitherReads,
        Agreement::DataOffsetTooSmall,
        Agreement::DataOffsetPastEnd,
        Agreement::Ipv4Options,
        Agreement::ExtensionHeader,
        Agreement::Trailing,
        Agreement::Jumbogram,
        Agreement::ReservedFlag,
        Agreement::Fragment,
        Agreement::OtherProtocol,
    ];
}

/// All that there is to say about one packet: nothing panics, what is read is written again octet for
/// octet, and etherparse reads the same or has a reason.
pub fn check(bytes: &[u8]) -> Agreement {
    let ours = parse(bytes);
    if let Ok(segment) = &ours {
        let mut again = Vec::new();
        emit(segment, &mut again).unwrap();
        assert_eq!(again, bytes, "written again");
    }
    match (ours, SlicedPacket::from_ip(bytes)) {
        (Ok(ours), Ok(theirs)) => same_packet(&ours, &theirs),
        (Ok(ours), Err(error)) => only_we_read(&ours, &error),
        (Err(error), Ok(theirs)) => only_they_read(bytes, error, &theirs),
        (Err(_), Err(_)) => Agreement::NeitherReads,
    }
}

fn same_packet(ours: &Segment<'_>, theirs: &SlicedPacket<'_>) -> Agreement {
    let Some(TransportSlice::Tcp(tcp)) = &theirs.transport else { panic!("TCP to us: {theirs:?}") };
    same_tcp(ours, tcp);
    match &theirs.net {
        Some(NetSlice::Ipv4(ip)) => same_v4(&ours.header, ip.header(), tcp),
        Some(NetSlice::Ipv6(ip)) => same_v6(&ours.header, ip.header(), tcp),
        other => panic!("IP to us: {other:?}"),
    }
    Agreement::Same
}

fn same_tcp(ours: &Segment<'_>, tcp: &TcpSlice<'_>) {
    let h = &ours.header;
    assert_eq!((tcp.source_port(), tcp.destination_port()), (h.src.port, h.dst.port));
    assert_eq!((tcp.sequence_number(), tcp.acknowledgment_number()), (h.seq.value(), h.ack.value()));
    assert_eq!((tcp.window_size(), tcp.urgent_pointer()), (h.window, h.urgent));
    assert_eq!((tcp.options(), tcp.payload()), (h.options.as_octets(), ours.text));
    assert_eq!(h.data_offset, None, "{} words", tcp.data_offset());
    #[rustfmt::skip]
    let names = [tcp.fin(), tcp.syn(), tcp.rst(), tcp.psh(), tcp.ack(), tcp.urg(), tcp.ece(), tcp.cwr(), tcp.ns()];
    for (place, on) in names.into_iter().enumerate() {
        assert_eq!(on, h.flags.has(Flags::from_bits(1 << place)), "control bit {place}");
    }
    // Three of the four reserved bits have no name there.
    assert_eq!(u16::from(tcp.slice()[12] & 0x0f), h.flags.bits() >> 8, "reserved bits");
}

fn same_v4(h: &Header, ip: Ipv4HeaderSlice<'_>, tcp: &TcpSlice<'_>) {
    let (src, dst) = (ip.source(), ip.destination());
    assert_eq!((IpAddr::from(src), IpAddr::from(dst)), (h.src.addr, h.dst.addr));
    assert_eq!((ip.ttl(), ip.identification()), (h.ttl, h.ident));
    assert_eq!((ip.dcp().value() << 2) | ip.ecn().value(), h.traffic_class);
    assert_eq!((ip.dont_fragment(), 0), (h.dont_fragment, h.flow_label));
    same_checksum(h.ip_checksum, ip.header_checksum(), ip.to_header().calc_header_checksum());
    same_checksum(h.checksum, tcp.checksum(), tcp.calc_checksum_ipv4(src, dst).unwrap());
}

fn same_v6(h: &Header, ip: Ipv6HeaderSlice<'_>, tcp: &TcpSlice<'_>) {
    let (src, dst) = (ip.source(), ip.destination());
    assert_eq!((IpAddr::from(src), IpAddr::from(dst)), (h.src.addr, h.dst.addr));
    assert_eq!((ip.hop_limit(), ip.traffic_class()), (h.ttl, h.traffic_class));
    assert_eq!(ip.flow_label().value(), h.flow_label);
    // What IPv6 lacks.
    assert_eq!((0, true, Checksum::Right), (h.ident, h.dont_fragment, h.ip_checksum));
    same_checksum(h.checksum, tcp.checksum(), tcp.calc_checksum_ipv6(src, dst).unwrap());
}

/// `Right` where the field is right, and only there.
fn same_checksum(ours: Checksum, field: u16, right: u16) {
    assert_eq!(ours, if field == right { Checksum::Right } else { Checksum::Literal(field) });
}

/// We read what etherparse refuses in one case only: the data offset is wrong. A segment keeps it.
fn only_we_read(ours: &Segment<'_>, error: &SliceError) -> Agreement {
    let header_len = usize::from(ours.header.data_offset.expect("a data offset that is wrong")) * 4;
    match error {
        SliceError::Tcp(_) => {
            assert!(header_len < 20, "{error}");
            Agreement::DataOffsetTooSmall
        }
        SliceError::Len(e) if e.layer == Layer::TcpHeader => {
            assert_eq!((e.required_len, e.len), (header_len, 20 + ours.text.len()), "{error}");
            Agreement::DataOffsetPastEnd
        }
        other => panic!("{other}"),
    }
}

/// etherparse reads what we refuse where a [`Segment`] has no place for it. Each reason is looked up in the
/// bytes.
fn only_they_read(bytes: &[u8], error: WireError, theirs: &SlicedPacket<'_>) -> Agreement {
    let tcp = matches!(theirs.transport, Some(TransportSlice::Tcp(_)));
    let v4 = bytes[0] >> 4 == 4;
    let be16 = |offset: usize| usize::from(u16::from_be_bytes([bytes[offset], bytes[offset + 1]]));
    let (protocol, says) = if v4 { (bytes[9], be16(2)) } else { (bytes[6], 40 + be16(4)) };
    let (holds, agreement) = match error {
        WireError::Ipv4HeaderLength { got } => {
            (v4 && got == usize::from(bytes[0] & 15) * 4 && got > 20, Agreement::Ipv4Options)
        }
        WireError::ExtensionHeader { got } => (!v4 && got == protocol, Agreement::ExtensionHeader),
        WireError::Length { want: 40, got } if !v4 => (says == 40 && got > 40, Agreement::Jumbogram),
        WireError::Length { want, got } => {
            (want == says && got == bytes.len() && got > want, Agreement::Trailing)
        }
        WireError::Ipv4ReservedBit => (v4 && bytes[6] & 0x80 != 0, Agreement::ReservedFlag),
        WireError::Fragment { .. } => (v4 && theirs.is_ip_payload_fragmented() && !tcp, Agreement::Fragment),
        // Behind an IPsec authentication header (51) there may be TCP.
        WireError::NotTcp { got } => {
            (got == protocol && got != 6 && (!tcp || v4 && got == 51), Agreement::OtherProtocol)
        }
        // Too short for anyone, another version, or an error of writing.
        _ => (false, Agreement::NeitherReads),
    };
    assert!(holds, "{error}, but etherparse reads {theirs:?}");
    agreement
}
