//! What the same sockets went through before the script begins.

use lastack_core::types::Flags;

use super::Change;
use crate::scenario::build::*;
use crate::scenario::{Event, STACK_PORT, ScriptCall};
use crate::subject::{Handle, ListenerKind};

/// The events before the script; none where the change is about something else.
pub(super) fn prelude(change: Change, listener: ListenerKind) -> Vec<Event> {
    match change {
        Change::AfterReset => reset_to_listen(),
        Change::AfterClose => closed(listener),
        Change::AfterRefusal => refused(),
        Change::AfterOtherOptions => other_options(listener),
        _ => Vec::new(),
    }
}

/// A SYN, a RST, and the listener is closed.
fn reset_to_listen() -> Vec<Event> {
    vec![
        call(0, listen(STACK_PORT)),
        syn().mss(900).scale(3).event(),
        seg(Flags::RST).event(),
        call(0, ScriptCall::Close),
    ]
}

/// The peer closes first, so that no TIME-WAIT is left.
fn closed(listener: ListenerKind) -> Vec<Event> {
    let (mut events, handle) = established(listener, syn().mss(1_460).event());
    events.extend([
        seg(Flags::PSH | Flags::ACK).text(9).event(),
        call(handle, receive(100)),
        call(handle, send(7)),
        ack().event(),
        seg(Flags::FIN | Flags::ACK).event(),
        call(handle, ScriptCall::Close),
        ack().event(),
    ]);
    events
}

/// A refused active OPEN.
fn refused() -> Vec<Event> {
    vec![call(0, connect(STACK_PORT)), seg(Flags::RST | Flags::ACK).seq(literal(0)).event()]
}

/// Window scale, a small MSS, unread and unacknowledged text, a closed window; then ABORT.
fn other_options(listener: ListenerKind) -> Vec<Event> {
    let (mut events, handle) = established(listener, syn().mss(300).scale(7).event());
    events.extend([
        seg(Flags::PSH | Flags::ACK).text(20).event(),
        call(handle, send(1_000)),
        wait_millis(3_500),
        ack().window(0).event(),
        call(handle, ScriptCall::Abort),
    ]);
    events
}

/// A connection by a passive OPEN, and nobody listening any more.
fn established(listener: ListenerKind, syn: Event) -> (Vec<Event>, Handle) {
    let open = [call(0, listen(STACK_PORT)), syn, ack().event()];
    match listener {
        ListenerKind::BecomesConnection => (open.to_vec(), 0),
        ListenerKind::Forks { .. } => {
            let accepted = [call(0, accept(1)), call(0, ScriptCall::Close)];
            (open.into_iter().chain(accepted).collect(), 1)
        }
    }
}
