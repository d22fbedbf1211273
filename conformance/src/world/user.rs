//! Users: what an [`App`] does, call by call.
//!
//! A user says which call it wants to make next ([`User::wants`]) and is told what the call came to
//! ([`User::came`]). What would block is tried again when something has happened at its host.

use lastack_core::types::{Duration, Instant};

use crate::scenario::HostId;
use crate::scenario::{Addr, App, Ends, Opens, PEER_PORT, STACK_PORT, ScriptCall};
use crate::subject::{Handle, Outcome};

/// The handle of a user's listener.
pub const LISTENER: Handle = 0;
/// Handles for connections, used in turn.
const HANDLES: usize = 7;
/// The most octets of one SEND.
const SEND_MAX: u32 = 1 << 16;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Begins,
    Accepts,
    Opens,
    Talks,
    Over,
}

/// One user of a host.
#[derive(Clone, Debug)]
pub struct User {
    /// What it does.
    pub app: App,
    /// Its connection.
    pub handle: Handle,
    stage: Stage,
    written: u32,
    /// What would block, until something happens.
    asked: bool,
    /// Its stack tells no states: it talks without knowing whether its connection is open yet.
    blind: bool,
    full: bool,
    empty: bool,
    next_send: Instant,
    next_receive: Instant,
    ended: bool,
    shut: bool,
    closed: bool,
}

impl User {
    /// The user that begins when `before` have begun at its host.
    pub fn new(app: App, before: usize) -> User {
        User {
            app,
            handle: 1 + (before % HANDLES) as Handle,
            stage: Stage::Begins,
            written: 0,
            asked: false,
            blind: false,
            full: false,
            empty: false,
            next_send: Instant::ZERO,
            next_receive: Instant::ZERO,
            ended: false,
            shut: false,
            closed: false,
        }
    }

    /// Something has happened at its host.
    pub fn stir(&mut self) {
        self.asked = false;
        self.full = false;
        self.empty = false;
    }

    /// The call that it makes now, and on which handle.
    pub fn wants(&self, host: HostId, now: Instant) -> Option<(Handle, ScriptCall)> {
        let (own, remote_port) = match host {
            HostId::A => (STACK_PORT, PEER_PORT),
            HostId::B => (PEER_PORT, STACK_PORT),
        };
        match self.stage {
            Stage::Begins => match self.app.opens {
                Opens::Connect => {
                    let remote = Addr::Peer(0);
                    Some((self.handle, ScriptCall::OpenActive { port: own, remote, remote_port }))
                }
                Opens::Listen => Some((LISTENER, ScriptCall::OpenPassive { port: own })),
                Opens::Accept => Some((LISTENER, ScriptCall::Accept { into: self.handle })),
            },
            Stage::Accepts if !self.asked => Some((LISTENER, ScriptCall::Accept { into: self.handle })),
            Stage::Opens if !self.asked => Some((self.handle, ScriptCall::Status)),
            Stage::Talks => self.talks(now).map(|call| (self.handle, call)),
            _ => None,
        }
    }

    fn talks(&self, now: Instant) -> Option<ScriptCall> {
        if self.app.reads > 0 && !self.ended && !self.empty && now >= self.next_receive {
            return Some(ScriptCall::Receive(self.app.reads));
        }
        let left = self.app.writes - self.written;
        if left > 0 && !self.shut && !self.full && now >= self.next_send {
            let most = if self.app.chunk == 0 { SEND_MAX } else { self.app.chunk.min(SEND_MAX) };
            return Some(ScriptCall::Send(left.min(most)));
        }
        if left > 0 || self.closed {
            return None;
        }
        match self.app.ends {
            Ends::Close => Some(ScriptCall::Close),
            Ends::Abort => Some(ScriptCall::Abort),
            Ends::Half if !self.shut => Some(ScriptCall::ShutdownWrite),
            Ends::Half | Ends::Last if self.ended => Some(ScriptCall::Close),
            _ => None,
        }
    }

    /// What the call came to.
    pub fn came(&mut self, call: ScriptCall, outcome: Outcome, now: Instant) {
        match (call, outcome) {
            (ScriptCall::OpenActive { .. }, Outcome::Done) => self.stage = Stage::Opens,
            // A listener that is there already serves as well.
            (ScriptCall::OpenPassive { .. }, Outcome::Done | Outcome::Exists) => self.stage = Stage::Accepts,
            (ScriptCall::Accept { .. }, Outcome::Done) => self.stage = Stage::Opens,
            (ScriptCall::Accept { .. }, _) => {
                self.stage = Stage::Accepts;
                self.asked = true;
            }
            (ScriptCall::Status, Outcome::InState(state)) if state.is_synchronized() => {
                self.stage = Stage::Talks;
            }
            (ScriptCall::Status, Outcome::Unsupported) => {
                self.stage = Stage::Talks;
                self.blind = true;
            }
            (ScriptCall::Status, Outcome::InState(state)) if state.name() != "CLOSED" => self.asked = true,
            (ScriptCall::Send(_), Outcome::Octets(0) | Outcome::WouldBlock | Outcome::NoResources) => {
                self.full = true;
            }
            // Not open yet, or no more; who reads will be told.
            (ScriptCall::Send(_), Outcome::NoConnection) if self.blind => self.full = true,
            (ScriptCall::Send(offered), Outcome::Octets(taken)) => {
                self.written += taken.min(offered);
                self.full = taken < offered;
                self.next_send = pace(now, self.app.every);
            }
            (ScriptCall::Receive(_), Outcome::Octets(0) | Outcome::WouldBlock) => self.empty = true,
            (ScriptCall::Receive(_), Outcome::Octets(_)) => self.next_receive = pace(now, self.app.pause),
            // Whoever has closed may be unable to read (MAY-1).
            (ScriptCall::Receive(_), Outcome::EndOfStream | Outcome::Closing) => self.ended = true,
            (ScriptCall::ShutdownWrite, Outcome::Done) => self.shut = true,
            (ScriptCall::ShutdownWrite, Outcome::Unsupported) => self.app.ends = Ends::Last,
            (ScriptCall::ShutdownWrite, Outcome::NoConnection) if self.blind => self.app.ends = Ends::Last,
            (ScriptCall::Close, Outcome::Done) => self.closed = true,
            _ => self.stage = Stage::Over,
        }
    }

    /// When it wants to make a call although nothing happens.
    pub fn next(&self) -> Instant {
        if self.stage != Stage::Talks {
            return Instant::NEVER;
        }
        let reads = self.app.reads > 0 && !self.ended && !self.empty;
        let writes = self.written < self.app.writes && !self.shut && !self.full;
        let read = if reads { self.next_receive } else { Instant::NEVER };
        let write = if writes { self.next_send } else { Instant::NEVER };
        read.min(write)
    }
}

/// Between two calls there is a microsecond at least where there is any time at all.
fn pace(now: Instant, span: Duration) -> Instant {
    now + span
}
