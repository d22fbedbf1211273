//! What the user is told and handed over.

use lastack_core::types::SeqNum;

use super::watch::Watch;
use super::{MonitorId, Report};
use crate::ledger::{Connection, Incarnation, Ledger, Tuple};
use crate::scenario::{ScriptCall, Stream};
use crate::subject::{Handle, Outcome};

/// One handle.
#[derive(Clone, Copy, Debug, Default)]
struct User {
    /// The connection, once it is known.
    tuple: Option<Tuple>,
    /// The stack's ISS in it, where that tells one incarnation from another.
    iss: Option<SeqNum>,
    /// A listener's port; its connection is the one that shows there.
    listens: Option<u16>,
    /// Octets that SEND took.
    submitted: u32,
    /// Some of them before the connection was accepted: a listener that fell back to LISTEN has lost them.
    early: bool,
    /// Octets that RECEIVE handed over.
    delivered: u32,
    /// RECEIVE told the end of the stream.
    ended: bool,
    /// CLOSE or ABORT was called: from here on errors have many names.
    closed: bool,
}

/// All handles.
#[derive(Clone, Debug, Default)]
pub(super) struct Users {
    /// By handle.
    users: Vec<User>,
    /// Incarnations that some handle of a listener has had: nobody accepts them again.
    had: Vec<(Tuple, Option<SeqNum>)>,
    /// Incarnations that an ACCEPT which is under way may hand over.
    waiting: Vec<(Tuple, Option<SeqNum>)>,
}

impl Users {
    pub(super) fn reset(&mut self) {
        self.users.clear();
        self.had.clear();
        self.waiting.clear();
    }

    pub(super) fn bind(&mut self, handle: Handle, tuple: Tuple) {
        self.user(handle).tuple = Some(tuple);
    }

    /// Before a call: finds a listener's connection where the call is one that concerns it. When several
    /// connections may be meant it stays unknown, and what needs it is not judged.
    pub(super) fn find(&mut self, handle: Handle, call: &ScriptCall, ledger: &Ledger) -> Option<Tuple> {
        let user = *self.users.get(usize::from(handle))?;
        // Which of several listeners on one port became which connection, the packets do not say.
        let alone =
            self.users.iter().filter(|u| u.listens.is_some() && u.listens == user.listens).count() == 1;
        let port = user.listens.filter(|_| user.tuple.is_none() && alone);
        let concerns =
            matches!(call, ScriptCall::Accept { .. } | ScriptCall::Send(_) | ScriptCall::Receive(_));
        if let Some(port) = port.filter(|_| concerns) {
            // Some stacks hand over what is still in SYN-RECEIVED.
            let waits = |c: &&Connection| {
                let passive = c.now.as_ref().is_some_and(|n| !n.active);
                c.tuple.stack.port == port && passive && !self.is_bound(c)
            };
            let waiting = ledger.connections().iter().filter(waits);
            self.waiting = waiting.map(|c| (c.tuple, c.now.as_ref().map(Incarnation::iss))).collect();
            let alone = match self.waiting[..] {
                [(tuple, iss)] => ledger.connection(&tuple).zip(iss),
                _ => None,
            };
            if let Some((one, iss)) = alone
                && one.now.as_ref().is_some_and(|n| n.maybe_established)
            {
                let iss = Some(iss);
                self.had.push((one.tuple, iss));
                let user = self.user(handle);
                (user.tuple, user.iss) = (Some(one.tuple), iss);
            }
        }
        self.users.get(usize::from(handle))?.tuple
    }

    /// Some user has this connection already, in its present incarnation.
    fn is_bound(&self, connection: &Connection) -> bool {
        let iss = connection.now.as_ref().map(Incarnation::iss);
        let same = |u: &User| u.tuple == Some(connection.tuple) && (u.iss.is_none() || u.iss == iss);
        self.users.iter().any(same) || self.had.contains(&(connection.tuple, iss))
    }

    /// Whether text of this connection's user may have gone down with an older incarnation: nobody knows then
    /// where its stream begins.
    pub(super) fn lost_text(&self, connection: &Connection) -> bool {
        let early = |u: &User| u.early && (u.tuple.is_none() || u.tuple == Some(connection.tuple));
        connection.before.is_some() && self.users.iter().any(early)
    }

    /// How much text the user of this connection submitted; `None` when nobody knows the user.
    pub(super) fn submitted(&self, tuple: &Tuple) -> Option<u32> {
        if self.users.iter().any(|u| u.tuple.is_none() && u.submitted > 0) {
            return None;
        }
        let users = self.users.iter().filter(|u| u.tuple == Some(*tuple));
        users.map(|u| u.submitted).max()
    }

    pub(super) fn call(
        &mut self,
        handle: Handle,
        call: &ScriptCall,
        outcome: Outcome,
        received: (&[u8], Stream),
        connection: Option<(&Connection, &Watch)>,
        report: &mut Report<'_>,
    ) {
        match *call {
            ScriptCall::OpenPassive { port } if outcome == Outcome::Done => {
                *self.user(handle) = User { listens: Some(port), ..User::default() };
            }
            ScriptCall::OpenActive { .. } if outcome == Outcome::Done => *self.user(handle) = User::default(),
            // Where the listener itself became the connection, what was said to it goes along.
            ScriptCall::Accept { into } if outcome == Outcome::Done => {
                // Which one it was stays unknown: none of them is another handle's for sure.
                let unknown = core::mem::take(&mut self.waiting);
                if self.user(handle).tuple.is_none() {
                    self.had.extend(unknown);
                }
                let listener = self.user(handle);
                let listens = listener.listens.take();
                let connection = core::mem::replace(listener, User { listens, ..User::default() });
                *self.user(into) = connection;
            }
            ScriptCall::Send(offered) => {
                let taken = match outcome {
                    Outcome::Octets(n) => n,
                    Outcome::Done => offered,
                    _ => 0,
                };
                let user = self.user(handle);
                user.submitted = user.submitted.saturating_add(taken);
                user.early |= taken > 0 && user.listens.is_some();
            }
            ScriptCall::Close | ScriptCall::Abort => self.user(handle).closed = true,
            ScriptCall::Receive(_) => self.user(handle).receive(outcome, received, connection, report),
            _ => {}
        }
    }

    fn user(&mut self, handle: Handle) -> &mut User {
        let place = usize::from(handle);
        if self.users.len() <= place {
            self.users.resize(place + 1, User::default());
        }
        &mut self.users[place]
    }
}

impl User {
    fn receive(
        &mut self,
        outcome: Outcome,
        received: (&[u8], Stream),
        connection: Option<(&Connection, &Watch)>,
        report: &mut Report<'_>,
    ) {
        let (received, stream) = received;
        let wrong = stream.first_difference(self.delivered, received);
        // A peer whose SYNs contradict each other has no one stream.
        let cut = connection.is_some_and(|(c, _)| c.now.as_ref().is_some_and(|now| now.text_is_cut));
        let one_stream = !cut
            && connection.is_some_and(|(c, w)| c.offers.len() == 1 && !w.odd_text && !w.stream_end_is_open());
        if let Some((at, got)) = wrong.filter(|_| one_stream) {
            let want = format_args!("octet {at} of the peer's stream is {:#04x}", stream.octet(at));
            report.breach(MonitorId::StreamDelivered, want, format_args!("{got:#04x}"));
        }
        if self.ended && !received.is_empty() {
            let want = format_args!("no octets after the end of the stream");
            report.breach(MonitorId::AfterEndOfStream, want, format_args!("{} octets", received.len()));
        }
        self.delivered = self.delivered.wrapping_add(received.len() as u32);
        if let Some((connection, _)) =
            connection.filter(|(_, w)| !received.is_empty() && !self.closed && w.is_one_stream())
        {
            self.check_arrived(connection, report);
        }
        if outcome == Outcome::EndOfStream {
            self.ended = true;
            if let Some((connection, watch)) = connection.filter(|(_, w)| !self.closed && w.is_one_stream()) {
                self.check_fin(connection, watch, report);
            }
        }
    }

    /// The handle may belong to the incarnation before: either may account for what was handed over.
    fn check_arrived(&self, connection: &Connection, report: &mut Report<'_>) {
        let arrived = |n: &Incarnation| {
            // A SYN,ACK that was refused may have come before the SYN that was taken.
            let syns = connection.offers.iter().map(|offer| offer.seq).chain(n.peer.iss);
            let octets = |syn: SeqNum| n.delivered.end_from(syn.add(1)).steps_from(syn.add(1));
            n.peer.iss.and_then(|_| syns.map(octets).max())
        };
        // What came behind a SYN that could not be answered yet, for want of room, is not counted yet either.
        let is_unanswered = connection.now.as_ref().is_some_and(|n| n.peer.iss.is_none());
        if is_unanswered && !connection.offers.is_empty() {
            return;
        }
        let lives = connection.now.iter().chain(&connection.before);
        let Some(most) = lives.filter_map(arrived).max() else { return };
        if self.delivered > most {
            let want = format_args!("at most {most} octets, so many arrived in order");
            report.breach(MonitorId::DeliversUnsent, want, format_args!("{} octets in all", self.delivered));
        }
    }

    fn check_fin(&self, connection: &Connection, watch: &Watch, report: &mut Report<'_>) {
        let ends: &dyn Fn(&Incarnation) -> Option<bool> = &|n| {
            let fin = n.peer.iss?.add(1).add(self.delivered);
            Some(watch.fins.is_full() || watch.fins.contains(&fin) || n.peer.fin == Some(fin))
        };
        let mut lives = connection.now.iter().chain(&connection.before).filter_map(ends).peekable();
        if lives.peek().is_some() && !lives.any(|fits| fits) {
            let want = format_args!("the peer's FIN after {} octets", self.delivered);
            report.breach(
                MonitorId::EndWithoutFin,
                want,
                format_args!("end of stream, FINs at {:?}", watch.fins),
            );
        }
    }
}
