//! What only worlds have: users, faults, crashes, a link.

use super::script::{handle, new_call};
use super::values::{self, one_of};
use crate::scenario::{App, Ends, Fault, HostId, LinkSetup, Opens, WorldEvent};
use crate::suite::random::Rng;

const OPENS: [Opens; 3] = [Opens::Connect, Opens::Listen, Opens::Accept];
const ENDS: [Ends; 5] = [Ends::Close, Ends::Half, Ends::Last, Ends::Abort, Ends::Never];
/// Packets that faults strike: mostly early ones.
const NUMBERS: u64 = 24;

/// A new event.
pub(super) fn new(rng: &mut Rng) -> WorldEvent {
    let host = one_of(rng, &HostId::BOTH);
    match rng.below(16) {
        0..6 => WorldEvent::App { host, app: app(rng) },
        6..13 => WorldEvent::Fault { host, packet: number(rng), fault: fault(rng) },
        13 => WorldEvent::Crash { host, iss: rng.chance(1, 2).then(|| values::iss(rng)) },
        14 => WorldEvent::Call { handle: handle(rng), call: new_call(rng) },
        _ => WorldEvent::Room(one_of(rng, &[0, 1, 2, 255])),
    }
}

/// Changes one thing. Calls are changed where those of one stack are.
pub(super) fn nudge(rng: &mut Rng, event: &mut WorldEvent) {
    match event {
        WorldEvent::App { host, app } => match rng.below(6) {
            0 => *host = host.other(),
            _ => nudge_app(rng, app),
        },
        WorldEvent::Fault { host, packet, fault: what } => match rng.below(6) {
            0 => *host = host.other(),
            1 => *packet = packet.wrapping_add(1),
            2 => *packet = packet.wrapping_sub(1),
            3 => *packet = number(rng),
            _ => *what = fault(rng),
        },
        WorldEvent::Crash { host, iss } => match rng.below(2) {
            0 => *host = host.other(),
            _ => *iss = rng.chance(1, 2).then(|| values::iss(rng)),
        },
        WorldEvent::Room(packets) => *packets = one_of(rng, &[0, 1, 2, 255]),
        WorldEvent::Call { handle: of, .. } => *of = handle(rng),
    }
}

/// Changes one thing of the link.
pub(super) fn link(rng: &mut Rng, link: &mut LinkSetup) {
    match rng.below(4) {
        0 => link.latency = values::moment(rng),
        1 => link.spacing = values::moment(rng),
        2 => link.queue = one_of(rng, &[0, 1, 2, 4, 16]),
        _ => link.mtu = one_of(rng, &[0, 0, 576, 1_280, 1_500, 68]),
    }
}

fn number(rng: &mut Rng) -> u16 {
    if rng.chance(1, 16) { rng.below(200) as u16 } else { 1 + rng.below(NUMBERS) as u16 }
}

fn fault(rng: &mut Rng) -> Fault {
    match rng.below(10) {
        0..3 => Fault::Drop,
        3 => Fault::Delay(values::span(rng)),
        4 => Fault::Behind(one_of(rng, &[1, 1, 2, 3, 8])),
        5 => Fault::Copies(one_of(rng, &[1, 1, 2, 3])),
        6 | 7 => Fault::Again(values::span(rng)),
        8 => Fault::Flip { bit: rng.next() as u16, mended: rng.chance(1, 2) },
        _ => Fault::Cut(one_of(rng, &[0, 10, 20, 39, 40, 44, 60])),
    }
}

fn app(rng: &mut Rng) -> App {
    let mut app = App { opens: one_of(rng, &OPENS), ends: one_of(rng, &ENDS), ..App::default() };
    app.writes = if rng.chance(1, 4) { 0 } else { values::octets(rng) };
    if rng.chance(1, 2) {
        nudge_app(rng, &mut app);
    }
    app
}

fn nudge_app(rng: &mut Rng, app: &mut App) {
    match rng.below(7) {
        0 => app.opens = one_of(rng, &OPENS),
        1 => app.ends = one_of(rng, &ENDS),
        2 => app.writes = values::octets(rng),
        // Octet by octet a long text takes a million calls.
        3 => app.chunk = one_of(rng, &[0, 100, 536, 1_460, 4_096]),
        4 => app.every = values::moment(rng),
        5 => app.reads = one_of(rng, &[0, 100, 536, 1_460, 65_535, 65_535]),
        _ => app.pause = values::moment(rng),
    }
}
