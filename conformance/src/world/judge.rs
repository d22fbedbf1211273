//! Who broke what first.

use super::World;
use crate::driver::Over;
use crate::monitor::MonitorId;
use crate::property::{Breach, Life, liveness, pair, stream};
use crate::scenario::HostId;
use crate::verdict::{Difference, Kind, Verdict};

impl World<'_> {
    /// Looks at what an end's judge said about what it has just done.
    pub(super) fn look(&mut self, id: HostId, done: Result<(), Over>) {
        let host = &mut self.hosts[id.index()];
        let summary = host.end.summary();
        let fresh = summary.conceded.get(host.seen..).unwrap_or_default();
        let mut failed = fresh.iter().filter(|d| d.verdict == Verdict::Fail);
        let caught = failed.clone().find(|d| !is_waste(d)).cloned();
        if let Some(wasted) = failed.find(|d| is_waste(d)) {
            let event = self.event;
            self.wasted.get_or_insert_with(|| (id, Difference { event, ..wasted.clone() }));
        }
        host.seen = summary.conceded.len();
        if done.is_err() {
            let broken = summary.finding.as_ref();
            let ended = broken.is_some_and(|d| matches!(d.signature.kind, Kind::Panic | Kind::NeverQuiet));
            let (finding, lost) = (broken.cloned(), summary.inconclusive.clone());
            host.end.judge_no_more();
            match finding {
                Some(finding) => self.charge(id, finding),
                None => self.course.inconclusive = self.course.inconclusive.take().or(lost),
            }
            self.over |= ended || self.course.inconclusive.is_some() && !self.runs_on;
        } else if let Some(caught) = caught {
            self.charge(id, caught);
        }
    }

    /// The first rule that an end breaks is that end's; what follows is nobody's.
    fn charge(&mut self, id: HostId, finding: Difference) {
        if self.is_charged() || self.only_properties {
            return;
        }
        // Of the script's events the one that was being played.
        self.course.first = Some((id, Difference { event: self.event, ..finding }));
        self.nobody_is_judged();
    }

    /// A property does not hold.
    pub(super) fn breach(&mut self, breach: Breach) {
        if self.is_charged() || self.course.deceived.is_some() || self.course.inconclusive.is_some() {
            return;
        }
        self.course.breach = Some((breach, self.clock()));
        self.nobody_is_judged();
    }

    /// Nothing else was found: what was only waste counts.
    pub(super) fn charge_waste(&mut self) {
        if !self.is_charged() && !self.only_properties && self.course.inconclusive.is_none() {
            self.course.first = self.wasted.take();
        }
    }

    fn is_charged(&self) -> bool {
        self.course.first.is_some() || self.course.breach.is_some()
    }

    fn nobody_is_judged(&mut self) {
        self.over |= !self.runs_on;
        for host in &mut self.hosts {
            host.end.judge_no_more();
        }
    }

    /// A stack panicked: the one that was at work. Where none was, the panic is our own, and goes on.
    pub(super) fn panicked(&mut self, panic: Box<dyn core::any::Any + Send>) {
        let at_work = |id: &HostId| self.hosts[id.index()].end.has_panicked();
        let id = HostId::BOTH.into_iter().find(at_work).unwrap_or(self.turn);
        let end = &mut self.hosts[id.index()].end;
        end.panicked(panic);
        if let Some(finding) = end.summary().finding.clone() {
            self.charge(id, finding);
        }
    }

    /// What must hold whenever nothing moves.
    pub(super) fn ask(&mut self) {
        if self.is_charged() {
            return;
        }
        let both = self.incarnation(HostId::A).zip(self.incarnation(HostId::B));
        if let Some(breach) = both.and_then(|(a, b)| pair::check(a, b)) {
            self.breach(breach);
        }
    }

    /// What must hold in the end, when the faults have ceased. A link that packets do not fit through, or do not
    /// live through, never ceases to lose them, and a host whose transmit queue stays full can tell nobody anything.
    pub(super) fn last_question(&mut self) {
        if self.link.loses_for_ever() || self.hosts.iter().any(|host| host.end.is_full()) {
            return;
        }
        let mut lasts = Vec::new();
        for place in 0..self.lives.len() {
            let life = self.lives[place];
            // The handle may be another connection's by now.
            let newest =
                !self.lives[place + 1..].iter().any(|l| (l.host, l.handle) == (life.host, life.handle));
            let states =
                if newest { self.hosts[life.host.index()].end.states(life.handle) } else { Vec::new() };
            let now = self.incarnation(life.host).filter(|now| {
                newest && life.key.is_some_and(|key| now.stack.iss.is_some_and(|iss| iss.value() == key.own))
            });
            let in_flight = now.is_some_and(|now| now.snd_una() != now.snd_nxt());
            let recv_buffer = self.hosts[life.host.index()].end.setup().recv_buffer;
            lasts.push(liveness::Last { life, states, in_flight, recv_buffer });
        }
        let lives: Vec<Life> = lasts.iter().map(|last| last.life).collect();
        // What a host told before it crashed was judged when it came; another may have taken its numbers since.
        let mut there = lives.iter().filter(|life| !life.gone);
        if let Some(breach) = there.find_map(|life| stream::ended(&lives, life)) {
            self.breach(breach);
        }
        self.course.stuck = liveness::check(&lasts);
        if let Some(breach) = self.course.stuck.clone() {
            self.breach(breach);
        }
    }

    /// Every user has done and seen what it wanted.
    pub(super) fn all_done(&self) -> bool {
        self.lives.iter().all(|life| life.is_done())
    }
}

fn is_waste(difference: &Difference) -> bool {
    MonitorId::from_name(difference.signature.rule).is_some_and(MonitorId::is_waste)
}
