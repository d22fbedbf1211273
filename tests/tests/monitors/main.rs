//! Every monitor catches the smallest trace that breaks it, lets the nearest legal one pass, and is missed
//! when it is switched off.

mod cases;
mod legal;
mod rig;

use std::collections::BTreeSet;

use lastack::monitor::{MONITORS, MonitorId};
use lastack::table::Level;
use lastack::verdict::Verdict;
use lastack_core::types::{Flags, Segment};
use rig::Rig;

/// Names of the monitors that caught something.
fn caught(trace: fn(&mut Rig), off: Option<MonitorId>) -> BTreeSet<&'static str> {
    let mut rig = Rig::new();
    if let Some(id) = off {
        rig.monitors.switch_off(id);
    }
    trace(&mut rig);
    rig.breaches.iter().map(|b| b.monitor.info().name).collect()
}

#[test]
fn every_monitor_has_its_pair_of_traces() {
    let tested: BTreeSet<_> = cases::all().map(|c| c.0).collect();
    let missing: Vec<_> = MONITORS.iter().filter(|m| !tested.contains(&m.id)).map(|m| m.name).collect();
    assert!(missing.is_empty(), "no traces for {missing:?}");
    assert_eq!(cases::all().count(), MONITORS.len(), "a monitor has two pairs");
}

#[test]
fn a_bad_trace_is_caught_by_its_monitor_alone() {
    let wrong: Vec<_> = cases::all()
        .map(|(id, bad, _)| (id.info().name, caught(*bad, None)))
        .filter(|(name, caught)| *caught != BTreeSet::from([*name]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_monitor_that_is_off_catches_nothing() {
    let wrong: Vec<_> = cases::all()
        .map(|(id, bad, _)| (id.info().name, caught(*bad, Some(*id))))
        .filter(|(_, caught)| !caught.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_nearest_legal_trace_passes() {
    let mut wrong = Vec::new();
    for (id, _, good) in cases::all() {
        let mut rig = Rig::new();
        good(&mut rig);
        wrong.extend(rig.breaches.into_iter().map(|b| (id.info().name, b)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_the_peers_fault_is_not_the_stacks() {
    for (what, trace) in legal::TRACES {
        let mut rig = Rig::new();
        trace(&mut rig);
        assert_eq!(rig.breaches, [], "{what}");
    }
}

#[test]
fn a_packet_with_a_wrong_checksum_asks_for_nothing() {
    let answer = |checksum_right| {
        let mut rig = Rig::new();
        rig.listen();
        rig.quiet();
        let header = legal::peer_syn(Flags::NONE);
        rig.monitors.to_stack(rig.at, &Segment { header, text: &[] }, checksum_right);
        rig.say(rig::seg("SA", rig::ISS, 101).options(rig::mss(1460)));
        rig.breaches.iter().map(|b| b.monitor.info().name).collect::<Vec<_>>()
    };
    assert_eq!(answer(true), Vec::<&str>::new());
    assert_eq!(answer(false), ["SYN-ACK-UNASKED"]);
}

#[test]
fn the_list_is_in_order_and_says_what_a_report_needs() {
    let mut names = BTreeSet::new();
    for (place, info) in MONITORS.iter().enumerate() {
        assert_eq!(info.id as usize, place, "{} is not at its place", info.name);
        assert!(names.insert(info.name), "{} stands twice", info.name);
        assert!(info.name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-'));
        assert!(!info.cite.is_empty() && !info.meaning.is_empty(), "{}", info.name);
        assert!(matches!(info.verdict, Verdict::Fail | Verdict::NonStrict), "{}", info.name);
        // A SHOULD never fails, a MUST always does.
        assert_ne!((info.level, info.verdict), (Level::Should, Verdict::Fail), "{}", info.name);
        assert_ne!((info.level, info.verdict), (Level::Must, Verdict::NonStrict), "{}", info.name);
    }
}
