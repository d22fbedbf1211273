//! Ctrl-C and SIGTERM end the run at the next cell, and what is known is printed; a second Ctrl-C ends the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// What shells expect of a process that Ctrl-C ended: 128 and the signal's number.
pub const EXIT_CODE: u8 = 130;

static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From here on both are wishes. Where no handler can be set, they end the process as ever.
pub fn listen() {
    // In this order: the first looks at what the second has left of an earlier signal. Only a person presses a key
    // again because it takes too long: `timeout` sends each of its signals twice.
    let _ = flag::register_conditional_shutdown(SIGINT, EXIT_CODE.into(), Arc::clone(&ASKED));
    for signal in [SIGINT, SIGTERM] {
        let _ = flag::register(signal, Arc::clone(&ASKED));
    }
}

/// Whether somebody wants the run to end.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
