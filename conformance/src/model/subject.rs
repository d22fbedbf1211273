//! The model behind the adapter.

use std::sync::Arc;

use lastack_core::types::{Instant, SeqNum, State};

use super::config::{Config, Footprint};
use super::edition::Edition;
use super::host::Host;
use crate::subject::{
    Call, Capabilities, Description, Factory, Handle, ListenerKind, Outcome, Packets, Polled, Setup, Subject,
    UserSignal,
};
use crate::table::Profile;

/// The table as a stack.
#[derive(Clone, Debug)]
pub struct Model {
    name: &'static str,
    edition: Option<Arc<Edition>>,
    profile: Profile,
    footprint: Option<Arc<Footprint>>,
}

impl Model {
    /// RFC 9293 with RFC 5961, unless a profile says otherwise.
    pub const STANDARD: Model =
        Model { name: "model", edition: None, profile: Profile::UNDECLARED, footprint: None };

    /// An edition of the table, under a profile.
    pub fn new(name: &'static str, edition: Edition, profile: Profile) -> Model {
        Model { name, edition: Some(Arc::new(edition)), profile, footprint: None }
    }

    /// The same; the rows that fire leave their marks.
    #[must_use]
    pub fn with_footprint(self, footprint: Arc<Footprint>) -> Model {
        Model { footprint: Some(footprint), ..self }
    }

    fn edition(&self) -> Arc<Edition> {
        self.edition.clone().unwrap_or_else(|| Arc::new(Edition::standard()))
    }
}

impl Factory for Model {
    fn describe(&self) -> Description {
        Description {
            name: self.name.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            profile: Config::declared(self.profile),
            capabilities: Capabilities {
                ipv4: true,
                ipv6: true,
                many: true,
                listener: ListenerKind::BecomesConnection,
                iss: true,
                exact_recv_buffer: true,
                zero_recv_buffer: true,
                reads_when_full: false,
                half_close: true,
                user_timeout: true,
                keep_alive: true,
                virtual_time: true,
                names_errors: true,
            },
        }
    }

    fn make(&self) -> Box<dyn Subject> {
        self.make_under(&self.profile)
    }

    fn make_under(&self, profile: &Profile) -> Box<dyn Subject> {
        let mut wire = Wire::new(self.edition(), *profile);
        wire.config.footprint.clone_from(&self.footprint);
        Box::new(wire)
    }
}

/// A host and what does not change about it.
pub struct Wire {
    profile: Profile,
    config: Config,
    host: Host,
}

impl Wire {
    /// A stack by this edition of the table.
    pub fn new(edition: Arc<Edition>, profile: Profile) -> Wire {
        let config = Config::new(edition, &profile, Setup::default());
        Wire { profile, config, host: Host::default() }
    }

    /// The state of the whole stack.
    pub const fn host(&self) -> &Host {
        &self.host
    }
}

impl Subject for Wire {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        if setup.mtu < 68 {
            return Err(format!("an MTU of {} octets leaves no room for text; 68 is the least", setup.mtu));
        }
        let footprint = self.config.footprint.take();
        let fresh = Config::new(self.config.edition.clone(), &self.profile, *setup);
        self.config = Config { footprint, ..fresh };
        // One number of the seed, spread over all 32 bits.
        let drawn = (seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32;
        self.host = Host::new(SeqNum::new(setup.iss.unwrap_or(drawn)));
        Ok(())
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        let outcome = self.host.call(&self.config, handle, call, received);
        self.host.arm_timers(&self.config);
        outcome
    }

    fn deliver(&mut self, packet: &[u8]) {
        // What has run out while there was no room to send is over before anything else comes.
        self.host.fire_timers(&self.config);
        self.host.deliver(&self.config, packet);
        self.host.arm_timers(&self.config);
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        if room == 0 {
            return Polled::Settled;
        }
        self.host.fire_timers(&self.config);
        let mut left = room;
        while left > 0 && self.host.send_one(&self.config, out) {
            left -= 1;
        }
        self.host.arm_timers(&self.config);
        if left == 0 { Polled::More } else { Polled::Settled }
    }

    fn next_timer(&mut self) -> Option<Instant> {
        self.host.next_timer(&self.config).map(|at| at.max(self.host.now))
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.host.now = self.host.now.max(to);
        self.host.now
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        self.host.signals.retain(|(to, signal)| {
            if *to == handle {
                out.push(*signal);
            }
            *to != handle
        });
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        Some(self.host.by_handle(handle).map_or(State::Closed, |at| self.host.tcbs[at].state))
    }
}
