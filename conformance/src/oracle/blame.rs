//! Why the readings died, and what that says about the stack.

use super::context::Context;
use super::host::Host;
use super::send::Departure;
use super::step::{Cost, Mismatch, Step};
use super::{Judged, Oracle, render};
use crate::table::Level;
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
    cost: Cost,
    pub(super) m: Mismatch,
}

impl Blame {
    /// Adds a reason; true when it is the one that counts so far.
    pub(super) fn add(&mut self, disputed: bool, cost: Cost, m: Mismatch) -> bool {
        let key = |d: &Death| (d.disputed, core::cmp::Reverse(explained(&d.m)), d.cost);
        let death = Death { disputed, cost, m };
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
            m.step = Step { level: diverged.step.level.max(Level::Text), ..diverged.step };
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
        let supported = !death.disputed && self.hosts.iter().all(|h| h.disputed);
        let owing = death.m.kind == Kind::Obligation && self.hosts.iter().all(|h| h.cost > death.cost);
        if (supported || owing)
            && let Judged::Finding(difference) = self.finding(ctx, death.m, d)
        {
            self.fallen = Some(difference);
        }
    }

    /// No reading is left.
    pub(super) fn finding(&self, ctx: &Context<'_>, m: Mismatch, d: Option<&Departure<'_>>) -> Judged {
        if let Some(fallen) = &self.fallen {
            return Judged::Finding(fallen.clone());
        }
        let m = self.name(m);
        let mut difference = render::difference(ctx, &m, d, render::verdict_of(&m));
        if let Some(diverged) = self.diverged.filter(|diverged| m.step == diverged.step) {
            difference.got.push_str(&format!("; the stack says it is in {}", diverged.word));
            difference.want.push_str(&format!("; the table has {}", diverged.expected));
        }
        Judged::Finding(Box::new(difference))
    }
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
