//! Every abstract segment that can exist meets exactly one rule in each step that has one for it, and no
//! executed row is without a segment.

use std::collections::BTreeSet;

use lastack::class::{Class, SeqClass};
use lastack::table::rules::{all, is_executed};
use lastack::table::{Event, Facts, Switches, rule, walk::walk};
use lastack_core::types::State;

use crate::segments::{Step, all_segments, names, slow_walk};

/// The profiles and circumstances that rows ask for: the eight readings of RFC 5961, then each option with
/// and without its condition.
fn variants() -> Vec<(Switches, Facts)> {
    let mut found = Vec::new();
    for bits in 0..8 {
        let switches = Switches {
            rst_5961: bits & 1 == 1,
            syn_5961: bits & 2 == 2,
            may_12: bits & 4 == 4,
            ..Switches::default()
        };
        found.push((switches, Facts::default()));
    }
    let base = Switches::default();
    let facts = Facts::default();
    let closed = Facts { cannot_read: true, ..facts };
    let newer = Facts { listener: true, newer_syn: true, newer_timestamp: true, ..facts };
    let deaf = Facts { listener: false, ..newer };
    let old = Facts { old_timestamp: true, ..facts };
    let both = Facts { old_timestamp: true, ..newer };
    let bare = Facts { no_timestamp: true, ..facts };
    let secret = Facts { security_differs: true, ..facts };
    found.extend([facts, closed].map(|f| (Switches { half_duplex: true, ..base }, f)));
    found.extend([facts, newer, deaf].map(|f| (Switches { reopen: true, ..base }, f)));
    found.extend(
        [newer, deaf].map(|f| (Switches { reopen: true, rfc_6191: true, timestamps: true, ..base }, f)),
    );
    found
        .extend([facts, old, bare, both].map(|f| (Switches { timestamps: true, rfc_6191: true, ..base }, f)));
    found.extend([facts, secret].map(|f| (Switches { mls: true, ..base }, f)));
    found
}

/// Each state, SYN-RECEIVED in both origins, in each variant.
fn situations() -> impl Iterator<Item = (State, Switches, Facts)> {
    variants().into_iter().flat_map(|(switches, facts)| {
        let states = State::ALL.into_iter().map(move |state| (state, switches, facts));
        let passive = Facts { origin_passive: true, ..facts };
        states.chain([(State::SynReceived, switches, passive)])
    })
}

/// Whether RFC 9293 has something to say on this segment in this step, once it gets there.
fn must_answer(step: &Step, class: &Class) -> bool {
    let outside = matches!(class.seq, SeqClass::Before | SeqClass::Beyond | SeqClass::Spans);
    match (step.state, step.step) {
        (State::Closed | State::Listen | State::SynSent, _) | (_, 0 | 3) => false,
        (_, 1) => outside || (class.zero_window && class.takes_numbers()),
        (_, 2) => class.flags.rst(),
        (_, 4) => class.flags.syn(),
        (_, 5) => true,
        (_, 6) => class.flags.has(lastack_core::types::Flags::URG),
        // At a zero window step 1 has refused text and FIN; they are not processed.
        (_, 7) => class.text && !class.zero_window,
        (_, 8) => class.flags.fin() && !class.zero_window,
        _ => false,
    }
}

/// One row at most fits in each step, one does fit where the RFC has a rule, and the fast walk takes it.
#[test]
fn every_segment_meets_one_rule_a_step() {
    let mut walked = 0_u32;
    for (state, switches, facts) in situations() {
        for class in all_segments(state) {
            let steps = slow_walk(state, facts, switches, &class);
            for step in &steps {
                let found = names(&step.fitting);
                let at =
                    format!("{} step {} {class:?} {switches:?} {facts:?}: {found:?}", step.state, step.step);
                assert!(step.fitting.len() <= 1, "two rules fit: {at}");
                assert!(!found.is_empty() || !must_answer(step, &class), "no rule fits: {at}");
            }
            let slow: Vec<_> = steps.iter().flat_map(|s| s.fitting.first().copied()).collect();
            let fast = walk(state, facts, switches, &class);
            assert_eq!(names(&slow), names(&fast.fired), "{state} {class:?} {switches:?} {facts:?}");
            assert!(!fast.fired.is_empty(), "no outcome: {state} {class:?} {switches:?}");
            // Below ESTABLISHED every walk is ended by a rule; later it may run through the last step.
            let early =
                matches!(fast.next, State::Closed | State::Listen | State::SynSent | State::SynReceived);
            assert!(fast.stopped || !early, "{state} {class:?}");
            walked += 1;
        }
    }
    assert!(walked > 200_000, "only {walked} segments were walked");
}

/// Every executed row fires in every one of its states, but for rows of CLOSING behind step 5, where the RFC
/// ends or leaves the state.
#[test]
fn no_row_is_shadowed() {
    let mut fired = BTreeSet::new();
    for (state, switches, facts) in situations() {
        for class in all_segments(state) {
            for step in slow_walk(state, facts, switches, &class) {
                fired.extend(step.fitting.first().map(|id| (*id, step.state)));
            }
        }
    }
    let executed = all().filter(|id| rule(*id).event == Event::Segment && is_executed(rule(*id)));
    let silent: Vec<_> = executed
        .flat_map(|id| rule(id).states.iter().map(move |state| (id, state)))
        .filter(|row| !fired.contains(row))
        .map(|(id, state)| format!("{state} {id}"))
        .collect();
    let expected = ["URG-AFTER-FIN", "TEXT-AFTER-FIN", "FIN-RIGHT-OVERLAP", "FIN-AFTER-FIN"];
    assert_eq!(silent, expected.map(|name| format!("CLOSING {name}")));
}
