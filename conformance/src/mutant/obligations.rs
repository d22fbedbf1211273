//! Mutants of what is owed in time: one each.

use super::Mutant;
use crate::model::{Edit, Habit};
use crate::verdict::Obligation as O;

/// One mutant an obligation.
pub fn obligations() -> Vec<Mutant> {
    let send = "OPEN; call 0 send 5; wait 200s";
    let read =
        "recv_buffer 1000; OPEN; < P. len 1000; call 0 receive 65535; < P. seq RCV.NXT-1 len 1; wait 1s";
    let rest = "OPEN; call 0 close; < .; < F.; wait 60s; < F. seq RCV.NXT-1; wait 1s";
    [
        (O::Retransmit, Edit::TimerNever("RTO"), send),
        (O::Probe, Edit::TimerNever("ZERO-WINDOW-PROBE"), "OPEN_SHUT; call 0 send 5; wait 200s"),
        (O::Progress, Edit::Habit(Habit::HoldsText), send),
        (O::Fin, Edit::Habit(Habit::HoldsFin), "OPEN; call 0 close; wait 200s"),
        (O::WindowUpdate, Edit::Habit(Habit::NoWindowUpdate), read),
        (O::TimeWait, Edit::TimerEarly("TIME-WAIT-TIMEOUT"), rest),
        (O::GiveUp, Edit::TimerNever("USER-TIMEOUT-SYN"), "call 0 connect 8000 peer0:9000; wait 600s"),
        (
            O::UserTimeout,
            Edit::TimerNever("USER-TIMEOUT"),
            "user_timeout 20s; OPEN; call 0 send 5; wait 400s",
        ),
        (O::Silence, Edit::Habit(Habit::SpeaksAfterEnd), "OPEN; < R; wait 2s"),
    ]
    .into_iter()
    .map(|(owed, edit, events)| Mutant {
        events: Some(events),
        ..Mutant::new(owed.name(), "not kept", vec![edit])
    })
    .collect()
}
