//! Text.

use super::*;

pub const TEXT: &[Case] = &[
    (
        TextTooEarly,
        |r| {
            r.hear_syn(mss(1460));
            r.say(syn_ack());
            r.send(5);
            r.say(seg("PA", 301, 101).text(5));
        },
        |r| {
            // The ACK of the SYN,ACK may carry text.
            r.syn_sent();
            r.hear(syn_ack_of_peer());
            r.flight(5);
        },
    ),
    (
        TextPastWindow,
        |r| {
            r.established();
            r.flight(1400);
            r.send(2800);
            r.say(seg("PA", 1701, 101).text(1400));
            r.say(seg("PA", 3101, 101).text(1297));
        },
        |r| {
            r.established();
            r.flight(1400);
            r.send(2800);
            r.say(seg("PA", 1701, 101).text(1400));
            r.say(seg("PA", 3101, 101).text(1296));
        },
    ),
    (
        TextPastShrunkWindow,
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).window(10));
            r.quiet();
            r.flight(11);
        },
        |r| {
            // What was sent before the window shrank may be sent again (MAY-7).
            r.established();
            r.flight(11);
            r.hear(seg("A", 101, 301).window(10));
            r.wait(1000);
            r.say(seg("PA", 301, 101).text(11));
        },
    ),
    (
        SillySegment,
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).window(1000));
            r.quiet();
            r.send(1500);
            r.say(seg("A", 301, 101).text(1000));
        },
        |r| {
            // All that there is, what fills a quarter of the largest window, and what waited for a tenth of a second.
            r.established();
            r.hear(seg("A", 101, 301).window(1000));
            r.quiet();
            r.flight(1000);
            r.hear(seg("A", 101, 1301).window(1024));
            r.quiet();
            r.send(1500);
            r.say(seg("A", 1301, 101).text(1024));
            r.hear(seg("A", 101, 2325).window(10));
            r.wait(100);
            r.say(seg("A", 2325, 101).text(10));
        },
    ),
    (
        ProbeTooLong,
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).window(0));
            r.send(5);
            r.wait(1000);
            r.say(seg("PA", 301, 101).text(2));
        },
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).window(0));
            r.send(5);
            r.wait(1000);
            r.say(seg("PA", 301, 101).text(1));
        },
    ),
    (
        ProbeTooEarly,
        |r| {
            r.established();
            r.hear(seg("A", 101, 301).window(0));
            r.send(5);
            r.wait(999);
            r.say(seg("PA", 301, 101).text(1));
        },
        |r| {
            // Closed for a second already when the user comes with text.
            r.established();
            r.hear(seg("A", 101, 301).window(0));
            r.wait(1000);
            r.send(5);
            r.say(seg("PA", 301, 101).text(1));
        },
    ),
    (
        MssExceeded,
        |r| {
            // No MSS option: 536.
            r.handshake(OptionsBuilder::new(), mss(1460));
            r.flight(537);
        },
        |r| {
            r.handshake(OptionsBuilder::new(), mss(1460));
            r.flight(536);
        },
    ),
    (
        TextAfterFin,
        |r| {
            r.established();
            r.send(5);
            r.call(CLOSE, Outcome::Done);
            r.say(seg("FA", 301, 101));
            r.say(seg("A", 301, 101).text(5));
        },
        |r| {
            r.established();
            r.send(5);
            r.call(CLOSE, Outcome::Done);
            r.say(seg("A", 301, 101).text(5));
            r.say(seg("FA", 306, 101));
        },
    ),
    (
        StreamSent,
        |r| {
            r.established();
            r.send(3);
            r.say(seg("PA", 301, 101).octets(&[1, 2, 3]));
        },
        |r| {
            // A keep-alive may carry any octet.
            r.established();
            r.call(ScriptCall::Set(SocketOption::KeepAlive(Some(Default::default()))), Outcome::Done);
            r.flight(3);
            r.hear(seg("A", 101, 304));
            r.wait(8000);
            r.say(seg("A", 303, 101).octets(&[0]));
        },
    ),
    (
        TextUnsubmitted,
        |r| {
            r.established();
            r.send(5);
            r.say(seg("PA", 301, 101).text(6));
        },
        |r| {
            r.established();
            r.send(5);
            r.say(seg("PA", 301, 101).text(5));
        },
    ),
];
