//! The reference TCP in a small world, by its adapter.
//!
//! Its clock goes on and its RTO backs off, so its states repeat less than the model's: bounds on timers keep a
//! world finite.

use lastack_core::types::{Segment, State, wire};

use super::flying::{Flying, Peer};
use super::{Stack, Timer, View};
use crate::subject::reference::{Reference, Stack as Adapter, Variables};
use crate::subject::{Call, Handle, Outcome, Packets, Setup, Subject, UserSignal};

/// The only connection or listener of an end.
const HANDLE: Handle = 0;

/// A reference and which end it is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Referenced {
    peer: Peer,
    adapter: Adapter,
}

/// What does not change about a reference: its set-up and its secret.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    peer: Peer,
    setup: Setup,
}

/// An end's reference: listeners become connections, all protections are on.
pub fn referenced(peer: Peer, setup: Setup) -> (Kind, Referenced) {
    let setup = Setup { nagle: Some(false), ack_delay: Some(false), ..setup };
    let adapter = Reference::Single.stack(&setup, peer as u64);
    (Kind { peer, setup }, Referenced { peer, adapter })
}

impl Stack for Referenced {
    type Config = Kind;

    fn restarted(&self, kind: &Kind) -> Referenced {
        let mut fresh = referenced(kind.peer, kind.setup).1;
        fresh.adapter.advance(self.adapter.now());
        fresh
    }

    fn call(&mut self, _: &Kind, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        self.adapter.call(HANDLE, call, received)
    }

    fn arrive(&mut self, _: &Kind, segment: &Flying) {
        let mut packet = Vec::new();
        // Both addresses are of one version and the text is short.
        if wire::emit(&segment.segment(), &mut packet).is_ok() {
            self.adapter.deliver(&packet);
        }
    }

    fn leave(&mut self, _: &Kind) -> Option<Flying> {
        let mut out = Packets::default();
        self.adapter.poll(1, &mut out);
        let segment: Segment<'_> = wire::parse(out.get(0)?).ok()?;
        Some(Flying::of(self.peer, &segment))
    }

    fn fire(&mut self, _: &Kind) {
        if let Some(at) = self.adapter.deadline() {
            self.adapter.advance(at);
        }
    }

    fn signals(&mut self, out: &mut Vec<UserSignal>) {
        self.adapter.signals(HANDLE, out);
    }

    fn view(&self, _: &Kind) -> View {
        let state = self.adapter.status(HANDLE).unwrap_or(State::Closed);
        let it = self.adapter.variables(HANDLE);
        let number = |of: fn(&Variables) -> _| it.as_ref().map(of);
        View {
            state,
            iss: number(|v| v.iss),
            irs: it.and_then(|v| v.irs),
            una: number(|v| v.snd_una).unwrap_or_default(),
            nxt: number(|v| v.snd_nxt).unwrap_or_default(),
            rcv_nxt: number(|v| v.rcv_nxt).unwrap_or_default(),
            queued: it.map_or(0, |v| v.queued),
            shut: it.is_some_and(|v| v.snd_wnd == 0),
            timer: match self.adapter.deadline() {
                None => Timer::None,
                Some(_) if it.is_some_and(|v| v.lingers) => Timer::TwoMsl,
                Some(_) => Timer::Soon,
            },
        }
    }

    fn normalise(&mut self, _: &Kind) {}

    fn spill(&mut self, _: usize) {}
}
