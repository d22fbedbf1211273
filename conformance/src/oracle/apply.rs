//! Executes fired rows on one reading of the stack: effects on the variables, replies as debts.

mod held;
mod owe;
mod reopen;
mod syn;
mod text;
mod window;

use arrayvec::ArrayVec;
use lastack_core::types::{Duration, SeqNum, State};

pub use held::{adopt, furthest};
use owe::is_outside;
pub use owe::{owe_ack, owe_reset};
pub use reopen::{reopen, return_to_time_wait};
pub use syn::default_mss;

use super::arrive::{Arrival, Reading};
use super::context::Context;
use super::host::{End, Host, Successors};
use super::step::{Aspects, Cost, Step};
use super::tcb::{ENDS_MAX, Origin, Tcb};
use crate::subject::ListenerKind;
use crate::table::walk::Walk;
use crate::table::{Effect, Flow, Level, Licence, LicenceKind, Next, Protection, Rule, Switch, rule};
use held::{contradiction, release_held};

/// Whom the segment is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// No connection and no listener.
    Nobody,
    /// The connection or listener at this index.
    Tcb(usize),
}

impl Target {
    /// The connection or listener.
    pub fn tcb(self, host: &Host) -> Option<&Tcb> {
        match self {
            Target::Nobody => None,
            Target::Tcb(index) => host.tcbs.get(index),
        }
    }
}

/// How a licensed second outcome differs from the literal one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overrides {
    /// Replies may be left out.
    pub optional: bool,
    /// An ACK is owed besides.
    pub add_ack: bool,
    /// Text and FIN are not taken.
    pub no_text: bool,
    /// A FIN after the FIN does not move RCV.NXT.
    pub second_fin_stays: bool,
}

impl Overrides {
    /// The literal outcome.
    pub const NONE: Overrides =
        Overrides { optional: false, add_ack: false, no_text: false, second_fin_stays: false };
}

/// An ACK of text may wait so long (RFC 9293 3.8.6.3, MUST-40).
pub const ACK_DELAY: Duration = Duration::from_millis(500);

/// Adds to `out` the host after the walk, and its variants where held text may be there or not.
pub fn apply(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    walked: &Walk,
    reading: &Reading,
    a: &Arrival<'_>,
    base: Step,
    cost: Cost,
    o: Overrides,
    out: &mut Successors,
) {
    let mut next = out.copy(host);
    next.concede(cost);
    let mut run = Run {
        ctx,
        host: &mut next,
        target,
        reading,
        a,
        base,
        o,
        taken: false,
        contradictions: ArrayVec::new(),
        listens_again: None,
        floor: None,
    };
    for id in &walked.fired {
        run.fire(rule(*id));
    }
    if o.add_ack {
        let last = run.host.path.last().copied().unwrap_or(base);
        let step = if base.rule.is_empty() { last } else { base };
        let step = Step { licensed: true, ..step };
        // Who is gone answers nobody.
        let optional = o.optional || run.target.tcb(run.host).is_none();
        owe_ack(ctx, run.host, a, step, optional, is_outside(reading.class.seq));
    }
    let (target, taken, contradictions) = (run.target, run.taken, run.contradictions);
    let listens_again = run.listens_again;
    rest_anew(ctx, host, &mut next, target, a);
    settle_state(&mut next, target);
    if let Some(closed_first) = closes_first(host, &next, target, out) {
        out.push(closed_first);
    }
    // The literal outcome stands first, before its variants.
    let first = out.len();
    if let Some(index) = listens_again {
        // Another one listens there already: that may do.
        let mut merged = out.copy(&next);
        merged.concede(Cost::Allowed);
        merged.tcbs.remove(index);
        out.push(merged);
    }
    if let Target::Tcb(index) = target {
        contradictions.iter().for_each(|end| contradiction(&next, index, *end, host, out));
    }
    if let Target::Tcb(index) = target
        && taken
    {
        release_held(ctx, &mut next, index, base, out);
    }
    out.push(next);
    let last = out.len() - 1;
    out.swap(first, last);
}

/// In TIME-WAIT the peer's FIN again restarts the timer (RFC 9293 3.10.7.4, fifth and eighth), perhaps also where
/// its numbers are old (first).
fn rest_anew(ctx: &Context<'_>, before: &Host, host: &mut Host, target: Target, a: &Arrival<'_>) {
    let rested = target.tcb(before).is_some_and(|tcb| tcb.state == State::TimeWait);
    let flags = a.segment.header.flags;
    let Target::Tcb(index) = target else { return };
    if let Some(tcb) = host.tcbs.get_mut(index).filter(|_| rested && flags.fin() && !flags.rst()) {
        tcb.time_wait = tcb.time_wait.map(|(early, _)| (early, ctx.now));
    }
}

/// A CLOSE that waited for the handshake: FIN-WAIT-1 in place of ESTABLISHED (RFC 9293 3.10.4).
fn settle_state(host: &mut Host, target: Target) {
    let Target::Tcb(index) = target else { return };
    let Some(tcb) = host.tcbs.get_mut(index) else { return };
    if tcb.fin_wanted {
        match tcb.state {
            State::Established => tcb.state = State::FinWait1,
            State::CloseWait if !tcb.fin_sent => tcb.state = State::LastAck,
            _ => {}
        }
    }
}

/// A CLOSE waited for the handshake, and the segment that ends it has the peer's FIN: which of the two comes first
/// is free (RFC 9293 3.10.4, 3.10.7.4 fifth and eighth). Literally it is the FIN; here the CLOSE.
fn closes_first(before: &Host, after: &Host, target: Target, out: &mut Successors) -> Option<Box<Host>> {
    let Target::Tcb(index) = target else { return None };
    let opening = before.tcbs.get(index)?.state == State::SynReceived;
    let waited = after.tcbs.get(index).is_some_and(|t| t.state == State::LastAck && !t.fin_sent);
    let mut variant = (opening && waited).then(|| out.copy(after))?;
    variant.concede(Cost::Allowed);
    variant.tcbs[index].state = State::Closing;
    Some(variant)
}

/// One walk being executed.
struct Run<'r, 'c> {
    ctx: &'r Context<'c>,
    host: &'r mut Host,
    target: Target,
    reading: &'r Reading,
    a: &'r Arrival<'r>,
    base: Step,
    o: Overrides,
    /// Text was taken, so held pieces may follow.
    taken: bool,
    /// Text was held beyond a FIN that is in order; it ends at one of these.
    contradictions: ArrayVec<SeqNum, ENDS_MAX>,
    /// This connection went back to LISTEN, and there is another listener on its port.
    listens_again: Option<usize>,
    /// An earlier row of this walk that asks for the effects of the later ones, more strongly or more weakly.
    floor: Option<&'static Rule>,
}

impl Run<'_, '_> {
    fn fire(&mut self, row: &'static Rule) {
        // The strongest row that differs is the one to charge: MUST-66 for a RST at a zero window. An ACK there
        // "should" count, in lower case.
        let (named, level) = match self.floor {
            Some(floor) if floor.level == Level::Must => (floor, Level::Must),
            Some(_) => (row, Level::Should),
            None => (row, level_of(self.ctx, row)),
        };
        if matches!(row.name, "RST-ZERO-WINDOW" | "TEXT-ZERO-WINDOW") {
            self.floor = Some(row);
        }
        let step = Step { rule: named.name, level, cite: named.cite, open: open_aspects(row), ..self.base };
        self.host.walk_on(step);
        // A RST is built from the variables as they were; an ACK carries them as they are when it leaves.
        self.reply(row, step);
        for effect in row.effects {
            self.effect(*effect, row);
        }
        let state = step.state;
        let free = |l: &Licence| l.kind == LicenceKind::Restart2MslFree && l.states.has(state);
        if state == State::TimeWait && self.a.segment.header.flags.fin() && row.licences.iter().any(free) {
            // A repeated FIN: whether it restarts the timer is free.
            self.start_time_wait(true);
        }
        self.advance(row);
    }

    fn tcb(&mut self) -> Option<&mut Tcb> {
        match self.target {
            Target::Nobody => None,
            Target::Tcb(index) => self.host.tcbs.get_mut(index),
        }
    }

    fn effect(&mut self, effect: Effect, row: &Rule) {
        match effect {
            Effect::SynIn => self.syn_in(row),
            Effect::SynAckIn => self.syn_ack_in(),
            Effect::SynWindow | Effect::SetWindow => self.set_window(),
            Effect::TakeAck => self.take_ack(),
            Effect::UpdateWindow => self.update_window(),
            Effect::QueueSynText => self.hold(),
            Effect::ReleaseQueued => self.taken = true,
            Effect::TakeText => self.take_text(),
            Effect::HoldText | Effect::HoldFin => self.hold(),
            Effect::TakeFin => self.take_fin(),
            Effect::SecondFin => self.second_fin(),
            Effect::ForgetRemote => self.forget_remote(),
            Effect::Delete => self.delete(row),
            Effect::Start2Msl => self.start_time_wait(false),
            Effect::Restart2Msl => self.start_time_wait(true),
            Effect::RefuseText
            | Effect::IgnoreText
            | Effect::TrimFin
            | Effect::TakeUrgent
            | Effect::IgnoreUrgent
            | Effect::CreateTcb
            | Effect::ChooseIss
            | Effect::Reopen
            | Effect::QueueSend
            | Effect::QueueFin
            | Effect::QueueReceive
            | Effect::Deliver
            | Effect::BackOff => {}
        }
    }

    fn advance(&mut self, row: &Rule) {
        let to = match row.next {
            Next::To(state) if state != State::Closed && state != State::Listen => state,
            _ => return,
        };
        let now = self.ctx.now;
        let Some(tcb) = self.tcb() else { return };
        if tcb.state != State::TimeWait && to == State::TimeWait && tcb.time_wait.is_none() {
            tcb.time_wait = Some((now, now));
        }
        tcb.state = to;
    }

    fn forget_remote(&mut self) {
        let Target::Tcb(index) = self.target else { return };
        let Some(tcb) = self.host.tcbs.get(index) else { return };
        let (port, remote) = (tcb.port, tcb.remote);
        if let Some(remote) = remote {
            self.host.forgive_acks(port, remote);
        }
        let forks = matches!(self.ctx.capabilities.listener, ListenerKind::Forks { .. });
        let another = self.host.listener(port).is_some();
        if another && forks || self.host.is_orphan(index) {
            self.host.tcbs.remove(index);
        } else {
            self.listens_again = another.then_some(index);
            let old = &self.host.tcbs[index];
            let handed_over = old.handed_over;
            let fresh = Tcb::new(old.handle, port, State::Listen, Origin::Passive, self.ctx.now);
            self.host.tcbs[index] = Tcb { handed_over, ..fresh };
        }
        self.target = Target::Nobody;
    }

    fn delete(&mut self, row: &Rule) {
        let Target::Tcb(index) = self.target else { return };
        let Some(tcb) = self.host.tcbs.get(index) else { return };
        if let Some(remote) = tcb.remote {
            let port = tcb.port;
            self.host.forgive_acks(port, remote);
        }
        use crate::table::Signal as S;
        let end = match row.signal {
            S::Refused => End::Refused,
            S::TimedOut => End::TimedOut,
            S::Closed | S::Ok => End::Closed,
            _ if self.a.segment.header.flags.rst() || self.a.segment.header.flags.syn() => End::Reset,
            _ => End::Closed,
        };
        self.host.remove(index, end);
        self.target = Target::Nobody;
    }

    fn start_time_wait(&mut self, restart: bool) {
        let now = self.ctx.now;
        let Some(tcb) = self.tcb() else { return };
        tcb.time_wait = match tcb.time_wait {
            // Whether the timer starts anew is free in most cases: from here on it may have.
            Some((early, _)) if restart => Some((early, now)),
            _ => Some((now, now)),
        };
    }
}

/// A rule of an optional protection is as strong as its RFC says only where the stack declares it.
pub fn level_of(ctx: &Context<'_>, row: &Rule) -> Level {
    let declared = match row.switch {
        Switch::RstRfc5961 => ctx.profile.rst == Protection::Rfc5961,
        Switch::SynRfc5961 => ctx.profile.syn == Protection::Rfc5961,
        Switch::May12 => ctx.profile.ack == Protection::Rfc5961,
        _ => true,
    };
    if declared { row.level } else { row.level.min(Level::Text) }
}

/// What a rule changes, so that later observations can confirm it.
fn open_aspects(row: &Rule) -> Aspects {
    if row.effects.is_empty() && row.next == Next::Stay && row.flow == Flow::Stop {
        // It must change nothing, and that too must show.
        return Aspects::ALL;
    }
    let mut open = Aspects::NONE;
    if row.next != Next::Stay {
        open = open.with(Aspects::STATE).with(Aspects::MOVES);
    }
    if row.flow == Flow::Stop && row.step <= 5 && !row.effects.contains(&Effect::SynIn) {
        // The rest of the segment must not count.
        open = open.with(Aspects::RCV);
    }
    for effect in row.effects {
        open = open.with(match effect {
            Effect::TakeText | Effect::TakeFin | Effect::SecondFin | Effect::HoldText | Effect::HoldFin => {
                Aspects::RCV
            }
            Effect::RefuseText | Effect::IgnoreText | Effect::TrimFin => Aspects::RCV,
            Effect::TakeAck => Aspects::SND,
            Effect::UpdateWindow | Effect::SetWindow | Effect::SynWindow => Aspects::WINDOW,
            _ => Aspects::NONE,
        });
    }
    open
}
