//! Resets, answers, time, and the user.

use super::*;

pub const RESETS: &[Case] = &[
    (
        RstForRst,
        |r| {
            r.listen();
            r.hear(seg("R", 7, 0));
            r.say(seg("RA", 0, 7));
        },
        |r| {
            r.listen();
            r.hear(seg("R", 7, 0));
            r.hear(seg("", 7, 0));
            r.say(seg("RA", 0, 7));
        },
    ),
    (
        RstUnprompted,
        |r| {
            r.listen();
            r.hear(seg("A", 1, 7));
            r.say(seg("R", 7, 0));
            r.say(seg("R", 7, 0));
        },
        |r| {
            r.listen();
            r.hear(seg("A", 1, 7));
            r.say(seg("R", 7, 0));
            r.hear(seg("A", 1, 7));
            r.say(seg("R", 7, 0));
        },
    ),
    (
        RstForm,
        |r| {
            // The SYN counts.
            r.listen();
            r.hear(seg("S", 7, 0).text(2));
            r.say(seg("RA", 0, 9));
        },
        |r| {
            r.listen();
            r.hear(seg("S", 7, 0).text(2));
            r.say(seg("RA", 0, 10));
        },
    ),
    (
        RstControls,
        |r| {
            r.listen();
            r.hear(seg("A", 1, 7));
            r.say(seg("RF", 7, 0));
        },
        |r| {
            // With the ACK bit, which some stacks set on every RST.
            r.listen();
            r.hear(seg("A", 1, 7));
            r.say(seg("RA", 7, 1));
        },
    ),
];

pub const ANSWERS: &[Case] = &[
    (
        AnswersMultiply,
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101));
            r.say(seg("A", 301, 101));
        },
        |r| {
            // The second one says something new.
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101));
            r.say(seg("A", 301, 101).window(5000));
        },
    ),
    (
        AckForAck,
        |r| {
            r.established();
            r.wait(8000);
            r.hear(seg("A", 101, 301));
            r.say(seg("A", 301, 101));
        },
        |r| {
            r.established();
            r.wait(8000);
            r.hear(seg("A", 100, 301));
            r.say(seg("A", 301, 101));
        },
    ),
    (
        AckUnprompted,
        |r| {
            r.established();
            r.wait(8000);
            r.say(seg("A", 301, 101));
        },
        |r| {
            // A delayed acknowledgment.
            r.established();
            r.hear(seg("A", 101, 301).text(5));
            r.wait(400);
            r.say(seg("A", 301, 106).window(4091));
        },
    ),
    (
        AckEverySecond,
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).text(1460));
            r.hear(seg("A", 1561, 301).text(1460));
            r.quiet();
        },
        |r| {
            // One octet less may wait, and so may what came after an ACK.
            r.established();
            r.hear(seg("A", 101, 301).text(1460));
            r.hear(seg("A", 1561, 301).text(1459));
            r.wait(400);
            r.say(seg("A", 301, 3020).window(1177));
            r.hear(seg("A", 3020, 301).text(1177));
            r.quiet();
        },
    ),
    (
        KeepAliveUnasked,
        |r| {
            r.established();
            r.wait(7_200_000);
            r.say(seg("A", 300, 101));
        },
        |r| {
            r.established();
            r.call(ScriptCall::Set(SocketOption::KeepAlive(Some(Default::default()))), Outcome::Done);
            r.wait(7_200_000);
            r.say(seg("A", 300, 101));
        },
    ),
    (
        KeepAliveInFlight,
        |r| {
            r.established();
            r.call(ScriptCall::Set(SocketOption::KeepAlive(Some(Default::default()))), Outcome::Done);
            r.flight(5);
            r.wait(8000);
            r.say(seg("A", 300, 101).octets(&[0]));
        },
        |r| {
            // The window is closed: an old octet may probe it.
            r.established();
            r.call(ScriptCall::Set(SocketOption::KeepAlive(Some(Default::default()))), Outcome::Done);
            r.flight(5);
            r.hear(seg("A", 101, 301).window(0));
            r.wait(8000);
            r.say(seg("A", 300, 101).octets(&[0]));
        },
    ),
    (
        KeepAliveTooEarly,
        |r| {
            r.established();
            r.wait(50_000);
            r.hear(seg("A", 101, 301));
            r.wait(8000);
            r.call(KEEP_ALIVE_60_S.0, KEEP_ALIVE_60_S.1);
            r.say(seg("A", 300, 101));
        },
        |r| {
            r.established();
            r.wait(60_000);
            r.call(KEEP_ALIVE_60_S.0, KEEP_ALIVE_60_S.1);
            r.say(seg("A", 300, 101));
        },
    ),
    (
        Flood,
        |r| {
            r.established();
            r.flight(5);
            r.hear(seg("A", 101, 301).window(4000));
            for _ in 0..30 {
                r.say(seg("PA", 301, 101).text(5));
            }
        },
        |r| {
            // Thirty segments of one flight.
            r.handshake(mss(100), mss(1460));
            r.send(3000);
            for i in 0..30 {
                r.say(seg("PA", 301 + 100 * i, 101).text(100));
            }
        },
    ),
];

pub const PACE: &[Case] = &[
    (RtoTooEarly, |r| syn_again(r, &[960]), |r| syn_again(r, &[1000])),
    (
        BackoffShrinks,
        |r| syn_again(r, &[3000, 2400]),
        // One tick of a coarse timer, and what came after the peer was heard.
        |r| {
            syn_again(r, &[3000, 2600]);
            r.hear(seg("A", 1, 7));
            r.say(seg("R", 7, 0));
            r.wait(1000);
            r.say(seg("S", ISS, 0).options(mss(1460)));
        },
    ),
    // A timer that ticks every half second may be half a second early.
    (RtoAfterSyn, |r| text_after_lost_syn(r, 2400), |r| text_after_lost_syn(r, 2500)),
    (SynAgainTooLate, |r| syn_again(r, &[3600]), |r| syn_again(r, &[3000, 6000])),
    (LossWindow, |r| resent(r, 1001), |r| resent(r, 1000)),
    (
        BackoffMissing,
        |r| syn_again(r, &[3000, 3000, 3000, 3000]),
        |r| syn_again(r, &[1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]),
    ),
    (
        BackoffForgotten,
        |r| {
            acknowledged_after_timeouts(r);
            text_again(r, 306, 1000);
        },
        |r| {
            // Twice the last timeout; and after an ACK of text that was sent once, any.
            acknowledged_after_timeouts(r);
            text_again(r, 306, 4000);
            r.hear(seg("A", 101, 311));
            r.send(5);
            r.say(seg("PA", 311, 101).text(5));
            r.hear(seg("A", 101, 316));
            r.send(5);
            text_again(r, 316, 1000);
        },
    ),
];

/// Five octets leave again after one and after two more seconds, and are acknowledged; five more are to be sent.
fn acknowledged_after_timeouts(r: &mut Rig) {
    r.established();
    r.send(5);
    text_again(r, 301, 1000);
    r.wait(2000);
    r.say(seg("PA", 301, 101).text(5));
    r.hear(seg("A", 101, 306));
    r.send(5);
}

/// Five octets leave, and again after so long.
fn text_again(r: &mut Rig, seq: u32, millis: u64) {
    r.say(seg("PA", seq, 101).text(5));
    r.wait(millis);
    r.say(seg("PA", seq, 101).text(5));
}

/// A SYN that had to be sent again, then text whose ACK does not come for so long.
fn text_after_lost_syn(r: &mut Rig, millis: u64) {
    syn_again(r, &[1000]);
    r.hear(syn_ack_of_peer());
    r.flight(5);
    r.wait(millis);
    r.say(seg("PA", 301, 101).text(5));
}

/// After a timeout so many octets are sent again.
fn resent(r: &mut Rig, octets: usize) {
    r.handshake(mss(1000), mss(1460));
    r.send(1500);
    r.say(seg("A", 301, 101).text(1000));
    r.say(seg("PA", 1301, 101).text(500));
    r.wait(1000);
    r.say(seg("A", 301, 101).text(500));
    r.say(seg("A", 801, 101).text(octets - 500));
}

pub const USERS: &[Case] = &[
    (
        StreamDelivered,
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 301, 106).window(4091));
            r.receive(1..5);
        },
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 301, 106).window(4091));
            r.receive(0..2);
            r.receive(2..5);
        },
    ),
    (
        DeliversUnsent,
        |r| {
            r.established();
            r.hear(seg("A", 106, 301).text(5));
            r.receive(0..10);
        },
        |r| {
            r.established();
            r.hear(seg("A", 106, 301).text(5));
            r.hear(seg("A", 101, 301).text(5));
            r.receive(0..10);
        },
    ),
    (
        AfterEndOfStream,
        |r| {
            r.established();
            r.hear(seg("FA", 101, 301));
            r.call(END.0, END.1);
            r.hear(seg("A", 101, 301).text(5));
            r.receive(0..5);
        },
        |r| {
            r.established();
            r.hear(seg("FA", 101, 301).text(5));
            r.receive(0..5);
            r.call(END.0, END.1);
            r.call(END.0, END.1);
        },
    ),
    (
        EndWithoutFin,
        |r| {
            // A FIN behind a hole.
            r.established();
            r.hear(seg("FA", 106, 301));
            r.call(END.0, END.1);
        },
        |r| {
            r.established();
            r.hear(seg("FA", 106, 301));
            r.hear(seg("A", 101, 301).text(5));
            r.receive(0..5);
            r.call(END.0, END.1);
        },
    ),
];
