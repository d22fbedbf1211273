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
mod blame;
mod call;
mod context;
mod debt;
mod end;
mod host;
mod render;
mod send;
mod step;
mod tcb;
mod time;
mod told;
mod words;

#[cfg(test)]
mod tests;

use core::net::{IpAddr, Ipv4Addr};

use lastack_core::types::{Endpoint, Instant, State};

pub use arrive::{Arrival, Met, Packet};
use blame::{Blame, Death, forgive};
pub use call::Called;
pub use context::{Broken, Context, Timeouts};
pub use host::Host;
use host::{Hosts, Successors};
pub use send::Departure;
pub use step::Cost;
use step::{Aspects, Step};
pub use tcb::{Origin, Tcb};
pub use time::{LATE_MAX, patience, silence_max, silence_of, time_wait_span};
use words::{Diverged, Words};

use crate::subject::{Handle, ListenerKind};
use crate::table::Level;
use crate::verdict::{AckRelation, Difference, Kind, Obligation, Trigger, Verdict};

/// The most readings at a time; more is inconclusive.
pub const READINGS_MAX: usize = 64;

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
    hosts: Hosts,
    next: Successors,
    noted: Vec<Difference>,
    diverged: Option<Diverged>,
    fallen: Option<Box<Difference>>,
    unanswered: Option<Box<Difference>>,
    remarked: bool,
    met: Option<Met>,
    /// The stack can be asked for states.
    says_states: bool,
    /// A SYN met a full queue: the answer may have been a SYN cookie (RFC 4987 3.6), which no reading follows.
    cookies: bool,
    /// What it last told of them, and when.
    told: Option<(Instant, Words)>,
    lost: Option<&'static str>,
}

impl Oracle {
    /// A host where nothing has happened.
    pub fn new() -> Oracle {
        let mut oracle = Oracle {
            hosts: Vec::new(),
            next: Successors::default(),
            noted: Vec::new(),
            diverged: None,
            fallen: None,
            unanswered: None,
            remarked: false,
            met: None,
            says_states: false,
            cookies: false,
            told: None,
            lost: None,
        };
        oracle.reset();
        oracle
    }

    /// Forgets everything, keeps the room.
    pub fn reset(&mut self) {
        self.next.give_back_after(1, &mut self.hosts);
        match self.hosts.first_mut() {
            Some(host) => Host::clone_from(host, &Host::new()),
            None => self.hosts.push(Box::default()),
        }
        self.noted.clear();
        self.diverged = None;
        self.fallen = None;
        self.unanswered = None;
        self.met = None;
        self.says_states = false;
        self.cookies = false;
        self.told = None;
        self.lost = None;
    }

    /// The readings, the leading one first.
    pub fn readings(&self) -> impl Iterator<Item = &Host> {
        self.hosts.iter().map(Box::as_ref)
    }

    /// The leading reading.
    pub fn leading(&self) -> Option<&Host> {
        self.hosts.first().map(Box::as_ref)
    }

    /// Every state that the connection of a handle may be in, over all readings; CLOSED where it is gone.
    pub fn states(&mut self, ctx: &Context<'_>, handle: Handle) -> Vec<State> {
        self.pass_time(ctx);
        let mut states: Vec<State> = Vec::new();
        for host in &self.hosts {
            let own = host.by_handle(handle).map_or(State::Closed, |i| host.tcbs[i].state);
            // What a forking listener made is behind its handle until it is accepted.
            let made =
                host.tcbs.iter().filter(|t| t.handle == handle && !t.accepted_by_user).map(|t| t.state);
            for state in core::iter::once(own).chain(made) {
                if !states.contains(&state) {
                    states.push(state);
                }
            }
        }
        states
    }

    /// A connection that no handle names may be there, or come: what is set on its listener need not be its own.
    pub fn may_hold_unnamed(&self, ctx: &Context<'_>) -> bool {
        let forks = matches!(ctx.capabilities.listener, ListenerKind::Forks { .. });
        let unnamed = |t: &Tcb| !t.accepted_by_user || forks && t.state == State::Listen;
        self.hosts.iter().any(|host| host.tcbs.iter().any(unnamed))
    }

    /// How many octets of a handle's connection SEND has taken, where all readings agree. A connection that
    /// went back to LISTEN begins its stream anew.
    pub fn accepted(&self, handle: Handle) -> Option<u32> {
        let of = |host: &Host| host.by_handle(handle).map(|i| host.tcbs[i].accepted);
        let first = self.leading().and_then(of)?;
        self.hosts.iter().all(|host| of(host) == Some(first)).then_some(first)
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

    /// The same with the state in which each fired.
    pub fn fired_in(&self, event: usize) -> impl Iterator<Item = (&'static str, State)> {
        let path = self.hosts.first().map_or(&[][..], |h| &h.path);
        path.iter().filter(move |s| s.event == event).map(|s| (s.rule, s.state))
    }

    /// What the last segment met in the leading reading.
    pub fn met(&self) -> Option<Met> {
        self.met
    }

    /// What the leading reading's connections owe in time as they stand.
    pub fn obligations(&self, ctx: &Context<'_>) -> impl Iterator<Item = (&Tcb, Obligation)> {
        let tcbs = self.hosts.first().into_iter().flat_map(|host| host.tcbs.iter());
        tcbs.flat_map(move |tcb| time::arisen(ctx, tcb).map(move |obligation| (tcb, obligation)))
    }

    /// A segment arrives.
    pub fn arrived(&mut self, ctx: &Context<'_>, a: &Arrival<'_>) -> Judged {
        self.pass_time(ctx);
        self.next.clear();
        let mut next = core::mem::take(&mut self.next);
        self.met = None;
        for host in &self.hosts {
            let met = arrive::arrive(ctx, host, a, &mut next);
            let asks = a.segment.header.flags.syn() && met.state == State::Listen;
            self.cookies |= asks && arrive::backlog_full(ctx, host, a);
            self.met.get_or_insert(met);
        }
        for host in &mut next.list {
            if let Some(index) = host.connection(a.port(), a.remote()) {
                host.tcbs[index].heard = ctx.now;
                host.tcbs[index].take_timestamp(a.tsval);
            }
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
                why.add(host, m);
            }
        }
        match why.first {
            Some(Death { m, .. }) if next.list.is_empty() => self.finding(ctx, m, None),
            died => {
                let judged = self.replace(ctx, next);
                if died.is_some() {
                    self.fall(ctx, &why, None);
                }
                judged
            }
        }
    }

    /// A segment leaves the stack.
    pub fn departed(&mut self, ctx: &Context<'_>, d: &Departure<'_>) -> Judged {
        self.next.clear();
        let mut why = Blame::default();
        for host in &self.hosts {
            let mut sender = self.next.copy(host);
            let Err(m) = send::depart(ctx, &mut sender, d) else {
                self.next.push(sender);
                continue;
            };
            let detail =
                matches!(m.kind, Kind::ExtraReply | Kind::Superfluous | Kind::WrongReply | Kind::WrongNumber);
            if detail && render::verdict_of(&m) == Verdict::NonStrict {
                // A detail: noted, and the reading goes on as if it had not been sent.
                Host::clone_from(&mut sender, host);
                if matches!(m.kind, Kind::WrongNumber | Kind::WrongReply) {
                    forgive(&mut sender, &m, ctx);
                }
                sender.note(m);
                self.next.push(sender);
                continue;
            }
            why.add(host, m);
            self.next.give_back(sender);
        }
        let judged = match why.first {
            // The readings stay as they were, for whoever asks what was expected.
            Some(Death { m, .. }) if self.next.list.is_empty() => self.finding(ctx, m, Some(d)),
            _ => {
                core::mem::swap(&mut self.hosts, &mut self.next.list);
                Judged::Fits
            }
        };
        if why.first.is_some() {
            self.fall(ctx, &why, Some(d));
        }
        self.collect_notes(ctx, Some(d));
        judged
    }

    /// The stack is quiet at this instant.
    pub fn settle(&mut self, ctx: &Context<'_>) -> Judged {
        let unsaid = |tcb: &Tcb| time::may_have_ended_unsaid(ctx, tcb, self.says_states);
        if self.hosts.iter().any(|host| host.tcbs.iter().any(unsaid)) {
            self.pass_time(ctx);
        }
        let mut why = Blame::default();
        let mut last: Option<Box<Host>> = None;
        self.hosts.retain_mut(|host| {
            let Err(m) = time::settle(ctx, host) else { return true };
            // A detail ends no reading: it is noted, and what was owed is forgotten.
            if render::verdict_of(&m) == Verdict::NonStrict {
                forgive(host, &m, ctx);
                host.note(m);
                return true;
            }
            if why.add(host, m) {
                last = Some(host.clone());
            }
            false
        });
        if self.hosts.is_empty()
            && let (Some(Death { m, .. }), Some(host)) = (why.first, last)
        {
            self.hosts.push(host);
            return self.finding(ctx, m, None);
        }
        if why.first.is_some() {
            self.fall(ctx, &why, None);
        }
        self.collect_notes(ctx, None);
        Judged::Fits
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
        // At this very instant the stack has told that it lives.
        if let Some((_, words)) = self.told.as_ref().filter(|(at, _)| *at == ctx.now) {
            gone.list.iter_mut().for_each(|host| host.disputed |= !words::fits(host, words));
        }
        self.hosts.append(&mut self.next.list);
        self.dedupe();
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
            self.lost = Some("more connections, debts or pieces than a reading holds");
        }
        if self.hosts.len() > READINGS_MAX {
            self.lost = Some("too many readings");
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
                    let (kept, rest) = self.hosts.split_at_mut(i);
                    kept[k].join(&mut rest[0]);
                    if self.hosts[i].price() < self.hosts[k].price() {
                        self.hosts.swap(i, k);
                    }
                }
                None => {
                    if kept != i {
                        self.hosts.swap(kept, i);
                    }
                    kept += 1;
                }
            }
        }
        self.next.give_back_after(kept, &mut self.hosts);
    }
}

impl Default for Oracle {
    fn default() -> Self {
        Oracle::new()
    }
}
