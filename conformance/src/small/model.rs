//! The table executed as a stack, in a small world.

use std::sync::Arc;

use lastack_core::types::{Duration, Segment, SeqNum, State};

use super::flying::{Flying, Peer};
use super::{Stack, Timer, View};
use crate::model::{Config, Edition, Host};
use crate::subject::{Call, Outcome, Setup, UserSignal};
use crate::table::Profile;

/// A model and which end it is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Modelled {
    peer: Peer,
    host: Host,
}

/// A side's configuration and stack: an edition of the table under a profile, with its first ISS.
pub fn modelled(
    peer: Peer,
    edition: &Arc<Edition>,
    profile: &Profile,
    setup: Setup,
    iss: u32,
) -> (Config, Modelled) {
    let second = Some(Duration::from_secs(1));
    // Retransmissions at one pace, so that states repeat.
    let profile = Profile { rto_min: second, rto_max: second, ..*profile };
    let config = Config::new(Arc::clone(edition), &profile, setup);
    (config, Modelled { peer, host: Host::new(SeqNum::new(iss)) })
}

impl Stack for Modelled {
    type Config = Config;

    fn restarted(&self, _: &Config) -> Modelled {
        // RFC 9293 3.4.1: what makes ISNs is a clock, which a crash does not stop.
        Modelled { peer: self.peer, host: Host { isn: self.host.isn, ..Host::default() } }
    }

    fn call(&mut self, config: &Config, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        let outcome = self.host.call(config, 0, call, received);
        self.host.arm_timers(config);
        outcome
    }

    fn arrive(&mut self, config: &Config, segment: &Flying) {
        self.host.arrive(config, &segment.segment());
        self.host.arm_timers(config);
    }

    fn leave(&mut self, config: &Config) -> Option<Flying> {
        let sent = self.host.next_segment(config);
        self.host.arm_timers(config);
        let (header, text) = sent?;
        Some(Flying::of(self.peer, &Segment { header, text: &text }))
    }

    fn fire(&mut self, config: &Config) {
        if let Some(at) = self.host.next_timer(config) {
            self.host.now = self.host.now.max(at);
            self.host.fire_timers(config);
            self.host.arm_timers(config);
        }
    }

    fn signals(&mut self, out: &mut Vec<UserSignal>) {
        out.extend(self.host.signals.drain(..).map(|(_, signal)| signal));
    }

    fn view(&self, config: &Config) -> View {
        let zero = SeqNum::new(0);
        let timer = match self.host.next_timer(config) {
            None => Timer::None,
            Some(at) if self.host.tcbs.iter().any(|tcb| tcb.two_msl_at == Some(at)) => Timer::TwoMsl,
            Some(_) => Timer::Soon,
        };
        let none = View {
            state: self.host.tcbs.first().map_or(State::Closed, |tcb| tcb.state),
            iss: None,
            irs: None,
            una: zero,
            nxt: zero,
            rcv_nxt: zero,
            queued: 0,
            shut: false,
            timer,
        };
        self.host.tcbs.iter().find(|tcb| tcb.remote.is_some()).map_or(none, |tcb| View {
            state: tcb.state,
            iss: Some(tcb.iss),
            irs: tcb.irs,
            una: tcb.una,
            nxt: tcb.nxt,
            rcv_nxt: tcb.rcv_nxt,
            queued: tcb.queue.len() as u32,
            shut: tcb.wnd == 0,
            ..none
        })
    }

    fn normalise(&mut self, _: &Config) {
        self.host.forget_time();
    }

    fn spill(&mut self, octets: usize) {
        for tcb in &mut self.host.tcbs {
            tcb.unread.truncate(octets);
            tcb.readable = tcb.readable.min(octets as u32);
        }
    }
}
