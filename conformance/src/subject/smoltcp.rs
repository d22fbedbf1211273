//! smoltcp 0.14.0 over IP packets, in virtual time; with the feature `smoltcp-old` also versions before it.
//!
//! `stack` is the adapter, `host` one version's interface and sockets, `device` the two queues
//! between them and the driver.
//!
//! What smoltcp does not say is not made up here: its `close` and `abort` answer nothing, so they are `Done`;
//! `SendError::InvalidState` and `RecvError::InvalidState` are one error for every reason, so the socket's
//! `state()`, which any user can ask too, tells "not open" from "closing". A lost connection is never named
//! `Reset` or `TimedOut`, because smoltcp never names it.
//!
//! Nothing that smoltcp sends is filtered: where it answers with ICMP (a protocol that it does not know),
//! the driver sees that packet. On its own accord it sends no neighbour discovery, no router solicitations
//! and no multicast reports: the medium is IP, and SLAAC and multicast are not compiled in.

mod clock;
mod device;
mod isn;
#[cfg(feature = "smoltcp-old")]
pub mod old;
mod stack;
#[cfg(feature = "smoltcp-old")]
mod v0_10;
#[cfg(feature = "smoltcp-old")]
mod v0_11;
#[cfg(feature = "smoltcp-old")]
mod v0_12;
#[cfg(feature = "smoltcp-old")]
mod v0_13;
mod v0_14;
#[cfg(feature = "smoltcp-old")]
mod v0_8;
#[cfg(feature = "smoltcp-old")]
mod v0_9;

use lastack_core::types::Duration;

use self::stack::Stack;
use super::{Capabilities, Description, Factory, ListenerKind, Subject};
use crate::table::{Choice, Profile};

/// Version as published; the manifest asks for exactly this one.
const VERSION: &str = "0.14.0";
/// smoltcp's own delay of acknowledgments: "by default, the ACK delay is set to 10ms" (`set_ack_delay`).
const ACK_DELAY: Duration = Duration::from_millis(10);

/// What smoltcp can do, the same in every version here.
const CAPABILITIES: Capabilities = Capabilities {
    ipv4: true,
    ipv6: true,
    many: true,
    // A listening socket has no backlog: it is one connection to be (documentation of `tcp::Socket`).
    listener: ListenerKind::BecomesConnection,
    iss: true,
    exact_recv_buffer: true,
    zero_recv_buffer: true,
    half_close: true,
    user_timeout: true,
    keep_alive: true,
    virtual_time: true,
    names_errors: false,
    reads_when_full: false,
};

/// smoltcp in one of some settings, for everything that a set-up leaves open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Smoltcp {
    /// No delayed acknowledgments, no Nagle algorithm: every answer comes at its instant.
    Immediate,
    /// smoltcp's defaults: acknowledgments delayed by 10 ms, Nagle on.
    Defaults,
    /// Immediate, with congestion control by Reno.
    Reno,
    /// Immediate, with congestion control by Cubic.
    Cubic,
    /// Immediate, with the timestamps option of RFC 7323.
    Timestamps,
}

impl Smoltcp {
    const fn name(self) -> &'static str {
        match self {
            Smoltcp::Immediate => "smoltcp",
            Smoltcp::Defaults => "smoltcp-default",
            Smoltcp::Reno => "smoltcp-reno",
            Smoltcp::Cubic => "smoltcp-cubic",
            Smoltcp::Timestamps => "smoltcp-timestamps",
        }
    }

    /// No delayed acknowledgments and no Nagle algorithm where the set-up leaves them open.
    const fn is_immediate(self) -> bool {
        !matches!(self, Smoltcp::Defaults)
    }

    /// What smoltcp's README, its item documentation and its commented constants say. They say nothing of RFC
    /// 5961, RFC 1337, MAY-2 and the time after which a connection is given up (without a user timeout it
    /// never is), so these stay undeclared.
    fn profile(self) -> Profile {
        let immediate = self.is_immediate();
        Profile {
            // README, TCP layer: the TIME-WAIT timeout is fixed, 10 s: twice the MSL.
            msl: Some(Duration::from_secs(5)),
            // `RTTE_MIN_RTO` and `RTTE_MAX_RTO` in socket/tcp.rs, with RFC 6298 as their reason.
            rto_min: Some(Duration::from_secs(1)),
            rto_max: Some(Duration::from_secs(60)),
            // `Socket::close` closes the transmit half only, says its documentation.
            half_duplex: Choice::No,
            // `set_ack_delay` and `set_nagle_enabled`.
            ack_delay: Some(if immediate { Duration::ZERO } else { ACK_DELAY }),
            nagle: if immediate { Choice::No } else { Choice::Yes },
            ..Profile::default()
        }
    }
}

impl Factory for Smoltcp {
    fn describe(&self) -> Description {
        Description {
            name: self.name().to_owned(),
            version: VERSION.to_owned(),
            profile: self.profile(),
            capabilities: CAPABILITIES,
        }
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Stack::<v0_14::Host>::new(*self))
    }
}
