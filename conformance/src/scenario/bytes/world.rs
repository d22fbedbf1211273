//! Version 2 of the bytes: a world. The head of version 1, a second head of [`HEAD_MORE`] octets for host B
//! and the link, and records of four more kinds.
//!
//! | octets of the second head | |
//! | --- | --- |
//! | 0 | a world or not (a script for one stack that has an event of a world in it) |
//! | 1-36 | host B's set-up, as in the first head |
//! | 48-55, 56-63 | latency, spacing in microseconds |
//! | 64, 65-66 | queue, MTU |
//! | the rest | spare |
//!
//! | octets of a record | call of B | room of B | user | crash | fault |
//! | --- | --- | --- | --- | --- | --- |
//! | 0 | 4 | 5 | 6 | 7 | 8 |
//! | 1 | handle | packets | host | host | host |
//! | 2 | as of A | | how it begins | ISS given or not (4 octets) | number (2 octets) |
//! | 3 | | | how it ends | | |
//! | 4 | | | octets to write (4 octets) | | which fault |
//! | 5 | | | | | its span (8 octets) |
//! | 8, 12 | | | octets of a SEND, of a RECEIVE | | |
//! | 13 | | | | | its number (2 octets) |
//! | 15 | | | | | mended or not |
//! | 16, 24 | | | time between SENDs, RECEIVEs (8 octets) | | |

use super::record::{Octets, code_of, octets_of, put, put_option};
use super::{HEAD, HEAD_MORE, RECORD, put_call, put_setup, take_call, take_setup};
use crate::scenario::{App, Ends, Fault, HostId, LinkSetup, Opens, WorldEvent, WorldSetup};

pub(super) const CALL: u8 = 4;
const ROOM: u8 = 5;
const APP: u8 = 6;
const CRASH: u8 = 7;
const FAULT: u8 = 8;

const OPENS: [Opens; 3] = [Opens::Connect, Opens::Listen, Opens::Accept];
const ENDS: [Ends; 5] = [Ends::Close, Ends::Half, Ends::Last, Ends::Abort, Ends::Never];

pub(super) fn put_world(world: &WorldSetup, to: &mut [u8]) {
    put_setup(&world.other, &mut to[..HEAD]);
    to[0] = 1;
    put(to, 48, octets_of(world.link.latency));
    put(to, 56, octets_of(world.link.spacing));
    to[64] = world.link.queue;
    put(to, 65, world.link.mtu.to_le_bytes());
}

pub(super) fn take_world(from: &Octets<HEAD_MORE>) -> Option<WorldSetup> {
    let link = LinkSetup {
        latency: from.duration(48),
        spacing: from.duration(56),
        queue: from.u8(64),
        mtu: from.u16(65),
    };
    from.bit(0).then(|| WorldSetup { other: take_setup(from), link })
}

pub(super) fn put_event(event: &WorldEvent, to: &mut [u8]) {
    match *event {
        WorldEvent::Call { handle, call } => {
            (to[0], to[1]) = (CALL, handle);
            put_call(call, to);
        }
        WorldEvent::Room(packets) => (to[0], to[1]) = (ROOM, packets),
        WorldEvent::App { host, app } => {
            (to[0], to[1]) = (APP, host as u8);
            put_app(&app, to);
        }
        WorldEvent::Crash { host, iss } => {
            (to[0], to[1]) = (CRASH, host as u8);
            put_option(to, 2, iss.map(u32::to_le_bytes));
        }
        WorldEvent::Fault { host, packet, fault } => {
            (to[0], to[1]) = (FAULT, host as u8);
            put(to, 2, packet.to_le_bytes());
            put_fault(fault, to);
        }
    }
}

pub(super) fn take_event(from: &Octets<RECORD>, kind: u8) -> WorldEvent {
    let host = from.one_of(1, &HostId::BOTH);
    match kind {
        CALL => WorldEvent::Call { handle: from.u8(1), call: take_call(from) },
        ROOM => WorldEvent::Room(from.u8(1)),
        APP => WorldEvent::App { host, app: take_app(from) },
        CRASH => WorldEvent::Crash { host, iss: from.bit(2).then(|| from.u32(3)) },
        _ => WorldEvent::Fault { host, packet: from.u16(2), fault: take_fault(from) },
    }
}

fn put_app(app: &App, to: &mut [u8]) {
    let default = App::default();
    to[2] = code_of(&OPENS, app.opens);
    to[3] = code_of(&ENDS, app.ends);
    put(to, 4, app.writes.to_le_bytes());
    put(to, 8, app.chunk.to_le_bytes());
    put(to, 12, (app.reads ^ default.reads).to_le_bytes());
    put(to, 16, octets_of(app.every));
    put(to, 24, octets_of(app.pause));
}

fn take_app(from: &Octets<RECORD>) -> App {
    App {
        opens: from.one_of(2, &OPENS),
        writes: from.u32(4),
        chunk: from.u32(8),
        every: from.duration(16),
        reads: from.u32(12) ^ App::default().reads,
        pause: from.duration(24),
        ends: from.one_of(3, &ENDS),
    }
}

fn put_fault(fault: Fault, to: &mut [u8]) {
    let (kind, span, number, mended) = match fault {
        Fault::Drop => (0, None, 0, false),
        Fault::Delay(span) => (1, Some(span), 0, false),
        Fault::Behind(packets) => (2, None, u16::from(packets), false),
        Fault::Copies(copies) => (3, None, u16::from(copies), false),
        Fault::Again(span) => (4, Some(span), 0, false),
        Fault::Flip { bit, mended } => (5, None, bit, mended),
        Fault::Cut(octets) => (6, None, octets, false),
    };
    to[4] = kind;
    put(to, 5, octets_of(span.unwrap_or_default()));
    put(to, 13, number.to_le_bytes());
    to[15] = u8::from(mended);
}

fn take_fault(from: &Octets<RECORD>) -> Fault {
    let (span, number) = (from.duration(5), from.u16(13));
    match from.u8(4) % 7 {
        0 => Fault::Drop,
        1 => Fault::Delay(span),
        2 => Fault::Behind(number as u8),
        3 => Fault::Copies(number as u8),
        4 => Fault::Again(span),
        5 => Fault::Flip { bit: number, mended: from.bit(15) },
        _ => Fault::Cut(number),
    }
}
