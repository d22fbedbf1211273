//! What a scenario reaches, where somebody asks: noted after every stimulus and whenever the stack is quiet.

use arrayvec::ArrayVec;
use lastack_core::types::{Endpoint, State};

use super::end::{End, context};
use crate::oracle::{Host, Tcb};
use crate::reached::{Reached, Thing, Timed};
use crate::scenario::ScriptCall;
use crate::subject::Handle;

/// The connections there are when a wait begins.
pub(crate) type Before = ArrayVec<(u16, Option<Endpoint>, State, bool), 8>;

impl End<'_> {
    /// Keeps what is reached; see [`End::reached`].
    pub fn keep_reached(&mut self) {
        self.reached = Some(Reached::new());
    }

    /// What the scenario reached so far, if it is kept.
    pub fn reached(&self) -> Option<&Reached> {
        self.reached.as_ref()
    }

    /// Notes the rules that the stimulus fired.
    pub(super) fn after_stimulus(&mut self) {
        let event = self.event;
        if let Some(trace) = &mut self.trace {
            for rule in self.oracle.fired(event) {
                trace.note_last(format_args!("{rule}"));
            }
        }
        if let Some(reached) = &mut self.reached {
            for (name, state) in self.oracle.fired_in(event) {
                reached.note(Thing::Rule { name, state });
            }
        }
    }

    /// Notes what the segment met that the oracle has just been told of.
    pub(super) fn note_met(&mut self) {
        if let (Some(reached), Some(met)) = (&mut self.reached, self.oracle.met()) {
            reached.segment(met);
        }
    }

    /// Notes a call before the oracle is told of it, with the outcome that it had.
    pub(super) fn note_call(&mut self, handle: Handle, call: ScriptCall) {
        let Some(reached) = &mut self.reached else { return };
        let own = |host: &Host| host.by_handle(handle).map(|at| host.tcbs[at].state);
        let state = self.oracle.leading().and_then(own).unwrap_or(State::Closed);
        reached.note(Thing::Call { state, call: call.into(), outcome: self.outcome.into() });
    }

    /// Notes how the connections stand now that the stack is quiet.
    pub(super) fn note_situations(&mut self) {
        let (Some(reached), Some(host)) = (&mut self.reached, self.oracle.leading()) else { return };
        for tcb in &host.tcbs {
            reached.situation(tcb, host.owes_ack(tcb));
        }
    }

    /// Notes what is owed in time when a wait begins.
    pub(crate) fn note_owed(&mut self) -> Before {
        let Some(reached) = &mut self.reached else { return Before::new() };
        let ctx = context!(self);
        for (tcb, obligation) in self.oracle.obligations(&ctx) {
            reached.owes(tcb, obligation);
        }
        let tcbs = self.oracle.leading().map_or(&[][..], |host| &host.tcbs);
        tcbs.iter().take(8).map(|t| (t.port, t.remote, t.state, t.resent)).collect()
    }

    /// Notes what became of the connections while time passed.
    pub(crate) fn note_passed(&mut self, before: &Before) {
        let (Some(reached), Some(host)) = (&mut self.reached, self.oracle.leading()) else { return };
        for (port, remote, state, resent) in before {
            let same = |tcb: &&Tcb| tcb.port == *port && tcb.remote == *remote;
            let timed = match host.tcbs.iter().find(same) {
                None => Timed::Ended,
                Some(tcb) if tcb.resent && !resent => Timed::Again,
                Some(_) => Timed::Nothing,
            };
            reached.note(Thing::Time { state: *state, timed });
        }
    }
}
