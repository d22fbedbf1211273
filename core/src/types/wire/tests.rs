use alloc::vec::Vec;
use core::net::IpAddr;

use super::*;
use crate::types::{Checksum, Endpoint, Flags, Header, Options, Segment, SeqNum};

/// A SYN,ACK with DF, MSS 1460, window scale 7 and a NOP, its checksums computed apart from this crate.
#[rustfmt::skip]
const SYN_ACK_V4: [u8; 48] = [
    0x45, 0x00, 0x00, 0x30, 0x12, 0x34, 0x40, 0x00, 0x40, 0x06, 0xa4, 0x90, 192, 0, 2, 1, 192, 0, 2, 2,
    0x1f, 0x40, 0x23, 0x28, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x65, 0x70, 0x12, 0x10, 0x00, 0xad, 0x37, 0, 0,
    2, 4, 0x05, 0xb4, 1, 3, 3, 7,
];

/// Three octets of text over IPv6, traffic class 0xa5, flow label 0xbcdef, hop limit 255.
#[rustfmt::skip]
const TEXT_V6: [u8; 63] = [
    0x6a, 0x5b, 0xcd, 0xef, 0x00, 0x17, 0x06, 0xff,
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
    0x23, 0x28, 0x1f, 0x40, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 0xff, 0xff, 0x4d, 0x87, 0, 0,
    b'a', b'b', b'c',
];

fn syn_ack_v4() -> Header {
    let end = |last, port| Endpoint { addr: IpAddr::from([192, 0, 2, last]), port };
    let (seq, ack) = (SeqNum::new(u32::MAX), SeqNum::new(101));
    let mut header = Header::new(end(1, 8000), end(2, 9000), Flags::SYN | Flags::ACK, seq, ack);
    header.ident = 0x1234;
    header.window = 4096;
    header.options = OptionsBuilder::new().mss(1460).raw(&[1]).scale(7).build().unwrap();
    header
}

fn text_v6() -> Segment<'static> {
    let end = |last, port| Endpoint { addr: IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]), port };
    let (seq, ack) = (SeqNum::new(1), SeqNum::new(2));
    let mut header = Header::new(end(1, 9000), end(2, 8000), Flags::PSH | Flags::ACK, seq, ack);
    header.ttl = 255;
    header.traffic_class = 0xa5;
    header.flow_label = 0xbcdef;
    header.window = 0xffff;
    Segment { header, text: b"abc" }
}

fn bytes(segment: &Segment<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    emit(segment, &mut out).unwrap();
    out
}

/// `packet` with one octet replaced.
fn with(packet: &[u8], offset: usize, octet: u8) -> Vec<u8> {
    let mut packet = Vec::from(packet);
    packet[offset] = octet;
    packet
}

#[test]
fn known_packets_read_as_their_fields() {
    assert_eq!(parse(&SYN_ACK_V4), Ok(Segment { header: syn_ack_v4(), text: &[] }));
    assert_eq!(parse(&TEXT_V6), Ok(text_v6()));
}

#[test]
fn known_packets_are_written_octet_for_octet() {
    assert_eq!(bytes(&Segment { header: syn_ack_v4(), text: &[] }), SYN_ACK_V4);
    assert_eq!(bytes(&text_v6()), TEXT_V6);
}

#[test]
fn a_packet_is_appended_and_leaves_what_stands_before_it() {
    let mut out = Vec::from(*b"before");
    emit(&text_v6(), &mut out).unwrap();
    assert_eq!(out[..6], *b"before");
    assert_eq!(out[6..], TEXT_V6);
}

#[test]
fn wrong_checksums_stay_as_they_came() {
    let packet = with(&with(&SYN_ACK_V4, 11, 0x91), 37, 0x38);
    let segment = parse(&packet).unwrap();
    assert_eq!(segment.header.ip_checksum, Checksum::Literal(0xa491));
    assert_eq!(segment.header.checksum, Checksum::Literal(0xad38));
    assert_eq!(bytes(&segment), packet);
}

#[test]
fn all_ones_in_place_of_a_zero_checksum_is_literal() {
    // A port that is larger by 0xad37 makes the right checksum 0.
    let mut header = syn_ack_v4();
    header.src.port += 0xad37;
    assert_eq!(bytes(&Segment { header, text: &[] })[36..38], [0, 0]);
    header.checksum = Checksum::Literal(0xffff);
    let packet = bytes(&Segment { header, text: &[] });
    assert_eq!(packet[36..38], [0xff, 0xff]);
    assert_eq!(parse(&packet).unwrap().header.checksum, Checksum::Literal(0xffff));
}

#[test]
fn every_flag_bit_is_kept() {
    for bit in 0..12 {
        let mut segment = text_v6();
        segment.header.flags = Flags::from_bits(1 << bit);
        assert_eq!(parse(&bytes(&segment)), Ok(segment), "bit {bit}");
    }
}

#[test]
fn a_data_offset_below_five_or_past_the_end_divides_nothing() {
    // 48 octets of packet leave 28 of TCP: 7 words, the right offset. 8 is one too many.
    for words in [0, 1, 4, 8, 15] {
        let packet = with(&SYN_ACK_V4, 32, words << 4);
        let segment = parse(&packet).unwrap();
        assert_eq!(segment.header.data_offset, Some(words));
        assert_eq!(segment.header.options, Options::NONE);
        assert_eq!(segment.text, &SYN_ACK_V4[40..]);
        assert_eq!(bytes(&segment), packet);
    }
}

#[test]
fn a_smaller_data_offset_makes_text_of_options() {
    let packet = with(&SYN_ACK_V4, 32, 6 << 4);
    let segment = parse(&packet).unwrap();
    assert_eq!(segment.header.data_offset, None);
    assert_eq!(segment.header.options.as_octets(), [2, 4, 0x05, 0xb4]);
    assert_eq!(segment.text, [1, 3, 3, 7]);
}

#[test]
fn options_are_padded_with_zeros_to_whole_words() {
    let mut header = syn_ack_v4();
    header.options = Options::from_octets(&[3, 3, 7, 1, 1]).unwrap();
    let packet = bytes(&Segment { header, text: &[] });
    assert_eq!(packet[40..], [3, 3, 7, 1, 1, 0, 0, 0]);
    assert_eq!(packet[32] >> 4, 7);
}

#[test]
fn what_a_segment_cannot_hold_is_refused_by_name() {
    let v4 = |offset, octet| parse(&with(&SYN_ACK_V4, offset, octet)).unwrap_err();
    assert_eq!(v4(0, 0x55), WireError::Version { got: 5 });
    assert_eq!(v4(0, 0x46), WireError::Ipv4HeaderLength { got: 24 });
    assert_eq!(v4(0, 0x44), WireError::Ipv4HeaderLength { got: 16 });
    assert_eq!(v4(3, 0x31), WireError::Length { want: 49, got: 48 });
    assert_eq!(v4(3, 0x2f), WireError::Length { want: 47, got: 48 });
    assert_eq!(v4(6, 0x80), WireError::Ipv4ReservedBit);
    assert_eq!(v4(6, 0x20), WireError::Fragment { offset: 0, more: true });
    assert_eq!(v4(7, 0x02), WireError::Fragment { offset: 16, more: false });
    assert_eq!(v4(9, 17), WireError::NotTcp { got: 17 });
    let v6 = |offset, octet| parse(&with(&TEXT_V6, offset, octet)).unwrap_err();
    assert_eq!(v6(5, 0x18), WireError::Length { want: 64, got: 63 });
    assert_eq!(v6(5, 0), WireError::Length { want: 40, got: 63 });
    assert_eq!(v6(6, 0), WireError::ExtensionHeader { got: 0 });
    assert_eq!(v6(6, 58), WireError::NotTcp { got: 58 });
}

#[test]
fn every_cut_is_refused() {
    assert_eq!(parse(&[]), Err(WireError::TooShort { part: Part::Packet, want: 1, got: 0 }));
    for (packet, part, want) in [(&SYN_ACK_V4[..], Part::Ipv4, 20), (&TEXT_V6[..], Part::Ipv6, 40)] {
        for got in 1..packet.len() {
            let short = WireError::TooShort { part, want, got };
            let expected = if got < want { short } else { WireError::Length { want: packet.len(), got } };
            assert_eq!(parse(&packet[..got]), Err(expected));
        }
    }
}

#[test]
fn a_packet_without_room_for_a_tcp_header_is_refused() {
    let mut packet = with(&SYN_ACK_V4, 3, 39);
    packet.truncate(39);
    assert_eq!(parse(&packet), Err(WireError::TooShort { part: Part::Tcp, want: 20, got: 19 }));
}

#[test]
fn the_longest_text_fits_and_one_octet_more_does_not() {
    let text = Vec::from([0x5a; 65_536]);
    for (header, max) in [(syn_ack_v4(), 65_535 - 20 - 28), (text_v6().header, 65_535 - 20)] {
        let longest = Segment { header, text: &text[..max] };
        assert_eq!(parse(&bytes(&longest)), Ok(longest));
        let mut out = Vec::new();
        let longer = Segment { header, text: &text[..max + 1] };
        assert_eq!(emit(&longer, &mut out), Err(WireError::TooLong { max, got: max + 1 }));
        assert_eq!(out, []);
    }
}

#[test]
fn fields_that_no_packet_holds_are_refused() {
    let mut out = Vec::new();
    let mut mixed = text_v6();
    mixed.header.src = syn_ack_v4().src;
    let (src, dst) = (mixed.header.src.addr, mixed.header.dst.addr);
    assert_eq!(emit(&mixed, &mut out), Err(WireError::MixedVersions { src, dst }));
    let mut wide = text_v6();
    wide.header.flow_label = 0x10_0000;
    assert_eq!(emit(&wide, &mut out), Err(WireError::FlowLabel { got: 0x10_0000 }));
    let mut far = text_v6();
    far.header.data_offset = Some(16);
    assert_eq!(emit(&far, &mut out), Err(WireError::DataOffset { got: 16 }));
    assert_eq!(out, []);
}

fn read(raw: &[u8]) -> Vec<Result<TcpOption<'_>, OptionError>> {
    options(raw).collect()
}

#[test]
fn known_options_are_read_whole() {
    #[rustfmt::skip]
    let raw = [
        1, 2, 4, 0x02, 0x18, 3, 3, 14, 4, 2, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2,
        8, 10, 0, 0, 0, 3, 0, 0, 0, 4, 0x4f, 4, 7, 7,
    ];
    let expected = [
        TcpOption::Nop,
        TcpOption::Mss(536),
        TcpOption::WindowScale(14),
        TcpOption::SackPermitted,
        TcpOption::Sack(&[0, 0, 0, 1, 0, 0, 0, 2]),
        TcpOption::Timestamps { value: 3, echo: 4 },
        TcpOption::Unknown { kind: 0x4f, data: &[7, 7] },
    ];
    assert_eq!(read(&raw), expected.map(Ok));
}

#[test]
fn reading_stops_at_the_end_of_the_list() {
    let mut reader = options(&[1, 0, 2, 4]);
    assert_eq!(reader.by_ref().count(), 2);
    assert_eq!(reader.rest(), [2, 4]);
}

#[test]
fn an_option_without_a_usable_length_ends_the_reading() {
    let broken = |raw: &[u8]| read(raw).last().copied().unwrap().unwrap_err();
    assert_eq!(broken(&[1, 2]), OptionError::NoLength { offset: 1, kind: 2 });
    assert_eq!(broken(&[1, 1, 0x4f, 0]), OptionError::LengthBelowTwo { offset: 2, kind: 0x4f, len: 0 });
    assert_eq!(broken(&[3, 1, 1, 1]), OptionError::LengthBelowTwo { offset: 0, kind: 3, len: 1 });
    let past = OptionError::PastHeader { offset: 1, kind: 2, len: 4, left: 3 };
    assert_eq!(broken(&[1, 2, 4, 0]), past);
    assert_eq!(read(&[0x4f, 0, 1, 1]).len(), 1);
}

#[test]
fn a_known_kind_of_wrong_length_is_named_and_stepped_over() {
    #[rustfmt::skip]
    let cases = [(2, 3, 4), (2, 5, 4), (3, 2, 3), (3, 4, 3), (4, 3, 2), (5, 2, 10), (5, 11, 10), (5, 27, 26), (8, 9, 10)];
    for (kind, len, want) in cases {
        let mut raw = Vec::from([1, kind, len]);
        raw.resize(1 + usize::from(len), 0xee);
        raw.push(1);
        let wrong = OptionError::WrongLength { offset: 1, kind, want, len };
        assert_eq!(read(&raw), [Ok(TcpOption::Nop), Err(wrong), Ok(TcpOption::Nop)]);
    }
}

#[test]
fn the_builder_takes_forty_octets_and_no_more() {
    let full = OptionsBuilder::new().timestamps(1, 2).sack_permitted().raw(&[1; 28]);
    let octets = full.clone().build().unwrap();
    assert_eq!(octets.as_octets()[..14], [8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 4, 2, 1, 1]);
    assert_eq!(octets.as_octets().len(), 40);
    assert_eq!(full.raw(&[1]).build(), None);
}
