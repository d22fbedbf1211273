//! The reference, right in another way: something of its configuration is changed, within the RFC, and it may keep
//! to itself what it does. A judge that accuses it is wrong.

use lastack_core::Host;
use lastack_core::config::{Config, Listening};
use lastack_core::types::{Instant, State};

use super::{Reference, Stack};
use crate::subject::{
    Call, Description, Factory, Handle, ListenerKind, Outcome, Packets, Polled, Setup, Subject, UserSignal,
};
use crate::table::Profile;

/// What a stack says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Says {
    /// All that it was before the change, so only for changes that no profile tells.
    AsBefore,
    /// Nothing of its profile.
    NoProfile,
    /// Nothing of its profile; it cannot be asked for a state, tells the user nothing unasked, and its errors have
    /// no names.
    Nothing,
    /// And it cannot be set up as scripts like it: its own ISS, a buffer of about the size asked for, no user
    /// timeout. Some adapters are like that.
    Least,
}

impl Says {
    const fn hides(self) -> bool {
        matches!(self, Says::Nothing | Says::Least)
    }
}

/// The reference with a change.
#[derive(Clone, Copy, Debug)]
pub struct Tuned {
    /// Its name in reports.
    pub name: &'static str,
    /// What is changed.
    pub base: Reference,
    /// The change; the set-up of a scenario stands in it already.
    pub tune: fn(&mut Config),
    /// What it says of itself.
    pub says: Says,
}

impl Tuned {
    fn config(&self, setup: &Setup, seed: u64) -> Config {
        let mut config = self.base.config(setup, seed);
        if self.says == Says::Least {
            config.first_isn = None;
            config.recv_buffer = config.recv_buffer.max(536);
        }
        (self.tune)(&mut config);
        config
    }
}

impl Factory for Tuned {
    fn describe(&self) -> Description {
        let mut description = self.base.describe();
        self.name.clone_into(&mut description.name);
        if self.says != Says::AsBefore {
            description.profile = Profile::UNDECLARED;
        }
        let capabilities = &mut description.capabilities;
        capabilities.names_errors = !self.says.hides();
        if self.says == Says::Least {
            capabilities.iss = false;
            capabilities.exact_recv_buffer = false;
            capabilities.zero_recv_buffer = false;
            capabilities.user_timeout = false;
            capabilities.many = false;
        }
        if let Listening::Forks { syn_queue, accept_queue } = self.config(&Setup::default(), 0).listening {
            capabilities.listener = ListenerKind::Forks { backlog: syn_queue.min(accept_queue) };
        }
        description
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(TunedStack { tuned: *self, stack: self.base.stack(&Setup::default(), 0) })
    }
}

struct TunedStack {
    tuned: Tuned,
    stack: Stack,
}

impl Subject for TunedStack {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.stack.reset(setup, seed)?;
        self.stack.host = Host::new(self.tuned.config(setup, seed));
        Ok(())
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        if self.tuned.says.hides() && matches!(call, Call::Status) {
            return Outcome::Unsupported;
        }
        self.stack.call(handle, call, received)
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.stack.deliver(packet);
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        self.stack.poll(room, out)
    }

    fn next_timer(&mut self) -> Option<Instant> {
        self.stack.next_timer()
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.stack.advance(to)
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        if !self.tuned.says.hides() {
            self.stack.signals(handle, out);
        }
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        if self.tuned.says.hides() { None } else { self.stack.state(handle) }
    }
}
