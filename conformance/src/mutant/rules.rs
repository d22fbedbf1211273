//! Mutants of the table's rows.

use lastack_core::types::{Flags, State};

use super::Mutant;
use crate::model::Edit;
use crate::table::rules::{self, by_name};
use crate::table::{Effect, Event, Next, Reply, Rule, Signal};

/// Every mutant of the rows of this name: row removed; reply dropped, added, with wrong flags, with SEQ or ACK
/// off by one; another next state; signal lost; effect lost; timer never or early.
pub fn of_rule(name: &'static str) -> Vec<Mutant> {
    let Some(row) = by_name(name).map(rules::rule).find(|row| rules::is_executed(row)) else {
        return Vec::new();
    };
    let mut all: Vec<(&'static str, Edit)> = vec![("row removed", Edit::RemoveRow(name))];
    all.extend(replies(row));
    all.extend(next_states(row));
    if row.signal != Signal::None {
        all.push(("signal lost", Edit::DropSignal(name)));
    }
    all.extend(row.effects.iter().filter_map(|effect| Some((lost(*effect)?, Edit::DropEffect(name, *effect)))));
    if matches!(row.event, Event::Timer(_)) {
        all.push(("timer never", Edit::TimerNever(name)));
        all.push(("timer early", Edit::TimerEarly(name)));
    }
    all.into_iter().map(|(what, edit)| Mutant::new(name, what, vec![edit])).collect()
}

fn replies(row: &Rule) -> Vec<(&'static str, Edit)> {
    let name = row.name;
    let acknowledges = |reply| !matches!(reply, Reply::Syn | Reply::RstFromAck | Reply::RstNxt | Reply::RstEither);
    match row.reply {
        Reply::None if row.states.has(State::Closed) && matches!(row.event, Event::Call(_)) => Vec::new(),
        Reply::None if row.states.has(State::Closed) => {
            vec![("reply added", Edit::Reply(name, Reply::RstByAckBit))]
        }
        Reply::None => vec![("reply added", Edit::Reply(name, Reply::Ack))],
        reply => {
            let mut all = vec![
                ("reply dropped", Edit::Reply(name, Reply::None)),
                ("flags wrong", Edit::WrongFlags(name, wrong_flags(reply))),
                ("SEQ off by one", Edit::SeqOffBy(name, 1)),
            ];
            if acknowledges(reply) {
                all.push(("ACK off by one", Edit::AckOffBy(name, 1)));
            }
            all
        }
    }
}

/// The bits whose turning makes another segment of the reply.
fn wrong_flags(reply: Reply) -> Flags {
    match reply {
        Reply::Syn | Reply::SynAck | Reply::Text | Reply::Again | Reply::Probe => Flags::ACK,
        Reply::Fin => Flags::FIN,
        Reply::RstFromAck | Reply::RstNxt | Reply::RstEither => Flags::RST | Flags::ACK,
        Reply::RstZero | Reply::RstByAckBit => Flags::RST,
        _ => Flags::RST | Flags::ACK,
    }
}

fn next_states(row: &Rule) -> Vec<(&'static str, Edit)> {
    let name = row.name;
    match row.next {
        Next::To(_) | Next::ByOrigin => vec![("next state: stays", Edit::Next(name, Next::Stay))],
        // Where there is no record there is no state.
        Next::Stay | Next::AsFin if row.states.has(State::Closed) => Vec::new(),
        Next::Stay | Next::AsFin => vec![("next state: CLOSED", Edit::Next(name, Next::To(State::Closed)))],
    }
}

/// What a lost effect is called; `None` where the effect only says what is not done, or what the next state does.
const fn lost(effect: Effect) -> Option<&'static str> {
    match effect {
        Effect::TakeAck => Some("ACK not taken"),
        Effect::UpdateWindow | Effect::SetWindow => Some("window not taken"),
        Effect::TakeText => Some("text not taken"),
        Effect::TakeFin => Some("FIN not taken"),
        Effect::QueueSend => Some("text not queued"),
        Effect::QueueFin => Some("FIN not queued"),
        Effect::Deliver => Some("text not delivered"),
        Effect::Start2Msl => Some("2 MSL not started"),
        Effect::BackOff => Some("no back-off"),
        _ => None,
    }
}

/// The names by which the oracle and the monitors judge a rule. A timer's row is judged by what is owed in
/// time; every other rule by its own name.
pub fn judged_as(rule: &'static str) -> Vec<&'static str> {
    let besides: &[&'static str] = match rule {
        "RTO" => &["OWES-RETRANSMISSION", "RTO-TOO-EARLY", "BACKOFF-MISSING", "BACKOFF-SHRINKS"],
        "RTO-SYN" => &["OWES-RETRANSMISSION", "RTO-TOO-EARLY", "BACKOFF-MISSING", "BACKOFF-SHRINKS"],
        "ZERO-WINDOW-PROBE" => &["OWES-PROBE", "BACKOFF-MISSING"],
        "USER-TIMEOUT" => &["OWES-USER-TIMEOUT"],
        "USER-TIMEOUT-SYN" => &["OWES-GIVING-UP", "OWES-USER-TIMEOUT"],
        "TIME-WAIT-TIMEOUT" => &["OWES-TIME-WAIT"],
        "KEEP-ALIVE" => &["KEEP-ALIVE-UNASKED", "KEEP-ALIVE-IN-FLIGHT"],
        "DELAYED-ACK" => &["TEXT-IN-ORDER"],
        _ => &[],
    };
    core::iter::once(rule).chain(besides.iter().copied()).collect()
}
