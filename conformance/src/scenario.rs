//! A finite script of calls, segments, faults and waits, headed by the set-up: the one input of every
//! suite and every fuzzer.
//!
//! It has three forms: the value (here), text (`text`: what people read, write, commit and replay) and
//! bytes (`bytes`: what a fuzzer changes). Value to text to value and value to bytes to value are
//! identities; any bytes are some scenario.

pub mod build;
pub mod bytes;
pub mod parse;
mod stream;
#[cfg(test)]
mod tests;
pub mod text;
mod world;

use lastack_core::types::{Duration, Flags};

use crate::subject::{Handle, Setup, SocketOption};

pub use self::stream::{Stream, Streams, peer_octet, user_octet};
pub use self::world::{App, Ends, Fault, HostId, LinkSetup, Opens, WorldEvent, WorldSetup};

/// The stack's port in the main connection, whoever opens it.
pub const STACK_PORT: u16 = 8000;
/// The peer's port in the main connection.
pub const PEER_PORT: u16 = 9000;

/// A finite script.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Scenario {
    /// The stack before anything happens.
    pub setup: Setup,
    /// Seed of everything that the stack draws by chance.
    pub seed: u64,
    /// A second host and a link in place of the scripted peer.
    pub world: Option<WorldSetup>,
    /// What happens, in order.
    pub events: Vec<Event>,
}

/// One line of a script.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// A call of the stack's user.
    Call {
        /// On which connection or listener.
        handle: Handle,
        /// Which call.
        call: ScriptCall,
    },
    /// A segment from the network.
    Segment(SegmentSpec),
    /// The clock moves on; timers fire in their order.
    Wait(Duration),
    /// From here on the transmit queue has room for so many packets a poll; 255 is no limit.
    Room(u8),
    /// What only a world has. A single stack passes it by, but for a crash of host A, which is its own.
    World(WorldEvent),
}

/// A call, with sizes in place of octets and names in place of addresses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ScriptCall {
    /// OPEN passive on a local port.
    OpenPassive {
        /// Local port.
        port: u16,
    },
    /// OPEN active.
    OpenActive {
        /// Local port.
        port: u16,
        /// Remote address.
        remote: Addr,
        /// Remote port; 0 is "not given".
        remote_port: u16,
    },
    /// Name the listener's connection.
    Accept {
        /// Its handle.
        into: Handle,
    },
    /// Queue so many octets of the connection's stream.
    Send(u32),
    /// Take at most so many octets.
    Receive(u32),
    /// Close the sending direction.
    ShutdownWrite,
    /// CLOSE.
    Close,
    /// ABORT.
    Abort,
    /// STATUS.
    Status,
    /// Change an option.
    Set(SocketOption),
}

/// Addresses, by the part that they play.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Addr {
    /// The stack's own.
    #[default]
    Stack,
    /// A host on the link: .2 onwards; `Peer(0)` is the main one.
    Peer(u8),
    /// A host behind the link's prefix, not the stack: a packet to it is none of the stack's business.
    Elsewhere,
    /// 255.255.255.255 (IPv6: ff02::1).
    Broadcast,
    /// The link's broadcast address, 192.0.2.255 (IPv6: ff02::1).
    DirectedBroadcast,
    /// 224.0.0.1 or ff02::1.
    Multicast,
    /// 0.0.0.0 or ::.
    Unspecified,
    /// 127.0.0.1 or ::1, arriving from outside.
    Loopback,
}

/// Which two sockets a segment names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Route {
    /// Source address.
    pub from: Addr,
    /// Source port.
    pub from_port: u16,
    /// Destination address.
    pub to: Addr,
    /// Destination port.
    pub to_port: u16,
}

impl Route {
    /// The main connection: `Peer(0)`:9000 to the stack's port 8000.
    pub const MAIN: Route =
        Route { from: Addr::Peer(0), from_port: PEER_PORT, to: Addr::Stack, to_port: STACK_PORT };
}

impl Default for Route {
    fn default() -> Self {
        Route::MAIN
    }
}

/// What a number in a segment is relative to. SND and RCV are the stack's own variables: a peer in step
/// sends SEQ = `RcvNxt` and ACK = `SndNxt`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Anchor {
    /// The number itself (offset from 0).
    #[default]
    Literal,
    /// The stack's ISS.
    Iss,
    /// SND.UNA.
    SndUna,
    /// SND.NXT.
    SndNxt,
    /// IRS, or the ISN that the peer will use when there is no connection yet.
    Irs,
    /// RCV.NXT.
    RcvNxt,
    /// RCV.NXT + RCV.WND: the largest right edge that the stack ever advertised.
    RcvEdge,
    /// SND.NXT of the incarnation before this one.
    OldSndNxt,
    /// RCV.NXT of the incarnation before this one.
    OldRcvNxt,
}

/// An anchor and a signed offset in octets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Num {
    /// Relative to what.
    pub anchor: Anchor,
    /// By how much.
    pub offset: i32,
}

impl Num {
    /// At the anchor itself.
    pub const fn at(anchor: Anchor) -> Num {
        Num { anchor, offset: 0 }
    }
    /// At an offset from the anchor.
    pub const fn new(anchor: Anchor, offset: i32) -> Num {
        Num { anchor, offset }
    }
}

/// How much text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Size {
    /// So many octets.
    Octets(u16),
    /// The stack's receive window, plus so many octets (never below zero, at most 64,000).
    Window(i16),
    /// The MSS that the stack announced, plus so many octets.
    Mss(i16),
}

impl Default for Size {
    fn default() -> Self {
        Size::Octets(0)
    }
}

/// What is wrong with the packet on purpose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Trick {
    /// Nothing.
    #[default]
    None,
    /// The TCP checksum is off by one.
    BadChecksum,
    /// The data offset says this many 32-bit words.
    DataOffset(u8),
    /// The packet is cut after so many octets.
    CutAt(u8),
    /// Bits of the reserved field and ECE, CWR are on (the value's low six bits).
    ReservedBits(u8),
}

/// Options of a segment, by what they are for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct OptionSpec {
    /// MSS option; `None` leaves it out.
    pub mss: Option<u16>,
    /// Window scale option (RFC 7323), the shift.
    pub scale: Option<u8>,
    /// Octets that no stack knows: an option of an unknown kind, padding, broken lengths.
    pub odd: OddOptions,
}

/// Options on purpose strange, and SACK-permitted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[allow(missing_docs)]
pub enum OddOptions {
    #[default]
    None,
    /// NOP, NOP, NOP, end.
    Padding,
    /// Kind 0x4f, length 6 (MUST-6).
    Unknown,
    /// The MSS option at an odd offset behind a NOP (MUST-64).
    Unaligned,
    /// An option of length 0 (MUST-7).
    LengthZero,
    /// An option of length 1 (MUST-7).
    LengthOne,
    /// An option whose length goes past the header (MUST-7).
    LengthPast,
    /// SACK-permitted (RFC 2018 2), which is not strange on a SYN.
    SackPermitted,
}

/// A segment of the peer, in terms of the stack's variables.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SegmentSpec {
    /// Between which sockets.
    pub route: Route,
    /// Control bits.
    pub flags: Flags,
    /// SEG.SEQ.
    pub seq: Num,
    /// SEG.ACK; it stands in the field whether or not the ACK bit is on.
    pub ack: Num,
    /// Text; its octets are those of the peer's stream at these numbers.
    pub text: Size,
    /// The window field, unscaled.
    pub window: u16,
    /// The urgent pointer field.
    pub urgent: u16,
    /// Options.
    pub options: OptionSpec,
    /// What is wrong on purpose.
    pub trick: Trick,
}

impl Default for SegmentSpec {
    fn default() -> Self {
        SegmentSpec {
            route: Route::MAIN,
            flags: Flags::ACK,
            seq: Num::at(Anchor::RcvNxt),
            ack: Num::at(Anchor::SndNxt),
            text: Size::Octets(0),
            window: 4096,
            urgent: 0,
            options: OptionSpec::default(),
            trick: Trick::None,
        }
    }
}
