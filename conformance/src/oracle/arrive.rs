//! A segment arrives: every reading of the stack gives its successors.
//!
//! For each reading: which connection or listener it is for, every class that the known window edges and
//! undeclared choices admit, the table's walk for each, and the second outcomes that the fired rows license.

mod expire;
mod licensed;
mod readings;
mod step;

use arrayvec::ArrayVec;
use lastack_core::types::{Endpoint, Flags, Segment, SeqNum, State};

pub use expire::{FIN_WAIT_2_MIN, expire};
pub use readings::buffer_edge;

use super::apply::{self, Overrides, Target};
use super::context::Context;
use super::host::{Host, Successors};
use super::step::{Aspects, Cost, Step};
use super::tcb::{Origin, Tcb};
use crate::class::{AckClass, Class};
use crate::table::walk::{Facts, Walk, walk};
use crate::table::{Choice, Licence, LicenceKind, Next, Rule, Switches, TimeWaitRst, rule};
pub use licensed::backlog_full;
use licensed::licensed;
use readings::{readings, switch_choices};
use step::{ignored_step, step_base};

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
    /// TSval of the timestamps option.
    pub tsval: Option<u32>,
}

impl Arrival<'_> {
    /// Older than another segment of the peer by its timestamp: PAWS may turn it away (RFC 7323 5.3 R1).
    fn is_old(&self, tcb: &Tcb) -> bool {
        let pair = self.tsval.zip(tcb.tsval).filter(|_| !self.segment.header.flags.rst());
        pair.is_some_and(|(own, newest)| (own.wrapping_sub(newest) as i32) < 0)
    }

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
        let at_syn = tcb.is_some_and(|t| t.irs == Some(self.segment.header.seq));
        if at_syn && flags.fin() && !flags.syn() {
            // The number of the SYN is no FIN's.
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

/// What a segment met in one reading of the stack.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Met {
    /// The state of the connection or listener that it is for; nobody's is CLOSED.
    pub state: State,
    /// Its class there; `None` where it must not count.
    pub class: Option<Class>,
}

/// Adds to `out` every reading of the stack that may follow `host` when the segment arrives.
pub fn arrive(ctx: &Context<'_>, host: &Host, a: &Arrival<'_>, out: &mut Successors) -> Met {
    let found = host.connection(a.port(), a.remote()).or_else(|| host.listener(a.port()));
    let met = arrive_at(ctx, host, found, a, out);
    let flags = a.segment.header.flags;
    let Some(first) = found.filter(|i| host.tcbs[*i].state == State::Listen && flags.syn()) else {
        return met;
    };
    // Which of several listeners on one port takes a SYN, the RFC does not say.
    for index in (first + 1..host.tcbs.len()).filter(|i| host.is_listener(*i, a.port())) {
        let before = out.len();
        arrive_at(ctx, host, Some(index), a, out);
        out.list[before..].iter_mut().for_each(|next| next.concede(Cost::Allowed));
    }
    met
}

/// The same for the connection or listener that it is for; nobody's is CLOSED.
fn arrive_at(
    ctx: &Context<'_>,
    host: &Host,
    found: Option<usize>,
    a: &Arrival<'_>,
    out: &mut Successors,
) -> Met {
    let state = found.map_or(State::Closed, |i| host.tcbs[i].state);
    if a.packet != Packet::Sound {
        let mut ignored = out.copy(host);
        ignored.walk_on(ignored_step(ctx, a, state));
        if a.packet == Packet::Either {
            ignored.concede(Cost::Allowed);
        }
        out.push(ignored);
        if a.packet == Packet::Discard {
            return Met { state, class: None };
        }
    }
    let target = found.map_or(Target::Nobody, Target::Tcb);
    let readings = readings(ctx, host, target, state, a);
    let choices = switch_choices(ctx, host, target, a);
    walk_all(ctx, host, target, a, &readings, &choices, out);
    refuse_bad_ack(ctx, host, target, state, a, &readings[0].class, out);
    drop_syn_text(ctx, host, target, a, &readings[0], choices[0], out);
    if target.tcb(host).is_some_and(|t| a.is_old(t)) {
        let base = step_base(ctx, host, target, a, &readings[0].class);
        let base = Step { rule: "PAWS", cite: "RFC 7323 5.3 R1", ..base };
        ignore(host, base, true, ctx, a, out);
        ignore(host, base, false, ctx, a, out);
    }
    // Text or FIN beyond the peer's own FIN cannot be (3.10.7.4, seventh): to ignore the whole segment,
    // with or without an ACK, harms nobody but the peer that broke its word.
    if target.tcb(host).is_some_and(|t| a.is_beyond_fin(t)) {
        let base = step_base(ctx, host, target, a, &readings[0].class);
        // An ACK of what was not sent ends the walk before its text is looked at.
        let (rule, cite) = match readings[0].class.ack {
            AckClass::Future => ("ACK-UNSENT", "RFC 9293 3.10.7.4 fifth, seventh"),
            _ => ("TEXT-AFTER-FIN", "RFC 9293 3.10.7.4 seventh, eighth"),
        };
        let base = Step { rule, cite, ..base };
        ignore(host, base, true, ctx, a, out);
        ignore(host, base, false, ctx, a, out);
    }
    let f = a.segment.header.flags;
    let odd_pair = u8::from(f.syn()) + u8::from(f.fin()) + u8::from(f.rst()) > 1;
    if odd_pair && ctx.profile.drop_synfin != Choice::No && a.packet == Packet::Sound {
        let mut dropped = out.copy(host);
        dropped.walk_on(ignored_step(ctx, a, state));
        dropped.concede(Cost::Allowed);
        out.push(dropped);
    }
    Met { state, class: Some(readings[0].class) }
}

/// The table's walk for every reading of the segment and every open choice, and what is licensed besides.
fn walk_all(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    a: &Arrival<'_>,
    readings: &[Reading],
    choices: &[Switches],
    out: &mut Successors,
) {
    let state = target.tcb(host).map_or(State::Closed, |t| t.state);
    let facts = facts(host, target, a);
    let mut seen: ArrayVec<(Walk, Reading, Switches), 24> = ArrayVec::new();
    for reading in readings {
        for switches in choices {
            // The same class, and all of it inside either edge: every outcome would come a second time.
            let same = |(_, r, s): &&(Walk, Reading, Switches)| {
                s == switches && r.class == reading.class && !crosses(a, r.edge) && !crosses(a, reading.edge)
            };
            if let Some(walked) = seen.iter().find(same).map(|(walked, ..)| walked.clone()) {
                let _ = seen.try_push((walked, *reading, *switches));
                continue;
            }
            let walked = walk(state, facts, *switches, &reading.class);
            if seen
                .iter()
                .any(|(w, r, _)| w.fired == walked.fired && (r.edge == reading.edge || !a_text_or_fin(a)))
            {
                continue;
            }
            let cost = if seen.is_empty() { Cost::Pass } else { Cost::Choice };
            let _ = seen.try_push((walked.clone(), *reading, *switches));
            let base = step_base(ctx, host, target, a, &reading.class);
            if let Some(row) = ends_declared_time_wait(ctx, state, &walked) {
                stay(host, Step { rule: row.name, cite: "RFC 1337 3, as declared", ..base }, cost, out);
                continue;
            }
            apply::apply(ctx, host, target, &walked, reading, a, base, cost, Overrides::NONE, out);
            licensed(ctx, host, target, &walked, reading, *switches, a, base, out);
        }
    }
}

/// The row by which a RST would end TIME-WAIT, where the stack declares that none does (RFC 1337 3).
fn ends_declared_time_wait(ctx: &Context<'_>, state: State, walked: &Walk) -> Option<&'static Rule> {
    let declared = ctx.profile.time_wait_rst == TimeWaitRst::Ignore && state == State::TimeWait;
    let ends = |row: &&Rule| {
        let ignored = |l: &Licence| l.kind == LicenceKind::Rfc1337 && l.states.has(state);
        row.next == Next::To(State::Closed) && row.licences.iter().any(ignored)
    };
    walked.fired.iter().map(|id| rule(*id)).find(ends).filter(|_| declared)
}

/// The segment changes nothing, and that must show.
fn stay(host: &Host, step: Step, cost: Cost, out: &mut Successors) {
    let mut next = out.copy(host);
    next.concede(cost);
    next.walk_on(Step { open: Aspects::ALL, ..step });
    out.push(next);
}

/// SYN-TEXT-DROPPED: text on a SYN,ACK may be left for its retransmission, as on a SYN.
fn drop_syn_text(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    a: &Arrival<'_>,
    reading: &Reading,
    switches: Switches,
    out: &mut Successors,
) {
    let state = target.tcb(host).map_or(State::Closed, |t| t.state);
    if state == State::SynSent && a.segment.header.flags.has(Flags::SYN | Flags::ACK) && a_text_or_fin(a) {
        let class = reading.class;
        let bare = Class { flags: class.flags.without(Flags::FIN), text: false, ..class };
        let walked = walk(state, facts(host, target, a), switches, &bare);
        let base = step_base(ctx, host, target, a, &class);
        let o = Overrides { no_text: true, ..Overrides::NONE };
        apply::apply(ctx, host, target, &walked, reading, a, base, Cost::Allowed, o, out);
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
    use AckClass as C;
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

/// Text or FIN lies beyond this edge.
fn crosses(a: &Arrival<'_>, edge: SeqNum) -> bool {
    a_text_or_fin(a) && a.text_end().is_after(edge)
}

fn a_text_or_fin(a: &Arrival<'_>) -> bool {
    !a.segment.text.is_empty() || a.segment.header.flags.fin()
}

fn facts(host: &Host, target: Target, a: &Arrival<'_>) -> Facts {
    let tcb = target.tcb(host);
    Facts {
        origin_passive: tcb.is_some_and(|t| t.origin == Origin::Passive),
        listener: host.listener(a.port()).is_some(),
        // Text that is new after CLOSE, that is (SHLD-3).
        cannot_read: tcb.is_some_and(|t| t.user_gone && a.text_end().is_after(t.rcv_nxt)),
        ..Facts::default()
    }
}

/// The segment changes nothing; an ACK answers it, or nothing.
fn ignore(host: &Host, base: Step, answer: bool, ctx: &Context<'_>, a: &Arrival<'_>, out: &mut Successors) {
    let mut next = out.copy(host);
    next.concede(Cost::Allowed);
    let base = Step { licensed: true, ..base };
    next.walk_on(base);
    if answer {
        apply::owe_ack(ctx, &mut next, a, base, false, false);
    }
    out.push(next);
}
