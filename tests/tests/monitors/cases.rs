//! For each monitor the smallest trace that breaks it, and the nearest legal one.

use lastack::monitor::MonitorId::{self, *};
use lastack::scenario::ScriptCall;
use lastack::subject::{Outcome, SocketOption};
use lastack_core::types::wire::OptionsBuilder;
use lastack_core::types::{Checksum, Flags};
use std::net::{IpAddr, Ipv4Addr};

use super::rig::{ISS, Rig, mss, seg};

/// Monitor, bad trace, good trace.
pub type Case = (MonitorId, fn(&mut Rig), fn(&mut Rig));

const CLOSE: ScriptCall = ScriptCall::Close;
const END: (ScriptCall, Outcome) = (ScriptCall::Receive(10), Outcome::EndOfStream);

fn addr(octets: [u8; 4]) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(octets))
}

fn syn_ack() -> super::rig::Seg {
    seg("SA", ISS, 101).options(mss(1460))
}

fn syn_ack_of_peer() -> super::rig::Seg {
    seg("SA", 100, ISS + 1).options(mss(1460))
}

fn scaled() -> OptionsBuilder {
    mss(1460).scale(2)
}

/// A SYN that is sent again after each of these waits.
fn syn_again(r: &mut Rig, millis: &[u64]) {
    r.syn_sent();
    for wait in millis {
        r.wait(*wait);
        r.say(seg("S", ISS, 0).options(mss(1460)));
    }
}

/// What two incarnations need: the first is established and then reset by the peer.
fn reset_by_peer(r: &mut Rig) {
    r.established();
    r.hear(seg("R", 101, 0));
    r.quiet();
}

/// After `reset_by_peer` the peer opens again and the stack answers with this ISS.
fn again_with(r: &mut Rig, iss: u32) {
    r.hear(seg("S", 5000, 0).options(mss(1460)));
    r.say(seg("SA", iss, 5001).options(mss(1460)));
}

pub const FORM: &[Case] = &[
    (
        PacketForm,
        |r| {
            r.established();
            r.say(seg("A", 301, 101).patched(|p| p.truncate(30)));
        },
        |r| {
            // Another protocol is none of TCP's business.
            r.established();
            r.say(seg("A", 301, 101).patched(|p| p[9] = 17));
        },
    ),
    (
        ChecksumIp,
        |r| {
            r.hear_syn(mss(1460));
            r.say(syn_ack().with(|h| h.ip_checksum = Checksum::Literal(1)));
        },
        |r| {
            r.hear_syn(mss(1460));
            r.say(syn_ack().with(|h| h.ttl = 1));
        },
    ),
    (
        ChecksumTcp,
        |r| {
            r.hear_syn(mss(1460));
            r.say(syn_ack().with(|h| h.checksum = Checksum::Literal(1)));
        },
        |r| {
            r.hear_syn(mss(1460));
            r.say(syn_ack());
        },
    ),
    (
        DataOffset,
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101).with(|h| h.data_offset = Some(4)));
        },
        |r| {
            r.established();
            r.hear(seg("A", 1, 301));
            r.say(seg("A", 301, 101).raw_options(&[1, 1, 1, 0]));
        },
    ),
    (
        ReservedBits,
        |r| {
            r.hear_syn(mss(1460));
            r.say(syn_ack().with(|h| h.flags = Flags::from_bits(0x212)));
        },
        |r| {
            r.hear_syn(mss(1460));
            // ECE is defined.
            r.say(syn_ack().with(|h| h.flags = Flags::from_bits(0x052)));
        },
    ),
    (
        TtlZero,
        |r| {
            r.hear_syn(mss(1460));
            r.say(syn_ack().with(|h| h.ttl = 0));
        },
        |r| {
            r.hear_syn(mss(1460));
            r.say(syn_ack().with(|h| h.ttl = 1));
        },
    ),
    (
        WrongSource,
        |r| {
            r.listen();
            r.hear(seg("A", 1, 7).with(|h| h.src.addr = addr([192, 0, 2, 77])));
            r.say(seg("R", 7, 0).with(|h| h.src.addr = addr([192, 0, 2, 77])));
        },
        |r| {
            r.listen();
            r.hear(seg("A", 1, 7));
            r.say(seg("R", 7, 0));
        },
    ),
    (
        BadDestination,
        |r| {
            r.listen();
            r.hear(seg("A", 1, 7).with(|h| h.dst.addr = addr([192, 0, 2, 255])));
            r.say(seg("R", 7, 0).with(|h| h.dst.addr = addr([192, 0, 2, 255])));
        },
        |r| {
            r.listen();
            r.hear(seg("A", 1, 7).with(|h| h.dst.addr = addr([198, 51, 100, 255])));
            r.say(seg("R", 7, 0).with(|h| h.dst.addr = addr([198, 51, 100, 255])));
        },
    ),
    (
        NoAckBit,
        |r| {
            r.established();
            r.send(5);
            r.say(seg("P", 301, 101).text(5));
        },
        |r| {
            r.established();
            r.send(5);
            r.say(seg("PA", 301, 101).text(5));
        },
    ),
    (
        MtuExceeded,
        |r| {
            r.setup(|s| s.mtu = 576);
            r.handshake(mss(1460), OptionsBuilder::new());
            r.flight(537);
        },
        |r| {
            r.setup(|s| s.mtu = 576);
            r.handshake(mss(1460), OptionsBuilder::new());
            r.flight(536);
        },
    ),
];

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
];

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
    (RtoTooEarly, |r| syn_again(r, &[900]), |r| syn_again(r, &[1000])),
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
    (
        BackoffMissing,
        |r| syn_again(r, &[3000, 3000, 3000, 3000]),
        |r| syn_again(r, &[1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]),
    ),
];

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

pub fn all() -> impl Iterator<Item = &'static Case> {
    [FORM, OPTIONS, PARTIES, NUMBERS, TEXT, RESETS, ANSWERS, PACE, USERS].into_iter().flatten()
}
