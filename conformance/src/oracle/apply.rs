//! Executes fired rows on one reading of the stack: effects on the variables, replies as debts.

use lastack_core::types::{Duration, Instant, SeqNum, State};

use super::arrive::{Arrival, Reading};
use super::host::{Aspects, Broken, Context, Cost, Debt, End, Host, Owed, Step, Successors, embryo};
use super::tcb::{HELD_MAX, Held, Origin, Tcb};
use crate::subject::{IpVersion, ListenerKind};
use crate::table::walk::Walk;
use crate::table::{Effect, Flow, Level, LicenceKind, Next, Protection, Reply, Rule, Switch, rule};

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
        contradiction: None,
        floor: None,
    };
    for id in &walked.fired {
        run.fire(rule(*id));
    }
    if o.add_ack {
        let last = run.host.path.last().copied().unwrap_or(base);
        let step = if base.rule.is_empty() { last } else { base };
        // Who is gone answers nobody.
        let optional = o.optional || run.target.tcb(run.host).is_none();
        owe_ack(ctx, run.host, a, step, optional);
    }
    let (target, taken, contradiction) = (run.target, run.taken, run.contradiction);
    settle_state(&mut next, target);
    // The literal outcome stands first, before its variants.
    let first = out.len();
    if let (Target::Tcb(index), Some(end)) = (target, contradiction) {
        contradictions(&next, index, end, host, out);
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

/// The FIN stands before text that is held: the text counts and the FIN does not, or both do.
fn contradictions(literal: &Host, index: usize, end: SeqNum, before: &Host, out: &mut Successors) {
    for fin in [false, true] {
        let mut variant = out.copy(literal);
        variant.concede(Cost::Allowed);
        let Some(tcb) = variant.tcbs.get_mut(index) else { return };
        tcb.rcv_nxt = end.add(u32::from(fin));
        tcb.fin_taken = fin;
        if let Some(old) = before.tcbs.get(index).filter(|_| !fin) {
            tcb.state = old.state;
            tcb.time_wait = old.time_wait;
        }
        out.push(variant);
    }
}

/// A CLOSE that waited for the handshake: FIN-WAIT-1 in place of ESTABLISHED (RFC 9293 3.10.4).
fn settle_state(host: &mut Host, target: Target) {
    let Target::Tcb(index) = target else { return };
    let Some(tcb) = host.tcbs.get_mut(index) else { return };
    if tcb.fin_wanted {
        match tcb.state {
            State::Established => tcb.state = State::FinWait1,
            State::CloseWait if !tcb.fin_sent && tcb.user_gone => tcb.state = State::LastAck,
            _ => {}
        }
    }
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
    /// Text was held beyond a FIN that is in order; it ends here.
    contradiction: Option<SeqNum>,
    /// The level that an earlier row of this walk gives to the later ones.
    floor: Option<Level>,
}

impl Run<'_, '_> {
    fn fire(&mut self, row: &'static Rule) {
        let level = self.floor.unwrap_or_else(|| level_of(self.ctx, row));
        self.floor = match row.name {
            // The strongest row that differs gives the level: MUST-66 for a RST at a zero window; an ACK there
            // "should" count, in lower case.
            "RST-ZERO-WINDOW" => Some(Level::Must),
            "TEXT-ZERO-WINDOW" => Some(Level::Should),
            _ => self.floor,
        };
        let step = Step { rule: row.name, level, cite: row.cite, open: open_aspects(row), ..self.base };
        self.host.walk_on(step);
        // A RST is built from the variables as they were; an ACK carries them as they are when it leaves.
        self.reply(row, step);
        for effect in row.effects {
            self.effect(*effect, row);
        }
        self.advance(row);
    }

    fn tcb(&mut self) -> Option<&mut Tcb> {
        match self.target {
            Target::Nobody => None,
            Target::Tcb(index) => self.host.tcbs.get_mut(index),
        }
    }

    fn reply(&mut self, row: &Rule, step: Step) {
        let h = &self.a.segment.header;
        let free = row.licences.iter().any(|l| l.kind == LicenceKind::RstFieldsFree);
        let nxt = self.tcb().map_or(SeqNum::new(0), |t| t.nxt);
        let from_ack = Owed::Rst { seq: h.ack, ack: None, other_seq: None, free };
        let zero = Owed::Rst { seq: SeqNum::new(0), ack: Some(self.a.segment.end()), other_seq: None, free };
        let now = self.ctx.now;
        match row.reply {
            Reply::None | Reply::AckOptional => {}
            Reply::Ack => self.owe(Owed::Ack, step, now),
            Reply::AckDelayable => {
                let declared = self.ctx.profile.ack_delay.filter(|_| self.ctx.setup.ack_delay != Some(true));
                let delay = match self.ctx.broken {
                    Broken::DelayedAcks => Duration::ZERO,
                    _ => declared.unwrap_or(ACK_DELAY).min(ACK_DELAY),
                };
                self.owe(Owed::Ack, step, now + delay);
            }
            Reply::Challenge => self.owe(Owed::Challenge, step, now),
            Reply::Syn => self.owe(Owed::Syn, step, now),
            Reply::SynAck => self.owe(Owed::SynAck, step, now),
            Reply::RstFromAck => self.owe(from_ack, step, now),
            Reply::RstZero => self.owe(zero, step, now),
            Reply::RstByAckBit => self.owe(if h.flags.ack() { from_ack } else { zero }, step, now),
            Reply::RstNxt => {
                self.owe(Owed::Rst { seq: nxt, ack: None, other_seq: None, free: true }, step, now)
            }
            Reply::RstEither => {
                let owed = Owed::Rst { seq: nxt, ack: None, other_seq: Some(h.ack), free: true };
                self.owe(owed, step, now);
            }
            // Replies of calls and timers.
            Reply::Text | Reply::Fin | Reply::Again | Reply::Probe | Reply::KeepAliveProbe => {}
        }
    }

    fn owe(&mut self, owed: Owed, step: Step, due: Instant) {
        let optional = self.o.optional || !self.ctx.room;
        let debt = Debt {
            owed,
            port: self.a.port(),
            remote: self.a.remote(),
            step,
            since: self.ctx.now,
            due,
            optional,
            late: false,
        };
        if self.ctx.broken == Broken::Coalescing {
            self.host.debts.push(debt);
        } else {
            self.host.owe(debt);
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

    fn syn_in(&mut self, row: &Rule) {
        let forks = matches!(self.ctx.capabilities.listener, ListenerKind::Forks { .. });
        let (now, remote) = (self.ctx.now, self.a.remote());
        if let Target::Tcb(index) = self.target {
            let from_listen = self.host.tcbs.get(index).is_some_and(|t| t.state == State::Listen);
            if from_listen {
                let tcb = embryo(&self.host.tcbs[index], remote, forks, now);
                if forks {
                    self.host.add(tcb);
                    self.target = Target::Tcb(self.host.tcbs.len() - 1);
                } else {
                    self.host.tcbs[index] = tcb;
                }
            }
        }
        let (seq, mss, scale) = (self.a.segment.header.seq, self.a.mss, self.a.scale);
        let default_mss = default_mss(self.ctx.setup.ip);
        let window = self.a.segment.header.window;
        let active = row.name.starts_with("SYN-SENT");
        let Some(tcb) = self.tcb() else { return };
        tcb.origin = if active { Origin::Active } else { Origin::Passive };
        tcb.irs = Some(seq);
        tcb.rcv_nxt = seq.add(1);
        tcb.rcv_settled = tcb.rcv_nxt;
        tcb.peer_mss = mss.unwrap_or(default_mss);
        tcb.peer_scale = scale;
        tcb.wnd = u32::from(window);
        tcb.max_wnd = tcb.max_wnd.max(tcb.wnd);
        tcb.wl1 = seq;
        if active {
            first_edge(tcb);
        } else {
            tcb.waiting_since = now;
            tcb.unanswered_since = now;
        }
    }

    fn syn_ack_in(&mut self) {
        let h = self.a.segment.header;
        let (now, mss, scale) = (self.ctx.now, self.a.mss, self.a.scale);
        let default_mss = default_mss(self.ctx.setup.ip);
        let Some(tcb) = self.tcb() else { return };
        tcb.irs = Some(h.seq);
        tcb.rcv_nxt = h.seq.add(1);
        tcb.rcv_settled = tcb.rcv_nxt;
        tcb.peer_mss = mss.unwrap_or(default_mss);
        tcb.peer_scale = scale;
        tcb.una = h.ack;
        tcb.waiting_since = now;
        tcb.unanswered_since = now;
        tcb.wnd = u32::from(h.window);
        tcb.max_wnd = tcb.max_wnd.max(tcb.wnd);
        tcb.wl1 = h.seq;
        tcb.wl2 = h.ack;
        tcb.snd_edge = tcb.una.add(tcb.wnd);
        first_edge(tcb);
    }

    fn take_ack(&mut self) {
        let (ack, now) = (self.a.segment.header.ack, self.ctx.now);
        let Some(tcb) = self.tcb() else { return };
        if ack.is_after(tcb.una) && ack.is_at_or_before(tcb.nxt) {
            tcb.una = ack;
            tcb.waiting_since = now;
            tcb.unanswered_since = now;
            if !tcb.in_flight() {
                tcb.resent = false;
            }
        }
    }

    fn update_window(&mut self) {
        let (h, len) = (self.a.segment.header, self.a.segment.len());
        let now = self.ctx.now;
        let broken = self.ctx.broken == Broken::WindowUpdates;
        let Some(tcb) = self.tcb() else { return };
        let current = tcb.una.is_at_or_before(h.ack) && h.ack.is_at_or_before(tcb.nxt);
        // The segment is the one that begins at RCV.NXT, after what is old was trimmed (3.10.7.4 first).
        let seq = h.seq.max(tcb.rcv_nxt.min(h.seq.add(len)));
        let newer = tcb.wl1.is_before(seq) || (tcb.wl1 == seq && tcb.wl2.is_at_or_before(h.ack));
        if current {
            // Whatever the test says, the peer did advertise this edge.
            let edge = tcb.una.add(tcb.peer_window(h.window, h.flags.syn()));
            tcb.snd_edge = tcb.snd_edge.max(edge);
        }
        if current && tcb.wnd == 0 {
            // A probe was answered: the connection stays (MUST-37).
            tcb.unanswered_since = now;
        }
        let repeated = broken && tcb.wl2 == h.ack;
        if current && newer && !repeated {
            set_window(tcb, h.window, h.flags.syn(), seq, h.ack);
        }
    }

    fn set_window(&mut self) {
        let h = self.a.segment.header;
        if let Some(tcb) = self.tcb() {
            set_window(tcb, h.window, h.flags.syn(), h.seq, h.ack);
        }
    }

    fn take_text(&mut self) {
        if self.o.no_text {
            return;
        }
        let (end, edge) = (self.a.text_end(), self.reading.edge);
        let Some(tcb) = self.tcb() else { return };
        let end = end.min(edge);
        if end.is_after(tcb.rcv_nxt) {
            tcb.rcv_nxt = end;
        }
        self.taken = true;
    }

    fn hold(&mut self) {
        if self.o.no_text {
            return;
        }
        let (start, fin) = (self.a.text_start(), self.a.segment.header.flags.fin());
        let whole = self.a.text_end();
        let edge = self.reading.edge;
        let Some(tcb) = self.tcb() else { return };
        let in_syn = !tcb.state.is_synchronized() && tcb.state != State::SynReceived;
        let end = if in_syn { whole } else { whole.min(edge) };
        let fin = fin && end == whole;
        if start == end && !fin {
            return;
        }
        let piece = Held { start, end, fin };
        if tcb.held.contains(&piece) {
            return;
        }
        if tcb.held.len() == HELD_MAX {
            tcb.held_lost = true;
        } else {
            tcb.held.push(piece);
        }
    }

    fn take_fin(&mut self) {
        if self.o.no_text {
            return;
        }
        let end = self.a.text_end();
        let Some(tcb) = self.tcb() else { return };
        if tcb.rcv_nxt == end && !tcb.fin_taken {
            tcb.rcv_nxt = end.add(1);
            tcb.fin_taken = true;
            // Text that is held beyond the FIN: the peer contradicts itself, and either may count.
            let mut reach = end;
            for _ in 0..HELD_MAX {
                let follows = |h: &&Held| h.start.is_at_or_before(reach) && h.end.is_after(reach);
                reach = tcb.held.iter().find(follows).map_or(reach, |h| h.end);
            }
            tcb.held.clear();
            self.contradiction = Some(reach).filter(|reach| reach.is_after(end));
        }
    }

    fn second_fin(&mut self) {
        if self.o.second_fin_stays {
            return;
        }
        let end = self.a.segment.end();
        if let Some(tcb) = self.tcb()
            && end.is_after(tcb.rcv_nxt)
        {
            // Numbers beyond the FIN are no text that the user could read.
            tcb.read = tcb.read.wrapping_add(end.steps_from(tcb.rcv_nxt));
            tcb.rcv_nxt = end;
        }
    }

    fn forget_remote(&mut self) {
        let Target::Tcb(index) = self.target else { return };
        let Some(tcb) = self.host.tcbs.get(index) else { return };
        let (port, remote) = (tcb.port, tcb.remote);
        if let Some(remote) = remote {
            self.host.forgive_acks(port, remote);
        }
        if self.host.listener(port).is_some() {
            self.host.tcbs.remove(index);
        } else {
            let old = &self.host.tcbs[index];
            let fresh = Tcb::new(old.handle, port, State::Listen, Origin::Passive, self.ctx.now);
            self.host.tcbs[index] = fresh;
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

/// The window that the stack's own SYN advertised becomes an edge once IRS is known.
fn first_edge(tcb: &mut Tcb) {
    if tcb.edge_known {
        tcb.edge_now = tcb.rcv_nxt.add(tcb.edge_now.value());
        tcb.edge_max = tcb.edge_now;
    }
}

fn set_window(tcb: &mut Tcb, field: u16, syn: bool, seq: SeqNum, ack: SeqNum) {
    tcb.wnd = tcb.peer_window(field, syn);
    tcb.max_wnd = tcb.max_wnd.max(tcb.wnd);
    tcb.wl1 = seq;
    tcb.wl2 = ack;
    let edge = tcb.una.add(tcb.wnd);
    tcb.snd_edge = if tcb.snd_edge == SeqNum::new(0) { edge } else { tcb.snd_edge.max(edge) };
}

/// Without an MSS option (MUST-15).
pub fn default_mss(ip: IpVersion) -> u16 {
    match ip {
        IpVersion::V4 => 536,
        IpVersion::V6 => 1220,
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
        return Aspects::STATE.with(Aspects::RCV).with(Aspects::SND).with(Aspects::WINDOW);
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

/// An ACK is owed at once to the sender of the segment.
pub fn owe_ack(ctx: &Context<'_>, host: &mut Host, a: &Arrival<'_>, step: Step, optional: bool) {
    host.owe(Debt {
        owed: Owed::Ack,
        port: a.port(),
        remote: a.remote(),
        step,
        since: ctx.now,
        due: ctx.now,
        optional: optional || !ctx.room,
        late: false,
    });
}

/// `<SEQ=SEG.ACK><CTL=RST>` is owed at once to the sender of the segment.
pub fn owe_reset(ctx: &Context<'_>, host: &mut Host, a: &Arrival<'_>, step: Step) {
    let owed = Owed::Rst { seq: a.segment.header.ack, ack: None, other_seq: None, free: false };
    host.owe(Debt {
        owed,
        port: a.port(),
        remote: a.remote(),
        step,
        since: ctx.now,
        due: ctx.now,
        optional: !ctx.room,
        late: false,
    });
}

/// The gap may be filled: held pieces follow, or were dropped. The host itself takes all of them; a
/// variant for each piece that may be missing goes to `out`.
fn release_held(ctx: &Context<'_>, host: &mut Host, index: usize, base: Step, out: &mut Successors) {
    for _ in 0..=HELD_MAX {
        let Some(tcb) = host.tcbs.get_mut(index) else { return };
        if !tcb.state.is_synchronized() || tcb.fin_taken {
            return;
        }
        let nxt = tcb.rcv_nxt;
        let follows =
            |h: &Held| h.start.is_at_or_before(nxt) && (h.end.is_after(nxt) || (h.fin && h.end == nxt));
        let Some(piece) = tcb.held.iter().copied().find(follows) else {
            tcb.held.retain(|h| h.end.is_after(nxt) || (h.fin && h.end == nxt));
            return;
        };
        let mut dropped = out.copy(host);
        dropped.concede(Cost::Allowed);
        if let Some(tcb) = dropped.tcbs.get_mut(index) {
            tcb.held.retain(|h| *h != piece);
        }
        release_held(ctx, &mut dropped, index, base, out);
        out.push(dropped);
        take_piece(ctx, host, index, piece, base, out);
    }
}

fn take_piece(
    ctx: &Context<'_>,
    host: &mut Host,
    index: usize,
    piece: Held,
    base: Step,
    out: &mut Successors,
) {
    let Some(tcb) = host.tcbs.get_mut(index) else { return };
    tcb.held.retain(|h| *h != piece);
    tcb.rcv_nxt = tcb.rcv_nxt.max(piece.end);
    if !piece.fin || tcb.rcv_nxt != piece.end {
        return;
    }
    // The FIN was not held with its text: it must come again.
    let mut without = out.copy(host);
    without.concede(Cost::Allowed);
    out.push(without);
    let Some(tcb) = host.tcbs.get_mut(index) else { return };
    tcb.rcv_nxt = piece.end.add(1);
    tcb.fin_taken = true;
    tcb.held.clear();
    tcb.state = match tcb.state {
        State::Established => State::CloseWait,
        State::FinWait1 => State::Closing,
        State::FinWait2 => State::TimeWait,
        other => other,
    };
    if tcb.state == State::TimeWait {
        tcb.time_wait = Some((ctx.now, ctx.now));
    }
    let step = Step {
        rule: "FIN-OUT-OF-ORDER",
        cite: "RFC 9293 3.10.7.4 first, eighth; SHLD-31",
        open: Aspects::STATE.with(Aspects::RCV),
        ..base
    };
    host.walk_on(step);
}

/// TIME-WAIT is left for a new connection (MAY-2): SYN,ACK and SYN-RECEIVED.
pub fn reopen(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    a: &Arrival<'_>,
    base: Step,
    out: &mut Successors,
) {
    let Target::Tcb(old) = target else { return };
    let mut next = out.copy(host);
    next.concede(Cost::Allowed);
    let before = (next.tcbs[old].nxt, next.tcbs[old].rcv_nxt);
    next.remove(old, End::Closed);
    let Some(listener) = next.listener(a.port()) else { return };
    let step = Step {
        rule: "SYN-REOPEN",
        cite: "RFC 9293 3.6.1; MAY-2",
        open: Aspects::STATE.with(Aspects::MOVES),
        ..base
    };
    next.walk_on(step);
    let forks = matches!(ctx.capabilities.listener, ListenerKind::Forks { .. });
    let mut tcb = embryo(&next.tcbs[listener], a.remote(), forks, ctx.now);
    let seq = a.segment.header.seq;
    tcb.irs = Some(seq);
    tcb.rcv_nxt = seq.add(1);
    tcb.rcv_settled = tcb.rcv_nxt;
    tcb.peer_mss = a.mss.unwrap_or(default_mss(ctx.setup.ip));
    tcb.peer_scale = a.scale;
    tcb.wnd = u32::from(a.segment.header.window);
    tcb.wl1 = seq;
    tcb.before = Some(before);
    if forks {
        next.add(tcb);
    } else {
        next.tcbs[listener] = tcb;
    }
    next.owe(Debt {
        owed: Owed::SynAck,
        port: a.port(),
        remote: a.remote(),
        step,
        since: ctx.now,
        due: ctx.now,
        optional: !ctx.room,
        late: false,
    });
    out.push(next);
}

/// The SYN that reopened was an old duplicate: TIME-WAIT again, with the old numbers (RFC 9293 3.6.1).
pub fn return_to_time_wait(ctx: &Context<'_>, host: &Host, target: Target, base: Step, out: &mut Successors) {
    let Some(tcb) = target.tcb(host) else { return };
    let Some((nxt, rcv_nxt)) = tcb.before else { return };
    let mut next = out.copy(host);
    next.concede(Cost::Allowed);
    next.walk_on(base);
    let mut old = Tcb::new(tcb.handle, tcb.port, State::TimeWait, Origin::Passive, ctx.now);
    old.remote = tcb.remote;
    old.iss = Some(nxt);
    old.una = nxt;
    old.nxt = nxt;
    old.fin_sent = true;
    old.irs = Some(rcv_nxt.sub(1));
    old.rcv_nxt = rcv_nxt;
    old.rcv_settled = rcv_nxt;
    old.fin_taken = true;
    old.time_wait = Some((ctx.now, ctx.now));
    if let Target::Tcb(index) = target {
        next.tcbs[index] = old;
    }
    out.push(next);
}
