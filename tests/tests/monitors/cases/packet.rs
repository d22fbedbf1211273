//! Headers and addresses.

use super::*;

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
