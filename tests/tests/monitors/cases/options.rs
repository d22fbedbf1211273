//! Options.

use super::*;

pub const OPTIONS: &[Case] = &[
    (
        OptionForm,
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101).raw_options(&[1, 1, 9, 1]));
        },
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101).raw_options(&[1, 1, 79, 2]));
        },
    ),
    (
        OptionPadding,
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101).raw_options(&[1, 0, 1, 0]));
        },
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101).raw_options(&[1, 0, 0, 0]));
        },
    ),
    (
        MssOffSyn,
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101).options(mss(1460)));
        },
        |r| r.established(),
    ),
    (
        MssMissing,
        |r| r.handshake(mss(1460), OptionsBuilder::new()),
        |r| {
            r.setup(|s| s.mtu = 576);
            r.handshake(mss(1460), OptionsBuilder::new());
        },
    ),
    (MssAboveMtu, |r| r.handshake(mss(1460), mss(1461)), |r| r.handshake(mss(1460), mss(1400))),
    (
        ScaleOffSyn,
        |r| {
            r.handshake(scaled(), scaled());
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101).options(OptionsBuilder::new().scale(2)));
        },
        |r| {
            r.handshake(scaled(), scaled());
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101));
        },
    ),
    (
        ScaleAbove14,
        |r| r.handshake(scaled(), mss(1460).scale(15)),
        |r| r.handshake(scaled(), mss(1460).scale(14)),
    ),
    (
        ScaleUnasked,
        |r| r.handshake(mss(1460), scaled()),
        // The peer's options cannot be read: it may have offered anything.
        |r| r.handshake(mss(1460).raw(&[9, 0]), scaled()),
    ),
    (
        SackPermittedOffSyn,
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101).options(OptionsBuilder::new().sack_permitted()));
        },
        |r| r.handshake(mss(1460), mss(1460).sack_permitted()),
    ),
    (
        SackUnasked,
        |r| {
            r.established();
            r.hear(seg("A", 111, 301).text(5));
            r.say(seg("A", 301, 101).raw_options(&[1, 1, 5, 10, 0, 0, 0, 111, 0, 0, 0, 116]));
        },
        |r| {
            r.handshake(mss(1460).sack_permitted(), mss(1460).sack_permitted());
            r.hear(seg("A", 111, 301).text(5));
            r.say(seg("A", 301, 101).raw_options(&[1, 1, 5, 10, 0, 0, 0, 111, 0, 0, 0, 116]));
        },
    ),
    (
        SackBlocks,
        |r| {
            r.handshake(mss(1460).sack_permitted(), mss(1460).sack_permitted());
            r.hear(seg("A", 111, 301).text(5));
            r.say(seg("A", 301, 101).raw_options(&[1, 1, 5, 10, 0, 0, 0, 111, 0, 0, 0, 117]));
        },
        |r| {
            // What came twice is told below the acknowledgment.
            r.handshake(mss(1460).sack_permitted(), mss(1460).sack_permitted());
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 301, 106).window(4091));
            r.hear(seg("A", 101, 301).text(5));
            r.say(seg("A", 301, 106).window(4091).raw_options(&[1, 1, 5, 10, 0, 0, 0, 101, 0, 0, 0, 106]));
        },
    ),
    (
        TimestampsUnasked,
        |r| r.handshake(mss(1460), mss(1460).timestamps(1, 0)),
        |r| r.handshake(mss(1460).timestamps(7, 0), mss(1460).timestamps(1, 7)),
    ),
    (
        TimestampsMissing,
        |r| {
            r.handshake(mss(1460).timestamps(7, 0), mss(1460).timestamps(1, 7));
            r.flight(5);
        },
        |r| {
            // The stack itself did not offer them.
            r.handshake(mss(1460).timestamps(7, 0), mss(1460));
            r.flight(5);
        },
    ),
    (
        UrgentUnasked,
        |r| {
            r.established();
            r.send(5);
            r.say(seg("UPA", 301, 101).text(5).with(|h| h.urgent = 5));
        },
        |r| {
            r.established();
            r.send(5);
            // Without URG the field means nothing.
            r.say(seg("PA", 301, 101).text(5).with(|h| h.urgent = 5));
        },
    ),
];
