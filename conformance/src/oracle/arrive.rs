//! A segment arrives: every reading of the stack gives its successors.
//!
//! For each reading: which connection or listener it is for, every class that the known window edges and
//! undeclared choices admit, the table's walk for each, and the second outcomes that the fired rows license.

use arrayvec::ArrayVec;
use lastack_core::types::{Duration, Endpoint, Flags, Segment, SeqNum, State};

use super::apply::{self, Target};
use super::host::{Broken, Context, Cost, End, Host, Step, Successors};
use super::tcb::{Origin, Tcb};
use crate::class::{Class, SeqClass, ack_class, seq_class, window};
use crate::table::walk::{Facts, Walk, walk};
use crate::table::{Choice, LicenceKind, Protection, Switches, TimeWaitRst, rule};
use crate::verdict::{AckRelation, Trigger};

/// What the packet around the segment is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packet {
    /// A whole segment for the stack, from a possible peer.
    Sound,
    /// Broken, misaddressed or not for the stack: it must not count.
    Discard,
    /// The options are broken in a way that may be dropped, reset or survived (MUST-7).
    Either,
}

/// An arriving segment and what its options say.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The segment.
    pub segment: &'a Segment<'a>,
    /// The packet.
    pub packet: Packet,
    /// MSS option.
    pub mss: Option<u16>,
    /// Window scale option.
    pub scale: Option<u8>,
}

impl Arrival<'_> {
    /// The peer's socket.
    pub fn remote(&self) -> Endpoint {
        self.segment.header.src
    }

    /// The stack's port.
    pub fn port(&self) -> u16 {
        self.segment.header.dst.port
    }

    /// The number of the first text octet.
    pub fn text_start(&self) -> SeqNum {
        self.segment.header.seq.add(u32::from(self.segment.header.flags.syn()))
    }

    /// The number after the last text octet.
    pub fn text_end(&self) -> SeqNum {
        self.text_start().add(self.segment.text.len() as u32)
    }

    /// Whether a conforming peer, a bad network or a restart can send it to a connection in `state`.
    fn is_plausible(&self, state: State, tcb: Option<&Tcb>) -> bool {
        let flags = self.segment.header.flags;
        let controls = u8::from(flags.syn()) + u8::from(flags.fin()) + u8::from(flags.rst());
        if controls > 1 || self.packet != Packet::Sound {
            return false;
        }
        if !flags.ack() && !flags.syn() && !flags.rst() {
            return false;
        }
        if flags.rst() && !self.segment.text.is_empty() {
            return false;
        }
        let Some(tcb) = tcb.filter(|_| state.is_synchronized()) else { return true };
        let unsent_ack =
            flags.ack() && self.segment.header.ack.is_after(tcb.nxt) && !flags.syn() && !flags.rst();
        !self.is_beyond_fin(tcb) && !unsent_ack
    }

    /// Text or FIN beyond the peer's own FIN.
    fn is_beyond_fin(&self, tcb: &Tcb) -> bool {
        let flags = self.segment.header.flags;
        let more = !self.segment.text.is_empty() || flags.fin();
        more && tcb.fin_taken && self.segment.end().is_after(tcb.rcv_nxt) && !flags.syn() && !flags.rst()
    }
}

/// One way to read the segment against a connection: its class, and where the window's edge is taken to be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reading {
    /// The class.
    pub class: Class,
    /// RCV.NXT + RCV.WND under this reading.
    pub edge: SeqNum,
    /// The FIN was counted in the window test (the text) or not (common, harmless).
    pub fin_counted: bool,
}

/// Adds to `out` every reading of the stack that may follow `host` when the segment arrives.
pub fn arrive(ctx: &Context<'_>, host: &Host, a: &Arrival<'_>, out: &mut Successors) {
    let found = host.connection(a.port(), a.remote()).or_else(|| host.listener(a.port()));
    let state = found.map_or(State::Closed, |i| host.tcbs[i].state);
    if a.packet != Packet::Sound {
        let mut ignored = out.copy(host);
        ignored.walk_on(ignored_step(ctx, a, state));
        if a.packet == Packet::Either {
            ignored.concede(Cost::Allowed);
        }
        out.push(ignored);
        if a.packet == Packet::Discard {
            return;
        }
    }
    let odd_pair = {
        let f = a.segment.header.flags;
        u8::from(f.syn()) + u8::from(f.fin()) + u8::from(f.rst()) > 1
    };
    let target = found.map_or(Target::Nobody, Target::Tcb);
    let readings = readings(ctx, host, target, state, a);
    let choices = switch_choices(ctx, host, target, a);
    let mut seen: ArrayVec<(Walk, Reading), 24> = ArrayVec::new();
    for reading in &readings {
        for switches in &choices {
            let facts = facts(host, target, a);
            let walked = walk(state, facts, *switches, &reading.class);
            if seen
                .iter()
                .any(|(w, r)| w.fired == walked.fired && (r.edge == reading.edge || !a_text_or_fin(a)))
            {
                continue;
            }
            let cost = if seen.is_empty() { Cost::Pass } else { Cost::Allowed };
            let _ = seen.try_push((walked.clone(), *reading));
            let step_base = step_base(ctx, host, target, a, &reading.class);
            apply::apply(
                ctx,
                host,
                target,
                &walked,
                reading,
                a,
                step_base,
                cost,
                apply::Overrides::NONE,
                out,
            );
            licensed(ctx, host, target, &walked, reading, *switches, a, step_base, out);
        }
    }
    refuse_bad_ack(ctx, host, target, state, a, &readings[0].class, out);
    // SYN-TEXT-DROPPED: text on a SYN,ACK may be left for its retransmission, as on a SYN.
    if state == State::SynSent && a.segment.header.flags.has(Flags::SYN | Flags::ACK) && a_text_or_fin(a) {
        let class = readings[0].class;
        let bare = Class { flags: class.flags.without(Flags::FIN), text: false, ..class };
        let walked = walk(state, facts(host, target, a), choices[0], &bare);
        let base = step_base(ctx, host, target, a, &class);
        let o = apply::Overrides { no_text: true, ..apply::Overrides::NONE };
        apply::apply(ctx, host, target, &walked, &readings[0], a, base, Cost::Allowed, o, out);
    }
    // Text or FIN beyond the peer's own FIN cannot be (3.10.7.4, seventh): to ignore the whole segment,
    // with or without an ACK, harms nobody but the peer that broke its word.
    if target.tcb(host).is_some_and(|t| a.is_beyond_fin(t)) {
        let base = step_base(ctx, host, target, a, &readings[0].class);
        let base = Step { rule: "TEXT-AFTER-FIN", cite: "RFC 9293 3.10.7.4 seventh, eighth", ..base };
        ignore(host, base, true, ctx, a, out);
        ignore(host, base, false, ctx, a, out);
    }
    if odd_pair && ctx.profile.drop_synfin != Choice::No && a.packet == Packet::Sound {
        let mut dropped = out.copy(host);
        dropped.walk_on(ignored_step(ctx, a, state));
        dropped.concede(Cost::Allowed);
        out.push(dropped);
    }
}

/// RFC 9293 3.5.2, second group, has a RST for every unacceptable ACK in SYN-RECEIVED; 3.10.7.4 looks at the
/// sequence number and the SYN first. Both are the text.
fn refuse_bad_ack(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    state: State,
    a: &Arrival<'_>,
    class: &Class,
    out: &mut Successors,
) {
    use crate::class::AckClass as C;
    let good = matches!(class.ack, C::None | C::New | C::NewFin);
    if state != State::SynReceived || good || class.flags.rst() {
        return;
    }
    let mut next = out.copy(host);
    next.concede(Cost::Allowed);
    let base = step_base(ctx, host, target, a, class);
    let step = Step { rule: "HANDSHAKE-ACK-BAD", cite: "RFC 9293 3.5.2, second group", ..base };
    next.walk_on(step);
    apply::owe_reset(ctx, &mut next, a, step);
    out.push(next);
}

fn a_text_or_fin(a: &Arrival<'_>) -> bool {
    !a.segment.text.is_empty() || a.segment.header.flags.fin()
}

/// The step of a packet that must not count: charged to the rule that says so.
fn ignored_step(ctx: &Context<'_>, a: &Arrival<'_>, state: State) -> Step {
    let flags = a.segment.header.flags;
    let (rule, level, cite) = if a.packet == Packet::Either {
        ("OPTION-LENGTH", crate::table::Level::Must, "RFC 9293 3.1; MUST-7")
    } else if flags.syn() && !flags.ack() && !flags.rst() {
        ("SYN-BAD-ADDRESS", crate::table::Level::Must, "RFC 9293 3.9.2.3; MUST-57 MUST-63; MUST-3")
    } else {
        ("NOT-FOR-US", crate::table::Level::Text, "RFC 9293 3.9.2.3; MUST-3; RFC 1122 3.2.1.3")
    };
    Step {
        rule,
        level,
        cite,
        state,
        event: ctx.event,
        trigger: Trigger::of_segment(flags),
        relation: AckRelation::Absent,
        plausible: a.packet == Packet::Discard,
        licensed: false,
        open: super::host::Aspects::NONE,
    }
}

/// What of a step is the same for every rule that the segment fires.
fn step_base(ctx: &Context<'_>, host: &Host, target: Target, a: &Arrival<'_>, class: &Class) -> Step {
    let tcb = target.tcb(host);
    let state = tcb.map_or(State::Closed, |t| t.state);
    use crate::class::AckClass as C;
    let relation = match class.ack {
        C::None => AckRelation::Absent,
        C::Ancient | C::Old => AckRelation::Below,
        C::Dup => AckRelation::Duplicate,
        C::New | C::NewFin | C::SynAcked => AckRelation::New,
        C::Future => AckRelation::Above,
        C::Bad => match tcb {
            Some(t) if a.segment.header.ack.is_after(t.nxt) => AckRelation::Above,
            _ => AckRelation::Below,
        },
    };
    Step {
        rule: "",
        level: crate::table::Level::Text,
        cite: "",
        state,
        event: ctx.event,
        trigger: Trigger::of_segment(a.segment.header.flags),
        relation,
        plausible: a.is_plausible(state, tcb),
        licensed: false,
        open: super::host::Aspects::NONE,
    }
}

fn facts(host: &Host, target: Target, a: &Arrival<'_>) -> Facts {
    let tcb = target.tcb(host);
    Facts {
        origin_passive: tcb.is_some_and(|t| t.origin == Origin::Passive),
        listener: host.listener(a.port()).is_some(),
        ..Facts::default()
    }
}

/// Every class the segment may have: the known edges of the window, the FIN counted or not.
fn readings(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    state: State,
    a: &Arrival<'_>,
) -> ArrayVec<Reading, 8> {
    let mut readings = ArrayVec::new();
    let Some(tcb) = target.tcb(host).filter(|t| t.irs.is_some() && t.state != State::Listen) else {
        // No receive variables: the sequence class does not matter (CLOSED, LISTEN, SYN-SENT).
        let ack = match target.tcb(host) {
            Some(tcb) => ack_class(state, a.segment.header.flags, a.segment.header.ack, tcb.snd()),
            None if a.segment.header.flags.ack() => crate::class::AckClass::Bad,
            None => crate::class::AckClass::None,
        };
        let ack = if state == State::SynSent || ack == crate::class::AckClass::None {
            ack
        } else {
            crate::class::AckClass::Future
        };
        let class = Class {
            flags: a.segment.header.flags,
            seq: SeqClass::Exact,
            overrun: false,
            ack,
            text: !a.segment.text.is_empty(),
            zero_window: false,
        };
        let edge = a.segment.header.seq.add(1).add(ctx.setup.recv_buffer.max(1));
        readings.push(Reading { class: normal(class), edge, fin_counted: true });
        return readings;
    };
    let fin = a.segment.header.flags.fin();
    for edge in edges(ctx, tcb) {
        for fin_counted in [true, false] {
            if !fin && !fin_counted {
                continue;
            }
            let class = class_of(tcb, a, edge, fin_counted);
            let reading = Reading { class, edge, fin_counted };
            if !readings.iter().any(|r: &Reading| r.class == class && r.edge == edge) {
                let _ = readings.try_push(reading);
            }
        }
    }
    readings
}

/// Only the bits that a class may look at.
fn normal(mut class: Class) -> Class {
    let bits = Flags::SYN | Flags::ACK | Flags::RST | Flags::FIN | Flags::URG;
    class.flags = Flags::from_bits(class.flags.bits() & bits.bits());
    class
}

fn class_of(tcb: &Tcb, a: &Arrival<'_>, edge: SeqNum, fin_counted: bool) -> Class {
    let h = &a.segment.header;
    let rcv = tcb.rcv(edge);
    let fin_octets = u32::from(h.flags.fin() && !fin_counted);
    let (seq, overrun) = seq_class(h.seq, a.segment.len() - fin_octets, rcv);
    // A FIN that is not counted and lies exactly at RCV.NXT is in order whatever the window.
    let zero_window = window(rcv) == 0 && (fin_counted || !a.segment.text.is_empty());
    let seq = match seq {
        SeqClass::Before if !fin_counted && a.text_end() == tcb.rcv_nxt && h.seq.is_before(tcb.rcv_nxt) => {
            SeqClass::LeftOverlap
        }
        other => other,
    };
    normal(Class {
        flags: h.flags,
        seq,
        overrun,
        ack: ack_class(tcb.state, h.flags, h.ack, tcb.snd()),
        text: !a.segment.text.is_empty(),
        zero_window,
    })
}

/// Where the window's edge may be: last advertised, largest ever advertised, and as far as the buffer goes.
fn edges(ctx: &Context<'_>, tcb: &Tcb) -> ArrayVec<SeqNum, 3> {
    let mut edges = ArrayVec::new();
    let mut add = |edge: SeqNum| {
        if !edges.contains(&edge) {
            let _ = edges.try_push(edge);
        }
    };
    if tcb.edge_known {
        add(tcb.edge_now);
        if ctx.broken == Broken::Edges {
            return edges;
        }
        add(tcb.edge_max);
    }
    add(buffer_edge(ctx, tcb));
    edges
}

/// The largest right edge that the stack may hold. An advertised window is rounded down by scaling, cut
/// at 65535 without it, and old once the user has read.
pub fn buffer_edge(ctx: &Context<'_>, tcb: &Tcb) -> SeqNum {
    let shift = if tcb.scaled() { tcb.own_scale.unwrap_or(0).min(14) } else { 0 };
    let rounded = tcb.edge_max.add((1u32 << shift) - 1);
    let base = tcb.irs.unwrap_or(tcb.rcv_nxt).add(1).add(tcb.read);
    if ctx.capabilities.exact_recv_buffer || !tcb.edge_known {
        let whole = base.add(ctx.setup.recv_buffer);
        if tcb.edge_known { whole.max(tcb.edge_max) } else { whole }
    } else {
        rounded.add(tcb.read.wrapping_sub(tcb.read_then)).max(base)
    }
}

/// Every concrete choice that the profile leaves open and this segment can tell apart.
fn switch_choices(ctx: &Context<'_>, host: &Host, target: Target, a: &Arrival<'_>) -> ArrayVec<Switches, 4> {
    let settings = |p: Protection| match p {
        Protection::Classic => &[false][..],
        Protection::Rfc5961 => &[true][..],
        Protection::Any => &[false, true][..],
    };
    let p = ctx.profile;
    let base = Switches {
        rst_5961: p.rst == Protection::Rfc5961,
        syn_5961: p.syn == Protection::Rfc5961,
        may_12: p.ack == Protection::Rfc5961,
        half_duplex: false,
        ..Switches::default()
    };
    let flags = a.segment.header.flags;
    let mut choices = ArrayVec::new();
    if flags.rst() {
        choices.extend(settings(p.rst).iter().map(|on| Switches { rst_5961: *on, ..base }));
    } else if flags.syn() {
        choices.extend(settings(p.syn).iter().map(|on| Switches { syn_5961: *on, ..base }));
    } else {
        let gone = target.tcb(host).is_some_and(|t| t.user_gone);
        let half = if gone && !a.segment.text.is_empty() { p.half_duplex.settings() } else { &[false][..] };
        for may_12 in settings(p.ack) {
            choices.extend(half.iter().map(|on| Switches { may_12: *may_12, half_duplex: *on, ..base }));
        }
    }
    choices
}

/// The second outcomes that the fired rows license for this segment.
fn licensed(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    walked: &Walk,
    reading: &Reading,
    switches: Switches,
    a: &Arrival<'_>,
    base: Step,
    out: &mut Successors,
) {
    let state = base.state;
    let again = |class: Class, o: apply::Overrides, out: &mut Successors| {
        let second = walk(state, facts(host, target, a), switches, &class);
        apply::apply(ctx, host, target, &second, reading, a, base, Cost::Allowed, o, out);
    };
    let same = |o: apply::Overrides, out: &mut Successors| {
        apply::apply(ctx, host, target, walked, reading, a, base, Cost::Allowed, o, out);
    };
    let class = reading.class;
    let listener = host.listener(a.port()).is_some();
    for id in &walked.fired {
        let row = rule(*id);
        let base = Step { rule: row.name, level: apply::level_of(ctx, row), cite: row.cite, ..base };
        for licence in row.licences {
            if !licence.states.has(state) && !licence.states.has(walked.next) {
                continue;
            }
            match licence.kind {
                LicenceKind::AckFieldFirst | LicenceKind::Fig7Either => {
                    use crate::class::AckClass as C;
                    let good = matches!(class.ack, C::New | C::NewFin)
                        || class.ack == C::Dup && state.is_synchronized();
                    if class.flags.rst() || !good {
                        continue;
                    }
                    let crossing = class.flags.syn()
                        && target.tcb(host).is_some_and(|t| {
                            t.origin == Origin::Active && t.irs == Some(a.segment.header.seq)
                        });
                    if licence.kind == LicenceKind::Fig7Either && !crossing {
                        continue;
                    }
                    let only_ack = Class {
                        flags: Flags::ACK,
                        seq: SeqClass::Exact,
                        overrun: false,
                        text: false,
                        ..class
                    };
                    let reply = apply::Overrides { add_ack: true, no_text: true, ..apply::Overrides::NONE };
                    again(only_ack, reply, out);
                    if licence.kind == LicenceKind::Fig7Either {
                        again(only_ack, apply::Overrides { no_text: true, ..apply::Overrides::NONE }, out);
                    }
                }
                LicenceKind::TrimOrRefuse => {
                    // What lies wholly inside has nothing to be trimmed off.
                    if !class.overrun && !matches!(class.seq, SeqClass::LeftOverlap | SeqClass::Spans) {
                        continue;
                    }
                    if class.seq == SeqClass::Spans {
                        let inside = Class { seq: SeqClass::Exact, overrun: true, ..class };
                        again(inside, apply::Overrides { add_ack: true, ..apply::Overrides::NONE }, out);
                    } else if class.flags.syn() && class.seq == SeqClass::LeftOverlap {
                        // The SYN is left of the window: trimmed, the segment goes on without it.
                        let flags = class.flags.without(Flags::SYN);
                        again(Class { flags, seq: SeqClass::Exact, ..class }, apply::Overrides::NONE, out);
                        ignore(host, base, true, ctx, a, out);
                    } else {
                        let refused = Class {
                            flags: class.flags.without(Flags::FIN),
                            text: false,
                            overrun: false,
                            ..class
                        };
                        let o = apply::Overrides { add_ack: true, no_text: true, ..apply::Overrides::NONE };
                        again(refused, o, out);
                        // Refused whole: its acknowledgment does not count either.
                        ignore(host, base, true, ctx, a, out);
                    }
                }
                LicenceKind::OverlapRstEither => ignore(host, base, false, ctx, a, out),
                LicenceKind::Rfc1337 if ctx.profile.time_wait_rst != TimeWaitRst::Close => {
                    ignore(host, base, false, ctx, a, out);
                }
                LicenceKind::ThrottledChallenge => {
                    let recent = |at| ctx.now.since(at) <= Duration::from_secs(5);
                    if host.challenged.is_some_and(recent) || ctx.broken == Broken::Throttle {
                        same(apply::Overrides { optional: true, ..apply::Overrides::NONE }, out);
                    }
                }
                LicenceKind::Rfc6191Silent if class.flags.syn() && !class.flags.ack() => {
                    ignore(host, base, false, ctx, a, out);
                }
                LicenceKind::TwReopen
                    if class.flags.syn()
                        && !class.flags.ack()
                        && listener
                        && ctx.profile.reopen != Choice::No =>
                {
                    apply::reopen(ctx, host, target, a, base, out);
                }
                LicenceKind::SilentTwAck | LicenceKind::SilentBacklogFull => {
                    if licence.kind == LicenceKind::SilentTwAck && !class.flags.fin() {
                        same(apply::Overrides { optional: true, ..apply::Overrides::NONE }, out);
                    } else if licence.kind == LicenceKind::SilentBacklogFull && backlog_full(ctx, host, a) {
                        ignore(host, base, false, ctx, a, out);
                    }
                }
                LicenceKind::SecondFinFree => {
                    same(apply::Overrides { second_fin_stays: true, ..apply::Overrides::NONE }, out);
                    let o =
                        apply::Overrides { second_fin_stays: true, optional: true, ..apply::Overrides::NONE };
                    same(o, out);
                    same(apply::Overrides { optional: true, ..apply::Overrides::NONE }, out);
                    ignore(host, base, true, ctx, a, out);
                    ignore(host, base, false, ctx, a, out);
                }
                LicenceKind::RstOrAck => {
                    use crate::class::AckClass as C;
                    if matches!(class.ack, C::Ancient | C::Future | C::Old) {
                        ignore(host, base, true, ctx, a, out);
                    }
                }
                LicenceKind::ReturnToTimeWait => apply::return_to_time_wait(ctx, host, target, base, out),
                // The others are part of how replies are matched, or of calls and timers.
                _ => {}
            }
        }
    }
}

fn backlog_full(ctx: &Context<'_>, host: &Host, a: &Arrival<'_>) -> bool {
    use crate::subject::ListenerKind;
    match ctx.capabilities.listener {
        ListenerKind::BecomesConnection => false,
        ListenerKind::Forks { backlog } => {
            let waiting = host.tcbs.iter().filter(|t| t.port == a.port() && !t.accepted_by_user).count();
            waiting >= usize::from(backlog)
        }
    }
}

/// The segment changes nothing; an ACK answers it, or nothing.
fn ignore(host: &Host, base: Step, answer: bool, ctx: &Context<'_>, a: &Arrival<'_>, out: &mut Successors) {
    let mut next = out.copy(host);
    next.concede(Cost::Allowed);
    next.walk_on(Step { licensed: true, ..base });
    if answer {
        apply::owe_ack(ctx, &mut next, a, base, false);
    }
    out.push(next);
}

/// The shortest limit on FIN-WAIT-2 that is known of stacks in use.
const FIN_WAIT_2_MIN: Duration = Duration::from_secs(20);

/// Connections that time alone may have ended: TIME-WAIT over, given up after R2. Adds the host without
/// them to `out`, where that is possible, and says whether the host as it is remains possible.
pub fn expire(ctx: &Context<'_>, host: &Host, out: &mut Successors) -> bool {
    for (index, tcb) in host.tcbs.iter().enumerate() {
        if let Some((early, late)) = tcb.time_wait {
            let (sooner, later) = super::time::time_wait_span(ctx);
            if ctx.now < early + sooner {
                continue;
            }
            let mut gone = out.copy(host);
            gone.forgive_acks(tcb.port, tcb.remote.unwrap_or(super::NOBODY));
            gone.remove(index, End::Closed);
            super::end::mark_over(ctx, &mut gone);
            if !expire(ctx, &gone, out) {
                // It was replaced by what its own expiry left.
            } else {
                out.push(gone);
            }
            return later.is_none_or(|span| ctx.now <= late + span);
        }
        if tcb.may_have_given_up(ctx.now, super::time::patience(ctx)) {
            let mut gone = out.copy(host);
            gone.concede(Cost::Allowed);
            gone.remove(index, End::TimedOut);
            out.push(gone);
            return true;
        }
        // FIN-WAIT-2 has no timer in the RFC, but after a full CLOSE most stacks end it.
        let unread = tcb.user_gone || ctx.setup.user_timeout.is_some();
        let rested = ctx.now.since(tcb.unanswered_since) >= FIN_WAIT_2_MIN;
        if tcb.state == State::FinWait2 && unread && rested {
            let mut gone = out.copy(host);
            gone.concede(Cost::Allowed);
            gone.walk_on(Step { rule: "FIN-WAIT-2-LIMIT", state: State::FinWait2, ..super::NO_STEP });
            gone.remove(index, End::Closed);
            out.push(gone);
            return true;
        }
    }
    true
}
