//! A listener whose SYN queue is full answers by cookies and keeps nothing (RFC 4987 3.6).

use lastack_core::config::{Address, Listening};
use lastack_core::types::wire::{OptionsBuilder, emit, parse};
use lastack_core::types::{Duration, Endpoint, Flags, Header, Instant, Options, Segment, SeqNum};
use lastack_core::{Config, Host, Name};

const SYN_QUEUE: u16 = 2;
const ACCEPT_QUEUE: u16 = 3;

fn listening() -> (Host, Name) {
    let own = Address { addr: [192, 0, 2, 1].into(), prefix_len: 24 };
    let mut config = Config::new(vec![own], [7; 16]);
    config.listening = Listening::Forks { syn_queue: SYN_QUEUE, accept_queue: ACCEPT_QUEUE };
    config.recv_buffer = 1 << 20;
    let mut host = Host::new(config);
    let listener = host.open_passive(80, None).expect("a free port");
    (host, listener)
}

fn peer(port: u16) -> Endpoint {
    Endpoint { addr: [192, 0, 2, 9].into(), port }
}

/// A segment of the peer with this port.
fn arrives(
    host: &mut Host,
    from: Endpoint,
    flags: Flags,
    seq: u32,
    ack: SeqNum,
    options: Options,
    text: &[u8],
) {
    let stack = Endpoint { addr: [192, 0, 2, 1].into(), port: 80 };
    let mut header = Header::new(from, stack, flags, SeqNum::new(seq), ack);
    header.window = 1000;
    header.options = options;
    let mut packet = Vec::new();
    emit(&Segment { header, text }, &mut packet).expect("a segment of ours");
    host.arrives(&packet);
}

fn syn(host: &mut Host, from: Endpoint, options: Options) {
    arrives(host, from, Flags::SYN, 100, SeqNum::new(0), options, &[]);
}

/// The headers and text sizes of what the host sends now.
fn sent(host: &mut Host) -> Vec<(Header, usize)> {
    let mut all = Vec::new();
    let mut packet = Vec::new();
    while host.transmit(&mut packet) {
        let segment = parse(&packet).expect("a TCP segment");
        all.push((segment.header, segment.text.len()));
        packet.clear();
    }
    all
}

/// SYNs until the queue is full; then one more, which gets the SYN,ACK that is returned.
fn cookie(host: &mut Host, from: Endpoint, options: Options) -> Header {
    for port in 1..=SYN_QUEUE {
        syn(host, peer(port), Options::NONE);
    }
    sent(host);
    syn(host, from, options);
    let [(header, 0)] = sent(host)[..] else { panic!("one SYN,ACK is the answer") };
    assert_eq!(header.flags, Flags::SYN | Flags::ACK);
    assert_eq!(header.ack, SeqNum::new(101));
    header
}

fn list(host: &Host) -> Vec<String> {
    host.connections().map(|connection| connection.to_string()).collect()
}

#[test]
fn what_is_answered_by_a_cookie_takes_no_memory_and_is_listed() {
    let (mut host, _) = listening();
    cookie(&mut host, peer(9), Options::NONE);
    assert_eq!(
        list(&host)[0],
        "tcp        0      2 *:80                     *:*                      LISTEN (SYN cookies: 1)"
    );
    assert_eq!(list(&host).len(), 1 + usize::from(SYN_QUEUE), "two in SYN-RECEIVED and no third");
}

#[test]
fn its_ack_makes_the_connection_with_mss_and_window_scale() {
    let (mut host, listener) = listening();
    let options = OptionsBuilder::new().mss(700).scale(3).build().expect("seven octets");
    let header = cookie(&mut host, peer(9), options);
    assert!(!header.options.as_octets().is_empty(), "it says MSS and window scale like any SYN,ACK");
    arrives(&mut host, peer(9), Flags::ACK, 101, header.seq.add(1), Options::NONE, &[]);
    let name = host.accept(listener).expect("the handshake is done");
    host.send(name, &[1; 3000]).expect("it is open");
    let sizes: Vec<usize> = sent(&mut host).into_iter().map(|(_, text)| text).collect();
    // 700 is rounded down to 536; the window is 1000 * 2^3.
    assert_eq!(sizes[..5], [536, 536, 536, 536, 536]);
}

#[test]
fn its_ack_may_bring_text() {
    let (mut host, listener) = listening();
    let header = cookie(&mut host, peer(9), Options::NONE);
    arrives(&mut host, peer(9), Flags::ACK, 101, header.seq.add(1), Options::NONE, b"hello");
    let name = host.accept(listener).expect("the handshake is done");
    let mut text = Vec::new();
    assert_eq!(host.receive(name, 100, &mut text), Ok(5));
}

/// RFC 9293 3.10.7.2, second: any other acknowledgment is answered by a RST.
#[test]
fn an_ack_of_no_cookie_gets_a_rst() {
    let (mut host, listener) = listening();
    let header = cookie(&mut host, peer(9), Options::NONE);
    arrives(&mut host, peer(9), Flags::ACK, 101, header.seq.add(2), Options::NONE, &[]);
    assert_eq!(sent(&mut host)[0].0.flags, Flags::RST);
    arrives(&mut host, peer(8), Flags::ACK, 101, header.seq.add(1), Options::NONE, &[]);
    assert_eq!(sent(&mut host)[0].0.flags, Flags::RST);
    assert_eq!(host.accept(listener), None);
}

#[test]
fn a_cookie_is_good_for_a_minute_or_two() {
    let (mut host, listener) = listening();
    let header = cookie(&mut host, peer(9), Options::NONE);
    host.advance(Instant::ZERO + Duration::from_secs(135));
    sent(&mut host);
    arrives(&mut host, peer(9), Flags::ACK, 101, header.seq.add(1), Options::NONE, &[]);
    assert_eq!(sent(&mut host)[0].0.flags, Flags::RST);
    assert_eq!(host.accept(listener), None);
}

/// Who completes a handshake needs a place; so a full accept queue makes no promises.
#[test]
fn a_full_accept_queue_gives_no_cookies() {
    let (mut host, listener) = listening();
    for port in 11..11 + ACCEPT_QUEUE {
        syn(&mut host, peer(port), Options::NONE);
        let iss = sent(&mut host)[0].0.seq;
        arrives(&mut host, peer(port), Flags::ACK, 101, iss.add(1), Options::NONE, &[]);
    }
    syn(&mut host, peer(9), Options::NONE);
    assert!(sent(&mut host).is_empty());
    assert!(host.accept(listener).is_some());
}

/// A peer that takes less than any cookie can say is not promised more (MUST-16).
#[test]
fn a_tiny_mss_gets_no_answer_while_the_queue_is_full() {
    let (mut host, _) = listening();
    cookie(&mut host, peer(9), Options::NONE);
    syn(&mut host, peer(8), OptionsBuilder::new().mss(63).build().expect("four octets"));
    assert!(sent(&mut host).is_empty());
}

#[test]
fn whatever_arrives_memory_is_bounded() {
    let (mut host, _) = listening();
    for n in 0..100_000_u32 {
        let from =
            Endpoint { addr: [198, 51, (n >> 8) as u8, n as u8].into(), port: 1024 + (n >> 16) as u16 };
        syn(&mut host, from, Options::NONE);
    }
    assert_eq!(list(&host).len(), 1 + usize::from(SYN_QUEUE));
    assert!(sent(&mut host).len() <= 1024 + usize::from(SYN_QUEUE), "nobody took packets meanwhile");
}
