use core::net::IpAddr;

use lastack_core::types::{Checksum, Duration, Endpoint, Flags, Header, Instant, Segment, SeqNum, wire};

use super::{Fate, Link, MSL};
use crate::scenario::{Fault, HostId, LinkSetup};

fn packet(seq: u32, text: &[u8]) -> Vec<u8> {
    let end = |last, port| Endpoint { addr: IpAddr::from([192, 0, 2, last]), port };
    let header = Header::new(end(1, 8000), end(2, 9000), Flags::ACK, SeqNum::new(seq), SeqNum::new(7));
    let mut out = Vec::new();
    wire::emit(&Segment { header, text }, &mut out).expect("a plain segment");
    out
}

fn link(setup: LinkSetup, faults: &[(u16, Fault)]) -> Link<()> {
    let mut link = Link::new();
    link.reset(setup, MSL, faults.iter().map(|(number, fault)| (HostId::A, *number, *fault)));
    link
}

/// Sends four packets of A at second 1, a millisecond apart; which arrive, and when, in milliseconds.
fn arrivals(link: &mut Link<()>) -> Vec<(u32, u64)> {
    for i in 0..4 {
        link.send(Instant::from_micros(1_000_000 + 1000 * i), HostId::A, &packet(i as u32, b"text"), &());
    }
    let mut out = Vec::new();
    while let Some(flight) = link.take(Instant::NEVER) {
        out.push((flight.number, flight.at.micros() / 1000 - 1000));
    }
    out
}

#[test]
fn what_no_fault_names_arrives_in_order_after_the_latency() {
    let setup = LinkSetup { latency: Duration::from_millis(10), ..LinkSetup::default() };
    assert_eq!(arrivals(&mut link(setup, &[])), [(1, 10), (2, 11), (3, 12), (4, 13)]);
}

#[test]
fn each_fault_does_to_its_packet_what_its_name_says() {
    let faulty = |fault| arrivals(&mut link(LinkSetup::default(), &[(2, fault)]));
    assert_eq!(faulty(Fault::Drop), [(1, 0), (3, 2), (4, 3)]);
    assert_eq!(faulty(Fault::Delay(Duration::from_millis(30))), [(1, 0), (3, 2), (4, 3), (2, 31)]);
    assert_eq!(faulty(Fault::Behind(2)), [(1, 0), (3, 2), (4, 3), (2, 3)]);
    assert_eq!(faulty(Fault::Behind(3)), [(1, 0), (3, 2), (4, 3), (2, 1001)]);
    assert_eq!(faulty(Fault::Copies(2)), [(1, 0), (2, 1), (2, 1), (2, 1), (3, 2), (4, 3)]);
    assert_eq!(faulty(Fault::Again(Duration::from_secs(5))), [(1, 0), (2, 1), (3, 2), (4, 3), (2, 5001)]);
}

#[test]
fn nothing_lives_longer_than_the_maximum_segment_lifetime() {
    let mut link = link(LinkSetup::default(), &[(1, Fault::Again(Duration::from_secs(100_000)))]);
    assert_eq!(arrivals(&mut link).last(), Some(&(1, 120_000)));
}

#[test]
fn a_slow_link_makes_packets_wait_and_a_full_queue_loses_them() {
    let setup = LinkSetup { spacing: Duration::from_millis(10), queue: 2, ..LinkSetup::default() };
    assert_eq!(arrivals(&mut link(setup, &[])), [(1, 0), (2, 10), (3, 20)]);
    let small = LinkSetup { mtu: 43, ..LinkSetup::default() };
    assert_eq!(arrivals(&mut link(small, &[])), []);
}

#[test]
fn addresses_change_places_and_the_checksums_stay_right() {
    let mut link = link(LinkSetup::default(), &[]);
    link.send(Instant::ZERO, HostId::A, &packet(1, b"odd"), &());
    let flight = link.take(Instant::NEVER).expect("one packet");
    let segment = wire::parse(&flight.packet).expect("a segment");
    assert_eq!(segment.header.src.addr, IpAddr::from([192, 0, 2, 2]));
    assert_eq!((segment.header.checksum, segment.header.ip_checksum), (Checksum::Right, Checksum::Right));
}

#[test]
fn a_flipped_bit_is_caught_by_the_checksum_unless_it_is_mended() {
    for bit in 0..24 * 8 {
        for mended in [false, true] {
            let mut link = link(LinkSetup::default(), &[(1, Fault::Flip { bit, mended })]);
            link.send(Instant::ZERO, HostId::A, &packet(1, b"text"), &());
            let flight = link.take(Instant::NEVER).expect("one packet");
            let Ok(segment) = wire::parse(&flight.packet) else { continue };
            let right = segment.header.checksum == Checksum::Right;
            // A data offset that is flipped too far leaves no segment whose checksum could be right.
            assert_eq!(right, mended, "bit {bit}: {segment}");
        }
    }
}

#[test]
fn a_packet_for_somebody_else_is_for_nobody() {
    let mut link = link(LinkSetup::default(), &[]);
    let mut stray = packet(1, b"");
    stray[19] = 9;
    assert_eq!(link.send(Instant::ZERO, HostId::A, &stray, &()), Fate::NoSuchHost);
    assert_eq!(link.take(Instant::NEVER), None);
}
