//! `incarnations`: one pair of sockets, opened, closed or lost, and opened again, while what earlier connections
//! left on the way arrives.
//!
//! Bytes are read as a script for one stack, and then so, with everything that is so already left alone:
//! - every segment is of the main pair of sockets and in one piece; calls open that pair and no other;
//! - numbers that mean nothing to a peer that has been there before are the last incarnation's: a SEQ from the
//!   stack's own numbers or from nowhere counts from its RCV.NXT, an ACK likewise from its SND.NXT;
//! - a script that never opens begins with an OPEN; one that opens only once is played twice, its connections
//!   aborted in between.

use super::one_stack;
use crate::scenario::bytes::MAX_EVENTS;
use crate::scenario::{
    Addr, Anchor, Event, Num, OddOptions, PEER_PORT, Route, STACK_PORT, Scenario, ScriptCall, SegmentSpec,
    Trick,
};
use crate::subject::Handle;

/// The handle that opens, and those that ACCEPT gives.
const HANDLES: Handle = 3;

/// The script that these bytes are.
pub fn scenario(input: &[u8]) -> Scenario {
    let mut scenario = one_stack::scenario(input);
    scenario.events.iter_mut().for_each(narrow);
    let events = &mut scenario.events;
    if opens(events) == 0 {
        events.truncate(MAX_EVENTS - 1);
        events.insert(0, open());
    }
    if opens(events) == 1 && 2 * events.len() + usize::from(HANDLES) <= MAX_EVENTS {
        let again = events.clone();
        let abort = |handle| Event::Call { handle, call: ScriptCall::Abort };
        events.extend((0..HANDLES).map(abort));
        events.extend(again);
        super::bounds::bound(&mut scenario);
    }
    scenario
}

fn open() -> Event {
    Event::Call { handle: 0, call: ScriptCall::OpenPassive { port: STACK_PORT } }
}

/// How many calls of a script open a connection.
pub fn opens(events: &[Event]) -> usize {
    use ScriptCall::{OpenActive, OpenPassive};
    let open =
        |event: &&Event| matches!(event, Event::Call { call: OpenPassive { .. } | OpenActive { .. }, .. });
    events.iter().filter(open).count()
}

fn narrow(event: &mut Event) {
    match event {
        Event::Call { handle, call } => {
            *handle %= HANDLES;
            narrow_call(*handle, call);
        }
        Event::Segment(spec) => narrow_segment(spec),
        Event::Wait(_) | Event::Room(_) | Event::World(_) => {}
    }
}

fn narrow_call(handle: Handle, call: &mut ScriptCall) {
    match call {
        ScriptCall::OpenPassive { port } => *port = STACK_PORT,
        ScriptCall::OpenActive { port, remote, remote_port } => {
            (*port, *remote, *remote_port) = (STACK_PORT, Addr::Peer(0), PEER_PORT);
        }
        ScriptCall::Accept { into } => {
            *into %= HANDLES;
            if *into == handle {
                *into = (handle + 1) % HANDLES;
            }
        }
        _ => {}
    }
}

fn narrow_segment(spec: &mut SegmentSpec) {
    use Anchor::{Irs, Iss, Literal, OldRcvNxt, OldSndNxt, RcvEdge, RcvNxt, SndNxt, SndUna};
    spec.route = Route::MAIN;
    spec.trick = Trick::None;
    spec.options.odd = OddOptions::None;
    old(&mut spec.seq, &[Literal, Iss, SndUna, SndNxt], OldRcvNxt);
    old(&mut spec.ack, &[Literal, Irs, RcvNxt, RcvEdge], OldSndNxt);
}

fn old(num: &mut Num, from: &[Anchor], to: Anchor) {
    if from.contains(&num.anchor) {
        num.anchor = to;
    }
}
