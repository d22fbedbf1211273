//! The safe API: both versions, many instances in many threads, and the same bytes every time.

use lastack_lwip::{Error, Setup, Stack, State, Version};

const VERSIONS: [Version; 3] = [Version::V212, Version::Dev221, Version::Dev221Options];

fn fresh(version: Version, seed: u64) -> Stack {
    let mut stack = Stack::new(version);
    stack.reset(&Setup { seed, ..Setup::default() }).expect("lwIP starts");
    stack
}

fn packets(stack: &mut Stack) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    stack.take_packets(|packet| all.push(packet.to_vec()));
    all
}

/// Swaps the direction of a packet between two hosts of this file: addresses stay, for both stacks have
/// their own set-up.
fn carry(from: &mut Stack, to: &mut Stack) -> usize {
    let sent = packets(from);
    for packet in &sent {
        to.deliver(packet).expect("a buffer");
    }
    sent.len()
}

#[test]
fn both_versions_talk_to_each_other() {
    let mut client = fresh(Version::V212, 1);
    let mut server = Stack::new(Version::Dev221);
    let addr = [192, 0, 2, 2];
    server.reset(&Setup { addr, seed: 2, ..Setup::default() }).expect("lwIP starts");
    let listener = server.listen(80).expect("a free port");
    let conn = client.connect(8000, addr, 80).expect("a free port");
    for _ in 0..3 {
        carry(&mut client, &mut server);
        carry(&mut server, &mut client);
    }
    let accepted = server.accept(listener).expect("a connection");
    assert_eq!(client.state(conn), Ok(State::Established));
    assert_eq!(client.send(conn, b"hello"), Ok(5));
    carry(&mut client, &mut server);
    let mut text = [0; 10];
    assert_eq!(server.receive(accepted, &mut text), Ok(5));
    assert_eq!(&text[..5], b"hello");
    assert_eq!(server.receive(accepted, &mut text), Err(Error::WouldBlock));
    client.close(conn).expect("a connection");
    carry(&mut client, &mut server);
    assert_eq!(server.receive(accepted, &mut text), Err(Error::Closed));
    assert_eq!(client.send(conn, b"x"), Err(Error::Gone));
}

/// What a stack that connects sends in 100 s without an answer, with the instants.
fn unanswered(stack: &mut Stack) -> Vec<(u64, Vec<u8>)> {
    let mut seen = Vec::new();
    stack.connect(8000, [192, 0, 2, 2], 80).expect("a free port");
    let mut now = 0;
    while now < 100_000_000 {
        seen.extend(packets(stack).into_iter().map(|packet| (now, packet)));
        let Some(due) = stack.next_timer().expect("no assertion") else { break };
        now = due.max(now + 1);
        stack.advance(now);
        stack.run_timers().expect("no assertion");
    }
    seen
}

#[test]
fn more_instances_than_copies_share_unnoticed_in_threads() {
    for version in VERSIONS {
        let alone = unanswered(&mut fresh(version, 7));
        assert!(alone.len() > 3, "SYN and its retransmissions");
        std::thread::scope(|scope| {
            for _ in 0..9 {
                scope.spawn(|| {
                    let mut stack = fresh(version, 7);
                    for _ in 0..5 {
                        assert_eq!(unanswered(&mut stack), alone);
                        stack.reset(&Setup { seed: 7, ..Setup::default() }).expect("lwIP starts");
                    }
                });
            }
        });
    }
}

#[test]
fn the_first_iss_is_the_one_that_was_asked_for() {
    for version in VERSIONS {
        let mut stack = Stack::new(version);
        for iss in [0, 1, 0x7fff_ffff, 0xffff_ffff] {
            stack.reset(&Setup { iss: Some(iss), ..Setup::default() }).expect("lwIP starts");
            stack.connect(8000, [192, 0, 2, 2], 80).expect("a free port");
            let syn = packets(&mut stack).remove(0);
            assert_eq!(syn[24..28], iss.to_be_bytes());
        }
    }
}

#[test]
fn a_full_transmit_queue_is_seen_by_lwip() {
    let mut stack = fresh(Version::Dev221, 0);
    stack.set_room(0);
    stack.connect(8000, [192, 0, 2, 2], 80).expect("a free port");
    assert!(packets(&mut stack).is_empty());
    stack.set_room(1);
    stack.advance(1_000_000);
    stack.run_timers().expect("no assertion");
    assert_eq!(packets(&mut stack).len(), 1, "the SYN goes when there is room");
}

#[test]
fn sizes_below_lwips_sanity_checks_are_refused() {
    let mut stack = Stack::new(Version::V212);
    assert_eq!(stack.reset(&Setup { wnd: 535, ..Setup::default() }), Err(Error::Invalid));
    assert_eq!(stack.reset(&Setup { snd_buf: 1071, ..Setup::default() }), Err(Error::Invalid));
}
