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
    all.extend(
        row.effects.iter().filter_map(|effect| Some((lost(*effect)?, Edit::DropEffect(name, *effect)))),
    );
    if matches!(row.event, Event::Timer(_)) {
        all.push(("timer never", Edit::TimerNever(name)));
        all.push(("timer early", Edit::TimerEarly(name)));
    }
    all.into_iter().map(|(what, edit)| Mutant::new(name, what, vec![edit])).collect()
}

fn replies(row: &Rule) -> Vec<(&'static str, Edit)> {
    let name = row.name;
    let acknowledges =
        |reply| !matches!(reply, Reply::Syn | Reply::RstFromAck | Reply::RstNxt | Reply::RstEither);
    match row.reply {
        // A RST is never superfluous; an ACK with current numbers is always legal.
        Reply::None if matches!(row.event, Event::Segment) && !row.states.iter().any(has_peer) => {
            vec![("reply added", Edit::Reply(name, Reply::RstByAckBit))]
        }
        Reply::None if row.states.iter().any(has_peer) => {
            vec![("reply added", Edit::Reply(name, Reply::RstNxt))]
        }
        Reply::None => Vec::new(),
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

/// A connection, rather than a listener or nothing.
fn has_peer(state: State) -> bool {
    !matches!(state, State::Closed | State::Listen)
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

/// The names by which a mutant of a rule is judged: the rule's own, and what stands for it where a wrong
/// number or a wait shows first.
pub fn judged_as(mutant: &Mutant) -> Vec<&'static str> {
    let rule = mutant.target;
    let Some(row) = by_name(rule).map(rules::rule).next() else { return vec![rule] };
    let mut names = vec![rule];
    // What is never sent is missed in time, and so is a window that is never opened.
    names.extend(match rule {
        "RTO" => &["OWES-RETRANSMISSION", "RTO-TOO-EARLY", "BACKOFF-MISSING"][..],
        "RTO-SYN" => &["OWES-RETRANSMISSION", "RTO-TOO-EARLY", "BACKOFF-MISSING"],
        "ZERO-WINDOW-PROBE" => &["OWES-PROBE"],
        "USER-TIMEOUT" => &["OWES-USER-TIMEOUT"],
        "USER-TIMEOUT-SYN" => &["OWES-GIVING-UP", "OWES-USER-TIMEOUT"],
        "TIME-WAIT-TIMEOUT" => &["OWES-TIME-WAIT"],
        "DELAYED-ACK" => &["TEXT-IN-ORDER"],
        "CALL-SEND" | "CALL-SEND-QUEUED" => &["OWES-PROGRESS"],
        "CALL-CLOSE" | "CALL-CLOSE-PASSIVE" | "CALL-CLOSE-SYN-RECEIVED" | "CALL-CLOSE-QUEUED" => {
            &["OWES-FIN", "OWES-PROGRESS"]
        }
        _ => &[],
    });
    match mutant.what {
        "2 MSL not started" => names.push("OWES-TIME-WAIT"),
        "window not taken" => names.push("OWES-PROGRESS"),
        "SEQ off by one" | "ACK off by one" if row.effects.contains(&Effect::Delete) => {
            names.push("RST-FORM")
        }
        // A timer that ends a connection shows as a state that the clock alone has ended.
        "next state: CLOSED" | "timer early" if matches!(row.event, Event::Timer(_)) => {
            names.push("STATE-BY-TIME");
        }
        "signal lost" if row.effects.contains(&Effect::Delete) => names.push("END-WITHOUT-FIN"),
        _ => {}
    }
    names
}
