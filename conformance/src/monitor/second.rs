//! Every second full-sized segment is acknowledged (RFC 9293 3.8.6.3, SHLD-19).
//!
//! Only text that no stack has a reason to refuse counts: in order, inside the window, no segment longer
//! than the stack's own MSS, and nothing odd in between.

use core::net::IpAddr;

use lastack_core::types::{Flags, Segment, SeqNum};

use super::{BY_THE_WAY, MonitorId, Report};
use crate::ledger::{Connection, Incarnation, is_sound};

/// Text that arrived in order and is not acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// After its last octet.
    end: SeqNum,
    /// Calls and the like until its first octet.
    stirs: u32,
}

/// The run after this arrival, which `connection` does not know yet.
pub(super) fn follow(
    run: Option<Run>,
    segment: &Segment<'_>,
    connection: &Connection,
    stirs: u32,
) -> Option<Run> {
    if run.is_none() && segment.text.is_empty() {
        return None;
    }
    let now = connection.now.as_ref().filter(|now| now.surely_established)?;
    let h = &segment.header;
    let plain = h.flags.without(BY_THE_WAY) == Flags::ACK && is_sound(segment) && now.acks_in_range(segment);
    let run = run.filter(|run| plain && run.stirs == stirs && now.peer.acked != Some(run.end));
    if segment.text.is_empty() {
        return run;
    }
    let follows = run.is_some_and(|run| run.end == h.seq) || now.surely_takes(segment);
    let inside = now.stack.edge.is_some_and(|edge| segment.end().is_at_or_before(edge));
    let taken = plain && follows && inside && segment.text.len() <= usize::from(mss(connection, now));
    taken.then(|| Run { end: segment.end(), stirs })
}

/// The stack is quiet: nothing more is on its way.
pub(super) fn check(run: &mut Option<Run>, connection: &Connection, report: &mut Report<'_>) {
    let Some((now, end)) = connection.now.as_ref().zip(run.map(|run| run.end)) else { return };
    let Some(acked) = now.peer.acked else { return };
    let (owed, limit) = (end.diff(acked), 2 * i32::from(mss(connection, now).min(i16::MAX as u16)));
    if owed >= limit {
        let want = format_args!("an ACK after {limit} octets, two full-sized segments");
        report.breach(MonitorId::AckEverySecond, want, format_args!("{owed} octets and no ACK"));
        *run = None;
    }
}

/// RMSS: what the stack announced, or the default (MUST-15).
fn mss(connection: &Connection, now: &Incarnation) -> u16 {
    let default = if matches!(connection.tuple.stack.addr, IpAddr::V6(_)) { 1_220 } else { 536 };
    now.stack.mss.unwrap_or(default)
}
