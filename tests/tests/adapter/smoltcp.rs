use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{Call, IpVersion, Outcome, Packets, Polled, Setup, registry};
use lastack_core::types::{Duration, Endpoint, Flags, Instant, State, wire};

use crate::desk::{Desk, PEER, peer_end, setup};

const SYN_ACK: Flags = Flags::from_bits(Flags::SYN.bits() | Flags::ACK.bits());
const FIN_ACK: Flags = Flags::from_bits(Flags::FIN.bits() | Flags::ACK.bits());
const PSH_ACK: Flags = Flags::from_bits(Flags::PSH.bits() | Flags::ACK.bits());

fn desk() -> Desk {
    Desk::new(&Smoltcp::Immediate, &setup(IpVersion::V4))
}

/// Handshake, five octets each way, both close; every reply is checked.
fn whole_life(desk: &mut Desk) {
    assert_eq!(desk.open_passive(0), Outcome::Done);
    assert_eq!(desk.state(0), State::Listen);
    assert_eq!(desk.exchange(Flags::SYN, 0, 0, &[]), [(SYN_ACK, 0, 1, vec![])]);
    assert_eq!(desk.exchange(Flags::ACK, 1, 1, &[]), []);
    assert_eq!(desk.call(0, Call::Status), Outcome::InState(State::Established));
    assert_eq!(desk.exchange(Flags::ACK, 1, 1, b"hello"), [(Flags::ACK, 1, 6, vec![])]);
    assert_eq!(desk.receive(0, 3), (Outcome::Octets(3), b"hel".to_vec()));
    assert_eq!(desk.receive(0, 99), (Outcome::Octets(2), b"lo".to_vec()));
    assert_eq!(desk.receive(0, 99), (Outcome::WouldBlock, vec![]));
    assert_eq!(desk.call(0, Call::Send(b"world")), Outcome::Octets(5));
    assert_eq!(desk.poll(9), [(PSH_ACK, 1, 6, b"world".to_vec())]);
    assert_eq!(desk.exchange(FIN_ACK, 6, 6, &[]), [(Flags::ACK, 6, 7, vec![])]);
    assert_eq!(desk.receive(0, 99), (Outcome::EndOfStream, vec![]));
    assert_eq!(desk.call(0, Call::Close), Outcome::Done);
    assert_eq!(desk.poll(9), [(FIN_ACK, 6, 7, vec![])]);
    assert_eq!(desk.call(0, Call::Send(b"late")), Outcome::Closing);
    assert_eq!(desk.exchange(Flags::ACK, 7, 7, &[]), []);
    assert_eq!(desk.state(0), State::Closed);
    assert_eq!(desk.call(0, Call::Close), Outcome::NoConnection);
    assert_eq!(desk.call(0, Call::Send(b"late")), Outcome::NoConnection);
}

#[test]
fn a_connection_lives_and_ends_over_ipv4() {
    whole_life(&mut Desk::new(&Smoltcp::Immediate, &setup(IpVersion::V4)));
}

#[test]
fn a_connection_lives_and_ends_over_ipv6() {
    whole_life(&mut Desk::new(&Smoltcp::Immediate, &setup(IpVersion::V6)));
}

/// Nothing of one scenario is left in the next: the connection, undelivered packets, the clock.
#[test]
fn reset_forgets_everything() {
    let mut used = desk();
    used.establish(0);
    used.call(0, Call::Send(b"unacknowledged"));
    used.wait(Duration::from_secs(100));
    used.deliver(Flags::ACK, 1, 1, b"left in the queue");
    used.reset(&setup(IpVersion::V4));
    assert_eq!(used.stack.next_timer(), None);
    assert_eq!(used.poll(9), []);
    used.transcript.clear();
    let mut fresh = desk();
    for desk in [&mut used, &mut fresh] {
        whole_life(desk);
        desk.open_active(1);
        assert_eq!(desk.stack.next_timer(), Some(Instant::ZERO));
    }
    assert_eq!(used.transcript.len(), 5);
    assert!(used.transcript.iter().eq(fresh.transcript.iter()));
}

/// The SEQ of an active open's SYN, read from the wire.
fn first_seq(setup: &Setup, seed: u64) -> u32 {
    let mut desk = Desk::new(&Smoltcp::Immediate, setup);
    desk.stack.reset(setup, seed).expect("a plain set-up");
    desk.open_active(0);
    let mut out = Packets::default();
    desk.stack.poll(9, &mut out);
    wire::parse(out.get(0).expect("a SYN")).expect("a segment").header.seq.value()
}

#[test]
fn the_iss_is_the_one_of_the_setup() {
    for ip in [IpVersion::V4, IpVersion::V6] {
        for iss in [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            let wish = Setup { iss: Some(iss), ..setup(ip) };
            assert_eq!([first_seq(&wish, 0), first_seq(&wish, 7)], [iss, iss]);
        }
    }
}

#[test]
fn without_a_wish_the_iss_follows_the_seed() {
    let free = Setup { iss: None, ..setup(IpVersion::V4) };
    assert_eq!(first_seq(&free, 3), first_seq(&free, 3));
    assert_ne!(first_seq(&free, 3), first_seq(&free, 4));
}

/// A full transmit queue delays, it loses nothing: neither what came nor what is to go.
#[test]
fn without_room_nothing_is_sent_and_nothing_is_lost() {
    let mut desk = desk();
    desk.open_passive(0);
    desk.deliver(Flags::SYN, 0, 0, &[]);
    assert_eq!(desk.poll(0), []);
    assert_eq!(desk.poll(0), []);
    assert_eq!(desk.poll(1), [(SYN_ACK, 0, 1, vec![])]);
    desk.exchange(Flags::ACK, 1, 1, &[]);
    desk.call(0, Call::Send(b"text"));
    assert_eq!(desk.poll(0), []);
    assert_eq!(desk.poll(1), [(PSH_ACK, 1, 1, b"text".to_vec())]);
}

#[test]
fn room_for_one_is_one_packet_a_poll() {
    let mut desk = desk();
    desk.establish(0);
    // 536 octets a segment, since the SYN had no MSS option (RFC 9293 3.7.1, MUST-15).
    desk.call(0, Call::Send(&[7; 1_000]));
    let mut out = Packets::default();
    assert_eq!(desk.stack.poll(1, &mut out), Polled::More);
    assert_eq!(out.len(), 1);
    assert_eq!(desk.stack.poll(9, &mut out), Polled::Settled);
    assert_eq!(out.len(), 2);
}

#[test]
fn a_poll_without_room_is_settled_and_not_more() {
    let mut desk = desk();
    desk.open_active(0);
    assert_eq!(desk.stack.poll(0, &mut Packets::default()), Polled::Settled);
}

/// A stack that sends without end must not eat the memory.
#[test]
fn a_full_list_of_packets_takes_no_more_and_says_more() {
    let mut desk = desk();
    desk.open_active(0);
    let mut out = Packets::default();
    (0..10_000).for_each(|_| out.push(&[0]));
    assert_eq!(desk.stack.poll(9, &mut out), Polled::More);
    assert_eq!(out.len(), 10_000);
}

#[test]
fn accept_moves_the_connection_and_listens_again() {
    let mut desk = desk();
    assert_eq!(desk.call(0, Call::Accept { into: 1 }), Outcome::NoConnection);
    desk.open_passive(0);
    assert_eq!(desk.call(0, Call::Accept { into: 1 }), Outcome::WouldBlock);
    desk.exchange(Flags::SYN, 0, 0, &[]);
    desk.exchange(Flags::ACK, 1, 1, b"hello");
    assert_eq!(desk.call(0, Call::Accept { into: 0 }), Outcome::Exists);
    assert_eq!(desk.call(0, Call::Accept { into: 1 }), Outcome::Done);
    assert_eq!((desk.state(0), desk.state(1)), (State::Listen, State::Established));
    assert_eq!(desk.receive(1, 99), (Outcome::Octets(5), b"hello".to_vec()));
    assert_eq!(desk.call(0, Call::Accept { into: 2 }), Outcome::WouldBlock);
    assert_eq!(desk.call(1, Call::Accept { into: 2 }), Outcome::NoConnection, "no listener any more");
    // Another peer gets a connection of its own.
    let other = Endpoint { port: 9_001, ..peer_end(IpVersion::V4) };
    desk.deliver_from(other, Flags::SYN, 0, 0, &[]);
    assert_eq!(desk.poll(9).len(), 1);
    assert_eq!(desk.call(0, Call::Accept { into: 1 }), Outcome::Exists);
    assert_eq!(desk.call(0, Call::Accept { into: 2 }), Outcome::Done);
    assert_eq!(desk.state(2), State::SynReceived);
}

/// Until Accept the listener's handle is the connection; a listener that its user closed accepts nothing.
#[test]
fn before_accept_calls_on_the_listener_reach_the_connection() {
    let mut desk = desk();
    desk.establish(0);
    assert_eq!(desk.call(0, Call::Send(b"x")), Outcome::Octets(1));
    assert_eq!(desk.call(0, Call::ShutdownWrite), Outcome::Done);
    assert_eq!(desk.state(0), State::FinWait1);
    assert_eq!(desk.call(0, Call::Accept { into: 1 }), Outcome::Done);
    assert_eq!((desk.state(0), desk.state(1)), (State::Listen, State::FinWait1));
    assert_eq!(desk.call(0, Call::Close), Outcome::Done);
    assert_eq!(desk.call(0, Call::Accept { into: 2 }), Outcome::NoConnection);
}

/// A connection that its peer reset before Accept is handed over all the same: it is a listener's no more.
#[test]
fn a_connection_that_died_before_accept_does_not_block_the_listener() {
    let mut desk = desk();
    desk.establish(0);
    desk.exchange(Flags::RST, 1, 0, &[]);
    assert_eq!(desk.call(0, Call::Accept { into: 0 }), Outcome::Exists);
    assert_eq!(desk.call(0, Call::Accept { into: 1 }), Outcome::Done);
    assert_eq!((desk.state(0), desk.state(1)), (State::Listen, State::Closed));
}

#[test]
fn a_live_handle_cannot_be_opened_again_and_a_closed_one_can() {
    let mut desk = desk();
    desk.establish(0);
    assert_eq!(desk.open_passive(0), Outcome::Exists);
    assert_eq!(desk.open_active(0), Outcome::Exists);
    assert_eq!(desk.call(0, Call::Abort), Outcome::Done);
    assert_eq!(desk.poll(9).len(), 1, "the RST");
    assert_eq!(desk.open_active(0), Outcome::Done);
    assert_eq!(desk.state(0), State::SynSent);
}

#[test]
fn ports_and_addresses_that_nobody_can_have_are_invalid() {
    let mut desk = desk();
    let remote = peer_end(IpVersion::V4);
    let nowhere = Endpoint { addr: [0, 0, 0, 0].into(), ..remote };
    assert_eq!(desk.call(0, Call::OpenPassive { port: 0 }), Outcome::Invalid);
    assert_eq!(desk.call(0, Call::OpenActive { port: 0, remote }), Outcome::Invalid);
    assert_eq!(
        desk.call(0, Call::OpenActive { port: 8_000, remote: Endpoint { port: 0, ..remote } }),
        Outcome::Invalid
    );
    assert_eq!(desk.call(0, Call::OpenActive { port: 8_000, remote: nowhere }), Outcome::Invalid);
}

#[test]
fn a_handle_that_was_never_opened_is_closed() {
    let mut desk = desk();
    assert_eq!(desk.state(5), State::Closed);
    assert_eq!(desk.call(5, Call::Send(b"x")), Outcome::NoConnection);
    assert_eq!(desk.receive(5, 9), (Outcome::NoConnection, vec![]));
    assert_eq!(desk.call(5, Call::Abort), Outcome::NoConnection);
    assert_eq!(desk.poll(9), []);
}

#[test]
fn buffers_are_exactly_as_large_as_asked() {
    let tight = Setup { send_buffer: 3, recv_buffer: 2, ..setup(IpVersion::V4) };
    let mut desk = Desk::new(&Smoltcp::Immediate, &tight);
    desk.establish(0);
    assert_eq!(desk.call(0, Call::Send(b"abcd")), Outcome::Octets(3));
    assert_eq!(desk.call(0, Call::Send(b"d")), Outcome::WouldBlock);
    assert_eq!(desk.exchange(Flags::ACK, 1, 1, b"xyz").last().map(|s| s.2), Some(3), "two octets fit");
    assert_eq!(desk.receive(0, 99), (Outcome::Octets(2), b"xy".to_vec()));
}

#[test]
fn a_window_that_never_opens_takes_no_text() {
    let shut = Setup { recv_buffer: 0, ..setup(IpVersion::V4) };
    let mut desk = Desk::new(&Smoltcp::Immediate, &shut);
    desk.establish(0);
    assert_eq!(desk.exchange(Flags::ACK, 1, 1, b"x"), [(Flags::ACK, 1, 1, vec![])]);
    assert_eq!(desk.receive(0, 9), (Outcome::WouldBlock, vec![]));
}

/// A segment from behind the link's prefix gets its answer: the reply is routable.
#[test]
fn foreign_addresses_are_answered() {
    let mut desk = desk();
    desk.open_passive(0);
    let foreign = Endpoint { addr: [198, 51, 100, 7].into(), port: 4_000 };
    desk.deliver_from(foreign, Flags::SYN, 0, 0, &[]);
    let mut out = Packets::default();
    desk.stack.poll(9, &mut out);
    let answer = wire::parse(out.get(0).expect("an answer")).expect("a segment").header;
    assert_eq!((answer.dst, answer.flags, answer.ack.value()), (foreign, SYN_ACK, PEER + 1));
}

/// What differs between the variants: five octets, then five more with the first in flight.
fn acks_and_segments(factory: &Smoltcp, setup: &Setup) -> (usize, usize) {
    let mut desk = Desk::new(factory, setup);
    desk.establish(0);
    let acks = desk.exchange(Flags::ACK, 1, 1, b"hello").len();
    desk.wait(Duration::from_millis(20));
    desk.call(0, Call::Send(b"one"));
    let first = desk.poll(9).len();
    desk.call(0, Call::Send(b"two"));
    (acks, first + desk.poll(9).len())
}

#[test]
fn a_variant_fills_in_what_the_setup_leaves_open() {
    let open = setup(IpVersion::V4);
    assert_eq!(acks_and_segments(&Smoltcp::Immediate, &open), (1, 2));
    assert_eq!(acks_and_segments(&Smoltcp::Defaults, &open), (0, 1));
}

#[test]
fn the_setup_wins_over_the_variant() {
    let on = Setup { nagle: Some(true), ack_delay: Some(true), ..setup(IpVersion::V4) };
    let off = Setup { nagle: Some(false), ack_delay: Some(false), ..setup(IpVersion::V4) };
    assert_eq!(acks_and_segments(&Smoltcp::Immediate, &on), (0, 1));
    assert_eq!(acks_and_segments(&Smoltcp::Defaults, &off), (1, 2));
}

#[test]
fn the_next_timer_is_smoltcps_own() {
    let mut desk = desk();
    assert_eq!(desk.stack.next_timer(), None);
    desk.open_active(0);
    assert_eq!(desk.stack.next_timer(), Some(Instant::ZERO), "a SYN waits to be sent");
    desk.poll(9);
    // The first RTO is 1 s (RFC 6298 2.1).
    assert_eq!(desk.stack.next_timer(), Some(Instant::from_micros(1_000_000)));
    assert_eq!(desk.wait(Duration::from_secs(1)), [(Flags::SYN, 0, 0, vec![])]);
}

#[test]
fn the_user_timeout_ends_a_connection_attempt() {
    let limited = Setup { user_timeout: Some(Duration::from_secs(2)), ..setup(IpVersion::V4) };
    let mut desk = Desk::new(&Smoltcp::Immediate, &limited);
    desk.open_active(0);
    desk.poll(9);
    desk.wait(Duration::from_secs(3));
    assert_eq!(desk.state(0), State::Closed);
}

#[test]
fn keep_alives_come_when_they_are_asked_for() {
    let mut desk = desk();
    desk.establish(0);
    assert_eq!(desk.wait(Duration::from_secs(50)), []);
    let every = Some(Duration::from_secs(10));
    assert_eq!(desk.call(0, Call::Set(lastack::subject::SocketOption::KeepAlive(every))), Outcome::Done);
    desk.poll(9);
    assert_eq!(desk.wait(Duration::from_secs(11)).len(), 1);
}

#[test]
fn setups_that_smoltcp_would_panic_on_are_refused_with_a_reason() {
    let mut desk = desk();
    let huge = Setup { recv_buffer: u32::MAX, ..setup(IpVersion::V4) };
    let thin = Setup { mtu: 60, ..setup(IpVersion::V6) };
    assert!(desk.stack.reset(&huge, 0).is_err_and(|why| why.contains("1073741824")));
    assert!(desk.stack.reset(&thin, 0).is_err_and(|why| why.contains("60")));
}

/// smoltcp adds instants and spans as signed numbers: neither end of the scale may panic.
#[test]
fn the_furthest_instants_do_not_overflow() {
    let endless = Some(Duration::from_micros(u64::MAX));
    let far = Setup { user_timeout: endless, keep_alive: endless, ..setup(IpVersion::V4) };
    let mut desk = Desk::new(&Smoltcp::Immediate, &far);
    desk.establish(0);
    assert_eq!(desk.stack.advance(Instant::NEVER), Instant::NEVER);
    desk.poll(9);
    assert_eq!(desk.state(0), State::Closed, "the longest timeout is over at the last instant");
}

#[test]
fn both_variants_are_registered_under_their_names() {
    let names: Vec<String> = registry::embedded().iter().map(|f| f.describe().name).collect();
    assert!(names.starts_with(&["smoltcp".to_owned(), "smoltcp-default".to_owned()]));
    assert!(registry::named("smoltcp").is_some() && registry::named("none such").is_none());
}
