//! What a script says of a world: two hosts, the link between them, and what the link does to packets.
//!
//! Events without a host's name are of host A, as in a script for one stack: a world is such a script with a
//! second host in place of the scripted peer. Each host takes itself for `stack` and the other one for
//! `peer0`; the main connection is A's port 8000 with B's port 9000.
//!
//! A packet is named by its sender and its number, counted from 1: faults are a list of exceptions, so that
//! leaving one out leaves the others where they are. Packets that no fault names pass.

use lastack_core::types::Duration;

use super::ScriptCall;
use crate::subject::{Handle, Setup};

/// One of the two hosts of a world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum HostId {
    /// The first, on the left of a ladder: the one that a script for one stack is about.
    #[default]
    A,
    /// The second.
    B,
}

impl HostId {
    /// Both.
    pub const BOTH: [HostId; 2] = [HostId::A, HostId::B];

    /// The one at the other end of the link.
    #[must_use]
    pub const fn other(self) -> HostId {
        match self {
            HostId::A => HostId::B,
            HostId::B => HostId::A,
        }
    }

    /// 0 or 1.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            HostId::A => "A",
            HostId::B => "B",
        }
    }
}

impl core::fmt::Display for HostId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

/// What a world has that a script for one stack has not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct WorldSetup {
    /// Host B; host A's is the scenario's own. Its IP version is A's, whatever stands here.
    pub other: Setup,
    /// The link.
    pub link: LinkSetup,
}

/// The link, the same in both directions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LinkSetup {
    /// How long a packet travels.
    pub latency: Duration,
    /// How long a packet occupies the link before the next one can enter; 0 is a link of any speed.
    pub spacing: Duration,
    /// Packets that wait for the link before it is full and drops; 0 is no limit.
    pub queue: u8,
    /// The largest packet in octets; larger ones are lost. 0 is no limit.
    pub mtu: u16,
}

/// What happens to one packet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// It is lost.
    Drop,
    /// It travels so much longer.
    Delay(Duration),
    /// So many later packets of its sender overtake it; it goes on alone when none come for a second.
    Behind(u8),
    /// So many copies of it follow it at once.
    Copies(u8),
    /// A copy of it arrives so much later, within the maximum segment lifetime: in this incarnation or another.
    Again(Duration),
    /// One bit behind the IP header is turned over, counted modulo their number.
    Flip {
        /// Which bit.
        bit: u16,
        /// The checksum is made right again, so that nobody can see it.
        mended: bool,
    },
    /// It is cut after so many octets.
    Cut(u16),
}

/// Who opens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Opens {
    /// OPEN active.
    #[default]
    Connect,
    /// OPEN passive, then ACCEPT.
    Listen,
    /// ACCEPT of a listener that is there already.
    Accept,
}

/// How a user's part ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Ends {
    /// CLOSE as soon as everything is written.
    #[default]
    Close,
    /// As soon as everything is written only the sending direction is closed; CLOSE when the peer has closed.
    Half,
    /// CLOSE when everything is written and the peer has closed.
    Last,
    /// ABORT as soon as everything is written.
    Abort,
    /// It stays.
    Never,
}

/// A user: what it does in place of many calls.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct App {
    /// How it begins.
    pub opens: Opens,
    /// Octets that it writes in all.
    pub writes: u32,
    /// Octets of one SEND at most; 0 is all.
    pub chunk: u32,
    /// Time between two SENDs.
    pub every: Duration,
    /// Octets of one RECEIVE at most; 0 never reads.
    pub reads: u32,
    /// Time between two RECEIVEs.
    pub pause: Duration,
    /// How it ends.
    pub ends: Ends,
}

impl Default for App {
    fn default() -> Self {
        App {
            opens: Opens::Connect,
            writes: 0,
            chunk: 0,
            every: Duration::ZERO,
            reads: 65_535,
            pause: Duration::ZERO,
            ends: Ends::Close,
        }
    }
}

/// An event that only a world has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WorldEvent {
    /// A call of host B's user.
    Call {
        /// On which connection or listener.
        handle: Handle,
        /// Which call.
        call: ScriptCall,
    },
    /// From here on B's transmit queue has room for so many packets a poll; 255 is no limit.
    Room(u8),
    /// A user begins.
    App {
        /// Where.
        host: HostId,
        /// What it does.
        app: App,
    },
    /// A host crashes and is there again at once, knowing nothing.
    Crash {
        /// Which.
        host: HostId,
        /// Its next ISS; `None` leaves it to the stack.
        iss: Option<u32>,
    },
    /// What happens to a packet. Where in the script this stands does not matter.
    Fault {
        /// Its sender.
        host: HostId,
        /// Its number among the sender's packets, from 1.
        packet: u16,
        /// What.
        fault: Fault,
    },
}
