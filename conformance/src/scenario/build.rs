//! Short names for writing scripts in Rust: one line an event, usable in constants.
//!
//! ```
//! use lastack::scenario::build::*;
//! use lastack::scenario::{Event, ScriptCall};
//! use lastack_core::types::Flags;
//!
//! const OPEN_AND_CLOSE: [Event; 6] = [
//!     call(0, listen(8000)),
//!     syn().event(),
//!     ack().event(),
//!     call(0, accept(1)),
//!     seg(Flags::FIN.with(Flags::ACK)).text(10).seq(RCV_NXT.plus(3)).event(),
//!     call(1, ScriptCall::Close),
//! ];
//! assert_eq!(OPEN_AND_CLOSE[1].to_string(), "< S seq IRS <mss 1460>");
//! assert_eq!(OPEN_AND_CLOSE[2].to_string(), "< .");
//! ```

use lastack_core::types::{Duration, Flags};

use super::text::default_ack;
use super::{
    Addr, Anchor, Event, Num, OddOptions, OptionSpec, PEER_PORT, Route, Scenario, ScriptCall, SegmentSpec,
    Size, Trick,
};
use crate::subject::{Handle, Setup, SocketOption};

/// The stack's ISS.
pub const ISS: Num = Num::at(Anchor::Iss);
/// SND.UNA.
pub const SND_UNA: Num = Num::at(Anchor::SndUna);
/// SND.NXT.
pub const SND_NXT: Num = Num::at(Anchor::SndNxt);
/// IRS, or the ISN that the peer will use.
pub const IRS: Num = Num::at(Anchor::Irs);
/// RCV.NXT.
pub const RCV_NXT: Num = Num::at(Anchor::RcvNxt);
/// The largest right edge ever advertised.
pub const RCV_EDGE: Num = Num::at(Anchor::RcvEdge);
/// SND.NXT of the incarnation before.
pub const OLD_SND_NXT: Num = Num::at(Anchor::OldSndNxt);
/// RCV.NXT of the incarnation before.
pub const OLD_RCV_NXT: Num = Num::at(Anchor::OldRcvNxt);

/// The number itself, wherever the connection stands.
pub const fn literal(number: u32) -> Num {
    Num::new(Anchor::Literal, number.cast_signed())
}

impl Num {
    /// So many octets further on; wraps.
    #[must_use]
    pub const fn plus(self, octets: i32) -> Num {
        Num { offset: self.offset.wrapping_add(octets), ..self }
    }

    /// So many octets before; wraps.
    #[must_use]
    pub const fn minus(self, octets: i32) -> Num {
        Num { offset: self.offset.wrapping_sub(octets), ..self }
    }
}

/// A call of the stack's user.
pub const fn call(handle: Handle, call: ScriptCall) -> Event {
    Event::Call { handle, call }
}

/// OPEN passive.
pub const fn listen(port: u16) -> ScriptCall {
    ScriptCall::OpenPassive { port }
}

/// OPEN active, from a local port to the main peer's port 9000.
pub const fn connect(port: u16) -> ScriptCall {
    ScriptCall::OpenActive { port, remote: Addr::Peer(0), remote_port: PEER_PORT }
}

/// Name the listener's connection.
pub const fn accept(into: Handle) -> ScriptCall {
    ScriptCall::Accept { into }
}

/// Queue octets.
pub const fn send(octets: u32) -> ScriptCall {
    ScriptCall::Send(octets)
}

/// Take octets.
pub const fn receive(octets: u32) -> ScriptCall {
    ScriptCall::Receive(octets)
}

/// Change an option.
pub const fn set(option: SocketOption) -> ScriptCall {
    ScriptCall::Set(option)
}

/// The clock moves on.
pub const fn wait_micros(micros: u64) -> Event {
    Event::Wait(Duration::from_micros(micros))
}

/// The clock moves on.
pub const fn wait_millis(millis: u64) -> Event {
    Event::Wait(Duration::from_millis(millis))
}

/// The clock moves on.
pub const fn wait_secs(secs: u64) -> Event {
    Event::Wait(Duration::from_secs(secs))
}

/// Room in the transmit queue from here on; 255 is no limit.
pub const fn room(packets: u8) -> Event {
    Event::Room(packets)
}

/// A segment of the main peer, in step: SEQ=RCV.NXT, ACK=SND.NXT (the field is 0 where the ACK bit is
/// off), window 4096, no text. It is what `< FLAGS` means in text.
pub const fn seg(flags: Flags) -> SegmentSpec {
    SegmentSpec {
        route: Route::MAIN,
        flags,
        seq: RCV_NXT,
        ack: default_ack(flags),
        text: Size::Octets(0),
        window: 4096,
        urgent: 0,
        options: OptionSpec { mss: None, scale: None, odd: OddOptions::None },
        trick: Trick::None,
    }
}

/// A plain ACK in step.
pub const fn ack() -> SegmentSpec {
    seg(Flags::ACK)
}

/// The peer's first SYN: SEQ=IRS, MSS 1460.
pub const fn syn() -> SegmentSpec {
    seg(Flags::SYN).seq(IRS).mss(1460)
}

impl SegmentSpec {
    /// As an event.
    pub const fn event(self) -> Event {
        Event::Segment(self)
    }

    /// With these control bits instead.
    #[must_use]
    pub const fn flags(self, flags: Flags) -> Self {
        SegmentSpec { flags, ..self }
    }

    /// With this SEG.SEQ.
    #[must_use]
    pub const fn seq(self, seq: Num) -> Self {
        SegmentSpec { seq, ..self }
    }

    /// With this acknowledgment field (it does not turn the ACK bit on).
    #[must_use]
    pub const fn ack(self, ack: Num) -> Self {
        SegmentSpec { ack, ..self }
    }

    /// With so many octets of text.
    #[must_use]
    pub const fn text(self, octets: u16) -> Self {
        self.size(Size::Octets(octets))
    }

    /// With text of this size.
    #[must_use]
    pub const fn size(self, text: Size) -> Self {
        SegmentSpec { text, ..self }
    }

    /// With this window field.
    #[must_use]
    pub const fn window(self, window: u16) -> Self {
        SegmentSpec { window, ..self }
    }

    /// With this urgent pointer (it does not turn the URG bit on).
    #[must_use]
    pub const fn urgent(self, urgent: u16) -> Self {
        SegmentSpec { urgent, ..self }
    }

    /// With the MSS option.
    #[must_use]
    pub const fn mss(self, mss: u16) -> Self {
        SegmentSpec { options: OptionSpec { mss: Some(mss), ..self.options }, ..self }
    }

    /// With the window scale option.
    #[must_use]
    pub const fn scale(self, shift: u8) -> Self {
        SegmentSpec { options: OptionSpec { scale: Some(shift), ..self.options }, ..self }
    }

    /// With strange options.
    #[must_use]
    pub const fn odd(self, odd: OddOptions) -> Self {
        SegmentSpec { options: OptionSpec { odd, ..self.options }, ..self }
    }

    /// Wrong on purpose.
    #[must_use]
    pub const fn trick(self, trick: Trick) -> Self {
        SegmentSpec { trick, ..self }
    }

    /// From this socket.
    #[must_use]
    pub const fn from(self, addr: Addr, port: u16) -> Self {
        SegmentSpec { route: Route { from: addr, from_port: port, ..self.route }, ..self }
    }

    /// To this socket.
    #[must_use]
    pub const fn to(self, addr: Addr, port: u16) -> Self {
        SegmentSpec { route: Route { to: addr, to_port: port, ..self.route }, ..self }
    }

    /// Between these sockets.
    #[must_use]
    pub const fn route(self, route: Route) -> Self {
        SegmentSpec { route, ..self }
    }
}

impl From<SegmentSpec> for Event {
    fn from(segment: SegmentSpec) -> Event {
        Event::Segment(segment)
    }
}

impl Scenario {
    /// A script under this set-up, seed 0.
    pub fn new(setup: Setup, events: impl Into<Vec<Event>>) -> Scenario {
        Scenario { setup, events: events.into(), ..Scenario::default() }
    }
}
