//! Ctrl-C: the first ends the run at the next cell and prints what is known, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

/// What shells expect of a process that Ctrl-C ended: 128 and the signal's number.
pub const EXIT_CODE: u8 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C is a wish. Where no handler can be set, it ends the process as ever.
pub fn listen() {
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(EXIT_CODE));
        }
    });
}

/// Whether somebody pressed Ctrl-C.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
