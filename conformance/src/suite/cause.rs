//! What a finding follows from. A stack that has left the RFC's way over something accepted breaks other rules
//! because of it, under other names.
//!
//! ```text
//! least script --its first events, and questions--> Driver --> accepted, and charged to one of those events?
//! ```
//!
//! Of a least script every event is needed. Where its first events with questions behind them show something
//! accepted, the stack had gone astray by then, and no event that led it there can be left out: the finding is
//! the consequence. It is still told of, and what shows by itself elsewhere is a finding all the same.

use std::collections::BTreeSet;

use lastack_core::types::Flags;

use crate::driver::Driver;
use crate::scenario::build::*;
use crate::scenario::{Event, Num, Scenario, ScriptCall};
use crate::subject::Handle;
use crate::verdict::{Difference, Kind, Signature, SignaturePattern, Verdict};

/// Longer than an acknowledgment may be delayed, shorter than the first retransmission timeout.
const ACK_DUE_MS: u64 = 600;
/// Longer than challenge ACKs may be withheld after one was sent (RFC 5961 7).
const THROTTLE_MS: u64 = 5_100;
/// A SYN of a peer that begins anew, beyond any window.
const NEW_SYN: i32 = 1 << 22;

/// The accepted signature that a finding follows from, if there is one; `script` is the least that shows it.
pub fn cause(driver: &mut Driver<'_>, script: &Scenario, waived: &[SignaturePattern]) -> Option<Signature> {
    asked(script).into_iter().find_map(|(scenario, events)| {
        let summary = driver.run(&scenario, None).ok()?;
        let accepted =
            |d: &&Difference| d.event < events && waived.iter().any(|pattern| pattern.admits(&d.signature));
        let all = || summary.finding.iter().chain(&summary.conceded);
        let news = all().any(|d| d.verdict == Verdict::Fail && !accepted(&d));
        if news { None } else { all().filter(accepted).find(|d| goes_astray(d)).map(|d| d.signature) }
    })
}

/// Whether a difference of this kind may be no more than another's consequence: a panic and an endless answer are a
/// fault of their own, whatever came before.
pub const fn may_follow(kind: Kind) -> bool {
    !matches!(kind, Kind::Panic | Kind::NeverQuiet)
}

/// Its first events, with questions behind them, and how many they are. Without its last event a least script is
/// another finding, or none.
pub fn asked(script: &Scenario) -> Vec<(Scenario, usize)> {
    let questions = questions(script);
    let first = |first: usize| {
        questions.iter().map(move |tail| {
            let mut events = script.events[..first].to_vec();
            events.extend(tail);
            (Scenario { events, ..script.clone() }, first)
        })
    };
    (1..script.events.len()).flat_map(first).collect()
}

/// What the difference is about lasts: variables, or what the peer knows of them.
pub fn goes_astray(d: &Difference) -> bool {
    use Kind::{MissingReply, RcvNxt, SndUna, Stream, WrongReply, WrongSignal, WrongState};
    let lasting = [WrongState, RcvNxt, SndUna, Stream, WrongSignal, MissingReply, WrongReply];
    lasting.contains(&d.signature.kind)
}

/// Events whose answers show where a connection stands, several ways, because a stack cannot be forked.
fn questions(script: &Scenario) -> [Vec<Event>; 4] {
    let handles: BTreeSet<Handle> = script.events.iter().filter_map(handle).collect();
    let each = |what: ScriptCall| handles.iter().map(move |handle| call(*handle, what));
    let wait = || wait_millis(ACK_DUE_MS);
    // Unacceptable wherever there is a connection, so its answer shows SND.NXT and RCV.NXT.
    let old = |ack: Num| seg(Flags::ACK).seq(RCV_NXT.minus(1)).ack(ack).text(1).event();
    let mut numbers = vec![room(255), wait(), old(SND_UNA), wait(), old(SND_NXT), wait()];
    numbers.extend(each(ScriptCall::Status));
    let mut text = vec![room(255), seg(Flags::ACK).ack(SND_NXT).text(1).event(), wait()];
    text.extend(each(receive(65_535)));
    text.extend(each(send(1)));
    text.push(wait());
    let anew = vec![room(255), wait_millis(THROTTLE_MS), syn().seq(RCV_NXT.plus(NEW_SYN)).event(), wait()];
    let closed =
        vec![room(255), seg(Flags::FIN.with(Flags::ACK)).ack(SND_NXT).event(), wait(), old(SND_NXT), wait()];
    [numbers, text, anew, closed]
}

fn handle(event: &Event) -> Option<Handle> {
    match event {
        Event::Call { handle, .. } => Some(*handle),
        _ => None,
    }
}
