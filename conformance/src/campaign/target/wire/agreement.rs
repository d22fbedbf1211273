//! Our reading of a packet and etherparse's.

use core::net::IpAddr;

use etherparse::err::{Layer, packet::SliceError};
use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice, NetSlice, SlicedPacket, TcpSlice, TransportSlice};
use lastack_core::types::wire::{WireError, parse};
use lastack_core::types::{Checksum, Flags, Header, Segment};

use super::same;

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
    /// All of them.
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

/// What two readers make of one packet.
///
/// # Errors
/// What they read differently without a reason.
pub fn compare(bytes: &[u8]) -> Result<Agreement, String> {
    match (parse(bytes), SlicedPacket::from_ip(bytes)) {
        (Ok(ours), Ok(theirs)) => same_packet(&ours, &theirs),
        (Ok(ours), Err(error)) => only_we_read(&ours, &error),
        (Err(error), Ok(theirs)) => only_they_read(bytes, error, &theirs),
        (Err(_), Err(_)) => Ok(Agreement::NeitherReads),
    }
}

fn same_packet(ours: &Segment<'_>, theirs: &SlicedPacket<'_>) -> Result<Agreement, String> {
    let Some(TransportSlice::Tcp(tcp)) = &theirs.transport else {
        return Err(format!("TCP to us: {theirs:?}"));
    };
    same_tcp(ours, tcp)?;
    match &theirs.net {
        Some(NetSlice::Ipv4(ip)) => same_v4(&ours.header, ip.header(), tcp)?,
        Some(NetSlice::Ipv6(ip)) => same_v6(&ours.header, ip.header(), tcp)?,
        other => return Err(format!("IP to us: {other:?}")),
    }
    Ok(Agreement::Same)
}

fn same_tcp(ours: &Segment<'_>, tcp: &TcpSlice<'_>) -> Result<(), String> {
    let h = &ours.header;
    same("ports", (h.src.port, h.dst.port), (tcp.source_port(), tcp.destination_port()))?;
    same("numbers", (h.seq.value(), h.ack.value()), (tcp.sequence_number(), tcp.acknowledgment_number()))?;
    same("window, urgent pointer", (h.window, h.urgent), (tcp.window_size(), tcp.urgent_pointer()))?;
    same("options", h.options.as_octets(), tcp.options())?;
    same("text", ours.text, tcp.payload())?;
    same("a data offset that is wrong", h.data_offset, None)?;
    #[rustfmt::skip]
    let names = [tcp.fin(), tcp.syn(), tcp.rst(), tcp.psh(), tcp.ack(), tcp.urg(), tcp.ece(), tcp.cwr(), tcp.ns()];
    same("control bits", core::array::from_fn(|place| h.flags.has(Flags::from_bits(1 << place))), names)?;
    // Three of the four reserved bits have no name there.
    same("reserved bits", h.flags.bits() >> 8, u16::from(tcp.slice()[12] & 0x0f))
}

fn same_v4(h: &Header, ip: Ipv4HeaderSlice<'_>, tcp: &TcpSlice<'_>) -> Result<(), String> {
    let (src, dst) = (ip.source(), ip.destination());
    same("addresses", (h.src.addr, h.dst.addr), (IpAddr::from(src), IpAddr::from(dst)))?;
    same("TTL, identification", (h.ttl, h.ident), (ip.ttl(), ip.identification()))?;
    same("traffic class", h.traffic_class, (ip.dcp().value() << 2) | ip.ecn().value())?;
    same("flags, flow label", (h.dont_fragment, h.flow_label), (ip.dont_fragment(), 0))?;
    same_checksum(h.ip_checksum, ip.header_checksum(), ip.to_header().calc_header_checksum())?;
    let right = tcp.calc_checksum_ipv4(src, dst).map_err(|error| error.to_string())?;
    same_checksum(h.checksum, tcp.checksum(), right)
}

fn same_v6(h: &Header, ip: Ipv6HeaderSlice<'_>, tcp: &TcpSlice<'_>) -> Result<(), String> {
    let (src, dst) = (ip.source(), ip.destination());
    same("addresses", (h.src.addr, h.dst.addr), (IpAddr::from(src), IpAddr::from(dst)))?;
    same("hop limit, traffic class", (h.ttl, h.traffic_class), (ip.hop_limit(), ip.traffic_class()))?;
    same("flow label", h.flow_label, ip.flow_label().value())?;
    // What IPv6 lacks.
    same("what IPv6 lacks", (h.ident, h.dont_fragment, h.ip_checksum), (0, true, Checksum::Right))?;
    let right = tcp.calc_checksum_ipv6(src, dst).map_err(|error| error.to_string())?;
    same_checksum(h.checksum, tcp.checksum(), right)
}

/// `Right` where the field is right, and only there.
fn same_checksum(ours: Checksum, field: u16, right: u16) -> Result<(), String> {
    same("checksum", ours, if field == right { Checksum::Right } else { Checksum::Literal(field) })
}

/// We read what etherparse refuses in one case only: the data offset is wrong. A segment keeps it.
fn only_we_read(ours: &Segment<'_>, error: &SliceError) -> Result<Agreement, String> {
    let Some(words) = ours.header.data_offset else { return Err(format!("only we read it: {error}")) };
    let header_len = usize::from(words) * 4;
    match error {
        SliceError::Tcp(_) if header_len < 20 => Ok(Agreement::DataOffsetTooSmall),
        SliceError::Len(e)
            if e.layer == Layer::TcpHeader
                && (e.required_len, e.len) == (header_len, 20 + ours.text.len()) =>
        {
            Ok(Agreement::DataOffsetPastEnd)
        }
        other => Err(format!("only we read it: {other}")),
    }
}

/// etherparse reads what we refuse where a [`Segment`] has no place for it. Each reason is looked up in the
/// bytes.
fn only_they_read(bytes: &[u8], error: WireError, theirs: &SlicedPacket<'_>) -> Result<Agreement, String> {
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
    if holds { Ok(agreement) } else { Err(format!("{error}, but etherparse reads {theirs:?}")) }
}
