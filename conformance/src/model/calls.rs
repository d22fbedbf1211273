//! Calls: RFC 9293 3.10.1 to 3.10.6, by their rows; and what the adapter adds to them.

use lastack_core::types::{Endpoint, State};

use super::arrive::is_peer;
use super::config::Config;
use super::host::Host;
use super::run::Run;
use super::tcb::Tcb;
use crate::subject::{Call, Handle, Outcome, SocketOption, stack_addr};
use crate::table::rules::RuleId;
use crate::table::{CallKind, Effect, Event, Facts, Guard, Signal, event_rule_edited};

impl Host {
    /// A user's call. RECEIVE appends what it hands over to `received`.
    pub fn call(
        &mut self,
        config: &Config,
        handle: Handle,
        call: Call<'_>,
        received: &mut Vec<u8>,
    ) -> Outcome {
        match call {
            Call::OpenPassive { port } => self.open_passive(config, handle, port),
            Call::OpenActive { port, remote } => self.open_active(config, handle, port, remote),
            Call::Accept { into } => self.accept(config, handle, into),
            Call::Send(octets) => self.send(config, handle, octets),
            Call::Receive { max } => self.receive(config, handle, max, received),
            Call::ShutdownWrite => self.close(config, handle, false),
            Call::Close => self.close(config, handle, true),
            Call::Abort => self.plain_call(config, handle, CallKind::Abort, &[]),
            Call::Status => {
                let state = self.by_handle(handle).map_or(State::Closed, |at| self.tcbs[at].state);
                match self.plain_call(config, handle, CallKind::Status, &[]) {
                    Outcome::InState(_) => Outcome::InState(state),
                    other => other,
                }
            }
            Call::Set(option) => self.set(handle, option),
        }
    }

    /// The row of a call, executed on the record at `at`; what it said.
    fn fire(
        &mut self,
        config: &Config,
        at: Option<usize>,
        kind: CallKind,
        given: &[Guard],
    ) -> (Option<RuleId>, Signal) {
        let state = at.and_then(|at| self.tcbs.get(at)).map_or(State::Closed, |t| t.state);
        let keep = |id| config.edition.row(id).is_some();
        let rule = event_rule_edited(state, Event::Call(kind), config.switches, given, keep);
        let facts = Facts { origin_passive: at.is_some_and(|at| self.tcbs[at].passive), ..Facts::default() };
        let mut run = Run::new(self, config, at, None, facts);
        if let Some(rule) = rule {
            run.fire(rule);
        }
        let told = run.told;
        run.finish();
        (rule, told)
    }

    /// A call on the record of a handle; without one the handle's end speaks.
    fn plain_call(&mut self, config: &Config, handle: Handle, kind: CallKind, given: &[Guard]) -> Outcome {
        let at = self.by_handle(handle);
        match self.fire(config, at, kind, given) {
            (_, Signal::NoConnection) => self.after_end(handle),
            (_, told) => outcome(told),
        }
    }

    /// How the handle's last connection ended.
    fn after_end(&self, handle: Handle) -> Outcome {
        self.ended.iter().find(|e| e.handle == handle).map_or(Outcome::NoConnection, |e| e.outcome)
    }

    fn has(&self, config: &Config, rule: Option<RuleId>, effect: Effect) -> bool {
        rule.and_then(|id| config.edition.row(id)).is_some_and(|row| row.effects.contains(&effect))
    }

    fn open_passive(&mut self, config: &Config, handle: Handle, port: u16) -> Outcome {
        if let Some(at) = self.by_handle(handle) {
            let (_, told) = self.fire(config, Some(at), CallKind::OpenPassive, &[]);
            return outcome(told);
        }
        if port == 0 {
            return Outcome::Invalid;
        }
        if self.listener(port).is_some() {
            return Outcome::Exists;
        }
        self.create(config, handle, port, None, CallKind::OpenPassive, &[])
    }

    fn open_active(&mut self, config: &Config, handle: Handle, port: u16, remote: Endpoint) -> Outcome {
        let own = remote.addr == stack_addr(config.setup.ip);
        let given = if remote.port == 0 || remote.addr.is_unspecified() {
            [Guard::RemoteMissing]
        } else if own || !is_peer(remote, config.setup.ip) {
            [Guard::RemoteBad]
        } else {
            [Guard::RemoteGiven]
        };
        if let Some(other) = self.connection(port, remote) {
            let (_, told) = self.fire(config, Some(other), CallKind::OpenActive, &given);
            return outcome(told);
        }
        let wrong = given != [Guard::RemoteGiven] || port == 0;
        match self.by_handle(handle) {
            // No row speaks of a listener and such a remote end (MUST-46), or of port 0.
            Some(at)
                if self.tcbs[at].state == State::Listen && (given == [Guard::RemoteBad] || port == 0) =>
            {
                Outcome::Invalid
            }
            Some(at) if wrong || self.tcbs[at].state != State::Listen => {
                outcome(self.fire(config, Some(at), CallKind::OpenActive, &given).1)
            }
            Some(at) => {
                // From passive to active: the port is the caller's choice.
                self.tcbs[at].port = port;
                self.tcbs[at].remote = Some(remote);
                outcome(self.fire(config, Some(at), CallKind::OpenActive, &given).1)
            }
            None if port == 0 => Outcome::Invalid,
            None => self.create(config, handle, port, Some(remote), CallKind::OpenActive, &given),
        }
    }

    /// OPEN in CLOSED: a fresh record, kept if the row makes one.
    fn create(
        &mut self,
        config: &Config,
        handle: Handle,
        port: u16,
        remote: Option<Endpoint>,
        kind: CallKind,
        given: &[Guard],
    ) -> Outcome {
        let keep = |id| config.edition.row(id).is_some();
        let rule = event_rule_edited(State::Closed, Event::Call(kind), config.switches, given, keep);
        if !self.has(config, rule, Effect::CreateTcb) {
            return outcome(self.fire(config, None, kind, given).1);
        }
        let mut tcb = Tcb::new(config, handle, port, State::Closed, self.now);
        tcb.remote = remote;
        self.add(tcb);
        outcome(self.fire(config, Some(self.tcbs.len() - 1), kind, given).1)
    }

    /// The listening record became the connection (RFC 9293 3.10.7.2): it gets its own handle, and another
    /// record listens in its place.
    fn accept(&mut self, config: &Config, handle: Handle, into: Handle) -> Outcome {
        let Some(at) = self.by_handle(handle) else { return Outcome::NoConnection };
        let tcb = &self.tcbs[at];
        if tcb.state == State::Listen {
            return Outcome::WouldBlock;
        }
        if !tcb.passive || tcb.handed_over {
            return Outcome::NoConnection;
        }
        if handle == into || self.by_handle(into).is_some() {
            return Outcome::Exists;
        }
        let port = tcb.port;
        self.tcbs[at].handle = into;
        self.tcbs[at].handed_over = true;
        self.ended.retain(|e| e.handle != into);
        let fresh = Tcb::new(config, handle, port, State::Listen, self.now);
        self.add(fresh);
        Outcome::Done
    }

    fn send(&mut self, config: &Config, handle: Handle, octets: &[u8]) -> Outcome {
        let at = self.by_handle(handle);
        if at.is_some_and(|at| self.tcbs[at].fin_wanted && !self.tcbs[at].state.is_synchronized()) {
            return Outcome::Closing;
        }
        let (rule, told) = self.fire(config, at, CallKind::Send, &[Guard::RemoteMissing]);
        match (at, told) {
            (_, Signal::NoConnection) => return self.after_end(handle),
            (_, Signal::None | Signal::Ok) => {}
            _ => return outcome(told),
        }
        let Some(tcb) = at.and_then(|at| self.tcbs.get_mut(at)) else {
            return Outcome::Octets(octets.len() as u32);
        };
        if !rule.and_then(|id| config.edition.row(id)).is_some_and(|r| r.effects.contains(&Effect::QueueSend))
        {
            return Outcome::Octets(octets.len() as u32);
        }
        let room = (config.setup.send_buffer as usize).saturating_sub(tcb.queue.len());
        let taken = &octets[..octets.len().min(room)];
        tcb.queue.extend_from_slice(taken);
        if taken.is_empty() && !octets.is_empty() {
            return Outcome::WouldBlock;
        }
        Outcome::Octets(taken.len() as u32)
    }

    /// What was received is the user's in every state: a RECEIVE that was queued before would have taken it.
    fn receive(&mut self, config: &Config, handle: Handle, max: u32, received: &mut Vec<u8>) -> Outcome {
        let at = self.by_handle(handle);
        let readable = at.map_or(0, |at| self.tcbs[at].readable);
        let given = if readable > 0 { Guard::Undelivered } else { Guard::NothingLeft };
        let (rule, told) = self.fire(config, at, CallKind::Receive, &[given]);
        if told == Signal::NoConnection {
            return self.after_end(handle);
        }
        let delivers = self.has(config, rule, Effect::Deliver) || told == Signal::ErrorClosing;
        let Some(tcb) = at.and_then(|at| self.tcbs.get_mut(at)) else { return outcome(told) };
        let taken = readable.min(max).min(tcb.unread.len() as u32);
        if taken > 0 && delivers {
            received.extend(tcb.unread.drain(..taken as usize));
            tcb.readable -= taken;
            let update = tcb.state.is_synchronized() && tcb.open_window(config);
            tcb.due.ack |= update;
            return Outcome::Octets(taken);
        }
        let over = tcb.fin_told || tcb.state == State::TimeWait;
        match told {
            Signal::ErrorClosing if over && readable == 0 => Outcome::EndOfStream,
            _ => Outcome::WouldBlock,
        }
    }

    fn close(&mut self, config: &Config, handle: Handle, both: bool) -> Outcome {
        let at = self.by_handle(handle);
        let mut given: Vec<Guard> = Vec::new();
        if let Some(tcb) = at.map(|at| &mut self.tcbs[at]) {
            tcb.user_gone |= both;
            if !tcb.queue.is_empty() {
                given.push(Guard::TextPending);
            }
            if both && !tcb.unread.is_empty() {
                given.push(Guard::Unread);
            }
        }
        self.plain_call(config, handle, CallKind::Close, &given)
    }

    fn set(&mut self, handle: Handle, option: SocketOption) -> Outcome {
        let now = self.now;
        let Some(at) = self.by_handle(handle) else { return Outcome::NoConnection };
        let tcb = &mut self.tcbs[at];
        match option {
            SocketOption::Nagle(on) => tcb.nagle = on,
            SocketOption::AckDelay(on) => tcb.delays_acks = on,
            SocketOption::UserTimeout(timeout) => tcb.user_timeout = timeout,
            SocketOption::KeepAlive(interval) => {
                tcb.keep_alive = interval;
                tcb.heard_at = now;
            }
        }
        Outcome::Done
    }
}

/// What the user is told, in the adapter's vocabulary.
const fn outcome(told: Signal) -> Outcome {
    match told {
        Signal::NoConnection | Signal::Illegal => Outcome::NoConnection,
        Signal::NoRemote | Signal::NotAllowed | Signal::Error => Outcome::Invalid,
        Signal::NoResources => Outcome::NoResources,
        Signal::Exists | Signal::RecordOrError => Outcome::Exists,
        Signal::ErrorClosing => Outcome::Closing,
        Signal::Status => Outcome::InState(State::Closed),
        _ => Outcome::Done,
    }
}
