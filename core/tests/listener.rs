//! A listener's queues, its SYN,ACKs sent again, and the list of connections.

use lastack_core::config::{Address, Listening};
use lastack_core::types::wire::{emit, parse};
use lastack_core::types::{Duration, Endpoint, Flags, Header, Instant, Segment, SeqNum, State};
use lastack_core::{Config, Host, IsnGenerator, Name};

const SYN_QUEUE: u16 = 2;
const ACCEPT_QUEUE: u16 = 3;

fn listening() -> (Host, Name) {
    let own = Address { addr: [192, 0, 2, 1].into(), prefix_len: 24 };
    let mut config = Config::new(vec![own], [7; 16]);
    config.listening = Listening::Forks { syn_queue: SYN_QUEUE, accept_queue: ACCEPT_QUEUE };
    config.isn = IsnGenerator::Fixed(300);
    config.syn_cookies = None;
    let mut host = Host::new(config);
    let listener = host.open_passive(80, None).expect("a free port");
    (host, listener)
}

/// A segment of the peer with this port.
fn arrives(host: &mut Host, port: u16, flags: Flags, seq: u32, ack: u32) {
    let peer = Endpoint { addr: [192, 0, 2, 9].into(), port };
    let stack = Endpoint { addr: [192, 0, 2, 1].into(), port: 80 };
    let mut header = Header::new(peer, stack, flags, SeqNum::new(seq), SeqNum::new(ack));
    header.window = 1000;
    let mut packet = Vec::new();
    emit(&Segment { header, text: &[] }, &mut packet).expect("a segment of ours");
    host.arrives(&packet);
}

/// What the host sends now, as the RFC prints it, with the port that it goes to.
fn sent(host: &mut Host) -> Vec<String> {
    let mut all = Vec::new();
    let mut packet = Vec::new();
    while host.transmit(&mut packet) {
        let segment = parse(&packet).expect("a TCP segment");
        all.push(format!("{} {segment}", segment.header.dst.port));
        packet.clear();
    }
    all
}

fn handshake(host: &mut Host, port: u16) {
    arrives(host, port, Flags::SYN, 100, 0);
    assert_eq!(sent(host), [format!("{port} <SEQ=300><ACK=101><CTL=SYN,ACK>")]);
    arrives(host, port, Flags::ACK, 101, 301);
    assert!(sent(host).is_empty());
}

#[test]
fn a_full_syn_queue_answers_nobody_more() {
    let (mut host, _) = listening();
    for port in 1..=4 {
        arrives(&mut host, port, Flags::SYN, 100, 0);
    }
    assert_eq!(sent(&mut host), ["1 <SEQ=300><ACK=101><CTL=SYN,ACK>", "2 <SEQ=300><ACK=101><CTL=SYN,ACK>"]);
    // One of the two gives up, and there is room for one.
    arrives(&mut host, 1, Flags::RST, 101, 0);
    arrives(&mut host, 3, Flags::SYN, 100, 0);
    arrives(&mut host, 4, Flags::SYN, 100, 0);
    assert_eq!(sent(&mut host), ["3 <SEQ=300><ACK=101><CTL=SYN,ACK>"]);
}

#[test]
fn a_full_accept_queue_answers_nobody_more() {
    let (mut host, listener) = listening();
    for port in 1..=ACCEPT_QUEUE {
        handshake(&mut host, port);
    }
    arrives(&mut host, 9, Flags::SYN, 100, 0);
    assert!(sent(&mut host).is_empty(), "three wait already");
    let first = host.accept(listener).expect("the first that came");
    assert_eq!(host.status(first), Ok(State::Established));
    arrives(&mut host, 9, Flags::SYN, 100, 0);
    assert_eq!(sent(&mut host), ["9 <SEQ=300><ACK=101><CTL=SYN,ACK>"]);
}

#[test]
fn connections_are_accepted_in_the_order_of_their_handshakes() {
    let (mut host, listener) = listening();
    arrives(&mut host, 1, Flags::SYN, 100, 0);
    arrives(&mut host, 2, Flags::SYN, 100, 0);
    sent(&mut host);
    arrives(&mut host, 2, Flags::ACK, 101, 301);
    arrives(&mut host, 1, Flags::ACK, 101, 301);
    let foreign = |host: &Host| -> Vec<String> { host.connections().map(|c| c.to_string()).collect() };
    assert_eq!(
        foreign(&host),
        [
            "tcp        2      0 *:80                     *:*                      LISTEN",
            "tcp4       0      0 192.0.2.1:80             192.0.2.9:1              ESTABLISHED",
            "tcp4       0      0 192.0.2.1:80             192.0.2.9:2              ESTABLISHED",
        ]
    );
    let first = host.accept(listener).expect("two wait");
    host.abort(first).expect("it is open");
    assert_eq!(sent(&mut host), ["2 <SEQ=301><CTL=RST>"], "the second to come was the first to be done");
    assert!(host.accept(listener).is_some());
    assert!(host.accept(listener).is_none());
}

/// Nobody will ever accept what a closed listener made: those peers are told; who was accepted stays, and so does what
/// another listener made.
#[test]
fn a_listener_that_closes_tells_those_who_wait() {
    let (mut host, listener) = listening();
    handshake(&mut host, 1);
    arrives(&mut host, 2, Flags::SYN, 100, 0);
    sent(&mut host);
    handshake(&mut host, 3);
    let accepted = host.accept(listener).expect("two wait");
    host.close(listener).expect("it listens");
    assert_eq!(sent(&mut host), ["2 <SEQ=301><CTL=RST>", "3 <SEQ=301><CTL=RST>"]);
    assert_eq!(host.status(accepted), Ok(State::Established));
    assert_eq!(host.connections().count(), 1);
}

/// RFC 6298 5.5; RFC 9293 3.8.3, MUST-23: at intervals that double up to the largest RTO, and given up after three
/// minutes at least.
#[test]
fn a_syn_ack_is_sent_again_ever_later_and_then_given_up() {
    let (mut host, _) = listening();
    arrives(&mut host, 1, Flags::SYN, 100, 0);
    sent(&mut host);
    let mut seconds = Vec::new();
    while let Some(at) = host.next_timer() {
        host.advance(at);
        if !sent(&mut host).is_empty() {
            seconds.push(at.since(Instant::ZERO).micros() / 1_000_000);
        }
        assert!(host.now() <= Instant::ZERO + Duration::from_secs(600), "it is given up at last");
    }
    assert_eq!(seconds, [1, 3, 7, 15, 31, 63, 123]);
    assert!(host.now().since(Instant::ZERO) >= Duration::from_secs(180));
    let states: Vec<State> = host.connections().map(|c| c.state).collect();
    assert_eq!(states, [State::Listen]);
}
