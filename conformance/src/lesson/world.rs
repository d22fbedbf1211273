//! Small worlds of lessons, as data.

use std::sync::Arc;

use lastack_core::types::Flags;

use crate::model::{Config, Edit, Edition};
use crate::small::{self, Do, Door, Faults, Flying, Modelled, Peer, Script, Side, modelled, octet};
use crate::subject;
use crate::table::{Profile, Reply};

/// A segment of an earlier incarnation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stale {
    /// Whom it is for.
    pub to: Peer,
    /// Control bits.
    pub flags: Flags,
    /// SEG.SEQ.
    pub seq: u32,
    /// The acknowledgment field.
    pub ack: u32,
    /// It has an octet of text.
    pub text: bool,
}

/// One end of a lesson's world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Actor {
    /// Its first ISS.
    pub iss: u32,
    /// Its receive buffer, in octets.
    pub buffer: u32,
    /// The MTU of its interface, in octets.
    pub mtu: u16,
    /// Its user takes all text at once.
    pub reads: bool,
    /// What its user calls.
    pub script: Script,
}

/// A world of two models.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct World {
    /// A and B.
    pub actors: [Actor; 2],
    /// So many calls of A and B come before the story.
    pub prologue: [u8; 2],
    /// What may go wrong.
    pub faults: Faults,
    /// Segments of earlier incarnations.
    pub stale: &'static [Stale],
    /// The most text that a packet of the link carries.
    pub carries: usize,
    /// The most segments in flight.
    pub room: usize,
    /// Segments may overtake each other.
    pub overtakes: bool,
}

/// What the stacks of a world are like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Variant {
    /// The table's edits.
    pub edits: &'static [Edit],
    /// The profile, as on the command line; what it leaves open is as in [`PROFILE`].
    pub profile: &'static str,
    /// What A and B do without.
    pub doors: [&'static [Door]; 2],
}

/// RFC 9293 with RFC 5961, and RFC 1337 in TIME-WAIT.
pub const PROFILE: &str = "rst=rfc5961,syn=rfc5961,ack=rfc5961,time_wait_rst=ignore";

/// What the table has to give up first. Taken literally, RFC 9293 3.10.7.4 has TIME-WAIT answer every
/// acknowledgment, also an empty one: two ends in TIME-WAIT then answer each other for ever. No stack does so, and
/// the RFC's own reason (only a FIN can come) speaks of FINs alone.
pub const SOUND: &[Edit] = &[Edit::Reply("ACK-OLD-TIME-WAIT", Reply::None)];

/// No fault at all.
pub const CALM: Faults = Faults { drops: 0, copies: 0, corruptions: 0, timers: [0; 2], crashes: [0; 2] };

impl Actor {
    /// An end with these calls; A's ISS is 100, B's 300.
    pub const fn new(peer: Peer, first: &'static [Do]) -> Actor {
        let iss = match peer {
            Peer::A => 100,
            Peer::B => 300,
        };
        Actor { iss, buffer: 1000, mtu: 1500, reads: true, script: Script { first, after_crash: &[] } }
    }
}

impl World {
    /// A calm world of two users.
    pub const fn new(a: &'static [Do], b: &'static [Do]) -> World {
        World {
            actors: [Actor::new(Peer::A, a), Actor::new(Peer::B, b)],
            prologue: [0, 0],
            faults: CALM,
            stale: &[],
            carries: 1460,
            room: 6,
            overtakes: true,
        }
    }

    /// The same, searched from where A and B are connected.
    pub const fn connected(self) -> World {
        World { prologue: [1, 1], ..self }
    }

    /// The small world of two models of this variant.
    ///
    /// # Errors
    /// A rule or a profile that there is not.
    pub fn setup(&self, variant: &Variant) -> Result<small::Setup<Config, Modelled>, String> {
        let edition = Arc::new(Edition::new(&[SOUND, variant.edits].concat())?);
        let profile = Profile::UNDECLARED.with_text(PROFILE)?;
        let profile =
            if variant.profile.is_empty() { profile } else { profile.with_text(variant.profile)? };
        let side = |peer: Peer| {
            let actor = &self.actors[peer.index()];
            let doors = variant.doors[peer.index()].to_vec();
            let lies = doors.iter().any(|door| matches!(door, Door::Spills(_)));
            let recv_buffer = if lies { 1000 } else { actor.buffer };
            let setup = subject::Setup { recv_buffer, mtu: actor.mtu, ..subject::Setup::default() };
            let (config, stack) = modelled(peer, &edition, &profile, setup, actor.iss);
            Side { config, stack, script: actor.script, reads: actor.reads, doors }
        };
        Ok(self.with_sides(Peer::BOTH.map(side)))
    }

    /// The small world of two references.
    #[cfg(feature = "reference")]
    pub fn references(&self) -> small::Setup<small::Kind, small::Referenced> {
        let side = |peer: Peer| {
            let actor = &self.actors[peer.index()];
            let setup =
                subject::Setup { recv_buffer: actor.buffer, mtu: actor.mtu, ..subject::Setup::default() };
            let (config, stack) = small::referenced(peer, setup);
            Side { config, stack, script: actor.script, reads: actor.reads, doors: Vec::new() }
        };
        self.with_sides(Peer::BOTH.map(side))
    }

    fn with_sides<C, S>(&self, sides: [Side<C, S>; 2]) -> small::Setup<C, S> {
        let stale = self.stale.iter().map(|s| Flying {
            text: if s.text { vec![octet(s.to.other(), small::STALE, 0)] } else { Vec::new() },
            ..Flying::stale(s.to, s.flags, s.seq, s.ack)
        });
        small::Setup {
            sides,
            prologue: self.prologue,
            faults: self.faults,
            stale: stale.collect(),
            carries: self.carries,
            room: self.room,
            overtakes: self.overtakes,
        }
    }
}
