//! Published versions of smoltcp before 0.14.0, each named on the command line as `smoltcp-0.11.0`: stacks
//! with known bugs, against which the suites are measured.

use super::stack::Stack;
use super::{Smoltcp, v0_8, v0_9, v0_10, v0_11, v0_12, v0_13};
use crate::subject::{Description, Factory, Subject};
use crate::table::{Choice, Profile};
use lastack_core::types::Duration;

/// A version, with immediate settings: no delayed acknowledgments, no Nagle algorithm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Old {
    V0_8_2,
    V0_9_1,
    V0_10_0,
    V0_11_0,
    V0_12_0,
    V0_13_1,
}

impl Old {
    /// Oldest first.
    pub const ALL: [Old; 6] =
        [Old::V0_8_2, Old::V0_9_1, Old::V0_10_0, Old::V0_11_0, Old::V0_12_0, Old::V0_13_1];

    const fn version(self) -> &'static str {
        match self {
            Old::V0_8_2 => "0.8.2",
            Old::V0_9_1 => "0.9.1",
            Old::V0_10_0 => "0.10.0",
            Old::V0_11_0 => "0.11.0",
            Old::V0_12_0 => "0.12.0",
            Old::V0_13_1 => "0.13.1",
        }
    }

    fn profile(self) -> Profile {
        // From 0.13 on, `RTTE_MIN_RTO` and `RTTE_MAX_RTO` in socket/tcp.rs give RFC 6298 as their reason.
        // Before, the README says no more than that the timeout starts at an estimate and doubles each time.
        let rto = |seconds| (self == Old::V0_13_1).then_some(Duration::from_secs(seconds));
        Profile {
            // README of each version, TCP layer: the TIME-WAIT timeout is fixed, 10 s: twice the MSL.
            msl: Some(Duration::from_secs(5)),
            rto_min: rto(1),
            rto_max: rto(60),
            // `Socket::close` closes the transmit half only, says its documentation.
            half_duplex: Choice::No,
            ack_delay: Some(Duration::ZERO),
            nagle: Choice::No,
            ..Profile::default()
        }
    }
}

impl Factory for Old {
    fn describe(&self) -> Description {
        Description {
            name: format!("smoltcp-{}", self.version()),
            version: self.version().to_owned(),
            profile: self.profile(),
            capabilities: super::CAPABILITIES,
        }
    }

    fn make(&self) -> Box<dyn Subject> {
        match self {
            Old::V0_8_2 => Box::new(Stack::<v0_8::Host>::new(Smoltcp::Immediate)),
            Old::V0_9_1 => Box::new(Stack::<v0_9::Host>::new(Smoltcp::Immediate)),
            Old::V0_10_0 => Box::new(Stack::<v0_10::Host>::new(Smoltcp::Immediate)),
            Old::V0_11_0 => Box::new(Stack::<v0_11::Host>::new(Smoltcp::Immediate)),
            Old::V0_12_0 => Box::new(Stack::<v0_12::Host>::new(Smoltcp::Immediate)),
            Old::V0_13_1 => Box::new(Stack::<v0_13::Host>::new(Smoltcp::Immediate)),
        }
    }
}
