//! Text and FIN leave, for the first time or again.

use lastack_core::types::SeqNum;

use super::{Departure, by_acknowledgment, mismatch, newest, own_step, seq_want};
use crate::oracle::context::{Broken, Context};
use crate::oracle::host::Host;
use crate::oracle::step::{Aspects, Mismatch, Step, Want};
use crate::oracle::tcb::Tcb;
use crate::oracle::{NO_STEP_TIME, end};
use crate::table::Level;
use crate::verdict::{AckRelation, Kind, Obligation};

/// The rule that a FIN has the number after the last octet of text.
const FIN_NUMBER: &str = "FIN-FOLLOWS-TEXT";

/// Text or FIN: sent again, or new and allowed to leave.
pub(super) fn text(
    ctx: &Context<'_>,
    host: &mut Host,
    d: &Departure<'_>,
    index: usize,
) -> Result<(), Mismatch> {
    let (seq, end) = (d.segment.header.seq, d.segment.end());
    let tcb = &host.tcbs[index];
    if ctx.setup.keep_alive.is_some() && seq == tcb.nxt.sub(1) && d.segment.len() == 1 {
        if !tcb.in_flight() {
            return Ok(());
        }
        keep_alive_in_flight(ctx, tcb, d)?;
    }
    place(ctx, host, d, index)?;
    let again = seq.is_before(tcb.nxt);
    if again {
        end::goes_on(ctx, tcb)?;
        recut(ctx, host, d, index)?;
    }
    if end.is_after(tcb.nxt) {
        // A FIN alone may go beyond: it fills no buffer.
        if !d.segment.text.is_empty() {
            within_window(ctx, host, index, seq.add(d.segment.text.len() as u32))?;
        }
        late_start(ctx, host, index);
    }
    record(ctx, &mut host.tcbs[index], d, again);
    host.confirm(Aspects::WINDOW);
    Ok(())
}

/// A keep-alive's octet in the place of what waits for its acknowledgment, and not that itself: the peer takes it
/// for text where that was lost.
fn keep_alive_in_flight(ctx: &Context<'_>, tcb: &Tcb, d: &Departure<'_>) -> Result<(), Mismatch> {
    if d.segment.text.is_empty() || d.segment.end().is_at_or_before(tcb.queue_end()) {
        return Ok(());
    }
    let step = own_step(ctx, tcb, "KEEP-ALIVE-IN-FLIGHT", Level::Must, "RFC 9293 3.8.4; MUST-26");
    let want = Want::QueuedText { end: tcb.queue_end() };
    Err(Mismatch { kind: Kind::Stream, want, step, soft: false })
}

/// What is sent again may be cut anew, merged with its neighbours or with new text (RFC 9293 3.7.4, 3.8.6.2):
/// nothing is asked of it, unless the tolerance is off.
fn recut(ctx: &Context<'_>, host: &Host, d: &Departure<'_>, index: usize) -> Result<(), Mismatch> {
    let tcb = &host.tcbs[index];
    let in_one_piece = d.segment.header.seq == tcb.una && d.segment.end() == tcb.nxt;
    if ctx.broken != Broken::RecutText || in_one_piece {
        return Ok(());
    }
    Err(mismatch(ctx, host, Kind::WrongNumber, seq_want(tcb), Aspects::SND))
}

/// Text or FIN beyond SND.NXT: it takes something for acknowledged that was never sent.
pub(super) fn skips(host: &Host, d: &Departure<'_>, index: usize) -> Result<(), Mismatch> {
    let tcb = &host.tcbs[index];
    if d.segment.is_empty() || !tcb.state.is_synchronized() || !d.segment.header.seq.is_after(tcb.nxt) {
        return Ok(());
    }
    let m = newest(host, Kind::SndUna, seq_want(tcb), Aspects::SND);
    Err(by_acknowledgment(host, AckRelation::Above, m))
}

/// Its place in the stream: nothing is skipped, nothing acknowledged comes again, all was queued by the user.
fn place(ctx: &Context<'_>, host: &Host, d: &Departure<'_>, index: usize) -> Result<(), Mismatch> {
    let (seq, end) = (d.segment.header.seq, d.segment.end());
    let fin = d.segment.header.flags.fin();
    let tcb = &host.tcbs[index];
    // A queue of segments sends one again whole although half of it is acknowledged (3.10.7.4 fifth removes
    // only what is acknowledged entirely); a FIN that waits may join the last of them.
    let old_borders = end.is_after(tcb.una)
        && end.sub(u32::from(fin)).is_at_or_before(tcb.nxt)
        && seq.is_at_or_after(tcb.first_octet());
    if tcb.state.is_synchronized() && seq.is_before(tcb.una.sub(1)) && !fin && !old_borders {
        // What is acknowledged is sent again: it does not know of the acknowledgment.
        let m = newest(host, Kind::SndUna, seq_want(tcb), Aspects::SND);
        return Err(by_acknowledgment(host, AckRelation::New, m));
    }
    if seq.is_before(tcb.una.sub(1)) && !old_borders || !tcb.state.is_synchronized() {
        let rule = if fin { FIN_NUMBER } else { "TEXT-NUMBER" };
        let step = own_step(ctx, tcb, rule, Level::Text, "RFC 9293 3.4, 3.10.4");
        let (kind, want) = (Kind::WrongNumber, seq_want(tcb));
        return Err(Mismatch { kind, want, step, soft: false });
    }
    let text_end = seq.add(d.segment.text.len() as u32);
    let early = fin && (text_end != tcb.queue_end() || !tcb.fin_wanted);
    if early && ctx.broken != Broken::FinPlace {
        let step = own_step(ctx, tcb, FIN_NUMBER, Level::Text, "RFC 9293 3.4, 3.6, 3.10.4");
        return Err(Mismatch { kind: Kind::WrongNumber, want: Want::NoFinYet, step, soft: false });
    }
    if text_end.is_after(tcb.queue_end()) && ctx.broken != Broken::QueuedText {
        let want = Want::QueuedText { end: tcb.queue_end() };
        return Err(mismatch(ctx, host, Kind::Stream, want, Aspects::SND));
    }
    Ok(())
}

/// What its leaving changes: SND.NXT, and since when the stack waits.
fn record(ctx: &Context<'_>, tcb: &mut Tcb, d: &Departure<'_>, again: bool) {
    let (seq, end) = (d.segment.header.seq, d.segment.end());
    let fin = d.segment.header.flags.fin();
    let started = !tcb.in_flight();
    if end.is_after(tcb.nxt) {
        tcb.nxt = end;
        tcb.fin_sent |= fin;
    }
    if started && tcb.shut_since.is_none() {
        tcb.unanswered_since = ctx.now;
    }
    if again {
        tcb.resent = true;
    }
    // Only what covers SND.UNA answers for what is unacknowledged; whatever is sent again probes a closed window.
    let probes = again && tcb.wnd == 0;
    if started || probes || seq.is_at_or_before(tcb.una) && tcb.una.is_before(end) {
        tcb.waiting_since = ctx.now;
    }
    tcb.shut_since = tcb.shut_since.map(|_| ctx.now);
    if started {
        tcb.resent = again;
    }
}

/// New text must fit into the peer's window; one octet beyond it is a probe (RFC 9293 3.8.6.1).
fn within_window(ctx: &Context<'_>, host: &mut Host, index: usize, text_end: SeqNum) -> Result<(), Mismatch> {
    let tcb = &host.tcbs[index];
    let edge = tcb.una.add(tcb.wnd);
    let probe = text_end == edge.add(1) || (tcb.usable() == 0 && text_end == tcb.nxt.add(1));
    let probe = probe && ctx.broken != Broken::ProbeOctet;
    if text_end.is_at_or_before(edge) || probe || ctx.broken == Broken::SendWindow {
        return Ok(());
    }
    let want = Want::WithinWindow { edge };
    if text_end.is_at_or_before(tcb.snd_edge) {
        // The window shrank below what it once was: SHLD-15.
        let cite = "RFC 9293 3.8.6; SHLD-15";
        let step = own_step(ctx, tcb, "WINDOW-SHRUNK", Level::Should, cite);
        host.note(Mismatch { kind: Kind::WrongNumber, want, step, soft: true });
        return Ok(());
    }
    let cite = "RFC 9293 3.4, 3.8.6, 3.10.7.4 fifth (SND.WL1, SND.WL2)";
    let step = own_step(ctx, tcb, "SEND-WINDOW", Level::Text, cite);
    Err(Mismatch { kind: Kind::WrongNumber, want, step, soft: false })
}

/// What could have left earlier, and leaves now.
fn late_start(ctx: &Context<'_>, host: &mut Host, index: usize) {
    let tcb = &mut host.tcbs[index];
    let Some(since) = tcb.idle_since.take() else { return };
    if tcb.prompt && ctx.now > since && ctx.broken != Broken::Lateness {
        let step = Step {
            rule: Obligation::Progress.name(),
            cite: Obligation::Progress.cite(),
            state: tcb.state,
            event: ctx.event,
            ..NO_STEP_TIME
        };
        let want = Want::AtOnce;
        host.note(Mismatch { kind: Kind::Obligation, want, step, soft: true });
    }
}
