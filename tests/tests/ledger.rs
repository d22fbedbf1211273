//! The ledger's numbers, from packets made by hand.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use lastack::ledger::{Incarnation, Ledger, Scaling, Spans, Tuple};
use lastack::trace::Direction::{self, FromStack, ToStack};
use lastack_core::types::wire::OptionsBuilder;
use lastack_core::types::{Endpoint, Flags, Header, Instant, Segment, SeqNum};
use proptest::prelude::*;

const STACK: Endpoint = Endpoint { addr: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), port: 8000 };
const PEER: Endpoint = Endpoint { addr: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), port: 9000 };
const MAIN: Tuple = Tuple { stack: STACK, peer: PEER };
const ACK: Flags = Flags::ACK;
const SYN_ACK: Flags = Flags::SYN.with(ACK);
const FIN_ACK: Flags = Flags::FIN.with(ACK);

struct Wire {
    ledger: Ledger,
    /// Of every SYN.
    options: OptionsBuilder,
}

impl Wire {
    fn new(options: OptionsBuilder) -> Wire {
        Wire { ledger: Ledger::default(), options }
    }

    /// ISS 300 and IRS 100; both SYNs have this window, the peer's ACK has 1000.
    fn established(options: OptionsBuilder, window: u16) -> Wire {
        let mut wire = Wire::new(options);
        wire.send(ToStack, Flags::SYN, (100, 0), window, 0);
        wire.send(FromStack, SYN_ACK, (300, 101), window, 0);
        wire.send(ToStack, ACK, (101, 301), 1000, 0);
        wire
    }

    fn send(&mut self, way: Direction, flags: Flags, (seq, ack): (u32, u32), window: u16, text: usize) {
        let (src, dst) = if way == ToStack { (PEER, STACK) } else { (STACK, PEER) };
        let plain = Header::new(src, dst, flags, SeqNum::new(seq), SeqNum::new(ack));
        let options = if flags.syn() { self.options.clone().build() } else { Some(plain.options) };
        let header = Header { window, options: options.expect("at most 40 octets"), ..plain };
        self.ledger.packet(Instant::ZERO, way, &Segment { header, text: &vec![0; text] });
    }

    fn now(&self) -> &Incarnation {
        self.ledger.now(&MAIN).expect("the stack has sent a SYN")
    }
}

fn number(n: u32) -> Option<SeqNum> {
    Some(SeqNum::new(n))
}

fn plain() -> OptionsBuilder {
    OptionsBuilder::new()
}

#[test]
fn windows_are_scaled_behind_the_syn_and_not_on_it() {
    let mut wire = Wire::established(plain().scale(3), 4000);
    assert_eq!(wire.now().stack.edge_max, number(101 + 4000), "a SYN is never scaled");
    assert_eq!(wire.now().peer.edge, number(301 + 8000), "the handshake's ACK is");
    wire.send(FromStack, ACK, (301, 101), 400, 0);
    assert_eq!(wire.now().stack.edge, number(101 + 3200));
    assert_eq!(wire.now().stack.edge_max, number(101 + 4000));
    let scaling = wire.ledger.connection(&MAIN).map(|c| c.scaling());
    assert_eq!(scaling, Some(Scaling::On { stack: 3, peer: 3 }));
}

#[test]
fn a_full_window_on_a_scaled_syn_is_a_lower_bound() {
    let is_bound = |options, window| Wire::established(options, window).now().stack.edge_is_lower_bound;
    assert!(is_bound(plain().scale(3), 65535));
    assert!(!is_bound(plain().scale(3), 65534));
    assert!(!is_bound(plain(), 65535));
}

#[test]
fn syns_that_contradict_each_other_leave_scaling_open() {
    let mut wire = Wire::established(plain().scale(3), 4000);
    wire.options = plain();
    wire.send(ToStack, Flags::SYN, (100, 0), 4000, 0);
    assert_eq!(wire.ledger.connection(&MAIN).map(|c| c.scaling()), Some(Scaling::Unsure));
}

#[test]
fn what_was_never_sent_is_never_acknowledged() {
    let mut wire = Wire::established(plain(), 4000);
    wire.send(FromStack, ACK, (301, 101), 4000, 5);
    wire.send(ToStack, ACK, (101, 307), 1000, 0);
    assert_eq!(wire.now().snd_una(), SeqNum::new(301), "307 is past SND.NXT");
    wire.send(ToStack, ACK, (101, 304), 1000, 0);
    assert_eq!(wire.now().snd_una(), SeqNum::new(304));
    wire.send(FromStack, ACK, (306, 150), 4000, 0);
    assert_eq!(wire.now().rcv_nxt(), number(101), "nothing arrived");
}

#[test]
fn a_peer_that_leaves_the_window_moves_only_the_first_number() {
    let mut wire = Wire::established(plain(), 1000);
    wire.send(ToStack, ACK, (1051, 301), 1000, 100);
    assert_eq!(wire.now().peer.nxt, number(1151));
    assert_eq!(wire.now().peer.nxt_in_window, number(1101), "the edge");
    wire.send(ToStack, ACK, (5000, 301), 1000, 100);
    assert_eq!(wire.now().peer.nxt, number(5100));
    assert_eq!(wire.now().peer.nxt_in_window, number(1101));
}

#[test]
fn an_acknowledgment_that_may_be_refused_is_not_sure() {
    let mut wire = Wire::established(plain(), 1000);
    wire.send(FromStack, ACK, (301, 101), 1000, 5);
    wire.send(ToStack, ACK, (9000, 306), 1000, 0);
    assert_eq!(wire.now().snd_una(), SeqNum::new(306));
    assert_eq!(wire.now().acked_surely, SeqNum::new(301), "its SEQ lies outside the window");
    wire.send(ToStack, ACK, (101, 306), 1000, 0);
    assert_eq!(wire.now().acked_surely, SeqNum::new(306));
}

#[test]
fn a_new_syn_of_the_stack_begins_an_incarnation_and_keeps_the_last_numbers() {
    let mut wire = Wire::established(plain(), 1000);
    wire.send(FromStack, FIN_ACK, (301, 101), 1000, 5);
    wire.send(ToStack, Flags::SYN, (7000, 0), 1000, 0);
    assert_eq!(wire.now().stack.iss, number(300), "the peer's SYN alone begins nothing");
    wire.send(FromStack, SYN_ACK, (9000, 7001), 1000, 0);
    assert_eq!((wire.now().stack.iss, wire.now().peer.iss), (number(9000), number(7000)));
    assert_eq!(wire.now().stack.fin, None);
    let before = wire.ledger.connections()[0].before.expect("it is kept");
    assert_eq!((before.snd_nxt(), before.stack.fin), (SeqNum::new(307), number(306)));
}

#[test]
fn a_repeated_syn_begins_nothing() {
    let mut wire = Wire::new(plain());
    wire.send(FromStack, Flags::SYN, (300, 0), 1000, 0);
    wire.send(FromStack, Flags::SYN, (300, 0), 1000, 0);
    wire.send(ToStack, Flags::SYN, (100, 0), 1000, 0);
    wire.send(FromStack, SYN_ACK, (300, 101), 1000, 0);
    assert!(wire.ledger.connections()[0].before.is_none());
    assert!(wire.now().active);
    assert!(!wire.now().maybe_established);
    wire.send(ToStack, SYN_ACK, (100, 301), 1000, 0);
    assert!(wire.now().maybe_established);
}

#[test]
fn a_syn_ack_that_must_be_taken_names_the_peers_isn_at_once() {
    let mut wire = Wire::new(plain());
    wire.send(FromStack, Flags::SYN, (300, 0), 1000, 0);
    wire.send(ToStack, SYN_ACK, (100, 299), 1000, 0);
    assert_eq!(wire.now().peer.iss, None, "it acknowledges nothing that was sent");
    wire.options = plain().raw(&[9, 0]);
    wire.send(ToStack, SYN_ACK, (50, 301), 1000, 0);
    assert_eq!(wire.now().peer.iss, None, "a stack may drop what it cannot read (MUST-7)");
    let mut wire = Wire::new(plain());
    wire.send(FromStack, Flags::SYN, (300, 0), 1000, 0);
    wire.send(ToStack, SYN_ACK, (100, 301), 1000, 0);
    assert_eq!(wire.now().peer.iss, number(100));
    assert!(wire.now().surely_established);
}

proptest! {
    #[test]
    fn spans_hold_what_was_added_and_no_more_while_there_is_room(
        base in any::<u32>(),
        added in prop::collection::vec((0u32..200, 1u32..30), 1..10),
    ) {
        let mut spans = Spans::default();
        let mut all = BTreeSet::new();
        let at = |n: u32| SeqNum::new(base).add(n);
        for (start, len) in &added {
            spans.add(at(*start), at(start + len));
            all.extend(*start..start + len);
        }
        for from in 0..240 {
            let end = (from..).find(|n| !all.contains(n)).unwrap_or(from);
            prop_assert_eq!(spans.end_from(at(from)), at(end));
        }
    }

    #[test]
    fn spans_without_room_hold_more_rather_than_less(
        added in prop::collection::vec((0u32..2000, 1u32..5), 20..60),
    ) {
        let mut spans = Spans::default();
        for (start, len) in &added {
            spans.add(SeqNum::new(*start), SeqNum::new(start + len));
        }
        for (start, len) in &added {
            prop_assert!(spans.end_from(SeqNum::new(*start)).is_at_or_after(SeqNum::new(start + len)));
        }
    }
}
