//! Timers: RFC 9293 3.10.8, 3.8.1, 3.8.3, 3.8.4, 3.8.6; RFC 6298 5.

use lastack_core::types::{Duration, Instant, State};

use super::config::Config;
use super::edition::Habit;
use super::host::Host;
use super::run::Run;
use super::tcb::Tcb;
use crate::table::{Event, Facts, Guard, TimerKind, event_rule_edited};

/// How often a ghost speaks ([`Habit::SpeaksAfterEnd`]).
pub(super) const GHOST: Duration = Duration::from_secs(1);
/// So many retransmissions are R1 (RFC 9293 3.8.3, SHLD-10).
const R1: u8 = 3;

impl Host {
    /// Everything that is due by now, each timer once.
    pub fn fire_timers(&mut self, config: &Config) {
        if let Some((plain, at)) = self.ghost.filter(|(_, at)| *at <= self.now) {
            self.ghost = Some((plain, at + GHOST));
            self.plain.push(plain);
        }
        let mut at = 0;
        while at < self.tcbs.len() {
            let before = self.tcbs.len();
            self.fire_timers_of(config, at);
            // Who has gone left its place to the next.
            at += usize::from(self.tcbs.len() == before);
        }
    }

    fn fire_timers_of(&mut self, config: &Config, at: usize) {
        let now = self.now;
        let due = |timer: Option<Instant>| timer.is_some_and(|timer| timer <= now);
        let tcb = &mut self.tcbs[at];
        if due(tcb.two_msl_at) {
            tcb.two_msl_at = None;
            return self.timer(config, at, TimerKind::TimeWait, Guard::TwoMslPassed);
        }
        if due(tcb.give_up_at(config)) {
            tcb.waits_since = None;
            return self.timer(config, at, TimerKind::UserTimeout, Guard::R2Reached);
        }
        if due(tcb.ack_at) {
            tcb.ack_at = None;
            self.timer(config, at, TimerKind::DelayedAck, Guard::AckPending);
        }
        let Some(tcb) = self.tcbs.get_mut(at) else { return };
        if due(tcb.keep_alive_at(config)) {
            tcb.heard_at = now;
            self.timer(config, at, TimerKind::KeepAlive, Guard::Idle);
        }
        let Some(tcb) = self.tcbs.get_mut(at) else { return };
        if due(tcb.rto_at) {
            tcb.rto_at = None;
            tcb.tries = tcb.tries.saturating_add(1);
            let (tries, in_flight, shut) = (tcb.tries, tcb.in_flight(), tcb.wnd == 0);
            if !in_flight && !shut {
                tcb.due.text = true;
                tcb.due.forced = true;
                return;
            }
            if in_flight && !shut {
                tcb.sent_again = Some(tcb.nxt);
            }
            if in_flight {
                self.timer(config, at, TimerKind::Retransmission, Guard::QueueNotEmpty);
            } else {
                self.timer(config, at, TimerKind::ZeroWindowProbe, Guard::ZeroWindow);
            }
            if tries == R1 {
                self.timer(config, at, TimerKind::R1, Guard::R1Reached);
            }
        }
    }

    fn timer(&mut self, config: &Config, at: usize, timer: TimerKind, given: Guard) {
        let Some(tcb) = self.tcbs.get(at) else { return };
        let keep = |id| config.edition.row(id).is_some();
        let rule = event_rule_edited(tcb.state, Event::Timer(timer), config.switches, &[given], keep);
        let mut run = Run::new(self, config, Some(at), None, Facts::default());
        if let Some(rule) = rule {
            run.fire(rule);
        }
        run.finish();
    }

    /// Starts and stops the retransmission timers after whatever happened.
    pub fn arm_timers(&mut self, config: &Config) {
        let now = self.now;
        for tcb in &mut self.tcbs {
            tcb.arm(config, now);
        }
    }

    /// The next instant at which a timer fires.
    pub fn next_timer(&self, config: &Config) -> Option<Instant> {
        let of = |t: &Tcb| {
            [t.rto_at, t.ack_at, t.two_msl_at, t.give_up_at(config), t.keep_alive_at(config)]
                .into_iter()
                .flatten()
                .min()
        };
        self.tcbs.iter().filter_map(of).chain(self.ghost.map(|(_, at)| at)).min()
    }
}

impl Tcb {
    fn arm(&mut self, config: &Config, now: Instant) {
        let resting = matches!(self.state, State::Closed | State::Listen | State::TimeWait);
        let waits = self.state.is_synchronized() && self.waits();
        if resting || !self.in_flight() && !waits {
            self.rto_at = None;
            self.waits_since = None;
        } else if self.rto_at.is_none() && !self.due.syn {
            let timer = if self.in_flight() { TimerKind::Retransmission } else { TimerKind::ZeroWindowProbe };
            self.rto_at = config.span(self.state, timer, self.rto).map(|span| now + span);
            if !self.in_flight() {
                self.waits_since = self.waits_since.or(Some(now));
            }
        }
        if !self.in_flight() && !self.waits_before_flight() {
            self.waits_since = None;
        }
        if config.has(Habit::TimesOutHealthy) && self.user_timeout.is_some() && !resting {
            self.waits_since = self.waits_since.or(Some(now));
        }
    }

    /// When the user timeout, or R2 where the user gave none, ends the connection.
    fn give_up_at(&self, config: &Config) -> Option<Instant> {
        let since = self.waits_since?;
        let limit = config.span(self.state, TimerKind::UserTimeout, self.user_timeout.unwrap_or(config.r2));
        limit.map(|limit| since + limit)
    }

    /// When the next keep-alive probe leaves: nothing was heard and nothing is in flight (RFC 9293 3.8.4).
    fn keep_alive_at(&self, config: &Config) -> Option<Instant> {
        let idle = matches!(self.state, State::Established | State::FinWait2 | State::CloseWait);
        let interval = self.keep_alive.filter(|_| idle && !self.in_flight() && !self.waits())?;
        config.span(self.state, TimerKind::KeepAlive, interval).map(|span| self.heard_at + span)
    }
}
