//! The plain values in print and in arithmetic: as RFC 9293 spells them, and without a panic at any edge.

use std::net::{Ipv4Addr, Ipv6Addr};

use lastack_core::types::wire::{OptionError, OptionsBuilder, Part, WireError, emit, options, parse};
use lastack_core::types::{
    Checksum, Duration, Endpoint, Flags, Header, Instant, Options, Segment, SeqNum, State,
};

fn v4(last: u8) -> Endpoint {
    Endpoint { addr: Ipv4Addr::new(192, 0, 2, last).into(), port: 80 }
}

fn v6(last: u16) -> Endpoint {
    Endpoint { addr: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).into(), port: 80 }
}

fn header(src: Endpoint, dst: Endpoint) -> Header {
    Header::new(src, dst, Flags::FIN | Flags::ACK, SeqNum::new(101), SeqNum::new(301))
}

/// 3.4: figures print segments so; the window and what is not there are left out.
#[test]
fn segments_print_as_in_the_figures() {
    let mut segment = Segment { header: header(v4(1), v4(2)), text: b"" };
    assert_eq!(segment.to_string(), "<SEQ=101><ACK=301><CTL=FIN,ACK>");
    segment.header.flags = Flags::SYN;
    segment.text = b"hello";
    assert_eq!(segment.to_string(), "<SEQ=101><CTL=SYN><LEN=5>");
    assert_eq!(v4(1).to_string(), "192.0.2.1:80");
    assert_eq!(v6(1).to_string(), "[2001:db8::1]:80");
    assert_eq!(Endpoint::from(std::net::SocketAddr::from(([192, 0, 2, 1], 80))), v4(1));
    assert_eq!(format!("{} {:?}", SeqNum::new(7), SeqNum::new(u32::MAX)), "7 4294967295");
}

/// 3.4: SEG.LEN counts text, SYN and FIN.
#[test]
fn a_segment_takes_numbers_for_text_syn_and_fin() {
    let of = |flags: Flags, text| Segment { header: Header { flags, ..header(v4(1), v4(2)) }, text };
    let len =
        |flags, text| (of(flags, text).len(), of(flags, text).end().value(), of(flags, text).is_empty());
    assert_eq!(len(Flags::ACK | Flags::PSH | Flags::RST, b""), (0, 101, true));
    assert_eq!(len(Flags::SYN, b""), (1, 102, false));
    assert_eq!(len(Flags::FIN, b""), (1, 102, false));
    assert_eq!(len(Flags::SYN | Flags::FIN, b"abc"), (5, 106, false));
}

#[test]
fn flags_are_sets_of_bits() {
    let both = Flags::SYN | Flags::ACK;
    assert_eq!(both.with(Flags::ACK), both, "what is on stays on");
    assert_eq!(both.without(Flags::SYN), Flags::ACK);
    assert_eq!(both.without(Flags::FIN), both);
    assert!(both.has(Flags::SYN) && both.has(both) && !both.has(Flags::SYN | Flags::FIN));
    assert_eq!((both.syn(), both.ack(), both.rst(), both.fin()), (true, true, false, false));
    let other = Flags::RST | Flags::FIN;
    assert_eq!((other.syn(), other.ack(), other.rst(), other.fin()), (false, false, true, true));
    assert_eq!((both.bits(), Flags::from_bits(0xf012).bits()), (0x012, 0x012), "twelve bits, not sixteen");
    let all = Flags::ALL_DEFINED | Flags::from_bits(0x500);
    let prints = [(Flags::NONE, "none"), (both, "SYN,ACK"), (all, "SYN,FIN,RST,PSH,URG,ECE,CWR,ACK+0x500")];
    for (flags, print) in prints {
        assert_eq!((flags.to_string(), format!("{flags:?}")), (print.to_owned(), print.to_owned()));
    }
}

/// 3.3.2.
#[test]
fn states_have_the_rfcs_names() {
    for state in State::ALL {
        assert_eq!(State::from_name(state.name()), Some(state));
        assert_eq!(format!("{state:>12}"), format!("{:>12}", state.name()));
    }
    assert_eq!(State::from_name("FIN-WAIT-1"), Some(State::FinWait1));
    assert_eq!(State::from_name("FIN_WAIT_1"), None);
    let synchronized = State::ALL.into_iter().filter(|state| state.is_synchronized());
    assert_eq!(synchronized.collect::<Vec<State>>(), State::ALL[4..], "ESTABLISHED and all later ones");
}

#[test]
fn time_never_wraps() {
    let second = Duration::from_secs(1);
    assert_eq!(Duration::from_millis(1_000), second);
    assert_eq!((second.micros(), second.times(3).micros()), (1_000_000, 3_000_000));
    let mut now = Instant::from_micros(500_000);
    now += second;
    assert_eq!((now.micros(), now), (1_500_000, Instant::from_micros(500_000) + second));
    assert_eq!(now.since(Instant::from_micros(500_000)), second);
    assert_eq!(Instant::ZERO.since(now), Duration::ZERO);
    let longest = Duration::from_secs(u64::MAX);
    assert_eq!((now + longest, longest.times(2)), (Instant::NEVER, longest));
    let prints = [(0, "0.000"), (1_500_000, "1.500"), (61_000_001, "61.000001"), (20_300, "0.020300")];
    for (micros, print) in prints {
        assert_eq!(Instant::from_micros(micros).to_string(), print);
        assert_eq!(Duration::from_micros(micros).to_string(), print);
    }
}

#[test]
fn options_hold_forty_octets() {
    assert_eq!(Options::from_octets(&[1; 40]).expect("forty fit").as_octets(), [1; 40]);
    assert_eq!(Options::from_octets(&[1; 41]), None);
    let octets = Options::from_octets(&[2, 4, 5, 0xb4]).expect("four fit");
    assert_eq!(format!("{octets:?}"), "Options(020405b4)");
    assert_eq!(Options::default().as_octets(), []);
    let built = OptionsBuilder::default().sack_permitted().timestamps(1, 0x0102_0304).raw(&[1; 28]);
    assert_eq!(
        built.clone().build().expect("forty").as_octets()[..12],
        [4, 2, 8, 10, 0, 0, 0, 1, 1, 2, 3, 4]
    );
    assert_eq!(built.raw(&[1]).build(), None);
}

/// What cannot be read says what was expected and what came.
#[test]
fn errors_say_what_came() {
    let words = |error: WireError| error.to_string();
    let short = |part| words(WireError::TooShort { part, want: 20, got: 3 });
    assert_eq!(short(Part::Ipv4), "the IPv4 header needs 20 octets, 3 are there");
    assert_eq!(short(Part::Ipv6), "the IPv6 header needs 20 octets, 3 are there");
    assert_eq!(short(Part::Tcp), "the TCP header needs 20 octets, 3 are there");
    assert_eq!(short(Part::Packet), "the packet needs 20 octets, 3 are there");
    assert_eq!(words(WireError::Version { got: 5 }), "octet 0: IP version 4 or 6 expected, 5 came");
    let fragment = words(WireError::Fragment { offset: 8, more: true });
    assert_eq!(fragment, "octet 6: a whole packet expected, a fragment at offset 8 came, more to come");
    assert_eq!(words(WireError::NotTcp { got: 17 }), "TCP (6) expected, IP protocol 17 came");
    let option = |error: OptionError| error.to_string();
    let (offset, kind) = (4, 2);
    let no_length = option(OptionError::NoLength { offset, kind });
    assert_eq!(no_length, "option 2 at offset 4: a length expected, the header ends");
    let below = option(OptionError::LengthBelowTwo { offset, kind, len: 1 });
    assert_eq!(below, "option 2 at offset 4: a length of at least 2 expected, 1 came");
    let past = option(OptionError::PastHeader { offset, kind, len: 9, left: 3 });
    assert_eq!(past, "option 2 at offset 4: its length is 9, 3 octets are left");
    let wrong = option(OptionError::WrongLength { offset, kind, want: 4, len: 3 });
    assert_eq!(wrong, "option 2 at offset 4: a length of 4 expected, 3 came");
    // RFC 2018 3: what a SACK option of that length should have been.
    for (len, want) in [(2, 10), (9, 10), (11, 10), (19, 18), (33, 26), (40, 34)] {
        let mut raw = [0; 40];
        (raw[0], raw[1]) = (5, len);
        let got = options(&raw).next();
        assert_eq!(got, Some(Err(OptionError::WrongLength { offset: 0, kind: 5, want, len })));
    }
}

/// Every field of a header goes through a packet of either IP version, beside any other value.
#[test]
fn headers_go_through_packets() {
    for (src, dst, flow_label, ident) in [(v4(1), v4(2), 0, 0xabcd), (v6(1), v6(2), 0xf_edcb, 0)] {
        let header = Header {
            ttl: 7,
            traffic_class: 0xa5,
            ident,
            flow_label,
            flags: Flags::from_bits(0xa5a),
            window: 0x1234,
            urgent: 0x5678,
            checksum: Checksum::Literal(0x9abc),
            options: OptionsBuilder::new().mss(1460).build().expect("four octets"),
            ..header(src, dst)
        };
        let segment = Segment { header, text: b"text" };
        let mut packet = vec![0xff];
        emit(&segment, &mut packet).expect("it fits");
        assert_eq!(parse(&packet[1..]), Ok(segment));
        let length = usize::from(u16::from_be_bytes([packet[3], packet[4]]));
        match flow_label {
            0 => assert_eq!((packet[1], packet[2], length), (0x45, 0xa5, 20 + 24 + 4)),
            _ => assert_eq!((packet[1..5].to_vec(), packet[6]), (vec![0x6a, 0x5f, 0xed, 0xcb], 24 + 4)),
        }
    }
}

/// RFC 8200 4 and IANA's list: an extension header is named as such, another protocol as what it is.
#[test]
fn extension_headers_are_named() {
    let mut packet = Vec::new();
    emit(&Segment { header: header(v6(1), v6(2)), text: b"" }, &mut packet).expect("it fits");
    for (next, extension) in [(0, true), (44, true), (140, true), (254, true), (17, false), (58, false)] {
        packet[6] = next;
        let wanted = if extension {
            WireError::ExtensionHeader { got: next }
        } else {
            WireError::NotTcp { got: next }
        };
        assert_eq!(parse(&packet), Err(wanted));
    }
}

/// RFC 791 3.1: reserved bit, DF, MF and offset of an IPv4 packet.
#[test]
fn fragments_are_told_by_either_field() {
    let mut packet = Vec::new();
    let header = Header { dont_fragment: false, ..header(v4(1), v4(2)) };
    emit(&Segment { header, text: b"" }, &mut packet).expect("it fits");
    assert_eq!(packet[6..8], [0, 0]);
    let fragment = |offset, more| Some(WireError::Fragment { offset, more });
    let cases = [
        ([0x80, 0], Some(WireError::Ipv4ReservedBit)),
        ([0x20, 0], fragment(0, true)),
        ([0, 1], fragment(8, false)),
        ([0x1f, 0xff], fragment(65_528, false)),
        ([0x30, 2], fragment(32_784, true)),
        ([0x40, 0], None),
    ];
    for (field, wanted) in cases {
        packet[6..8].copy_from_slice(&field);
        assert_eq!(parse(&packet).err(), wanted, "{field:x?}");
        assert_eq!(parse(&packet).is_ok_and(|segment| segment.header.dont_fragment), wanted.is_none());
    }
}
