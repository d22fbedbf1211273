//! Why TCP is as it is: every lesson, told. What a search found stands in the snapshots, read against the RFC.
//!
//! A lesson fails when nothing breaks without its rule, when the trace is longer than what is known, or when
//! anything breaks with the rule in place.

use std::collections::BTreeSet;

use lastack::lesson::{self, UNBROKEN, Variant, lessons};
use lastack::small::{Limits, Properties};

/// Each lesson's snapshot bears its name.
#[test]
fn lessons_are_as_they_were_read() {
    for lesson in lessons() {
        let told = lesson::tell(lesson, false).unwrap_or_else(|wrong| panic!("{}: {wrong}", lesson.name));
        insta::assert_snapshot!(lesson.name, told);
    }
}

#[test]
fn names_are_different_and_short() {
    let names: BTreeSet<&str> = lessons().map(|lesson| lesson.name).collect();
    assert_eq!(names.len(), lessons().count());
    assert!(names.iter().all(|name| name.len() < 25), "they stand in a column");
}

/// The short form of `lastack why unbroken --long`.
#[test]
fn with_every_rule_in_place_nothing_breaks() {
    let limits = Limits { states: 300_000, depth: usize::MAX, watch: Properties::ALL };
    let models = UNBROKEN.setup(&Variant::default()).expect("a profile that can be read");
    let counts = lesson::unbroken(&models, limits).unwrap_or_else(|broken| panic!("{broken}"));
    assert!(counts.states >= 300_000, "{counts:?}");
}

#[test]
fn between_two_references_nothing_breaks() {
    let limits = Limits { states: 100_000, depth: usize::MAX, watch: Properties::ALL };
    let counts = lesson::unbroken(&UNBROKEN.references(), limits).unwrap_or_else(|broken| panic!("{broken}"));
    assert!(counts.states >= 100_000, "{counts:?}");
}

/// The same search finds what is wrong as soon as one rule is missing.
#[test]
fn the_same_world_breaks_without_the_timer() {
    use lastack::model::Edit;
    use lastack::small::{Property, search};

    let without = Variant { edits: &[Edit::TimerNever("RTO")], ..Variant::default() };
    let setup = UNBROKEN.setup(&without).expect("a rule that there is");
    let limits = Limits { states: 300_000, depth: usize::MAX, watch: Properties::ALL };
    let (found, ..) = search(&setup, limits);
    assert_eq!(found.broken.map(|(property, _)| property), Some(Property::L2));
}
