//! Calls, timers and ICMP errors find their rules.

use std::collections::BTreeSet;

use lastack::table::rules::{all, is_executed};
use lastack::table::{CallKind, Event, Guard, Switches, call_rule, event_rule, rule};
use lastack_core::types::State;

const EVERYTHING: Switches = Switches {
    rst_5961: true,
    syn_5961: true,
    may_12: true,
    half_duplex: true,
    reopen: true,
    rfc_6191: true,
    mls: true,
    timestamps: true,
    keep_alive: true,
};

/// Every call has a rule in every state, whatever else holds.
#[test]
fn every_call_has_a_rule_in_every_state() {
    use CallKind::{Abort, Close, OpenActive, OpenPassive, Receive, Send, Status};
    for state in State::ALL {
        for call in [OpenPassive, OpenActive, Send, Receive, Close, Abort, Status] {
            let found = call_rule(state, call, Switches::default(), &[]);
            assert!(found.is_some(), "{} in {state}", call.name());
        }
    }
}

/// Every executed row of a call, timer or ICMP error is found in each of its states when its guard holds.
#[test]
fn every_row_is_found_when_its_guard_holds() {
    let mut found = BTreeSet::new();
    let rows = || all().filter(|id| rule(*id).event != Event::Segment && is_executed(rule(*id)));
    for id in rows() {
        let row = rule(id);
        let asked = match row.event {
            Event::Call(CallKind::Open) => vec![CallKind::OpenActive, CallKind::OpenPassive],
            Event::Call(call) => vec![call],
            _ => vec![],
        };
        let asked = asked.into_iter().map(Event::Call);
        let asked: Vec<Event> =
            if row.step == 0 && asked.len() == 0 { vec![row.event] } else { asked.collect() };
        for (state, event) in row.states.iter().flat_map(|s| asked.iter().map(move |e| (s, *e))) {
            let first = event_rule(state, event, EVERYTHING, &[row.guard]);
            assert_eq!(first, Some(id), "{event} in {state} given {}", row.guard);
            found.extend(first);
        }
    }
    assert_eq!(found.len(), rows().count());
}

/// A CLOSE with unread text resets where the stack closes both directions at once, and nowhere else.
#[test]
fn the_half_duplex_close_stands_before_the_plain_one() {
    let half = Switches { half_duplex: true, ..Switches::default() };
    let name = |switches, given: &[Guard]| {
        call_rule(State::Established, CallKind::Close, switches, given).map(|id| rule(id).name)
    };
    assert_eq!(name(half, &[Guard::Unread]), Some("CALL-CLOSE-UNREAD"));
    assert_eq!(name(half, &[]), Some("CALL-CLOSE"));
    assert_eq!(name(Switches::default(), &[Guard::Unread]), Some("CALL-CLOSE"));
}
