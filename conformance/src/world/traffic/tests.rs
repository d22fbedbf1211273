use core::net::IpAddr;

use lastack_core::types::{Endpoint, Flags, Header, Instant, Segment, SeqNum, wire};

use super::{IDLE_MAX, LOOP, LULL, Sent, Traffic};
use crate::scenario::HostId;

fn packet(text: &[u8]) -> Vec<u8> {
    let end = |last, port| Endpoint { addr: IpAddr::from([192, 0, 2, last]), port };
    let header = Header::new(end(1, 8000), end(2, 9000), Flags::ACK, SeqNum::new(1), SeqNum::new(7));
    let mut out = Vec::new();
    wire::emit(&Segment { header, text }, &mut out).expect("a plain segment");
    out
}

/// So many answers, each to an answer of the other host.
fn answers(traffic: &mut Traffic, count: u32, now: Instant) -> Vec<Sent> {
    let mut one = |_| {
        traffic.arrives(HostId::A, true);
        traffic.sends(HostId::A, now, &packet(b""))
    };
    (0..count).map(&mut one).collect()
}

#[test]
fn a_loop_of_answers_is_lost_until_there_is_a_lull() {
    let mut traffic = Traffic::default();
    let first = answers(&mut traffic, LOOP + 5, Instant::ZERO);
    assert!(first[..LOOP as usize - 1].iter().all(|sent| *sent == Sent::Passes));
    assert_eq!(first[LOOP as usize - 1..][..2], [Sent::FirstOfLoop, Sent::OfLoop]);
    assert_eq!(answers(&mut traffic, 1, Instant::ZERO + LULL), [Sent::Passes]);
    assert!(!traffic.is_war());
}

#[test]
fn what_begins_something_is_never_lost() {
    let mut traffic = Traffic::default();
    answers(&mut traffic, LOOP + 5, Instant::ZERO);
    traffic.arrives(HostId::A, true);
    assert_eq!(traffic.sends(HostId::A, Instant::ZERO, &packet(b"text")), Sent::Passes);
}

#[test]
fn a_second_answer_to_one_arrival_belongs_to_a_war() {
    let mut traffic = Traffic::default();
    for _ in 0..=IDLE_MAX {
        assert!(!traffic.is_war());
        answers(&mut traffic, 1, Instant::ZERO);
        traffic.sends(HostId::A, Instant::ZERO, &packet(b""));
    }
    assert!(traffic.is_war());
    traffic.progressed();
    assert!(!traffic.is_war());
}
