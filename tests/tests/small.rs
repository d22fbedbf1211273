//! Small worlds: every property can break, and is named first when it does.

use lastack::lesson::{CALM, Stale, Variant, World};
use lastack::model::{Edit, Habit};
use lastack::small::{Do, Faults, Limits, Peer, Properties, Property, Script, search};
use lastack::table::{Effect, Next, Reply, Signal};
use lastack_core::types::{Flags, State};

/// A rule that is broken so that a property breaks.
struct Case {
    breaks: Property,
    world: World,
    without: Variant,
}

const fn edits(edits: &'static [Edit]) -> Variant {
    Variant { edits, profile: "", doors: [&[], &[]] }
}

const DROP: Faults = Faults { drops: 1, ..CALM };
const PAIR: World = World::new(&[Do::Open, Do::Send, Do::Close], &[Do::Listen, Do::Close]);

const fn with_old(world: World, old: &'static [Stale]) -> World {
    World { stale: old, ..world }
}

const fn case(breaks: Property, world: World, without: Variant) -> Case {
    Case { breaks, world, without }
}

/// Properties that no lesson breaks.
const CASES: &[Case] = &[
    // Whatever acknowledges opens, and the SYN,ACK bears a wrong number.
    case(
        Property::S4,
        PAIR,
        Variant {
            profile: "ack=classic",
            ..edits(&[
                Edit::SeqOffBy("LISTEN-SYN", 1),
                Edit::Reply("HANDSHAKE-ACK-BAD", Reply::None),
                Edit::Next("HANDSHAKE-ACK-BAD", Next::To(State::Established)),
            ])
        },
    ),
    case(
        Property::S5,
        PAIR,
        edits(&[
            Edit::Next("LISTEN-SYN", Next::To(State::Established)),
            Edit::Signal("LISTEN-SYN", Signal::Open),
        ]),
    ),
    case(
        Property::S8,
        World { faults: Faults { timers: [1, 0], ..CALM }, ..PAIR },
        edits(&[Edit::SeqOffBy("RTO", 1)]),
    ),
    case(
        Property::S11,
        with_old(
            World::new(&[], &[]),
            &[Stale { to: Peer::B, flags: Flags::RST, seq: 7, ack: 0, text: false }],
        ),
        edits(&[Edit::Reply("STRAY-RST", Reply::RstByAckBit)]),
    ),
    // The SYN comes again and RCV.NXT begins anew.
    case(
        Property::S12,
        World { faults: Faults { copies: 1, ..CALM }, ..PAIR },
        edits(&[Edit::AddEffect("UNACCEPTABLE-SEQ", Effect::SynIn)]),
    ),
    case(
        Property::S13,
        World::new(&[Do::Open, Do::Abort, Do::Open], &[Do::Listen]),
        edits(&[Edit::Habit(Habit::FixedIss)]),
    ),
    case(
        Property::L3,
        World { faults: DROP, ..World::new(&[Do::Open, Do::Close], &[Do::Listen, Do::Close]).connected() },
        edits(&[Edit::TimerNever("RTO")]),
    ),
];

#[test]
fn every_property_can_break() {
    let told: Vec<Property> = lastack::lesson::lessons()
        .filter_map(|lesson| match lesson.kind {
            lastack::lesson::Kind::Search(search) => Some(search.breaks),
            _ => None,
        })
        .collect();
    for property in Property::ALL {
        let here = CASES.iter().any(|case| case.breaks == property);
        assert!(here || told.contains(&property), "nothing breaks {property}");
    }
    for Case { breaks, world, without } in CASES {
        let setup = world.setup(without).expect("rules that there are");
        let limits = Limits { states: 200_000, depth: usize::MAX, watch: Properties::of(*breaks) };
        let (found, ..) = search(&setup, limits);
        assert_eq!(found.broken.map(|(property, _)| property), Some(*breaks), "{:?}", found.counts);
        let setup = world.setup(&Variant::default()).expect("no rule is missing");
        let (found, ..) = search(&setup, Limits { watch: Properties::ALL, ..limits });
        assert_eq!(found.broken, None, "with the rule that {breaks} rests on");
    }
}

/// A search of nothing is no search: both ends without a call have one state.
#[test]
fn a_world_without_calls_has_one_state() {
    let setup = World::new(&[], &[]).setup(&Variant::default()).expect("no rule is missing");
    let limits = Limits { states: 10, depth: 10, watch: Properties::ALL };
    let (found, ..) = search(&setup, limits);
    assert_eq!((found.counts.states, found.counts.whole), (1, true));
}

/// What does not fit into the bounds is counted, not forgotten.
#[test]
fn what_is_left_out_is_counted() {
    let world = World { room: 1, ..PAIR };
    let setup = world.setup(&Variant::default()).expect("no rule is missing");
    let limits = Limits { states: 100_000, depth: usize::MAX, watch: Properties::ALL.safety() };
    let (found, ..) = search(&setup, limits);
    assert!(found.counts.left_out > 0, "{:?}", found.counts);
    let capped = Limits { states: 5, ..limits };
    assert!(!search(&setup, capped).0.counts.whole, "more than five states");
}

/// A crash is the end of all memory, and the script goes on where the set-up says.
#[test]
fn a_crashed_end_begins_its_second_script() {
    let mut world = PAIR.connected();
    world.actors[0].script = Script { after_crash: &[Do::Open], ..world.actors[0].script };
    world.actors[1].script = Script { first: &[Do::Listen, Do::Listen], after_crash: &[] };
    world.faults.crashes = [1, 0];
    let setup = world.setup(&Variant::default()).expect("no rule is missing");
    let limits = Limits { states: 100_000, depth: usize::MAX, watch: Properties::ALL };
    let (found, ..) = search(&setup, limits);
    assert!(found.broken.is_none() && found.counts.whole, "{:?}", found.counts);
}
