//! Which packets are a host's, and which of its connections and listeners they are for (RFC 9293 3.3.1, 3.9.2,
//! 3.10.7).

use crate::rig::{PEER, PORT, Rig, STACK, socket};
use lastack_core::types::wire::{emit, parse};
use lastack_core::types::{Checksum, Duration, Header, Instant, Segment, State};
use lastack_core::{Config, Host};

const SYN: &str = "<SEQ=100><CTL=SYN>";
const SYN_ACK: &str = "<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>";

/// Whether a listener on port 80 answers a SYN whose header was changed so.
fn is_answered(change: impl FnOnce(&mut Header)) -> bool {
    is_answered_by(|_| (), change)
}

fn is_answered_by(config: impl FnOnce(&mut Config), change: impl FnOnce(&mut Header)) -> bool {
    let mut rig = Rig::listening(config);
    let packet = rig.packet(SYN);
    let mut segment = parse(&packet).expect("a SYN of ours");
    change(&mut segment.header);
    let mut packet = Vec::new();
    emit(&segment, &mut packet).expect("a header that can be");
    rig.host.arrives(&packet);
    rig.host.transmit(&mut packet)
}

/// MUST-3 and 3.1: a segment whose checksums are wrong, or that ends before its header, is dropped without a word.
#[test]
fn damaged_packets_are_dropped() {
    assert!(is_answered(|_| ()));
    assert!(!is_answered(|h| h.checksum = Checksum::Literal(0x1234)));
    assert!(!is_answered(|h| h.ip_checksum = Checksum::Literal(0x1234)));
    assert!(!is_answered(|h| h.data_offset = Some(4)));
    let mut rig = Rig::listening(|_| ());
    let packet = rig.packet(SYN);
    for end in 0..packet.len() {
        rig.host.arrives(&packet[..end]);
        assert!(rig.says().is_empty(), "{end} octets of a SYN");
    }
    rig.host.arrives(&packet);
    assert_eq!(rig.says(), [SYN_ACK]);
}

/// 3.9.2.3; MUST-57, MUST-63: only our own addresses, and no sender that stands for many or for nobody.
#[test]
fn addresses_that_cannot_be_are_dropped() {
    let to = |addr: [u8; 4]| is_answered(|h| h.dst = socket(addr, 80));
    assert!(!to([192, 0, 2, 2]));
    assert!(!to([255, 255, 255, 255]));
    let from = |addr: [u8; 4]| is_answered(|h| h.src = socket(addr, PORT));
    assert!(from([198, 51, 100, 1]));
    for addr in [[0, 0, 0, 0], [127, 0, 0, 1], [224, 0, 0, 1], [255, 255, 255, 255], [192, 0, 2, 255]] {
        assert!(!from(addr), "{addr:?}");
    }
    // A host whose own address that is may talk to itself.
    let loopback = |config: &mut Config| config.addresses[0].addr = [127, 0, 0, 1].into();
    let to_itself = is_answered_by(loopback, |h| {
        (h.src, h.dst) = (socket([127, 0, 0, 1], PORT), socket([127, 0, 0, 1], 80));
    });
    assert!(to_itself);
}

/// A common filter, not the RFC's: it drops SYN with FIN and nothing else.
#[test]
fn a_filter_drops_syn_with_fin() {
    let filter = |config: &mut Config| config.drop_synfin = true;
    let mut rig = Rig::listening(filter);
    rig.answers("<SEQ=100><CTL=SYN,FIN>", &[]);
    rig.answers(SYN, &[SYN_ACK]);
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK>", &["<SEQ=301><ACK=102><CTL=ACK>"]);
    rig.is_in(State::CloseWait);
    let mut rig = Rig::listening(|_| ());
    rig.answers("<SEQ=100><CTL=SYN,FIN>", &[SYN_ACK]);
}

/// 3.10.7: the pair of sockets names the connection; any other peer meets the listener, or nobody.
#[test]
fn a_connection_is_its_pair_of_sockets() {
    let mut rig = Rig::syn_received(|_| ());
    let first = rig.peer;
    for other in [socket(PEER, PORT + 1), socket([192, 0, 2, 8], PORT)] {
        rig.peer = other;
        rig.answers("<SEQ=101><ACK=301><CTL=ACK>", &["<SEQ=301><CTL=RST>"]);
    }
    rig.peer = first;
    rig.stack = socket(STACK, 81);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK>", &["<SEQ=301><CTL=RST>"]);
    rig.stack = socket(STACK, 80);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK>", &[]);
    rig.is_in(State::Established);
}

/// 3.10.1; MUST-41: a listener that waits for this very peer comes before one that takes any, and of two such the older.
#[test]
fn the_nearest_listener_hears() {
    let mut rig = Rig::listening(|_| ());
    let (any, peer) = (rig.name, rig.peer);
    let younger = rig.host.open_passive(80, None).expect("a second record");
    let elsewhere = rig.host.open_passive(81, None).expect("another port");
    let stranger = rig.host.open_passive(80, Some(socket([192, 0, 2, 8], 1))).expect("for a stranger");
    let friend = rig.host.open_passive(80, Some(peer)).expect("for this peer");
    let states = |rig: &Rig| {
        [any, younger, elsewhere, stranger, friend].map(|name| rig.host.status(name).expect("all are open"))
    };
    let (listen, syn) = (State::Listen, State::SynReceived);
    rig.answers(SYN, &[SYN_ACK]);
    assert_eq!(states(&rig), [listen, listen, listen, listen, syn]);
    rig.peer = socket(PEER, PORT + 1);
    rig.answers(SYN, &[SYN_ACK]);
    assert_eq!(states(&rig), [syn, listen, listen, listen, syn]);
    rig.peer = socket(PEER, PORT + 2);
    rig.answers(SYN, &[SYN_ACK]);
    assert_eq!(states(&rig), [syn, syn, listen, listen, syn]);
    // Nobody is left who would take it.
    rig.peer = socket(PEER, PORT + 3);
    rig.answers(SYN, &["<SEQ=0><ACK=101><CTL=RST,ACK>"]);
}

/// The list that `netstat` prints: queues, sockets, states; nothing of what has ended.
#[test]
fn connections_are_listed() {
    let mut rig = Rig::listening(|_| ());
    let list = |rig: &Rig| rig.host.connections().map(|c| c.to_string()).collect::<Vec<String>>();
    rig.host.open_passive(81, Some(socket(PEER, 7))).expect("a free port");
    rig.hears(SYN);
    rig.says();
    rig.hears("<SEQ=101><ACK=301><CTL=ACK><LEN=5>");
    assert_eq!(rig.send(3), Ok(3));
    let wanted = [
        "tcp4       5      3 192.0.2.1:80             192.0.2.9:4000           ESTABLISHED",
        "tcp        0      0 *:81                     192.0.2.9:7              LISTEN",
    ];
    assert_eq!(list(&rig), wanted);
    rig.host.abort(rig.name).expect("it is open");
    assert_eq!(list(&rig), wanted[1..]);

    let addr = |last| std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).into();
    let rig = Rig::opening_at(addr(1), addr(9), |_| ());
    let wanted = "tcp6       0      0 [2001:db8::1]:4000       [2001:db8::9]:80         SYN-SENT";
    assert_eq!(list(&rig), [wanted]);
}

/// Every connection that has something to send gets its turn, and once; a full queue stops nobody for good.
#[test]
fn connections_send_in_turn() {
    let mut host = Host::new(crate::rig::config(STACK.into()));
    for port in [1, 2, 3] {
        host.open_active(port, socket(PEER, 80)).expect("a free pair of sockets");
    }
    let port = |host: &mut Host| {
        let mut packet = Vec::new();
        let sent = host.transmit(&mut packet);
        sent.then(|| parse(&packet).expect("a SYN").header.src.port)
    };
    assert_eq!([port(&mut host), port(&mut host)], [Some(1), Some(2)]);
    host.advance(Instant::ZERO + Duration::from_secs(1));
    // The third waits still; the timers of the two others have run out.
    let mut turns = [(); 3].map(|()| port(&mut host));
    turns.sort_unstable();
    assert_eq!((turns, port(&mut host)), ([Some(1), Some(2), Some(3)], None));
}

/// A host is a value: what one does changes no copy, and two that were told the same are the same.
#[test]
fn a_host_is_a_value() {
    let mut rig = Rig::established(|_| ());
    let before = rig.host.clone();
    assert_eq!(rig.host, before);
    rig.hears("<SEQ=101><ACK=301><CTL=ACK><LEN=5>");
    assert_ne!(rig.host, before);
    let mut copy = before.clone();
    copy.arrives(&rig.packet("<SEQ=101><ACK=301><CTL=ACK><LEN=5>"));
    assert_eq!(rig.host, copy);
}

/// Text of whatever length goes through: nothing of a segment is lost between its octets and its header.
#[test]
fn a_segment_is_emitted_as_it_stands() {
    let rig = Rig::listening(|_| ());
    for len in [0, 1, 536, 1460] {
        let packet = rig.packet(&format!("<SEQ=100><ACK=7><CTL=ACK><LEN={len}>"));
        let Segment { header, text } = parse(&packet).expect("a segment");
        assert_eq!((text.len(), packet.len()), (len, len + 40));
        assert_eq!(header.checksum, Checksum::Right);
    }
}
