//! Calls: to the stack, then their outcomes to the oracle and the monitors.

use lastack_core::types::Endpoint;

use super::Over;
use super::end::{End, context};
use crate::oracle::{Called, Timeouts};
use crate::resolve;
use crate::scenario::ScriptCall;
use crate::subject::{Call, Handle, Outcome, SocketOption, Subject as _};
use crate::trace::Happening;

impl End<'_> {
    /// A call of its user.
    ///
    /// # Errors
    /// The stack showed a finding.
    pub(crate) fn call(&mut self, handle: Handle, call: ScriptCall) -> Result<(), Over> {
        let ip = self.setup.ip;
        let remote = match call {
            ScriptCall::OpenActive { remote, remote_port, .. } => {
                Some(Endpoint { addr: resolve::address(remote, ip), port: remote_port })
            }
            _ => None,
        };
        self.received.clear();
        let outcome = self.make_call(handle, call, remote);
        self.outcome = outcome;
        self.still_there()?;
        self.watch_handle(handle, call);
        if let (ScriptCall::Set(SocketOption::UserTimeout(span)), Outcome::Done) = (call, outcome) {
            // It is this connection's; what others have stays as it was.
            let named = self.handles.iter().all(|(h, _)| *h == handle);
            let alone = named && !self.oracle.may_hold_unnamed(&context!(self));
            self.timeouts = if alone { Timeouts::only(span) } else { self.timeouts.or(span) };
        }
        let opens = matches!(
            call,
            ScriptCall::OpenPassive { .. } | ScriptCall::OpenActive { .. } | ScriptCall::Accept { .. }
        );
        if opens && outcome == Outcome::Done {
            // What is new has what the set-up says, whatever was changed for others.
            self.timeouts = self.timeouts.or(self.setup.user_timeout);
        }
        // What another connection may have or not is a licence to wait: once on, it stays.
        match (call, outcome) {
            (ScriptCall::Set(SocketOption::Nagle(true)), Outcome::Done) => self.setup.nagle = Some(true),
            (ScriptCall::Set(SocketOption::AckDelay(true)), Outcome::Done) => {
                self.setup.ack_delay = Some(true);
            }
            _ => {}
        }
        if let (ScriptCall::Set(SocketOption::KeepAlive(Some(span))), Outcome::Done) = (call, outcome) {
            // Whoever had them may have them still.
            self.setup.keep_alive = Some(span);
        }
        self.note(Happening::Call { handle, call, outcome }, String::new());
        if !self.judged {
            return Ok(());
        }
        let called = Called { handle, call, outcome, remote };
        self.note_call(handle, call);
        let ctx = context!(self);
        let judged = self.oracle.called(&ctx, &called);
        self.after_stimulus();
        self.judge(judged)?;
        self.monitors.call(self.now, handle, &call, outcome, &self.received, &mut self.breaches);
        self.collect_breaches();
        Ok(())
    }

    /// What the last call came to.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What the last RECEIVE handed over.
    pub fn received(&self) -> &[u8] {
        &self.received
    }

    fn make_call(&mut self, handle: Handle, call: ScriptCall, remote: Option<Endpoint>) -> Outcome {
        let subject_call = match call {
            ScriptCall::OpenPassive { port } => Call::OpenPassive { port },
            ScriptCall::OpenActive { port, .. } => {
                let Some(remote) = remote else { return Outcome::Invalid };
                Call::OpenActive { port, remote }
            }
            ScriptCall::Accept { into } => Call::Accept { into },
            ScriptCall::Send(octets) => return self.make_send(handle, octets),
            ScriptCall::Receive(max) => Call::Receive { max },
            ScriptCall::ShutdownWrite => Call::ShutdownWrite,
            ScriptCall::Close => Call::Close,
            ScriptCall::Abort => Call::Abort,
            ScriptCall::Status => Call::Status,
            ScriptCall::Set(option) => Call::Set(option),
        };
        let outcome = self.subject.call(handle, subject_call, &mut self.received);
        if outcome == Outcome::Done {
            // A new connection's stream starts at its first octet.
            let fresh = match call {
                ScriptCall::OpenPassive { .. } | ScriptCall::OpenActive { .. } => Some(handle),
                ScriptCall::Accept { into } => {
                    let offset = self.sent_of(handle);
                    *self.sent_slot(into) = offset;
                    Some(handle)
                }
                _ => None,
            };
            if let Some(handle) = fresh {
                *self.sent_slot(handle) = 0;
            }
        }
        outcome
    }

    /// SEND: the next octets of the user's stream.
    fn make_send(&mut self, handle: Handle, octets: u32) -> Outcome {
        let judged = if self.judged { self.oracle.accepted(handle) } else { None };
        let offset = judged.unwrap_or(self.sent_of(handle));
        let stream = self.streams.own;
        self.text.clear();
        stream.append(offset, octets.min(1 << 20), &mut self.text);
        let outcome = self.subject.call(handle, Call::Send(&self.text), &mut self.received);
        if let Outcome::Octets(n) = outcome {
            *self.sent_slot(handle) = offset.wrapping_add(n);
        }
        outcome
    }

    fn sent_of(&self, handle: Handle) -> u32 {
        self.sent_octets.iter().find(|(h, _)| *h == handle).map_or(0, |(_, n)| *n)
    }

    fn sent_slot(&mut self, handle: Handle) -> &mut u32 {
        let at = match self.sent_octets.iter().position(|(h, _)| *h == handle) {
            Some(at) => at,
            None => {
                if self.sent_octets.is_full() {
                    self.sent_octets.remove(0);
                }
                self.sent_octets.push((handle, 0));
                self.sent_octets.len() - 1
            }
        };
        &mut self.sent_octets[at].1
    }

    /// Remembers which handles' states are worth asking for.
    fn watch_handle(&mut self, handle: Handle, call: ScriptCall) {
        let mut add = |handle| {
            if !self.handles.iter().any(|(h, _)| *h == handle) {
                let _ = self.handles.try_push((handle, None));
            }
        };
        add(handle);
        if let ScriptCall::Accept { into } = call {
            add(into);
        }
    }
}
