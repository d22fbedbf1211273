//! What a conforming stack may do and a careless monitor would blame: mostly the peer's fault.

use lastack::scenario::ScriptCall;
use lastack::subject::{Outcome, SocketOption};
use lastack_core::types::wire::OptionsBuilder;
use lastack_core::types::{Flags, Header, Segment, SeqNum};

use super::rig::{ISS, PEER, Rig, STACK, Seg, mss, seg};

/// What is legal, and the trace.
pub type Legal = (&'static str, fn(&mut Rig));

fn syn_ack() -> Seg {
    seg("SA", ISS, 101).options(mss(1460))
}

/// A SYN as the peer sends it, with these further controls.
pub fn peer_syn(more: Flags) -> Header {
    let flags = Flags::SYN.with(more);
    let (seq, ack) = (SeqNum::new(100), SeqNum::new(ISS + 1));
    Header { window: 4096, ..Header::new(PEER, STACK, flags, seq, ack) }
}

pub const TRACES: &[Legal] = &[
    ("a RST with broken options may be dropped (MUST-7)", |r| {
        r.established();
        r.flight(5);
        r.hear(seg("R", 101, 0).raw_options(&[9, 0, 0, 0]));
        r.wait(1000);
        r.say(seg("PA", 301, 101).text(5));
    }),
    ("a probe while text waits is one of the window, and no keep-alive", |r| {
        r.established();
        r.send(5);
        r.wait(8000);
        r.say(seg("A", 300, 101));
    }),
    ("a RST to a bad ACK may leave after the SYN,ACK has come, when the queue was full", |r| {
        r.syn_sent();
        r.hear(seg("A", 101, 7));
        r.monitors.to_stack(r.at, &Segment { header: peer_syn(Flags::ACK), text: &[] }, true);
        r.monitors.room_changed();
        r.say(seg("R", 7, 0));
        r.say(seg("A", 301, 101));
        r.send(5);
        r.say(seg("PA", 301, 101).text(5));
        r.wait(1000);
        r.say(seg("PA", 301, 101).text(5));
    }),
    ("an ACK outside the window acknowledges nothing: the old text times out on its own clock", |r| {
        r.established();
        r.flight(5);
        r.wait(600);
        r.hear(seg("A", 9000, 306));
        r.say(seg("A", 306, 101));
        r.send(5);
        r.say(seg("PA", 306, 101).text(5));
        r.wait(400);
        r.say(seg("PA", 301, 101).text(10));
    }),
    ("a second FIN may be dropped with its acknowledgment", |r| {
        r.established();
        r.flight(5);
        r.hear(seg("FA", 101, 301));
        r.say(seg("A", 306, 102));
        r.hear(seg("FA", 102, 306));
        r.wait(600);
        r.send(5);
        r.say(seg("PA", 306, 102).text(5));
        r.wait(400);
        r.say(seg("PA", 301, 102).text(10));
    }),
    ("a probe of one octet after the window has closed over text in flight", |r| {
        r.established();
        r.hear(seg("A", 101, 301).window(10));
        r.send(20);
        r.wait(100);
        r.say(seg("PA", 301, 101).text(10));
        r.hear(seg("A", 101, 302).window(0));
        r.wait(1000);
        r.say(seg("A", 311, 101).text(1));
    }),
    ("probes of a window that only a refused segment opened", |r| {
        r.established();
        r.hear(seg("A", 101, 301).window(0));
        r.send(5);
        r.wait(1000);
        r.say(seg("A", 301, 101).text(1));
        r.hear(seg("FA", 100, 302));
        r.say(seg("A", 302, 101));
        r.wait(3000);
        r.say(seg("A", 301, 101).text(1));
    }),
    ("an old octet probes a window that only a refused segment opened", |r| {
        r.established();
        let keep_alive = SocketOption::KeepAlive(Some(Default::default()));
        r.call(ScriptCall::Set(keep_alive), Outcome::Done);
        r.flight(5);
        r.hear(seg("A", 101, 301).window(0));
        r.hear(seg("A", 100, 301).text(1));
        r.say(seg("A", 306, 101));
        r.wait(3000);
        r.say(seg("A", 300, 101).octets(&[0]));
    }),
    ("a FIN inside the text already held leaves open where the stream ends", |r| {
        r.established();
        r.hear(seg("A", 106, 301).text(5));
        r.say(seg("A", 301, 101));
        r.hear(seg("FA", 101, 301).text(5));
        r.say(seg("A", 301, 112).window(4085));
    }),
    ("a go-back-N stack acknowledges with a rewound SEQ", |r| {
        r.established();
        r.flight(5);
        r.wait(1000);
        r.hear(seg("A", 101, 301).text(1));
        r.say(seg("A", 301, 102).window(4095));
    }),
    ("both ends open at once, and the crossing SYN,ACK is answered", |r| {
        r.syn_sent();
        r.hear(seg("S", 100, 0).options(mss(1460)));
        r.say(syn_ack());
        r.hear(seg("SA", 100, ISS + 1).options(mss(1460)));
        r.say(seg("A", ISS + 1, 101));
    }),
    ("TIME-WAIT answers a repeated FIN, and CLOSED resets what comes later", |r| {
        r.established();
        r.call(ScriptCall::Close, Outcome::Done);
        r.say(seg("FA", 301, 101));
        r.hear(seg("FA", 101, 302));
        r.say(seg("A", 302, 102));
        r.wait(1000);
        r.hear(seg("FA", 101, 302));
        r.say(seg("A", 302, 102));
        r.wait(300_000);
        r.hear(seg("FA", 101, 302));
        r.say(seg("R", 302, 0));
    }),
    (
        "a SYN reopened TIME-WAIT, nobody answered the SYN,ACK, and the old connection speaks again (MAY-2)",
        |r| {
            r.established();
            r.call(ScriptCall::Close, Outcome::Done);
            r.say(seg("FA", 301, 101));
            r.hear(seg("FA", 101, 302));
            r.say(seg("A", 302, 102));
            r.hear(seg("S", 5000, 0).options(mss(1460)));
            r.say(seg("SA", 9000, 5001).options(mss(1460)));
            r.wait(200_000);
            r.hear(seg("FA", 101, 302));
            r.say(seg("A", 302, 102));
        },
    ),
    ("a SYN,ACK that is sent again cannot advertise more than 65535", |r| {
        r.hear_syn(mss(1460).scale(4));
        r.say(syn_ack().options(mss(1460).scale(4)).window(65535));
        r.hear(seg("A", 101, 301).text(5));
        r.say(seg("A", 301, 106).window(12_000));
        r.hear(seg("S", 100, 0).options(mss(1460).scale(4)));
        let again = syn_ack().options(mss(1460).scale(4)).window(65535);
        r.say(again.with(|h| h.ack = h.ack.add(5)));
    }),
    ("what the peer's unreadable SYN offered is anybody's guess", |r| {
        r.handshake(OptionsBuilder::new().raw(&[9, 0]), mss(1460).scale(3).timestamps(1, 2));
        r.flight(500);
    }),
    ("a listener's connection keeps what was said to the listener", |r| {
        r.established();
        r.send(3);
        r.call(ScriptCall::Accept { into: 1 }, Outcome::Done);
        r.monitors.call(r.at, 1, &ScriptCall::Send(2), Outcome::Octets(2), &[], &mut r.breaches);
        r.say(seg("PA", 301, 101).text(5));
    }),
];
