use lastack_core::types::{Instant, State};

use crate::subject::{Call, Failure, Handle, Outcome, Packets, Polled, Setup, Subject, UserSignal};

/// A stack, and whether it is at work: a panic while it is belongs to it, any other to us.
pub(super) struct Guarded {
    subject: Box<dyn Subject>,
    at_work: bool,
}

impl Guarded {
    pub fn new(subject: Box<dyn Subject>) -> Guarded {
        Guarded { subject, at_work: false }
    }

    /// It was called, and has not come back.
    pub fn is_at_work(&self) -> bool {
        self.at_work
    }

    fn enter<T>(&mut self, call: impl FnOnce(&mut dyn Subject) -> T) -> T {
        self.at_work = true;
        let back = call(&mut *self.subject);
        self.at_work = false;
        back
    }
}

impl Subject for Guarded {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.enter(|subject| subject.reset(setup, seed))
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        self.enter(|subject| subject.call(handle, call, received))
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.enter(|subject| subject.deliver(packet));
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        self.enter(|subject| subject.poll(room, out))
    }

    fn next_timer(&mut self) -> Option<Instant> {
        self.enter(|subject| subject.next_timer())
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.enter(|subject| subject.advance(to))
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        self.enter(|subject| subject.signals(handle, out));
    }

    fn failure(&mut self) -> Option<Failure> {
        self.enter(|subject| subject.failure())
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        self.enter(|subject| subject.state(handle))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::model::Model;
    use crate::subject::Factory as _;

    /// Whose panic it is.
    #[test]
    fn a_stack_that_has_come_back_is_not_at_work() {
        let mut stack = Guarded::new(Model::STANDARD.make());
        assert_eq!(stack.reset(&Setup::default(), 1), Ok(()));
        assert!(!stack.is_at_work(), "ours");
        let inside = AssertUnwindSafe(|| stack.enter(|_| panic!("inside")));
        assert!(catch_unwind(inside).is_err());
        assert!(stack.is_at_work(), "the stack's");
    }
}
