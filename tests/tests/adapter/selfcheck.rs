use lastack::subject::registry;
use lastack::subject::selfcheck::{Problem, self_check};

use crate::broken::{Fault, Workshop};

/// The problems over IPv4, as print, fatal ones marked.
fn sentences(fault: Fault) -> Vec<String> {
    let mark = |p: &Problem| if p.is_fatal() { "fatal" } else { "remark" };
    let problems = self_check(&Workshop(fault)).into_iter();
    let v4 = problems.filter(|(ip, _)| *ip == lastack::subject::IpVersion::V4);
    v4.map(|(_, problem)| format!("{}: {problem}", mark(&problem))).collect()
}

#[test]
fn the_embedded_stacks_pass() {
    let stacks = registry::embedded();
    assert!(!stacks.is_empty());
    for stack in stacks {
        assert_eq!(self_check(*stack), [], "{}", stack.describe().name);
    }
}

/// The wrapper itself breaks nothing, so what the others show is their fault.
#[test]
fn the_workshop_without_a_fault_passes() {
    assert_eq!(sentences(Fault::None), [] as [&str; 0]);
}

/// Every way to be broken, and how its sentence begins. One problem each: the first is told, the rest would
/// only follow from it.
#[test]
fn every_broken_adapter_is_told_what_is_wrong() {
    let expected = [
        (Fault::RefusesSetup, "fatal: `reset` refused the plainest set-up there is: no IPv4 today"),
        (Fault::Panics, "fatal: the stack or its adapter panicked: index out of bounds"),
        (Fault::OpensNothing, "fatal: passive OPEN came to WouldBlock where Done was expected"),
        (
            Fault::SwallowsSynAck,
            "fatal: a SYN to 192.0.2.1:8000 was delivered and nothing came: is the address yours? did the \
             clock move? is the checksum verified against the right pseudo-header?",
        ),
        (
            Fault::AnswersRst,
            "fatal: a SYN to 192.0.2.1:8000 was delivered and <SEQ=2147483646><ACK=1001><CTL=RST,ACK> came",
        ),
        (
            Fault::FlipsChecksum,
            "fatal: <SEQ=2147483646><ACK=1001><CTL=SYN,ACK> came with the wrong TCP checksum",
        ),
        (
            Fault::FlipsIpChecksum,
            "fatal: <SEQ=2147483646><ACK=1001><CTL=SYN,ACK> came with the wrong IPv4 header checksum",
        ),
        (Fault::CutsPackets, "fatal: a packet came out that cannot be read: "),
        (
            Fault::WrongPort,
            "fatal: a segment came from 192.0.2.1:80 to 192.0.2.2:9000 where 192.0.2.1:8000 to \
             192.0.2.2:9000 was expected",
        ),
        (Fault::WrongAck, "fatal: the SYN,ACK acknowledges 1002 where 1001 was expected"),
        (Fault::ClockStands, "fatal: the clock was to move to 0.001 s and `advance` returned 0.000 s"),
        (Fault::ClockIsDeaf, "fatal: text was not acknowledged for 10.000 s and nothing was sent again"),
        (Fault::NeverSettles, "fatal: `poll` still said that there is more after 1000 polls and 0 packets"),
        (Fault::IgnoresRoom, "fatal: `poll` had room for no packet and sent 1"),
        (Fault::IgnoresIss, "fatal: the set-up's ISS is 2147483646 and the stack took "),
        (
            Fault::KeepsText,
            "fatal: 5 octets were delivered on an established connection and RECEIVE came to ",
        ),
        (Fault::ClearsReceived, "fatal: RECEIVE handed over other octets than were delivered"),
        (
            Fault::SwallowsAcks,
            "fatal: text was delivered and no ACK of 1006 came within a second; what came last was \
             <SEQ=2147483646><ACK=1001><CTL=SYN,ACK>",
        ),
        (
            Fault::TakesAndDropsText,
            "fatal: SEND took the octets and no text came within a second; what came last was \
             <SEQ=2147483647><ACK=1006><CTL=ACK>",
        ),
        (
            Fault::CutsText,
            "fatal: SEND took 5 octets, and <SEQ=2147483647><ACK=1006><CTL=PSH,ACK><LEN=4> is not these 5 \
             at SEQ=2147483647",
        ),
        (
            Fault::SwallowsSyn,
            "fatal: OPEN from 192.0.2.1:8000 to 192.0.2.2:9000 was done and no SYN came: is there a route \
             to the link?; nothing came at all",
        ),
        (Fault::NoSeed, "fatal: a second run with the same set-up and seed differs from packet 0 on"),
        (Fault::TimerInThePast, "remark: at 0.001 s the stack wants to be polled at 0.000 s"),
        (Fault::NoTimer, "remark: text is in flight and `next_timer` announces nothing"),
        (Fault::WrongState, "remark: `state` says LISTEN where the segments exchanged make it ESTABLISHED"),
        (
            Fault::NoPassiveOpen,
            "remark: the stack has no passive OPEN: everything that needs it is unsupported",
        ),
    ];
    for (fault, beginning) in expected {
        let told = sentences(fault);
        let first = told.first().map_or("", String::as_str);
        assert!(first.starts_with(beginning), "{fault:?}\nwanted: {beginning}\ngot:    {told:#?}");
    }
}
