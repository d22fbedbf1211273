//! A segment leaves the stack: which readings could have sent it?

use lastack_core::types::{Endpoint, Segment, SeqNum, State};

use super::arrive::buffer_edge;
use super::end;
use super::host::{Aspects, Broken, Context, End, Host, Mismatch, Owed, Step, Want};
use super::tcb::Tcb;
use crate::subject::stack_addr;
use crate::table::Level;
use crate::verdict::{Kind, Obligation};

/// A segment of the stack, and what its options say.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// The segment.
    pub segment: &'a Segment<'a>,
    /// MSS option.
    pub mss: Option<u16>,
    /// Window scale option.
    pub scale: Option<u8>,
}

impl Departure<'_> {
    fn remote(&self) -> Endpoint {
        self.segment.header.dst
    }
    fn port(&self) -> u16 {
        self.segment.header.src.port
    }
}

/// Makes `host` the reading after it sent the segment, or says why it cannot have sent it.
///
/// # Errors
/// The most telling reason why this reading does not send that segment now.
pub fn depart(ctx: &Context<'_>, host: &mut Host, d: &Departure<'_>) -> Result<(), Mismatch> {
    let flags = d.segment.header.flags;
    // From another address than its own it is no segment of a connection.
    let own = d.segment.header.src.addr == stack_addr(ctx.setup.ip);
    let found = host.connection(d.port(), d.remote()).filter(|_| own);
    if flags.rst() {
        return reset(ctx, host, d, found);
    }
    let Some(index) = found else {
        return unexpected(ctx, host, d, Want::Silence);
    };
    if flags.syn() {
        return syn(ctx, host, d, index);
    }
    if !flags.ack() {
        return Err(mismatch(ctx, host, Kind::WrongReply, Want::AckBit, Aspects::NONE));
    }
    let state = host.tcbs[index].state;
    if state == State::SynSent || host.tcbs[index].irs.is_none() {
        return Err(mismatch(
            ctx,
            host,
            Kind::WrongReply,
            Want::Flags(lastack_core::types::Flags::SYN),
            Aspects::STATE,
        ));
    }
    let sum_before = discharged(host, d);
    acknowledge(ctx, host, d, index)?;
    if d.segment.is_empty() {
        empty(ctx, host, d, index, sum_before)?;
    } else {
        text(ctx, host, d, index)?;
    }
    host.confirm_before(ctx.event, Aspects::SND.with(Aspects::WINDOW));
    if is_stale_copy(&host.tcbs[index], d) {
        return Ok(());
    }
    advertise(ctx, host, d, index)
}

/// The rule that a FIN has the number after the last octet of text.
const FIN_NUMBER: &str = "FIN-FOLLOWS-TEXT";

/// The step of a difference that shows in what is sent, whatever made it be sent.
fn own_step(ctx: &Context<'_>, tcb: &Tcb, rule: &'static str, level: Level, cite: &'static str) -> Step {
    Step { rule, level, cite, state: tcb.state, event: ctx.event, ..super::NO_STEP_TIME }
}

/// The step a segment without a debt is charged to: the newest rule.
fn mismatch(ctx: &Context<'_>, host: &Host, kind: Kind, want: Want, aspects: Aspects) -> Mismatch {
    let step = host.suspect(ctx.event, aspects).unwrap_or(super::NO_STEP);
    Mismatch { kind, want, step, soft: false }
}

/// A number that older rules have shown already: the newest rule that changed it is the one to charge.
fn newest(host: &Host, kind: Kind, want: Want, aspects: Aspects) -> Mismatch {
    let step = host.newest(aspects).unwrap_or(super::NO_STEP);
    // To hold text or not is a SHOULD; to acknowledge what was not received is not.
    let level = if kind == Kind::RcvNxt { step.level.max(Level::Text) } else { step.level };
    let step = Step { level, ..step };
    Mismatch { kind, want, step, soft: false }
}

/// Nothing asked for this segment, on a pair of sockets where there is no connection.
fn unexpected(ctx: &Context<'_>, host: &mut Host, d: &Departure<'_>, want: Want) -> Result<(), Mismatch> {
    if ctx.broken == Broken::ExtraReplies {
        return Ok(());
    }
    if let Some(m) = end::speaks_after(ctx, host, d.segment.header.flags) {
        let off =
            Obligation::ALL.iter().any(|o| ctx.broken == Broken::Obligation(*o) && o.name() == m.step.rule);
        return if off { Ok(()) } else { Err(m) };
    }
    let debt = host.debts.iter().find(|x| x.port == d.port() && x.remote == d.remote() && !x.optional);
    let m = match debt {
        Some(debt) => Mismatch {
            kind: Kind::WrongReply,
            want: Want::Owed(debt.owed, None, None),
            step: debt.step,
            soft: false,
        },
        // A connection's own segment where there should be no connection: it shows another state.
        None if !d.segment.header.flags.rst()
            && (!d.segment.is_empty() || host.path.last().is_some_and(|s| s.event != ctx.event)) =>
        {
            mismatch(ctx, host, Kind::WrongState, want, Aspects::STATE)
        }
        None => mismatch(ctx, host, Kind::ExtraReply, want, Aspects::NONE),
    };
    Err(m)
}

/// A RST: owed, or the remark-only RST of a stack that gives up.
fn reset(
    ctx: &Context<'_>,
    host: &mut Host,
    d: &Departure<'_>,
    found: Option<usize>,
) -> Result<(), Mismatch> {
    let h = &d.segment.header;
    let to_us = |port: u16, remote: Endpoint| port == d.port() && remote == d.remote();
    let fits = |owed: &Owed| match owed {
        Owed::Rst { seq, ack, other_seq, free } => {
            let ack_fits = match ack {
                Some(ack) => h.flags.ack() && h.ack == *ack,
                None => !h.flags.ack(),
            };
            ctx.broken == Broken::RstFields
                || ((h.seq == *seq || *other_seq == Some(h.seq)) && ack_fits)
                || (*free && found_fits(h.seq, *seq, *other_seq))
        }
        _ => false,
    };
    if let Some(at) = host.debts.iter().position(|x| to_us(x.port, x.remote) && fits(&x.owed)) {
        host.debts.remove(at);
        end::confirm_over(host);
        return Ok(());
    }
    if let Some(m) = found.and_then(|index| end::too_early(ctx, &host.tcbs[index])) {
        return Err(m);
    }
    let owed = host.debts.iter().find(|x| to_us(x.port, x.remote) && !x.optional);
    if let Some(debt) = owed {
        let kind = if matches!(debt.owed, Owed::Rst { .. }) { Kind::WrongNumber } else { Kind::WrongReply };
        return Err(Mismatch { kind, want: Want::Owed(debt.owed, None, None), step: debt.step, soft: false });
    }
    let Some(index) = found else {
        return unexpected(ctx, host, d, Want::Silence);
    };
    let tcb = &host.tcbs[index];
    let timed_out = tcb.may_have_given_up(ctx.now, super::time::patience(ctx));
    if timed_out {
        let step = Step { rule: "USER-TIMEOUT", cite: "RFC 9293 3.10.8", ..super::NO_STEP_TIME };
        host.note(Mismatch { kind: Kind::ExtraReply, want: Want::NoRst, step, soft: true });
        host.remove(index, End::TimedOut);
        return Ok(());
    }
    if ctx.broken == Broken::ExtraReplies {
        return Ok(());
    }
    let tcb = &host.tcbs[index];
    let unasked = host.path.last().is_none_or(|s| s.event != ctx.event);
    if ctx.setup.user_timeout.is_some() && unasked {
        // Nothing waits for an answer, and the connection is aborted all the same.
        let o = Obligation::UserTimeout;
        let step = own_step(ctx, tcb, o.name(), Level::Text, o.cite());
        return Err(Mismatch { kind: Kind::Obligation, want: Want::NoRst, step, soft: false });
    }
    Err(mismatch(ctx, host, Kind::ExtraReply, Want::NoRst, Aspects::NONE))
}

/// A RST whose fields the text leaves open: SEQ must still be a number of the connection.
fn found_fits(seq: SeqNum, owed: SeqNum, other: Option<SeqNum>) -> bool {
    seq == owed || other == Some(seq) || owed.value() == 0 || seq.diff(owed).unsigned_abs() < 1 << 17
}

/// SYN, and SYN,ACK.
fn syn(ctx: &Context<'_>, host: &mut Host, d: &Departure<'_>, index: usize) -> Result<(), Mismatch> {
    let h = &d.segment.header;
    let tcb = &host.tcbs[index];
    let wanted = match tcb.state {
        State::SynSent => Owed::Syn,
        State::SynReceived => Owed::SynAck,
        // CLOSE before the handshake was over: the SYN,ACK stays on the retransmission queue.
        State::FinWait1 if tcb.iss.is_none_or(|iss| iss == tcb.una) => Owed::SynAck,
        _ => return Err(mismatch(ctx, host, Kind::WrongReply, Want::Silence, Aspects::STATE)),
    };
    if h.flags.ack() != (wanted == Owed::SynAck) || h.flags.fin() {
        return Err(mismatch(ctx, host, Kind::WrongReply, Want::Owed(wanted, tcb.iss, None), Aspects::STATE));
    }
    if let Some(iss) = tcb.iss.filter(|iss| *iss != h.seq) {
        return Err(mismatch(
            ctx,
            host,
            Kind::WrongNumber,
            Want::SeqNumber { una: iss, nxt: iss },
            Aspects::NONE,
        ));
    }
    if wanted == Owed::SynAck && h.ack != tcb.rcv_nxt && ctx.broken != Broken::AckNumbers {
        let want = Want::AckNumber { from: tcb.rcv_nxt, to: tcb.rcv_nxt };
        return Err(mismatch(ctx, host, Kind::WrongNumber, want, Aspects::NONE));
    }
    let first = tcb.iss.is_none();
    if !first {
        end::goes_on(ctx, tcb)?;
    }
    let tcb = &mut host.tcbs[index];
    if first {
        tcb.iss = Some(h.seq);
        tcb.una = h.seq;
        tcb.nxt = h.seq.add(1);
        tcb.unanswered_since = ctx.now;
    }
    tcb.resent |= !first;
    tcb.waiting_since = ctx.now;
    tcb.own_scale = d.scale;
    tcb.edge_known = true;
    let edge = u32::from(h.window);
    if wanted == Owed::SynAck {
        tcb.edge_now = h.ack.add(edge);
        tcb.edge_max = if first { tcb.edge_now } else { tcb.edge_max.max(tcb.edge_now) };
    } else {
        tcb.edge_now = SeqNum::new(edge);
        tcb.edge_max = tcb.edge_now;
    }
    let (port, remote) = (d.port(), d.remote());
    // A SYN,ACK acknowledges; so it also answers what only wanted an ACK.
    host.debts.retain(|x| x.port != port || x.remote != remote || matches!(x.owed, Owed::Rst { .. }));
    Ok(())
}

/// How many debts an ACK of this connection would discharge.
fn discharged(host: &Host, d: &Departure<'_>) -> usize {
    let ack = |x: &&super::host::Debt| matches!(x.owed, Owed::Ack | Owed::Challenge | Owed::SynAck);
    host.debts.iter().filter(|x| x.port == d.port() && x.remote == d.remote()).filter(ack).count()
}

/// The acknowledgment field: RCV.NXT, or a number on the way to it within one instant.
fn acknowledge(ctx: &Context<'_>, host: &mut Host, d: &Departure<'_>, index: usize) -> Result<(), Mismatch> {
    let ack = d.segment.header.ack;
    let (port, remote) = (d.port(), d.remote());
    let tcb = &host.tcbs[index];
    if is_stale_copy(tcb, d) {
        // An identical retransmission (MAY-4) carries the ACK of its first time.
        let step = own_step(ctx, tcb, "ACK-IS-CURRENT", Level::Text, "RFC 9293 3.8.1, 3.10.8; MAY-4");
        let want = Want::AckNumber { from: tcb.rcv_settled, to: tcb.rcv_nxt };
        host.note(Mismatch { kind: Kind::WrongNumber, want, step, soft: true });
        return Ok(());
    }
    if ack != tcb.rcv_nxt && ctx.broken != Broken::AckNumbers {
        let on_the_way = ack.is_at_or_after(tcb.rcv_settled) && ack.is_before(tcb.rcv_nxt);
        if !on_the_way {
            let want = Want::AckNumber { from: tcb.rcv_settled, to: tcb.rcv_nxt };
            return Err(newest(host, Kind::RcvNxt, want, Aspects::RCV));
        }
        return Ok(());
    }
    // A SYN,ACK that is owed needs its SYN; everything else that wants an ACK has it now.
    let waits = |x: &super::host::Debt| match x.owed {
        Owed::Ack | Owed::Challenge => ctx.broken == Broken::AnySegmentAcks && !d.segment.is_empty(),
        Owed::Syn | Owed::SynAck | Owed::Rst { .. } => true,
    };
    let (mut challenged, mut discharged) = (false, false);
    let mut late = None;
    host.debts.retain(|x| {
        let another = discharged && ctx.broken == Broken::Coalescing;
        let keep = x.port != port || x.remote != remote || waits(x) || another;
        if !keep {
            challenged |= x.owed == Owed::Challenge || is_challenged(&x.step);
            discharged = true;
            if x.late {
                late = late.or(Some(*x));
            }
        }
        keep
    });
    if let Some(debt) = late.filter(|_| ctx.broken != Broken::Lateness) {
        let m = Mismatch { kind: Kind::MissingReply, want: Want::AtOnce, step: debt.step, soft: true };
        host.note(m);
    }
    let last = host.path.last().filter(|s| !discharged && s.event == ctx.event);
    if challenged || last.is_some_and(is_challenged) {
        host.challenged = Some(ctx.now);
    }
    host.confirm(Aspects::RCV);
    let tcb = &mut host.tcbs[index];
    tcb.rcv_settled = tcb.rcv_nxt;
    Ok(())
}

/// An ACK in answer to this is a challenge ACK, or counts as one with its sender (RFC 5961 3.2, 4.2, 5.2, 7).
/// An ACK of text or FIN, old or new, does not.
fn is_challenged(step: &Step) -> bool {
    use crate::verdict::{AckRelation, Trigger};
    if step.state == State::SynSent {
        // The ACK that ends the handshake.
        return false;
    }
    matches!(step.trigger, Trigger::Syn | Trigger::SynAck | Trigger::Rst)
        || step.relation == AckRelation::Above
}

/// Text or FIN that is sent again with an acknowledgment that was right before.
fn is_stale_copy(tcb: &Tcb, d: &Departure<'_>) -> bool {
    let h = &d.segment.header;
    let known = tcb.irs.is_some_and(|irs| h.ack.is_after(irs)) && h.ack.is_before(tcb.rcv_settled);
    known && !d.segment.is_empty() && d.segment.end().is_at_or_before(tcb.nxt)
}

/// An empty ACK: where its SEQ may be, and whether anything wanted it.
fn empty(
    ctx: &Context<'_>,
    host: &mut Host,
    d: &Departure<'_>,
    index: usize,
    debts_before: usize,
) -> Result<(), Mismatch> {
    let seq = d.segment.header.seq;
    let tcb = &host.tcbs[index];
    if seq != tcb.nxt && ctx.broken != Broken::SeqNumbers {
        let keep_alive = ctx.setup.keep_alive.is_some() && seq == tcb.nxt.sub(1);
        let probe = tcb.wnd == 0 && (seq == tcb.una.sub(1) || seq == tcb.nxt.sub(1));
        let rewound = seq.is_at_or_after(tcb.una) && seq.is_before(tcb.nxt);
        let unsent_fin = seq == tcb.nxt.add(1) && tcb.fin_wanted && !tcb.fin_sent;
        let resent = tcb.resent && ctx.broken != Broken::ResentAcks;
        if seq == tcb.una && resent || keep_alive || probe {
            // Right: what was sent again starts at SND.UNA, a probe at the octet before.
        } else if rewound {
            let cite = "RFC 9293 3.10.7.4 first";
            let step = own_step(ctx, tcb, "ACK-CARRIES-SND-NXT", Level::Text, cite);
            let want = seq_want(tcb);
            host.note(Mismatch { kind: Kind::WrongNumber, want, step, soft: true });
        } else {
            let aspects = if unsent_fin { Aspects::STATE } else { Aspects::SND };
            return Err(mismatch(ctx, host, Kind::WrongNumber, seq_want(tcb), aspects));
        }
        if probe || keep_alive {
            let tcb = &mut host.tcbs[index];
            tcb.waiting_since = ctx.now;
            if probe {
                tcb.shut_since = tcb.shut_since.map(|_| ctx.now);
            }
        }
    }
    let last = host.path.last().copied();
    let after_rst = last.is_some_and(|s| s.event == ctx.event && s.trigger == crate::verdict::Trigger::Rst);
    if debts_before == 0 && after_rst && ctx.broken != Broken::Superfluous {
        let m = Mismatch {
            kind: Kind::Superfluous,
            want: Want::Silence,
            step: last.unwrap_or(super::NO_STEP),
            soft: false,
        };
        if m.step.level == Level::Must {
            return Err(m);
        }
        host.note(m);
    }
    Ok(())
}

fn seq_want(tcb: &Tcb) -> Want {
    Want::SeqNumber { una: if tcb.resent { tcb.una } else { tcb.nxt }, nxt: tcb.nxt }
}

/// Text or FIN: sent again, or new and allowed to leave.
fn text(ctx: &Context<'_>, host: &mut Host, d: &Departure<'_>, index: usize) -> Result<(), Mismatch> {
    let (seq, end) = (d.segment.header.seq, d.segment.end());
    let fin = d.segment.header.flags.fin();
    let tcb = &host.tcbs[index];
    if ctx.setup.keep_alive.is_some() && seq == tcb.nxt.sub(1) && d.segment.len() == 1 && !tcb.in_flight() {
        return Ok(());
    }
    if tcb.state.is_synchronized() && seq.is_after(tcb.nxt) {
        // Octets are skipped: it takes something for acknowledged that was never sent.
        let m = newest(host, Kind::SndUna, seq_want(tcb), Aspects::SND);
        let cause = host.path.iter().rev().find(|s| s.relation == crate::verdict::AckRelation::Above);
        return Err(Mismatch { step: cause.copied().unwrap_or(m.step), ..m });
    }
    // A queue of segments sends one again whole although half of it is acknowledged (3.10.7.4 fifth removes
    // only what is acknowledged entirely).
    let old_borders = end.is_after(tcb.una) && end.is_at_or_before(tcb.nxt) && seq.is_at_or_after(tcb.first_octet());
    if tcb.state.is_synchronized() && seq.is_before(tcb.una.sub(1)) && !fin && !old_borders {
        // What is acknowledged is sent again: it does not know of the acknowledgment.
        return Err(newest(host, Kind::SndUna, seq_want(tcb), Aspects::SND));
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
    let again = seq.is_before(tcb.nxt);
    if again {
        end::goes_on(ctx, tcb)?;
    }
    if end.is_after(tcb.nxt) {
        // A FIN alone may go beyond: it fills no buffer.
        if !d.segment.text.is_empty() {
            within_window(ctx, host, index, text_end)?;
        }
        late_start(ctx, host, index);
    }
    let tcb = &mut host.tcbs[index];
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
    // Only what covers SND.UNA answers for what is unacknowledged.
    if started || seq.is_at_or_before(tcb.una) && tcb.una.is_before(end) {
        tcb.waiting_since = ctx.now;
    }
    tcb.shut_since = tcb.shut_since.map(|_| ctx.now);
    if started {
        tcb.resent = again;
    }
    host.confirm(Aspects::WINDOW);
    Ok(())
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
            ..super::NO_STEP_TIME
        };
        let want = Want::AtOnce;
        host.note(Mismatch { kind: Kind::Obligation, want, step, soft: true });
    }
}

/// The window field: the right edge, and what a reader that freed space owes.
fn advertise(ctx: &Context<'_>, host: &mut Host, d: &Departure<'_>, index: usize) -> Result<(), Mismatch> {
    let (field, ack) = (d.segment.header.window, d.segment.header.ack);
    let tcb = &host.tcbs[index];
    let wnd = tcb.own_window(field, false);
    let edge = ack.add(wnd);
    if wnd == 0 && ack == tcb.rcv_nxt && ctx.capabilities.exact_recv_buffer && !tcb.fin_taken {
        let free = buffer_edge(ctx, tcb).diff(tcb.rcv_nxt).max(0) as u32;
        // RFC 9293 3.8.6.2.2: an update is due when min(half the buffer, one segment) is free.
        let mss = u32::from(ctx.setup.mtu).saturating_sub(40);
        let useful = (ctx.setup.recv_buffer / 2).min(mss).max(1);
        let checked = ctx.broken != Broken::Obligation(Obligation::WindowUpdate);
        let rounding = if tcb.scaled() { 1u32 << tcb.own_scale.unwrap_or(0).min(14) } else { 1 };
        if checked && free >= useful.max(rounding) && tcb.held.is_empty() {
            let step = Step {
                rule: Obligation::WindowUpdate.name(),
                level: Level::Must,
                cite: Obligation::WindowUpdate.cite(),
                state: tcb.state,
                event: ctx.event,
                ..super::NO_STEP_TIME
            };
            let want = Want::OpenWindow { at_least: useful };
            return Err(Mismatch { kind: Kind::Obligation, want, step, soft: false });
        }
    }
    let tcb = &mut host.tcbs[index];
    tcb.read_then = tcb.read;
    tcb.edge_now = edge;
    tcb.edge_max = if tcb.edge_known { tcb.edge_max.max(edge) } else { edge };
    tcb.edge_known = true;
    Ok(())
}
