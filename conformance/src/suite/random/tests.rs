use std::collections::BTreeSet;

use super::search::first_round;
use super::shrink::shrink;
use super::{Focus, RandomHistory, Rng, Theme, history};
use crate::reach::{Needs, ways};
use crate::scenario::build::*;
use crate::scenario::{Event, Scenario, ScriptCall};
use crate::subject::IpVersion;
use crate::suite::NameError;
use crate::suite::cells::CrossIn;
use crate::table::Profile;

fn run() -> CrossIn {
    CrossIn { can_set_iss: true, ..CrossIn::new(IpVersion::V4, &Profile::default()) }
}

/// Some of every theme, from nothing and from many ways.
fn samples() -> impl Iterator<Item = (RandomHistory, Scenario)> {
    (0..4_000).map(|index| {
        let focus = Focus::draw(&mut Rng::of(1, index));
        let history = RandomHistory { seed: 7, index, focus };
        (history, history.scenario(&run()))
    })
}

#[test]
fn text_and_bytes_hold_every_history() {
    for (history, scenario) in samples() {
        let text = scenario.to_string();
        assert_eq!(text.parse::<Scenario>().as_ref(), Ok(&scenario), "{history}\n{text}");
        assert_eq!(Scenario::from_bytes(&scenario.to_bytes()), scenario, "{history}\n{text}");
    }
}

#[test]
fn a_name_says_all_and_parses_back() {
    for (history, scenario) in samples().take(500) {
        let again = RandomHistory::from_name(&history.to_string()).expect("a name of ours");
        assert_eq!(again, history);
        assert_eq!(again.scenario(&run()), scenario);
    }
    let short = RandomHistory::from_name("random:1:5").expect("what it is about may be left out");
    assert_eq!(RandomHistory::from_name(&short.to_string()), Ok(short));
    assert_eq!(RandomHistory::from_name("random:1:x"), Err(NameError::Number("x".into())));
    assert_eq!(RandomHistory::from_name("random:1:1:nowhere+loss"), Err(NameError::Way("nowhere".into())));
    assert_eq!(RandomHistory::from_name("random:1:1:loss"), Err(NameError::Theme("loss".into())));
}

#[test]
fn neighbours_and_seeds_differ() {
    let distinct: BTreeSet<String> = samples().map(|(_, scenario)| scenario.to_string()).collect();
    assert!(distinct.len() > 3_990, "{} of 4,000 differ", distinct.len());
    assert_eq!(first_round(3), first_round(3));
    assert_ne!(first_round(3), first_round(4));
}

/// Every theme, every anchor, every kind of event comes up; so do the set-ups that the issue names.
#[test]
fn everything_comes_up() {
    let all: Vec<Scenario> = samples().map(|(_, scenario)| scenario).collect();
    let some = |what: &str, shows: &dyn Fn(&Scenario) -> bool| {
        assert!(all.iter().any(shows), "no history has {what}");
    };
    let with = |what: &str, shows: &dyn Fn(&Event) -> bool| some(what, &|s| s.events.iter().any(shows));
    for text in ["seq OLD.RCV.NXT", "seq RCV.EDGE", "ack ISS", "ack OLD.SND.NXT", "seq SND.UNA", "len mss"] {
        some(text, &|s| s.to_string().contains(text));
    }
    some("a buffer of 0", &|s| s.setup.recv_buffer == 0);
    some("a buffer beyond 64 K", &|s| s.setup.recv_buffer > 65_535);
    some("a user timeout", &|s| s.setup.user_timeout.is_some());
    some("keep-alives", &|s| s.setup.keep_alive.is_some());
    some("an ISS near the wrap", &|s| s.setup.iss.is_some_and(|iss| iss > 0xffff_ff00));
    some("Nagle", &|s| s.setup.nagle == Some(true));
    let has = |wanted: ScriptCall| move |e: &Event| matches!(e, Event::Call { call, .. } if *call == wanted);
    with("SEND of nothing", &has(send(0)));
    with("RECEIVE into nothing", &has(receive(0)));
    with("ABORT", &has(ScriptCall::Abort));
    with("SHUTDOWN", &has(ScriptCall::ShutdownWrite));
    with("an option set", &|e| matches!(e, Event::Call { call: ScriptCall::Set(_), .. }));
    with("a full queue", &|e| *e == room(0));
    let dup = ack().ack(SND_UNA).event();
    some("three duplicate ACKs", &|s| s.events.windows(3).any(|w| w == [dup; 3]));
}

#[test]
fn what_a_stack_lacks_is_left_out() {
    let lacks = Needs { half_close: true, user_timeout: true, keep_alive: true, ..Needs::default() };
    let run = CrossIn { lacks, ..run() };
    for index in 0..2_000 {
        let mut rng = Rng::of(2, index);
        let focus = Focus::draw(&mut rng);
        if focus.needs().any_of(lacks) {
            continue;
        }
        let scenario = history(rng, focus, &run);
        let text = scenario.to_string();
        for word in ["shutdown", "user_timeout", "keep_alive"] {
            assert!(!text.contains(word), "{focus} has {word}:\n{text}");
        }
    }
}

/// Behind the moves comes what every history ends with, the queue open.
#[test]
fn every_history_ends_with_silence_data_and_a_close() {
    for (history, scenario) in samples().take(1_000) {
        let silence = scenario.events.iter().rposition(|e| *e == wait_millis(130_000));
        let tail = &scenario.events[silence.unwrap_or_else(|| panic!("{history} never rests"))..];
        let calls = |wanted: fn(&ScriptCall) -> bool| {
            tail.iter().any(|e| matches!(e, Event::Call { call, .. } if wanted(call)))
        };
        assert!(calls(|c| *c == send(5)) && calls(|c| *c == ScriptCall::Close), "{history}\n{scenario}");
        let queue = scenario.events.iter().rev().find(|e| matches!(e, Event::Room(_)));
        assert!(queue.is_none_or(|e| *e == room(255)), "{history}: the queue stays full");
    }
}

#[test]
fn shrinking_finds_the_two_events_that_matter() {
    let focus = Focus { way: None, theme: Theme::Calls };
    let from_nothing = (0..200).map(|index| history(Rng::of(3, index), focus, &run()));
    let shows = |s: &Scenario| {
        let at = |wanted: ScriptCall| {
            s.events.iter().position(|e| matches!(e, Event::Call { call, .. } if *call == wanted))
        };
        at(ScriptCall::Abort).zip(at(receive(65_535))).is_some_and(|(abort, receive)| abort < receive)
    };
    let mut some = false;
    for long in from_nothing.filter(|s| shows(s)) {
        some = true;
        let short = shrink(long.clone(), shows);
        assert_eq!(short.events.len(), 2, "{long}\nbecame\n{short}");
        assert_eq!(short.setup, Default::default(), "{short}");
    }
    assert!(some, "no history has both");
}

#[test]
fn shrinking_keeps_what_cannot_go() {
    let scenario = Scenario { events: vec![call(0, listen(8000))], ..Scenario::default() };
    assert_eq!(shrink(scenario.clone(), |s| s.events.len() == 1), scenario);
    assert_eq!(shrink(scenario.clone(), |_| false), scenario);
    assert!(ways().len() > 50, "histories begin in many ways");
}
