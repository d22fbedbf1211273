//! For each monitor the smallest trace that breaks it, and the nearest legal one.

use lastack::monitor::MonitorId::{self, *};
use lastack::scenario::ScriptCall;
use lastack::subject::{Outcome, SocketOption};
use lastack_core::types::wire::OptionsBuilder;
use lastack_core::types::{Checksum, Duration, Flags};
use std::net::{IpAddr, Ipv4Addr};

use super::rig::{ISS, Rig, Seg, mss, seg};

mod answers;
mod numbers;
mod options;
mod packet;
mod text;

/// Monitor, bad trace, good trace.
pub type Case = (MonitorId, fn(&mut Rig), fn(&mut Rig));

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Case> {
    let lists = [
        packet::FORM,
        options::OPTIONS,
        numbers::PARTIES,
        numbers::NUMBERS,
        text::TEXT,
        answers::RESETS,
        answers::ANSWERS,
        answers::PACE,
        answers::USERS,
    ];
    lists.into_iter().flatten()
}

const CLOSE: ScriptCall = ScriptCall::Close;
const KEEP_ALIVE_60_S: (ScriptCall, Outcome) =
    (ScriptCall::Set(SocketOption::KeepAlive(Some(Duration::from_secs(60)))), Outcome::Done);
const END: (ScriptCall, Outcome) = (ScriptCall::Receive(10), Outcome::EndOfStream);

fn addr(octets: [u8; 4]) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(octets))
}

fn syn_ack() -> Seg {
    seg("SA", ISS, 101).options(mss(1460))
}

fn syn_ack_of_peer() -> Seg {
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
