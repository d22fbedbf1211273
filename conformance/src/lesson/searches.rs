//! Lessons that a search tells: a rule is taken away, and the shortest trace in which a property breaks is found.
//!
//! Each is a world, the rule that is missing, and the property. Nothing here says how it breaks.

use lastack_core::types::{Flags, State};

use super::world::{Actor, CALM, Stale, Variant, World};
use crate::model::{Edit, Habit};
use crate::small::{Do, Door, Faults, Peer, Property};
use crate::table::{Effect, Next, Reply, Signal};

/// A lesson of this kind.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Two users and what may go wrong between them.
    pub world: World,
    /// The stacks without the rule.
    pub without: Variant,
    /// The stacks with it.
    pub with: Variant,
    /// The rules that are missing, by name; their rows are printed.
    pub rules: &'static [&'static str],
    /// What breaks.
    pub breaks: Property,
    /// So many segments has the shortest trace that is known; of what never ends, up to where there is no way out.
    pub known: usize,
}

const NOTHING: &[Door] = &[];
const PLAIN: Variant = Variant { edits: &[], profile: "", doors: [NOTHING, NOTHING] };

const fn edits(edits: &'static [Edit]) -> Variant {
    Variant { edits, ..PLAIN }
}

const fn profile(profile: &'static str) -> Variant {
    Variant { profile, ..PLAIN }
}

/// B without a protection.
const fn door(doors: &'static [Door]) -> Variant {
    Variant { doors: [NOTHING, doors], ..PLAIN }
}

const fn stale(to: Peer, flags: Flags, seq: u32, ack: u32) -> Stale {
    Stale { to, flags, seq, ack, text: false }
}

const ONE_DROP: Faults = Faults { drops: 1, ..CALM };
const ONE_COPY: Faults = Faults { copies: 1, ..CALM };
const A_CRASHES: Faults = Faults { crashes: [1, 0], ..CALM };

/// B is ESTABLISHED on a SYN, and does not keep its SYN,ACK for retransmission.
const TWO_WAY: Variant = Variant {
    edits: &[
        Edit::Next("LISTEN-SYN", Next::To(State::Established)),
        Edit::Signal("LISTEN-SYN", Signal::Open),
        Edit::Habit(Habit::TrustsSynAck),
    ],
    profile: "ack=classic",
    doors: [NOTHING, NOTHING],
};

const NO_TIME_WAIT: &[Edit] = &[
    Edit::Next("FIN-IN-ORDER-LAST", Next::To(State::Closed)),
    Edit::Next("ACK-OF-FIN-CLOSING", Next::To(State::Closed)),
    Edit::Habit(Habit::AcknowledgesAtEnd),
];

const RESTARTS: World = {
    let world = World::new(&[Do::Open], &[Do::Listen, Do::Listen]).connected();
    let [a, b] = world.actors;
    let script = crate::small::Script { after_crash: &[Do::Open], ..a.script };
    World { actors: [Actor { script, ..a }, b], faults: A_CRASHES, ..world }
};

pub const GHOST: Search = Search {
    world: World {
        prologue: [0, 1],
        stale: &[
            stale(Peer::B, Flags::SYN, 100, 0),
            Stale { text: true, ..stale(Peer::B, Flags::ACK, 101, 201) },
        ],
        ..World::new(&[], &[Do::Listen])
    },
    without: TWO_WAY,
    with: profile("ack=classic"),
    rules: &["LISTEN-SYN"],
    breaks: Property::S1,
    known: 2,
};

pub const DEADLOCK: Search = Search {
    world: World { prologue: [0, 1], faults: ONE_DROP, ..World::new(&[Do::Open], &[Do::Listen, Do::Send]) },
    without: TWO_WAY,
    with: profile("ack=classic"),
    rules: &["LISTEN-SYN"],
    breaks: Property::L1,
    known: 2,
};

pub const FIXED_ISN: Search = Search {
    world: World {
        prologue: [0, 1],
        faults: ONE_COPY,
        ..World::new(&[Do::Open, Do::Send, Do::Abort, Do::Open, Do::Send], &[Do::Listen, Do::Listen])
    },
    without: edits(&[Edit::Habit(Habit::FixedIss)]),
    with: PLAIN,
    rules: &["CALL-OPEN-ACTIVE"],
    breaks: Property::S1,
    known: 9,
};

pub const THREE_MESSAGES: Search = Search {
    world: World::new(&[Do::Open, Do::Close], &[Do::Listen, Do::Send]).connected(),
    without: edits(&[
        Edit::Reply("FIN-IN-ORDER", Reply::Fin),
        Edit::AddEffect("FIN-IN-ORDER", Effect::QueueFin),
        Edit::Next("FIN-IN-ORDER", Next::To(State::LastAck)),
    ]),
    with: PLAIN,
    rules: &["FIN-IN-ORDER"],
    breaks: Property::L2,
    known: 3,
};

pub const LAST_ACK_LOST: Search = Search {
    world: World {
        faults: Faults { timers: [0, 1], ..ONE_DROP },
        overtakes: false,
        ..World::new(&[Do::Open, Do::Close], &[Do::Listen, Do::Close]).connected()
    },
    without: edits(NO_TIME_WAIT),
    with: PLAIN,
    rules: &["FIN-IN-ORDER-LAST", "ACK-OF-FIN-CLOSING"],
    breaks: Property::S9,
    known: 6,
};

pub const OLD_DUPLICATES: Search = Search {
    world: World {
        faults: ONE_COPY,
        ..World::new(&[Do::Open, Do::Send, Do::Close, Do::Open], &[Do::Listen, Do::Close, Do::Listen])
            .connected()
    },
    without: edits(&[
        Edit::Next("FIN-IN-ORDER-LAST", Next::To(State::Closed)),
        Edit::Next("ACK-OF-FIN-CLOSING", Next::To(State::Closed)),
        Edit::Habit(Habit::AcknowledgesAtEnd),
        Edit::Habit(Habit::FixedIss),
    ]),
    with: edits(&[Edit::Habit(Habit::FixedIss)]),
    rules: &["FIN-IN-ORDER-LAST", "ACK-OF-FIN-CLOSING"],
    breaks: Property::S1,
    known: 9,
};

pub const ASSASSINATION: Search = Search {
    world: World {
        faults: ONE_COPY,
        ..World::new(&[Do::Open, Do::Close], &[Do::Listen, Do::Close]).connected()
    },
    without: profile("time_wait_rst=close"),
    with: PLAIN,
    rules: &["RST-EXACT-CLOSING"],
    breaks: Property::S14,
    known: 7,
};

pub const TIME_WAIT_WAR: Search = Search {
    world: World {
        faults: ONE_COPY,
        ..World::new(&[Do::Open, Do::Close], &[Do::Listen, Do::Close]).connected()
    },
    without: edits(&[Edit::Reply("ACK-OLD-TIME-WAIT", Reply::Ack)]),
    with: PLAIN,
    rules: &["ACK-OLD-TIME-WAIT"],
    breaks: Property::S15,
    known: 5,
};

pub const NO_RST_IN_SYN_SENT: Search = Search {
    world: RESTARTS,
    without: edits(&[Edit::Reply("SYN-SENT-BAD-ACK", Reply::None)]),
    with: PLAIN,
    rules: &["SYN-SENT-BAD-ACK"],
    breaks: Property::L4,
    known: 0,
};

pub const SYN_IGNORED: Search = Search {
    world: {
        let [a, b] = RESTARTS.actors;
        // A's next ISN lies inside B's window.
        World { actors: [a, Actor { buffer: 65_535, ..b }], ..RESTARTS }
    },
    without: edits(&[Edit::Reply("SYN-IN-WINDOW", Reply::None)]),
    with: PLAIN,
    rules: &["SYN-IN-WINDOW"],
    breaks: Property::L4,
    known: 0,
};

pub const RST_IN_WINDOW: Search = Search {
    world: World {
        stale: &[stale(Peer::B, Flags::RST, 701, 0)],
        ..World::new(&[Do::Open], &[Do::Listen]).connected()
    },
    without: profile("rst=classic"),
    with: PLAIN,
    rules: &["RST-IN-WINDOW"],
    breaks: Property::S10,
    known: 1,
};

pub const ACK_OF_UNSENT: Search = Search {
    world: World {
        stale: &[stale(Peer::A, Flags::ACK, 301, 150)],
        ..World::new(&[Do::Open], &[Do::Listen]).connected()
    },
    without: Variant {
        edits: &[Edit::Reply("ACK-UNSENT", Reply::None), Edit::AddEffect("ACK-UNSENT", Effect::TakeAck)],
        profile: "ack=classic",
        ..PLAIN
    },
    with: profile("ack=classic"),
    rules: &["ACK-UNSENT"],
    breaks: Property::S3,
    known: 1,
};

pub const EARLY_FIN: Search = Search {
    world: World::new(&[Do::Open, Do::Send, Do::Close], &[Do::Listen]).connected(),
    without: edits(&[
        Edit::DropEffect("FIN-OUT-OF-ORDER", Effect::HoldFin),
        Edit::AddEffect("FIN-OUT-OF-ORDER", Effect::TakeFin),
        Edit::Signal("FIN-OUT-OF-ORDER", Signal::Closing),
        Edit::Next("FIN-OUT-OF-ORDER", Next::To(State::CloseWait)),
    ]),
    with: PLAIN,
    rules: &["FIN-OUT-OF-ORDER"],
    breaks: Property::S7,
    known: 2,
};

pub const FORGOTTEN_ORIGIN: Search = Search {
    world: World::new(&[Do::Open], &[Do::Open, Do::Abort]),
    without: edits(&[
        Edit::Next("RST-EXACT-ACTIVE", Next::To(State::Listen)),
        Edit::DropSignal("RST-EXACT-ACTIVE"),
    ]),
    with: PLAIN,
    rules: &["RST-EXACT-ACTIVE"],
    breaks: Property::S9,
    known: 3,
};

pub const NO_ANSWER: Search = Search {
    world: World::new(&[Do::Open], &[Do::Open]),
    without: edits(&[Edit::Reply("UNACCEPTABLE-SEQ", Reply::None)]),
    with: PLAIN,
    rules: &["UNACCEPTABLE-SEQ"],
    breaks: Property::L1,
    known: 0,
};

pub const NO_SEGMENTATION: Search = Search {
    world: {
        let world = World::new(&[Do::Open, Do::SendTwo], &[Do::Listen]).connected();
        let [a, b] = world.actors;
        // Headers of 40 octets and one of text.
        World { actors: [a, Actor { mtu: 41, ..b }], carries: 1, ..world }
    },
    without: Variant { doors: [&[Door::BlindToMss], NOTHING], ..PLAIN },
    with: PLAIN,
    rules: &[],
    breaks: Property::L2,
    known: 1,
};

pub const NO_ACKNOWLEDGEMENT: Search = Search {
    world: World { faults: ONE_DROP, ..World::new(&[Do::Open, Do::Send], &[Do::Listen]).connected() },
    without: edits(&[Edit::Habit(Habit::TrustsText)]),
    with: PLAIN,
    rules: &["ACK-NEW"],
    breaks: Property::L2,
    known: 1,
};

pub const NO_TIMER: Search = Search {
    world: World { faults: ONE_DROP, ..World::new(&[Do::Open, Do::Send], &[Do::Listen]).connected() },
    without: edits(&[Edit::TimerNever("RTO")]),
    with: PLAIN,
    rules: &["RTO"],
    breaks: Property::L2,
    known: 1,
};

/// B's user has room for one octet and reads when it likes.
const SLOW_READER: World = {
    let world =
        World::new(&[Do::Open, Do::Send, Do::Send], &[Do::Listen, Do::Receive, Do::Receive]).connected();
    let [a, b] = world.actors;
    World { actors: [a, Actor { buffer: 1, reads: false, ..b }], ..world }
};

pub const NO_WINDOW: Search = Search {
    world: SLOW_READER,
    without: door(&[Door::Spills(1)]),
    with: PLAIN,
    rules: &[],
    breaks: Property::L2,
    known: 2,
};

pub const NO_PROBE: Search = Search {
    world: World { faults: ONE_DROP, overtakes: false, ..SLOW_READER },
    without: edits(&[Edit::TimerNever("ZERO-WINDOW-PROBE")]),
    with: PLAIN,
    rules: &["ZERO-WINDOW-PROBE"],
    breaks: Property::L5,
    known: 3,
};

pub const NO_REORDERING: Search = Search {
    world: World::new(&[Do::Open, Do::Send, Do::Send], &[Do::Listen]).connected(),
    without: door(&[Door::AnyOrder]),
    with: PLAIN,
    rules: &["TEXT-OUT-OF-ORDER"],
    breaks: Property::S2,
    known: 1,
};

pub const NO_DEDUPLICATION: Search = Search {
    world: World { faults: ONE_COPY, ..World::new(&[Do::Open, Do::Send], &[Do::Listen]).connected() },
    without: door(&[Door::TakesOld]),
    with: PLAIN,
    rules: &["UNACCEPTABLE-SEQ"],
    breaks: Property::S2,
    known: 2,
};

pub const NO_CHECKSUM: Search = Search {
    world: World {
        faults: Faults { corruptions: 1, ..CALM },
        ..World::new(&[Do::Open, Do::Send], &[Do::Listen]).connected()
    },
    without: door(&[Door::BlindToChecksum]),
    with: PLAIN,
    rules: &[],
    breaks: Property::S2,
    known: 1,
};

/// A world with everything in it: both ends open, send and close, an old SYN is about, and the network loses,
/// copies and reorders.
pub const UNBROKEN: World = World {
    prologue: [0, 1],
    faults: Faults { drops: 2, copies: 1, timers: [2, 2], ..CALM },
    stale: &[stale(Peer::B, Flags::SYN, 40, 0)],
    ..World::new(&[Do::Open, Do::Send, Do::Close], &[Do::Listen, Do::Send, Do::Close])
};
