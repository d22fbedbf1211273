//! Whether an adapter works at all, asked before the cells are run, and answered in plain words.
//!
//! A conversation that every TCP can hold: a SYN to a listener, five octets each way, one retransmission, an
//! active OPEN; twice, to see that the same seed gives the same bytes. Nothing here judges the stack: what
//! fails would make every cell fail for one and the same reason.

mod bench;
mod problem;

use std::panic::{AssertUnwindSafe, catch_unwind};

use lastack_core::types::{Duration, Endpoint, Flags, Instant, SeqNum, State};

pub use self::problem::Problem;

use self::bench::Bench;
use super::{Call, Capabilities, Factory, Handle, IpVersion, Outcome, Packets, Setup, Subject, stack_addr};
use crate::scenario::{PEER_PORT, STACK_PORT};

const LISTENER: Handle = 0;
const CONNECTION: Handle = 1;
const ACTIVE: Handle = 2;
/// The ISS that is asked for where it can be chosen.
const STACK_ISS: SeqNum = SeqNum::new(0x7fff_fffe);
const PEER_ISS: SeqNum = SeqNum::new(1_000);
const PEER_TEXT: &[u8] = b"hello";
const USER_TEXT: &[u8] = b"world";
/// How long an answer may take. A delayed ACK has half a second (RFC 9293 3.8.6.3, MUST-40), a SYN a moment.
const ANSWER: Duration = Duration::from_secs(1);
/// So far the clock is moved before anything else, so that no later instant is zero.
const MOMENT: Instant = Instant::from_micros(1_000);
/// How long the first retransmission may take: the first RTO is 1 s, or 3 s on old stacks (RFC 6298 2.1),
/// and slow timers may double it.
const RETRANSMISSION: Duration = Duration::from_secs(10);

/// Checks a stack over every IP version that it declares. Remarks are in the list too: see
/// [`Problem::is_fatal`].
pub fn self_check(factory: &dyn Factory) -> Vec<(IpVersion, Problem)> {
    let capabilities = factory.describe().capabilities;
    let versions = [(IpVersion::V4, capabilities.ipv4), (IpVersion::V6, capabilities.ipv6)];
    let mut problems = Vec::new();
    for (ip, _) in versions.into_iter().filter(|(_, offered)| *offered) {
        let found = catch_unwind(AssertUnwindSafe(|| check(&mut *factory.make(), &capabilities, ip)));
        let found =
            found.unwrap_or_else(|panic| vec![Problem::Panicked { message: message(panic.as_ref()) }]);
        problems.extend(found.into_iter().map(|problem| (ip, problem)));
    }
    problems
}

/// Checks a stack over one IP version. A panic of the stack passes through.
pub fn check(subject: &mut dyn Subject, capabilities: &Capabilities, ip: IpVersion) -> Vec<Problem> {
    let (mut problems, first) = hold_conversation(subject, capabilities, ip);
    if problems.iter().any(Problem::is_fatal) || !capabilities.virtual_time {
        return problems;
    }
    let (_, second) = hold_conversation(subject, capabilities, ip);
    let packets = first.len().max(second.len());
    if let Some(packet) = (0..packets).find(|&i| first.get(i) != second.get(i)) {
        problems.push(Problem::NotRepeatable { packet });
    }
    problems
}

/// The whole conversation, and every packet that the stack sent in it.
fn hold_conversation(
    subject: &mut dyn Subject,
    capabilities: &Capabilities,
    ip: IpVersion,
) -> (Vec<Problem>, Packets) {
    let iss = capabilities.iss.then_some(STACK_ISS.value());
    let setup = Setup { ip, iss, nagle: None, ack_delay: None, ..Setup::default() };
    let stack = Endpoint { addr: stack_addr(ip), port: STACK_PORT };
    let peer = Endpoint { addr: peer_addr(ip), port: PEER_PORT };
    let mut bench = Bench::new(subject, stack, peer, capabilities.virtual_time);
    let result = bench.reset(&setup).and_then(|()| passive(&mut bench, capabilities));
    let result = result.and_then(|()| bench.reset(&setup)).and_then(|()| active(&mut bench));
    let (mut problems, sent) = bench.finish();
    problems.extend(result.err());
    (problems, sent)
}

/// A peer opens, both send, one segment of the stack gets no ACK for a while.
fn passive(bench: &mut Bench<'_>, capabilities: &Capabilities) -> Result<(), Problem> {
    let port = bench.stack.port;
    match bench.call(LISTENER, Call::OpenPassive { port }) {
        Outcome::Done => {}
        Outcome::Unsupported => {
            bench.remark(Problem::NotOffered { call: "passive OPEN" });
            return Ok(());
        }
        got => return Err(Problem::Call { call: "passive OPEN", want: "Done", got }),
    }
    bench.settle()?;
    bench.advance(MOMENT)?;
    let iss = handshake(bench, capabilities)?;
    match bench.call(LISTENER, Call::Accept { into: CONNECTION }) {
        Outcome::Done => {}
        got => return Err(Problem::Call { call: "Accept", want: "Done", got }),
    }
    check_state(bench, CONNECTION, State::Established);
    peer_sends(bench, iss)?;
    user_sends(bench, iss)
}

/// SYN, SYN,ACK, ACK; returns the stack's ISS.
fn handshake(bench: &mut Bench<'_>, capabilities: &Capabilities) -> Result<SeqNum, Problem> {
    bench.deliver(Flags::SYN, PEER_ISS, SeqNum::new(0), &[]);
    let came = bench.wait_for(ANSWER, |s| s.header.flags.has(Flags::SYN | Flags::ACK))?;
    let Some(syn_ack) = came else {
        return Err(Problem::NoSynAck { to: bench.stack, instead: bench.last() });
    };
    let (iss, want) = (syn_ack.header.seq, PEER_ISS.add(1));
    if syn_ack.header.ack != want {
        return Err(Problem::SynAckNumber { want, got: syn_ack.header.ack });
    }
    if capabilities.iss && iss != STACK_ISS {
        return Err(Problem::IssIgnored { want: STACK_ISS, got: iss });
    }
    bench.deliver(Flags::ACK, want, iss.add(1), &[]);
    bench.settle()?;
    Ok(iss)
}

/// Five octets to the user, and their ACK.
fn peer_sends(bench: &mut Bench<'_>, iss: SeqNum) -> Result<(), Problem> {
    bench.deliver(Flags::ACK | Flags::PSH, PEER_ISS.add(1), iss.add(1), PEER_TEXT);
    let end = PEER_ISS.add(1 + PEER_TEXT.len() as u32);
    let acked = bench.wait_for(ANSWER, |s| s.header.flags.ack() && s.header.ack == end)?;
    let (got, received) = bench.receive(CONNECTION);
    if got != Outcome::Octets(PEER_TEXT.len() as u32) {
        return Err(Problem::TextLost { sent: PEER_TEXT.len(), got });
    }
    if received != PEER_TEXT {
        return Err(Problem::TextChanged);
    }
    acked.map(drop).ok_or_else(|| Problem::NoAck { want: end, instead: bench.last() })
}

/// Five octets from the user, which come, and come again as long as there is no ACK.
fn user_sends(bench: &mut Bench<'_>, iss: SeqNum) -> Result<(), Problem> {
    let len = USER_TEXT.len() as u32;
    match bench.call(CONNECTION, Call::Send(USER_TEXT)) {
        Outcome::Octets(n) if n == len => {}
        got => return Err(Problem::Call { call: "SEND of 5 octets", want: "Octets(5)", got }),
    }
    let Some(came) = bench.wait_for(ANSWER, |s| !s.text.is_empty())? else {
        return Err(Problem::NoText { instead: bench.last() });
    };
    if came.text != USER_TEXT || came.header.seq != iss.add(1) {
        return Err(Problem::WrongText { want: iss.add(1), segment: came.to_string() });
    }
    bench.check_timer();
    let again = bench.wait_for(RETRANSMISSION, |s| !s.text.is_empty())?;
    if again.is_none() {
        return Err(Problem::NoRetransmission { waited: RETRANSMISSION });
    }
    bench.deliver(Flags::ACK, PEER_ISS.add(1 + PEER_TEXT.len() as u32), iss.add(1 + len), &[]);
    bench.settle()
}

/// The stack opens, first with no room in its transmit queue.
fn active(bench: &mut Bench<'_>) -> Result<(), Problem> {
    let (port, remote) = (bench.stack.port, bench.peer);
    match bench.call(ACTIVE, Call::OpenActive { port, remote }) {
        Outcome::Done => {}
        Outcome::Unsupported => {
            bench.remark(Problem::NotOffered { call: "active OPEN" });
            return Ok(());
        }
        got => return Err(Problem::Call { call: "active OPEN", want: "Done", got }),
    }
    bench.poll_without_room()?;
    let plain_syn = |flags: Flags| flags.syn() && !flags.ack();
    if bench.wait_for(ANSWER, |s| plain_syn(s.header.flags))?.is_none() {
        return Err(Problem::NoSyn { from: bench.stack, to: remote, instead: bench.last() });
    }
    check_state(bench, ACTIVE, State::SynSent);
    Ok(())
}

/// The stack's own word, where it gives one, against what has been said.
fn check_state(bench: &mut Bench<'_>, handle: Handle, want: State) {
    if let Some(got) = bench.state(handle).filter(|&got| got != want) {
        bench.remark(Problem::OddState { want, got });
    }
}

/// 192.0.2.2 or 2001:db8::2: the first peer on the link.
fn peer_addr(ip: IpVersion) -> core::net::IpAddr {
    match ip {
        IpVersion::V4 => [192, 0, 2, 2].into(),
        IpVersion::V6 => [0x2001, 0xdb8, 0, 0, 0, 0, 0, 2].into(),
    }
}

/// What a panic said.
fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without words").to_owned()
}
