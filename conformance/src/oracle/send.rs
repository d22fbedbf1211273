//! A segment leaves the stack: which readings could have sent it?

mod ack;
mod reset;
mod syn;
mod text;

use lastack_core::types::{Endpoint, Flags, Segment, State};

use super::context::{Broken, Context};
use super::debt::{Debt, Owed};
use super::end;
use super::host::Host;
use super::step::{Aspects, Mismatch, Step, Want};
use super::tcb::Tcb;
use crate::subject::stack_addr;
use crate::table::Level;
use crate::verdict::{AckRelation, Kind, Obligation, Trigger};
use ack::{acknowledge, advertise, discharged, empty, is_stale_copy};
use reset::reset;
use syn::syn;
use text::{skips, text};

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
        return Err(mismatch(ctx, host, Kind::WrongReply, Want::Flags(Flags::SYN), Aspects::STATE));
    }
    let sum_before = discharged(host, d);
    // An older mistake shows first: who skips octets has long taken them for acknowledged.
    skips(host, d, index)?;
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

/// The newest step with such an acknowledgment: where SND.UNA is the question, later segments say nothing.
fn by_acknowledgment(host: &Host, relation: AckRelation, otherwise: Mismatch) -> Mismatch {
    let last = host.path.iter().rev().find(|s| s.relation == relation);
    // Of that segment's rules the one that looks at the field.
    let looks = |s: &&Step| last.is_some_and(|last| last.event == s.event) && s.rule.contains("ACK");
    let cause = host.path.iter().find(looks).or(last);
    Mismatch { step: cause.copied().unwrap_or(otherwise.step), ..otherwise }
}

/// Nothing asked for this segment, on a pair of sockets where there is no connection.
fn unexpected(ctx: &Context<'_>, host: &mut Host, d: &Departure<'_>, want: Want) -> Result<(), Mismatch> {
    if ctx.broken == Broken::ExtraReplies {
        return Ok(());
    }
    let flags = d.segment.header.flags;
    let ended = |x: &Debt| matches!(x.step.trigger, Trigger::Abort | Trigger::Close) && x.since == ctx.now;
    let resets = |x: &Debt| matches!(x.owed, Owed::Rst { .. }) && ended(x);
    let to_peer = |x: &&Debt| x.port == d.port() && x.remote == d.remote() && resets(x);
    if let Some(debt) = host.debts.iter().find(to_peer).copied()
        && d.segment.is_empty()
        && flags.ack()
        && !flags.rst()
    {
        // The user has ended it: an ACK that waited goes out in the same breath, before the RST.
        let want = Want::Owed(debt.owed, None, None);
        host.note(Mismatch { kind: Kind::Superfluous, want, step: debt.step, soft: true });
        return Ok(());
    }
    let answer = |x: &Debt| x.optional && x.owed == Owed::Ack && x.port == d.port() && x.remote == d.remote();
    if d.segment.is_empty()
        && flags.ack()
        && !flags.rst()
        && let Some(at) = host.debts.iter().position(answer)
    {
        // The segment that ended the connection may be answered all the same, by what it failed before.
        host.debts.remove(at);
        return Ok(());
    }
    if flags.rst() && ctx.timeouts.least.is_some() && host.path.last().is_none_or(|s| s.event != ctx.event) {
        // Only the user timeout can have ended it now.
        let step = Step { rule: "USER-TIMEOUT", cite: "RFC 9293 3.10.8", ..super::NO_STEP_TIME };
        host.note(Mismatch { kind: Kind::ExtraReply, want: Want::NoRst, step, soft: true });
        return Ok(());
    }
    if let Some(m) = end::speaks_after(ctx, host, flags) {
        let off =
            Obligation::ALL.iter().any(|o| ctx.broken == Broken::Obligation(*o) && o.name() == m.step.rule);
        return if off { Ok(()) } else { Err(m) };
    }
    // What just came and asks for nothing is answered here, rather than what waits for its ACK.
    let last = host.path.last().filter(|s| s.event == ctx.event && d.segment.header.flags.rst());
    let asked = |step: &Step| last.is_none_or(|last| last.event == step.event);
    let ours = |x: &&Debt| x.port == d.port() && x.remote == d.remote() && !x.optional && asked(&x.step);
    let debt = host.debts.iter().find(ours);
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

fn seq_want(tcb: &Tcb) -> Want {
    Want::SeqNumber { una: if tcb.resent { tcb.una } else { tcb.nxt }, nxt: tcb.nxt }
}
