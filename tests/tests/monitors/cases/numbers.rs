//! Who may speak, and which numbers.

use super::*;

pub const PARTIES: &[Case] = &[
    (
        SynUnasked,
        |r| {
            r.listen();
            r.quiet();
            r.say(seg("S", ISS, 0).options(mss(1460)));
        },
        |r| r.syn_sent(),
    ),
    (
        SynAckUnasked,
        |r| {
            r.listen();
            r.quiet();
            r.say(syn_ack());
        },
        |r| {
            // A crossing open: the SYN,ACK repeats the number of the SYN.
            r.syn_sent();
            r.hear(seg("S", 100, 0).options(mss(1460)));
            r.say(syn_ack());
        },
    ),
    (
        NoConnection,
        |r| {
            r.listen();
            r.hear(seg("A", 100, 301));
            r.say(seg("A", 301, 100));
        },
        |r| {
            r.listen();
            r.hear(seg("A", 100, 301));
            r.say(seg("R", 301, 0));
        },
    ),
    (
        AfterRst,
        |r| {
            r.established();
            r.flight(5);
            r.call(ScriptCall::Abort, Outcome::Done);
            r.say(seg("R", 306, 0));
            r.wait(3000);
            r.say(seg("PA", 301, 101).text(5));
        },
        |r| {
            // A bad ACK in SYN-RECEIVED earns a RST, and the SYN,ACK is sent again all the same.
            r.hear_syn(mss(1460));
            r.say(syn_ack());
            r.hear(seg("A", 101, 9));
            r.say(seg("R", 9, 0));
            r.wait(3000);
            r.say(syn_ack());
        },
    ),
    (
        AfterReset,
        |r| {
            r.established();
            r.flight(5);
            r.hear(seg("R", 101, 0));
            r.wait(3000);
            r.say(seg("PA", 301, 101).text(5));
        },
        |r| {
            // RFC 5961: a RST inside the window resets nothing.
            r.established();
            r.flight(5);
            r.hear(seg("R", 102, 0));
            r.say(seg("A", 306, 101));
            r.wait(3000);
            r.say(seg("PA", 301, 101).text(5));
        },
    ),
];

pub const NUMBERS: &[Case] = &[
    (
        IssMoves,
        |r| {
            r.syn_sent();
            r.wait(1000);
            r.say(seg("S", 400, 0).options(mss(1460)));
        },
        |r| {
            // Another OPEN after an ABORT is another connection.
            r.syn_sent();
            r.wait(1000);
            r.call(ScriptCall::Abort, Outcome::Done);
            r.call(CLOSE, Outcome::NoConnection);
            r.say(seg("S", 400, 0).options(mss(1460)));
        },
    ),
    (
        IsnReused,
        |r| {
            reset_by_peer(r);
            r.wait(10_000);
            again_with(r, ISS);
        },
        |r| {
            // At the very instant a clock has not moved.
            reset_by_peer(r);
            again_with(r, ISS);
        },
    ),
    (
        SeqOutside,
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 302, 101));
        },
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101));
        },
    ),
    (
        OldIncarnation,
        |r| {
            reset_by_peer(r);
            again_with(r, 90_000);
            r.hear(seg("A", 5001, 90_001));
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 5001));
        },
        |r| {
            reset_by_peer(r);
            again_with(r, 90_000);
            r.hear(seg("A", 5001, 90_001));
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 90_001, 5001));
        },
    ),
    (
        FinMoves,
        |r| {
            r.established();
            r.flight(5);
            r.call(CLOSE, Outcome::Done);
            r.say(seg("FA", 306, 101));
            r.wait(3000);
            r.say(seg("FA", 301, 101).text(4));
        },
        |r| {
            r.established();
            r.flight(5);
            r.call(CLOSE, Outcome::Done);
            r.say(seg("FA", 306, 101));
            r.wait(3000);
            r.say(seg("FA", 301, 101).text(5));
        },
    ),
    (
        FinUnasked,
        |r| {
            // A FIN is answered by a FIN of the stack's own accord.
            r.established();
            r.hear(seg("FA", 101, 301));
            r.say(seg("FA", 301, 102));
        },
        |r| {
            r.established();
            r.hear(seg("FA", 101, 301));
            r.call(CLOSE, Outcome::Done);
            r.say(seg("FA", 301, 102));
        },
    ),
    (
        AckUnsent,
        |r| {
            // Past a hole.
            r.established();
            r.hear(seg("A", 106, 301).text(5));
            r.say(seg("A", 301, 111));
        },
        |r| {
            r.established();
            r.hear(seg("A", 106, 301).text(5));
            r.say(seg("A", 301, 101));
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 301, 111).window(4086));
        },
    ),
    (
        AckMovesBack,
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 301, 106).window(4091));
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101));
        },
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 301, 106).window(4091));
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 106).window(4091));
        },
    ),
    (
        AckStaleAgain,
        |r| {
            r.established();
            r.flight(5);
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 306, 106).window(4091));
            r.wait(1000);
            r.say(seg("PA", 301, 101).text(5));
        },
        |r| {
            r.established();
            r.flight(5);
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 306, 106).window(4091));
            r.wait(1000);
            r.say(seg("PA", 301, 106).text(5).window(4091));
        },
    ),
    (
        RightEdgeShrinks,
        |r| {
            r.handshake(scaled(), scaled());
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 301, 106).window((4096 - 5 - 4) / 4));
        },
        |r| {
            // 4091 octets left, rounded down to a multiple of 4.
            r.handshake(scaled(), scaled());
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 301, 106).window(4091 / 4));
        },
    ),
    (SillyWindow, |r| window_after_reading(r, 364), |r| window_after_reading(r, 365)),
];

/// The window is full; then so many octets are read, and the window tells it.
fn window_after_reading(r: &mut Rig, octets: u16) {
    r.established();
    r.hear(seg("A", 101, 301).text(4096));
    r.say(seg("A", 301, 4197).window(0));
    r.receive(0..u32::from(octets));
    r.say(seg("A", 301, 4197).window(octets));
}
