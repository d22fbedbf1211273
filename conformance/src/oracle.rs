//! What the stack may be in, given all that was seen.
//!
//! What flows: stimuli ([`Oracle::arrived`], [`Oracle::called`]) map every *reading* of the stack (a
//! [`Host`]: all its connections, listeners and debts) to its successors; observations
//! ([`Oracle::departed`], a call's outcome) and quiet instants ([`Oracle::settle`]) remove the readings that
//! could not have acted so. The RFC leaves much open, so there are several readings at a time, at most
//! [`READINGS_MAX`]; the empty set is the finding, charged to the oldest rule on the path that nothing had
//! confirmed. A reading that had to concede a detail goes on, with the concession noted.

mod apply;
mod arrive;
mod call;
mod end;
mod host;
mod render;
mod send;
mod tcb;
mod time;

use core::net::{IpAddr, Ipv4Addr};

use lastack_core::types::{Endpoint, Instant, State};

pub use arrive::{Arrival, Packet};
pub use call::Called;
use host::{Aspects, Mismatch, Step, Successors};
pub use host::{Broken, Context, Cost, Host};
pub use send::Departure;
pub use tcb::{Origin, Tcb};
pub use time::{LATE_MAX, patience, silence_max, time_wait_span};

use crate::subject::Handle;
use crate::table::Level;
use crate::verdict::{AckRelation, Difference, Kind, Obligation, Trigger, Verdict};

/// The most readings at a time; more is inconclusive.
pub const READINGS_MAX: usize = 16;

/// Nobody's socket.
const NOBODY: Endpoint = Endpoint { addr: IpAddr::V4(Ipv4Addr::UNSPECIFIED), port: 0 };

/// Charged when no rule has fired yet.
const NO_STEP: Step = Step {
    rule: "OWES-SILENCE",
    level: Level::Text,
    cite: "RFC 9293 3.10.7.1",
    state: State::Closed,
    event: 0,
    trigger: Trigger::Time,
    relation: AckRelation::Absent,
    plausible: true,
    licensed: false,
    open: Aspects::NONE,
};

/// The same for what time brings.
const NO_STEP_TIME: Step = NO_STEP;

/// What became of an observation.
#[derive(Clone, PartialEq, Debug)]
pub enum Judged {
    /// Some reading fits.
    Fits,
    /// None does: the finding. The oracle is at its end.
    Finding(Box<Difference>),
    /// Too many readings, or something the oracle cannot follow.
    Lost(&'static str),
}

/// The set of readings.
pub struct Oracle {
    hosts: Vec<Host>,
    next: Successors,
    before: Vec<Host>,
    noted: Vec<Difference>,
    diverged: Option<Diverged>,
    fallen: Option<Box<Difference>>,
    remarked: bool,
    lost: Option<&'static str>,
}

/// Why the readings died: of those that the stack's own words support, the one that explained most counts,
/// and of those the cheapest.
#[derive(Default)]
struct Blame {
    first: Option<Death>,
}

/// The end of one reading.
#[derive(Clone, Copy)]
struct Death {
    disputed: bool,
    cost: Cost,
    m: Mismatch,
}

impl Blame {
    /// Adds a reason; true when it is the one that counts so far.
    fn add(&mut self, disputed: bool, cost: Cost, m: Mismatch) -> bool {
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

/// The first time the stack's own word about a state fitted no reading.
#[derive(Clone, Copy, Debug)]
struct Diverged {
    step: Step,
    word: State,
    expected: State,
}

impl Oracle {
    /// A host where nothing has happened.
    pub fn new() -> Oracle {
        let mut oracle = Oracle {
            hosts: Vec::new(),
            next: Successors::default(),
            before: Vec::new(),
            noted: Vec::new(),
            diverged: None,
            fallen: None,
            remarked: false,
            lost: None,
        };
        oracle.reset();
        oracle
    }

    /// Forgets everything, keeps the room.
    pub fn reset(&mut self) {
        self.hosts.truncate(1);
        match self.hosts.first_mut() {
            Some(host) => host.clone_from(&Host::new()),
            None => self.hosts.push(Host::new()),
        }
        self.noted.clear();
        self.diverged = None;
        self.fallen = None;
        self.lost = None;
    }

    /// The readings, the leading one first.
    pub fn readings(&self) -> &[Host] {
        &self.hosts
    }

    /// The leading reading.
    pub fn leading(&self) -> Option<&Host> {
        self.hosts.first()
    }

    /// Every state that the connection of a handle may be in, over all readings; CLOSED where it is gone.
    pub fn states(&mut self, ctx: &Context<'_>, handle: Handle) -> Vec<State> {
        self.pass_time(ctx);
        let mut states: Vec<State> = Vec::new();
        for host in &self.hosts {
            let state = host.by_handle(handle).map_or(State::Closed, |i| host.tcbs[i].state);
            if !states.contains(&state) {
                states.push(state);
            }
        }
        states
    }

    /// The last observation was noted as a non-strict difference.
    pub fn has_remarked(&self) -> bool {
        self.remarked
    }

    /// What the readings conceded: the least of all that are left.
    pub fn cost(&self) -> Cost {
        self.hosts.iter().map(|h| h.cost).min().unwrap_or_default()
    }

    /// The non-strict differences of the best reading that is left.
    pub fn conceded(&self) -> Vec<Difference> {
        let Some(best) = self.hosts.iter().min_by_key(|h| h.price()) else { return Vec::new() };
        best.noted.iter().filter_map(|i| self.noted.get(usize::from(*i)).cloned()).collect()
    }

    /// Names of the rules by which every reading that is left explains this event.
    pub fn settled_rules(&self, event: usize) -> impl Iterator<Item = &'static str> {
        let (first, rest) =
            self.hosts.split_first().map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
        let of = move |h: &Host, rule: &str| {
            h.path.iter().any(|s| s.event == event && s.rule == rule && !s.licensed)
        };
        let steps = first.into_iter().flat_map(|h| h.path.iter());
        steps
            .filter(move |s| s.event == event && !s.licensed && rest.iter().all(|h| of(h, s.rule)))
            .map(|s| s.rule)
    }

    /// Names of the rules that the last stimulus fired in the leading reading.
    pub fn fired(&self, event: usize) -> impl Iterator<Item = &'static str> {
        self.hosts
            .first()
            .into_iter()
            .flat_map(move |h| h.path.iter().filter(move |s| s.event == event))
            .map(|s| s.rule)
    }

    /// A segment arrives.
    pub fn arrived(&mut self, ctx: &Context<'_>, a: &Arrival<'_>) -> Judged {
        self.pass_time(ctx);
        self.next.clear();
        let mut next = core::mem::take(&mut self.next);
        for host in &self.hosts {
            arrive::arrive(ctx, host, a, &mut next);
        }
        self.replace(ctx, next)
    }

    /// A call was made, and this is what it came to.
    pub fn called(&mut self, ctx: &Context<'_>, c: &Called) -> Judged {
        self.pass_time(ctx);
        self.next.clear();
        let mut next = core::mem::take(&mut self.next);
        let mut why = Blame::default();
        for host in &self.hosts {
            if let Err(m) = call::call(ctx, host, c, &mut next) {
                why.add(host.disputed, host.cost, m);
            }
        }
        match why.first {
            Some(Death { m, .. }) if next.list.is_empty() => self.finding(ctx, m, None),
            _ => self.replace(ctx, next),
        }
    }

    /// A segment leaves the stack.
    pub fn departed(&mut self, ctx: &Context<'_>, d: &Departure<'_>) -> Judged {
        let mut before = core::mem::take(&mut self.before);
        before.clone_from(&self.hosts);
        let mut why = Blame::default();
        let mut place = 0;
        self.hosts.retain_mut(|host| {
            place += 1;
            let Err(m) = send::depart(ctx, host, d) else { return true };
            let cost = before.get(place - 1).map_or(host.cost, |old| old.cost);
            let detail =
                matches!(m.kind, Kind::ExtraReply | Kind::Superfluous | Kind::WrongReply | Kind::WrongNumber);
            if detail && render::verdict_of(&m) == Verdict::NonStrict {
                // A detail: noted, and the reading goes on as if it had not been sent.
                if let Some(old) = before.get(place - 1) {
                    host.clone_from(old);
                }
                if matches!(m.kind, Kind::WrongNumber | Kind::WrongReply) {
                    forgive(host, &m, ctx);
                }
                host.note(m);
                return true;
            }
            why.add(host.disputed, cost, m);
            false
        });
        let judged = match why.first {
            Some(Death { m, .. }) if self.hosts.is_empty() => {
                core::mem::swap(&mut self.hosts, &mut before);
                self.finding(ctx, m, Some(d))
            }
            _ => Judged::Fits,
        };
        self.before = before;
        self.fall(ctx, &why, Some(d));
        self.collect_notes(ctx, Some(d));
        judged
    }

    /// The stack is quiet at this instant.
    pub fn settle(&mut self, ctx: &Context<'_>) -> Judged {
        let mut why = Blame::default();
        let mut last: Option<Host> = None;
        self.hosts.retain_mut(|host| {
            let Err(m) = time::settle(ctx, host) else { return true };
            // A detail ends no reading: it is noted, and what was owed is forgotten.
            if render::verdict_of(&m) == Verdict::NonStrict {
                forgive(host, &m, ctx);
                host.note(m);
                return true;
            }
            if why.add(host.disputed, host.cost, m) {
                last = Some(host.clone());
            }
            false
        });
        if let (Some(Death { m, .. }), Some(host)) = (why.first, last.filter(|_| self.hosts.is_empty())) {
            self.hosts.push(host);
            return self.finding(ctx, m, None);
        }
        self.fall(ctx, &why, None);
        self.collect_notes(ctx, None);
        Judged::Fits
    }

    /// The stack's own word about the state of each handle: it names a later finding, and accuses nobody.
    pub fn words(&mut self, ctx: &Context<'_>, words: &[(Handle, State)]) {
        if self.diverged.is_some() {
            return;
        }
        let state_of = |h: &Host, handle| h.by_handle(handle).map_or(State::Closed, |i| h.tcbs[i].state);
        // What a rule did to one connection is not confirmed by a word about another.
        let fits = |h: &Host| words.iter().all(|(handle, word)| state_of(h, *handle) == *word);
        if !self.hosts.iter().any(fits) {
            self.pass_time(ctx);
        }
        for host in &mut self.hosts {
            host.disputed = !fits(host);
        }
        if self.hosts.iter().any(fits) {
            for host in self.hosts.iter_mut().filter(|h| fits(h)) {
                host.confirm(Aspects::STATE);
            }
            return;
        }
        let Some(host) = self.hosts.first() else { return };
        let other = words.iter().find(|(handle, word)| state_of(host, *handle) != *word);
        let Some((expected, word)) = other.map(|(handle, word)| (state_of(host, *handle), *word)) else {
            return;
        };
        let fired_now = host.path.last().is_some_and(|s| s.event == ctx.event);
        let owes_fin = words.iter().any(|(handle, word)| {
            let tcb = host.by_handle(*handle).map(|i| &host.tcbs[i]);
            tcb.is_some_and(|t| t.fin_wanted && !t.fin_sent)
                && matches!(word, State::FinWait2 | State::TimeWait | State::Closed)
        });
        let step = if owes_fin {
            // It takes a FIN for acknowledged that it never sent.
            Some(end::step(ctx, Obligation::Fin, expected))
        } else if fired_now || host.path.iter().any(|s| s.open.has(Aspects::STATE)) {
            let open = |s: &&Step| s.event == ctx.event && s.open.has(Aspects::STATE);
            // URG leads nowhere.
            let last = host.path.iter().rev().find(|s| s.event == ctx.event && s.rule != "URG").copied();
            host.path.iter().find(open).copied().or(last).or_else(|| host.suspect(ctx.event, Aspects::STATE))
        } else {
            // Every rule has shown its effect: only the clock moved.
            let by_time = Step { rule: "STATE-BY-TIME", ..end::step(ctx, Obligation::Silence, expected) };
            Some(end::of_time(ctx, expected, word).map_or(by_time, |o| end::step(ctx, o, expected)))
        };
        if let Some(step) = step {
            self.diverged = Some(Diverged { step, word, expected });
        }
    }

    /// The next instant at which something falls due in some reading.
    pub fn next_deadline(&self, ctx: &Context<'_>) -> Instant {
        self.hosts.iter().map(|h| time::next_deadline(ctx, h)).min().unwrap_or(Instant::NEVER)
    }

    /// Splits readings where time alone may have ended a connection.
    fn pass_time(&mut self, ctx: &Context<'_>) {
        let timed = |t: &Tcb| {
            t.time_wait.is_some() || t.state == State::FinWait2 || t.may_have_given_up(ctx.now, patience(ctx))
        };
        if !self.hosts.iter().any(|h| h.tcbs.iter().any(timed)) {
            return;
        }
        self.next.clear();
        let gone = &mut self.next;
        self.hosts.retain(|host| arrive::expire(ctx, host, gone));
        self.hosts.append(&mut self.next.list);
    }

    /// Turns the fresh notes of the readings into differences.
    fn collect_notes(&mut self, ctx: &Context<'_>, d: Option<&Departure<'_>>) {
        self.remarked = self.hosts.iter().any(|h| !h.fresh.is_empty());
        if !self.remarked {
            return;
        }
        for host in &mut self.hosts {
            for m in core::mem::take(&mut host.fresh) {
                let difference = render::difference(ctx, &m, d, Verdict::NonStrict);
                let same =
                    |x: &Difference| x.signature == difference.signature && x.event == difference.event;
                let index = self.noted.iter().position(same).unwrap_or_else(|| {
                    self.noted.push(difference);
                    self.noted.len() - 1
                });
                if !host.noted.contains(&(index as u16)) {
                    host.noted.push(index as u16);
                }
            }
        }
    }

    /// Takes new readings in place of the old: one of each kind, the cheapest; not too many.
    fn replace(&mut self, ctx: &Context<'_>, mut next: Successors) -> Judged {
        core::mem::swap(&mut self.hosts, &mut next.list);
        self.next = next;
        self.dedupe();
        self.collect_notes(ctx, None);
        if self.hosts.iter().any(|h| h.lost) {
            self.lost = Some("more connections or debts than a reading holds");
        }
        if self.hosts.len() > READINGS_MAX {
            self.lost = Some("more than 16 readings");
        }
        match self.lost {
            Some(why) => Judged::Lost(why),
            None => Judged::Fits,
        }
    }

    fn dedupe(&mut self) {
        let mut kept = 0;
        for i in 0..self.hosts.len() {
            let same = (0..kept).find(|k| self.hosts[*k] == self.hosts[i]);
            match same {
                Some(k) => {
                    let challenged = self.hosts[i].challenged.max(self.hosts[k].challenged);
                    self.hosts[i].challenged = challenged;
                    self.hosts[k].challenged = challenged;
                    if self.hosts[i].price() < self.hosts[k].price() {
                        self.hosts.swap(i, k);
                    }
                }
                None => {
                    self.hosts.swap(kept, i);
                    kept += 1;
                }
            }
        }
        self.hosts.truncate(kept);
    }

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
    fn fall(&mut self, ctx: &Context<'_>, why: &Blame, d: Option<&Departure<'_>>) {
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
    fn finding(&self, ctx: &Context<'_>, m: Mismatch, d: Option<&Departure<'_>>) -> Judged {
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

impl Default for Oracle {
    fn default() -> Self {
        Oracle::new()
    }
}

/// After a missing detail: what was owed is forgotten, so that the reading can go on.
fn forgive(host: &mut Host, m: &Mismatch, ctx: &Context<'_>) {
    host.debts.retain(|d| d.step != m.step || d.due > ctx.now);
    for tcb in &mut host.tcbs {
        if m.kind == Kind::Obligation {
            tcb.idle_since = tcb.idle_since.map(|_| ctx.now);
        }
    }
}
