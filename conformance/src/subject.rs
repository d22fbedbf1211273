//! The adapter: what a TCP stack must offer to be checked.
//!
//! Everything crosses it as packet bytes, plain calls and points on a virtual clock. Nothing blocks. The
//! driver owns the order of events: it delivers, calls, polls until the stack is quiet at this instant,
//! then moves the clock.
#![doc = include_str!("subject/adapter.md")]

use core::fmt;
use core::net::IpAddr;

use lastack_core::types::{Duration, Endpoint, Instant, State};

use crate::table::Profile;

pub mod exec;
#[cfg(all(feature = "linux", target_os = "linux"))]
pub mod linux;
#[cfg(feature = "lwip")]
pub mod lwip;
mod packets;
#[cfg(feature = "reference")]
pub mod reference;
pub mod registry;
pub mod selfcheck;
#[cfg(feature = "smoltcp")]
pub mod smoltcp;

pub use self::packets::Packets;

/// A connection or listener, named by the scenario, not by the stack.
pub type Handle = u8;

/// IP version of a scenario.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[allow(missing_docs)]
pub enum IpVersion {
    #[default]
    V4,
    V6,
}

/// What the stack is before anything happens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Setup {
    /// IPv4 or IPv6.
    pub ip: IpVersion,
    /// Receive buffer of every connection, in octets. 0 is a window that never opens.
    pub recv_buffer: u32,
    /// Send buffer of every connection, in octets.
    pub send_buffer: u32,
    /// The Nagle algorithm; `None` leaves the stack's default.
    pub nagle: Option<bool>,
    /// Delayed acknowledgments; `None` leaves the stack's default.
    pub ack_delay: Option<bool>,
    /// MTU of the stack's interface, in octets.
    pub mtu: u16,
    /// The stack's next ISS; `None` leaves it to the stack.
    pub iss: Option<u32>,
    /// User timeout, for stacks where it can be set.
    pub user_timeout: Option<Duration>,
    /// Keep-alive interval, for stacks where it can be set.
    pub keep_alive: Option<Duration>,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            ip: IpVersion::V4,
            recv_buffer: 4096,
            send_buffer: 4096,
            nagle: None,
            ack_delay: None,
            mtu: 1500,
            iss: None,
            user_timeout: None,
            keep_alive: None,
        }
    }
}

/// A user's call (RFC 9293 3.9.1), and Accept, which names the connection that a listener made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Call<'a> {
    /// Listen on a port of the stack's address.
    OpenPassive {
        /// Local port.
        port: u16,
    },
    /// Connect from a local port to a remote endpoint.
    OpenActive {
        /// Local port.
        port: u16,
        /// Remote address and port.
        remote: Endpoint,
    },
    /// Give the connection that this listener has made the handle `into`; the listener listens again.
    Accept {
        /// The new connection's handle.
        into: Handle,
    },
    /// Queue octets to be sent.
    Send(&'a [u8]),
    /// Take at most `max` received octets.
    Receive {
        /// The most that the user takes.
        max: u32,
    },
    /// Close the sending direction; receiving goes on.
    ShutdownWrite,
    /// CLOSE.
    Close,
    /// ABORT.
    Abort,
    /// STATUS.
    Status,
    /// Change an option of a live connection.
    Set(SocketOption),
}

/// An option that can be changed on a live connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SocketOption {
    /// The Nagle algorithm.
    Nagle(bool),
    /// Delayed acknowledgments.
    AckDelay(bool),
    /// User timeout; `None` is off.
    UserTimeout(Option<Duration>),
    /// Keep-alive interval; `None` is off.
    KeepAlive(Option<Duration>),
}

/// What a call came to, in one vocabulary for every stack.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// Done, nothing else to say.
    Done,
    /// So many octets were queued or handed over (0 is none for now only where `WouldBlock` does not exist).
    Octets(u32),
    /// Nothing now, perhaps later.
    WouldBlock,
    /// The peer closed and everything was read: `error: connection closing` of RECEIVE.
    EndOfStream,
    /// `error: connection closing`: this direction is closed by the user already.
    Closing,
    /// `error: connection reset`.
    Reset,
    /// `error: connection refused`.
    Refused,
    /// `error: connection aborted due to user timeout`.
    TimedOut,
    /// `error: connection does not exist`, or not open.
    NoConnection,
    /// `error: connection already exists`, or the handle is in use.
    Exists,
    /// The arguments are not allowed: an address or port that no connection can have.
    Invalid,
    /// The connection has failed, and the stack does not say why.
    Failed,
    /// `error: insufficient resources`.
    NoResources,
    /// STATUS: the state.
    InState(State),
    /// The stack has no such call.
    Unsupported,
}

/// Something that the user is told without having asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum UserSignal {
    Open,
    Reset,
    Refused,
    TimedOut,
    PeerClosed,
    Closed,
    Urgent,
    SoftError,
}

/// Whether a stack has said all that it will say at this instant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Polled {
    /// Quiet until something arrives, a call is made or a timer fires.
    Settled,
    /// There may be more: poll again. Without room: packets that are made already wait, and leave before
    /// anything more is read.
    More,
}

/// How a stack stopped being one: a finding, whatever the scenario was about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// An assertion of its own failed.
    Panics(String),
    /// Its program ended.
    Ends(String),
    /// It does not answer.
    Hangs(String),
    /// It sends without end.
    Floods(String),
    /// It says what nobody understands.
    Nonsense(String),
}

impl Failure {
    /// The rule of the finding.
    pub const fn rule(&self) -> &'static str {
        match self {
            Failure::Panics(_) => "PANIC",
            Failure::Ends(_) => "SUBJECT-ENDS",
            Failure::Hangs(_) => "SUBJECT-HANGS",
            Failure::Floods(_) => "SUBJECT-FLOODS",
            Failure::Nonsense(_) => "SUBJECT-NONSENSE",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Panics(what)
            | Failure::Ends(what)
            | Failure::Hangs(what)
            | Failure::Floods(what)
            | Failure::Nonsense(what) => f.write_str(what),
        }
    }
}

/// How a stack's listeners work.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ListenerKind {
    /// As RFC 9293 has it: the listening record itself becomes the connection; until Accept has replaced
    /// it nobody listens.
    BecomesConnection,
    /// The listener stays and keeps up to so many connections that were not accepted.
    Forks {
        /// Room for connections that were not accepted.
        backlog: u16,
    },
}

/// What a stack can be asked to do. Never inferred: a capability that is not here is `unsupported`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Capabilities {
    /// IPv4.
    pub ipv4: bool,
    /// IPv6.
    pub ipv6: bool,
    /// Several connections at once.
    pub many: bool,
    /// Listeners.
    pub listener: ListenerKind,
    /// The ISS can be chosen in the set-up.
    pub iss: bool,
    /// The receive buffer is exactly as large as asked.
    pub exact_recv_buffer: bool,
    /// Receive buffers of 0 octets.
    pub zero_recv_buffer: bool,
    /// Packets are taken in while the transmit queue is full. Where they are not, they wait before the
    /// stack's door, and the driver holds them back.
    pub reads_when_full: bool,
    /// ShutdownWrite.
    pub half_close: bool,
    /// The user timeout can be set.
    pub user_timeout: bool,
    /// Keep-alives can be asked for.
    pub keep_alive: bool,
    /// The clock is virtual.
    pub virtual_time: bool,
    /// The stack reports whether a lost connection was reset or timed out.
    pub names_errors: bool,
}

/// Who the stack is and what it says of itself.
#[derive(Clone, PartialEq, Debug)]
pub struct Description {
    /// Short name, as on the command line: `smoltcp`.
    pub name: String,
    /// Version as published.
    pub version: String,
    /// What it declares.
    pub profile: Profile,
    /// What it can do.
    pub capabilities: Capabilities,
}

/// A TCP stack under test.
///
/// A panic inside any method is caught and is a finding; the stack is made anew afterwards.
pub trait Subject {
    /// A fresh stack: no connections, clock at zero. The same set-up and seed give the same behaviour.
    ///
    /// # Errors
    /// What in the set-up the stack cannot do, in plain words; the scenario is then `unsupported`.
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String>;

    /// A user's call. RECEIVE appends what it hands over to `received`.
    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome;

    /// An IP packet arrives. What it causes may come at once or in the next poll.
    fn deliver(&mut self, packet: &[u8]);

    /// Lets the stack work at this instant, with room for `room` packets in the transmit queue; appends
    /// what it sends to `out`.
    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled;

    /// The instant at which the stack wants to be polled next; `None` when nothing is due.
    fn next_timer(&mut self) -> Option<Instant>;

    /// Moves the clock to `to`, which is never before the last instant; returns the instant reached. A
    /// real clock may overshoot, and should come back early when a packet is there.
    fn advance(&mut self, to: Instant) -> Instant;

    /// What the user was told since the last time. The default is a stack that tells nothing.
    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        let _ = (handle, out);
    }

    /// Why it is no stack any more, if it is none: it is made anew for the next scenario. A stack in the same
    /// process cannot fail like that.
    fn failure(&mut self) -> Option<Failure> {
        None
    }

    /// The stack's own word about a connection's state. It helps to reach a state and to name a finding;
    /// it never accuses alone.
    fn state(&mut self, handle: Handle) -> Option<State> {
        let _ = handle;
        None
    }
}

/// Makes a stack, as often as asked.
pub trait Factory: Sync {
    /// Who it is.
    fn describe(&self) -> Description;
    /// Whether it can be had here and now; asked once, before threads are started and before anything else. The
    /// default is a stack that always can.
    ///
    /// # Errors
    /// Why not, in plain words.
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
    /// How many instances may be at work at once, as far as it is known. Only asked where the clock is real, and
    /// waiting can be shared.
    fn at_once(&self) -> usize {
        usize::MAX
    }
    /// A new instance; [`Subject::reset`] follows.
    fn make(&self) -> Box<dyn Subject>;
    /// A new instance that acts by another profile than it declares, where the stack can be set so.
    fn make_under(&self, profile: &Profile) -> Box<dyn Subject> {
        let _ = profile;
        self.make()
    }
}

/// The stack's own address in every scenario: 192.0.2.1 or 2001:db8::1.
pub fn stack_addr(ip: IpVersion) -> IpAddr {
    match ip {
        IpVersion::V4 => IpAddr::from([192, 0, 2, 1]),
        IpVersion::V6 => IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]),
    }
}

/// A host that is not on the link: 198.51.100.7 or 2001:db8:ffff::7.
pub fn elsewhere_addr(ip: IpVersion) -> IpAddr {
    match ip {
        IpVersion::V4 => IpAddr::from([198, 51, 100, 7]),
        IpVersion::V6 => IpAddr::from([0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 7]),
    }
}

/// The prefix length of the link: /24 or /64.
pub fn prefix_len(ip: IpVersion) -> u8 {
    match ip {
        IpVersion::V4 => 24,
        IpVersion::V6 => 64,
    }
}
