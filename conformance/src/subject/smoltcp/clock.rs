//! What smoltcp draws the values of its timestamps from: a plain function, so the time lies beside the thread.

use std::cell::Cell;

use lastack_core::types::Instant;

thread_local! {
    static NOW: Cell<Instant> = const { Cell::new(Instant::ZERO) };
}

/// Before a stack is polled, which is when it sends: the time of its driver.
pub fn set(now: Instant) {
    NOW.set(now);
}

/// Virtual milliseconds, modulo 2^32.
pub fn milliseconds() -> u32 {
    (NOW.get().micros() / 1_000) as u32
}
