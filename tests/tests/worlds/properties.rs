//! Each property has a stack that breaks it, and no other property first. The ends are not judged here: what
//! is asked for is what must hold between them.

use std::collections::BTreeSet;

use lastack::model::{Edit, Edition, Model};
use lastack::property::{PROPERTIES, Property};
use lastack::subject::Factory;
use lastack::subject::reference::Reference;
use lastack::table::Profile;
use lastack::world::{Course, World};

use super::twisted::{Twist, Twisted};

const TALK: &str = "app B listen send 700\napp A connect send 1500\n";

/// Host A is twisted, host B is the reference; and the property that does not hold then.
#[rustfmt::skip]
const CASES: &[(Twist, &str, Property)] = &[
    (Twist::OtherOctets,  TALK, Property::StreamIntact),
    (Twist::MoreOctets,   "app B listen send 700\napp A connect", Property::StreamHasSource),
    (Twist::EndsEarly,    TALK, Property::EndIsHonest),
    (Twist::TellsReset,   TALK, Property::ResetHasCause),
    (Twist::KeepsFin,     TALK, Property::CloseEnds),
    (Twist::Echoes,       TALK, Property::NoPacketWar),
    // The first segment's ACK covers the second, which is late.
    (Twist::AcksMore(1000), "app A listen then never\napp B connect send 4000\nfault B 4 delay 3s\n", Property::Coherent),
];

/// Properties without a stack of their own here, with the reason.
const EXCEPTIONS: &[(Property, &str)] = &[(
    Property::EndsAgree,
    "two ledgers of one wire differ only by what deceives a receiver, and then nobody asks",
)];

fn course(stacks: [&dyn Factory; 2], script: &str) -> Course {
    let scenario = format!("lastack scenario 1\n{script}").parse();
    let mut world = World::new(stacks[0], stacks[1]);
    world.ask_only_for_properties();
    world.run(&scenario.unwrap_or_else(|why| panic!("{why}"))).expect("a plain set-up")
}

fn breach(a: &dyn Factory, script: &str) -> Option<Property> {
    let course = course([a, &Reference::Forking], &format!("world latency 10ms\n{script}"));
    course.breach.map(|(breach, _)| breach.property)
}

#[test]
fn each_twist_breaks_its_property() {
    for (twist, script, property) in CASES {
        assert_eq!(breach(&Reference::Forking, script), None, "{script}");
        let twisted = Twisted { stack: &Reference::Forking, twist: *twist };
        assert_eq!(breach(&twisted, script), Some(*property), "{twist:?}");
    }
}

/// Answers that nothing asks for, at both ends, are a war.
#[test]
fn who_answers_every_ack_wages_war() {
    let script = "world latency 10ms\napp B listen then never\napp A connect send 5 then never\n";
    let both = Twisted { stack: &Reference::Forking, twist: Twist::AnswersAcks };
    let course = course([&both, &both], script);
    assert_eq!(course.breach.map(|(breach, _)| breach.property), Some(Property::NoPacketWar));
}

/// Answers that RFC 9293 3.10.7.4, first, asks for are none: both windows are full, the first segments of both
/// are lost, and each ACK lies on the other's right edge. The link ends the loop, and says so.
#[test]
fn a_loop_that_the_text_makes_is_no_war() {
    let script = "recv_buffer 600\nnagle off\nworld\nB recv_buffer 600\nB nagle off\n\
        app B listen send 900 chunk 300\napp A connect send 900 chunk 300\nfault A 3 drop\nfault B 2 drop\n";
    for partner in [&Reference::Forking as &dyn Factory, &Model::STANDARD] {
        let course = course([&Reference::Forking, partner], script);
        assert!(course.is_clean() && course.stuck.is_none(), "{course:#?}");
        assert_eq!(course.loops, 1);
    }
}

/// The model without some of its timers: it waits for ever where the table has an end.
#[test]
fn who_has_no_timer_waits_for_ever() {
    let data = "app B listen then never\napp A connect send 5 then never\nfault A 3 drop\n";
    let cases: [(&[&str], &str, Property); 3] = [
        (&["RTO", "USER-TIMEOUT"], data, Property::DataEnds),
        (&["RTO-SYN", "USER-TIMEOUT-SYN"], "app A connect\nfault A 1 drop\n", Property::OpenEnds),
        (
            &["RTO", "USER-TIMEOUT"],
            "app B listen then never\napp A connect send 5 then never\nfault A 3 drop\nwait 500ms\ncrash B\n",
            Property::HalfOpenEnds,
        ),
    ];
    for (timers, script, property) in cases {
        assert_eq!(breach(&Model::STANDARD, script), None, "{script}");
        let edits: Vec<Edit> = timers.iter().map(|timer| Edit::TimerNever(timer)).collect();
        let mutant =
            Model::new("mutant", Edition::new(&edits).expect("rows of the table"), Profile::UNDECLARED);
        assert_eq!(breach(&mutant, script), Some(property), "{timers:?}");
    }
}

#[test]
fn every_property_has_a_stack_that_breaks_it_or_a_reason() {
    let mut seen: BTreeSet<Property> = CASES.iter().map(|(_, _, property)| *property).collect();
    seen.extend([Property::OpenEnds, Property::DataEnds, Property::HalfOpenEnds]);
    seen.extend(EXCEPTIONS.iter().map(|(property, _)| *property));
    println!("{} properties without a stack that breaks them", EXCEPTIONS.len());
    assert_eq!(seen, PROPERTIES.iter().map(|info| info.property).collect());
}
