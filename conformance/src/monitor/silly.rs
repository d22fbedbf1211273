//! Silly windows: small segments that a small window asks for, and small windows that are told (RFC 9293
//! 3.8.6.2).
//!
//! The RFC describes what either end shall avoid and recommends numbers for it. Judged is what no reading of them lets
//! through: a quarter where the RFC has half, and only what the arrival or the call of this instant let go.

use lastack_core::types::SeqNum;

use super::{Emission, MonitorId, Report, form};
use crate::ledger::Incarnation;

/// Octets that options may take from a segment's text.
const OPTIONS: u32 = 40;

/// New text up to `end`, which fills the window (RFC 9293 3.8.6.2.1, MUST-38). With more than that waiting it leaves
/// where it is a full segment, half of the largest window, or has waited for the override timeout.
pub(super) fn check_segment(e: &Emission<'_>, now: &Incarnation, end: SeqNum, report: &mut Report<'_>) {
    let w = e.watch;
    // What an earlier user of these sockets submitted is no part of what waits.
    if e.connection.before.is_some() {
        return;
    }
    // A timer has nothing to do with it, nor a transmit queue that was full; and no more than this leaves now.
    if !e.prompted() || w.new_text_at == Some(e.at) || w.edge_sure() != Some(end) {
        return;
    }
    let usable = end.diff(now.snd_nxt()).max(0) as u32;
    let Some(full) = full_segment(e) else { return };
    if usable >= full.saturating_sub(OPTIONS) || usable.saturating_mul(4) >= w.window_max {
        return;
    }
    let sent = end.steps_from(now.iss().add(1));
    let waits = e.users.submitted(&e.connection.tuple).is_some_and(|submitted| submitted > sent);
    if waits && !e.users.lost_text(e.connection) {
        let most = w.window_max;
        report.breach(
            MonitorId::SillySegment,
            format_args!(
                "nothing until {full} octets or half of {most} may leave, or for a tenth of a second"
            ),
            format_args!("{usable} octets of what waits, {}", e.segment),
        );
    }
}

/// The right edge moves to `edge` (RFC 9293 3.8.6.2.2, MUST-39): by half the buffer or a full segment at least, as long
/// as the peer has less than that to send into.
pub(super) fn check_window(e: &Emission<'_>, now: &Incarnation, edge: SeqNum, report: &mut Report<'_>) {
    let Some(largest) = now.stack.edge_max.filter(|_| !now.stack.edge_is_lower_bound) else { return };
    if !e.clockwork.buffer_is_exact {
        return;
    }
    let Some(full) = full_segment(e) else { return };
    let ack = e.segment.header.ack;
    // It took more than it had told room for: the edge had moved before, when nothing could leave.
    if ack.is_after(largest) {
        return;
    }
    let step = (e.setup.recv_buffer / 2).min(full);
    let moved = edge.diff(largest).max(0) as u32;
    let window = edge.diff(ack).max(0) as u32;
    if moved > e.facts.rounding && moved < step / 4 && window < step {
        report.breach(
            MonitorId::SillyWindow,
            format_args!("the right edge at {largest} until it can move by {step} octets"),
            format_args!("moved by {moved} to a window of {window} octets, {}", e.segment),
        );
    }
}

/// The most text that a segment of this connection may hold, in either direction: MSS, default or MTU (RFC 9293 3.7.1).
fn full_segment(e: &Emission<'_>) -> Option<u32> {
    let (headers, default) = form::sizes(&e.segment.header);
    let offer = e.connection.taken_offer().filter(|offer| !offer.mixed)?;
    let own = e.connection.now.as_ref()?.stack.mss;
    let mtu = e.setup.mtu.saturating_sub(headers);
    Some(u32::from(offer.mss.unwrap_or(default).min(own.unwrap_or(mtu)).min(mtu)))
}
