//! Why the readings died, and what that says about the stack.

use lastack_core::types::State;

use super::context::Context;
use super::host::Host;
use super::host::Price;
use super::send::Departure;
use super::step::{Mismatch, Step, Want};
use super::{Judged, Oracle, render};
use crate::table::{Next, by_name, rule};
use crate::verdict::{Kind, Obligation};

/// Why the readings died: of those that the stack's own words support, the one that explained most counts,
/// and of those the cheapest.
#[derive(Default)]
pub(super) struct Blame {
    pub(super) first: Option<Death>,
}

/// The end of one reading.
#[derive(Clone, Copy)]
pub(super) struct Death {
    disputed: bool,
    was_disputed: bool,
    price: Price,
    pub(super) m: Mismatch,
}

impl Blame {
    /// Adds a reason; true when it is the one that counts so far.
    pub(super) fn add(&mut self, host: &Host, m: Mismatch) -> bool {
        // What went past a difference that is no mere detail has no better claim than what the stack's word speaks
        // against.
        let doubted = |d: &Death| 2 * usize::from(d.disputed) + d.price.1.min(2);
        // Where the kind of segment fits, only a number is wrong.
        let foreign = |d: &Death| matches!(d.m.kind, Kind::WrongReply | Kind::ExtraReply);
        let key = |d: &Death| {
            (doubted(d), core::cmp::Reverse(explained(&d.m)), foreign(d), d.was_disputed, d.price)
        };
        let Host { disputed, was_disputed, .. } = *host;
        let death = Death { disputed, was_disputed, price: host.price(), m };
        let better = self.first.is_none_or(|old| key(&death) < key(&old));
        if better {
            self.first = Some(death);
        }
        better
    }
}

/// Up to which event a reading explained all: a missing reply belongs to its cause, all else to now.
fn explained(m: &Mismatch) -> usize {
    if m.kind == Kind::MissingReply { m.step.event } else { usize::MAX }
}

impl Oracle {
    /// Where the stack's own word had fitted no reading before, that is where it went wrong.
    fn name(&self, mut m: Mismatch) -> Mismatch {
        if let Some(diverged) = self.diverged
            && diverged.step.event <= m.step.event
            && m.kind != Kind::Superfluous
        {
            let owed = Obligation::ALL.iter().any(|o| o.name() == diverged.step.rule);
            m.kind = if owed { Kind::Obligation } else { Kind::WrongState };
            m.step = diverged.step;
            m.soft = false;
        }
        m
    }

    /// Remembers a reading that fell although it was better than all that are left: the stack's own words
    /// supported it, or it owed something in time and had conceded less. If the others fall too, this is
    /// where it went wrong.
    pub(super) fn fall(&mut self, ctx: &Context<'_>, why: &Blame, d: Option<&Departure<'_>>) {
        let Some(death) = why.first.filter(|_| self.fallen.is_none() && !self.hosts.is_empty()) else {
            return;
        };
        let silent = death.m.kind == Kind::MissingReply;
        let literal = !(silent && death.m.step.licensed);
        let mut m = death.m;
        if !literal && moves(&m.step) {
            // The reply that a licence has is not what the rule asks for: that is another state.
            (m.kind, m.want) = (Kind::WrongState, Want::Moved);
        }
        let supported =
            !death.disputed && (literal || moves(&m.step)) && self.hosts.iter().all(|h| h.disputed);
        let nearer = !death.disputed && self.hosts.iter().all(|h| h.disputed || h.price() > death.price);
        let owing = death.m.kind == Kind::Obligation && self.hosts.iter().all(|h| h.price() > death.price);
        if !(supported || owing || silent && literal && nearer) {
            return;
        }
        let Judged::Finding(difference) = self.finding(ctx, m, d) else { return };
        if supported || owing {
            self.fallen = Some(difference);
        } else {
            self.unanswered = self.unanswered.take().or(Some(difference));
        }
    }

    /// No reading is left.
    pub(super) fn finding(&self, ctx: &Context<'_>, m: Mismatch, d: Option<&Departure<'_>>) -> Judged {
        let state = self.fallen.as_ref().map_or(m.step.state, |fallen| fallen.state);
        if self.cookies && matches!(state, State::Listen | State::SynReceived) {
            return Judged::Lost("the queue was full, and the answer may have been a SYN cookie");
        }
        if let Some(fallen) = &self.fallen {
            return Judged::Finding(fallen.clone());
        }
        let m = self.name(m);
        // What a licence explained for a while was silence over the same segment.
        if let Some(unanswered) = self.unanswered.as_ref().filter(|u| u.event == m.step.event) {
            return Judged::Finding(unanswered.clone());
        }
        let mut difference = render::difference(ctx, &m, d, render::verdict_of(&m));
        if let Some(diverged) = self.diverged.filter(|diverged| m.step == diverged.step) {
            difference.got.push_str(&format!("; the stack says it is in {}", diverged.word));
            if m.kind == Kind::WrongState {
                // What this reading waited for last is not what its rule asks for.
                difference.want = diverged.expected.to_string();
            } else {
                difference.want.push_str(&format!("; the table has {}", diverged.expected));
            }
        }
        Judged::Finding(Box::new(difference))
    }
}

/// The rule leads to another state.
fn moves(step: &Step) -> bool {
    by_name(step.rule).any(|id| rule(id).states.has(step.state) && rule(id).next != Next::Stay)
}

/// After a missing detail: what was owed is forgotten, so that the reading can go on.
pub(super) fn forgive(host: &mut Host, m: &Mismatch, ctx: &Context<'_>) {
    host.debts.retain(|d| d.step != m.step || d.due > ctx.now);
    for tcb in &mut host.tcbs {
        if m.kind == Kind::Obligation {
            tcb.idle_since = tcb.idle_since.map(|_| ctx.now);
        }
    }
}
