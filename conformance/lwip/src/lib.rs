//! lwIP in process, on virtual time: packets in and out, calls, a clock.
//!
//! ```
//! use lastack_lwip::{Setup, Stack, Version};
//!
//! let mut stack = Stack::new(Version::Dev221);
//! stack.reset(&Setup::default()).expect("lwIP starts");
//! let conn = stack.connect(8000, [192, 0, 2, 2], 80).expect("a free port");
//! let mut syn = Vec::new();
//! stack.take_packets(|packet| syn = packet.to_vec());
//! assert_eq!(syn[20 + 13], 0x02);
//! assert_eq!(stack.state(conn), Ok(lastack_lwip::State::SynSent));
//! ```
//!
//! lwIP keeps its state in global variables. Several copies of each version stand in the binary, each behind
//! a lock ([`slots`](self)), so any number of instances may live in any number of threads; more than four of
//! one version at once take turns on a copy, which costs time and changes nothing else. A fresh stack is a copy
//! of 257 KB over lwIP's memory.
//!
//! An assertion that fails inside lwIP ends the call with [`Error::Asserted`]; the instance then answers
//! nothing else until [`Stack::reset`]. Writes past the end of an element of lwIP's pools are such
//! assertions. What is not caught: wild writes elsewhere, and endless loops.
//!
//! All unsafe code of the project stands here, in `slots.rs` and `stack.rs`.

mod slots;
mod stack;

pub use self::stack::{Conn, Error, Setup, Stack};

/// Which lwIP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// 2.1.2, as released; the package's own changes for another project are switched off.
    V212,
    /// 2.2.1-dev: the development version between 2.2.0 and 2.2.1.
    Dev221,
    /// The same built with window scaling, timestamps and selective acknowledgments.
    Dev221Options,
}

impl Version {
    /// As lwIP prints it.
    pub const fn name(self) -> &'static str {
        match self {
            Version::V212 => "2.1.2",
            Version::Dev221 | Version::Dev221Options => "2.2.1-dev",
        }
    }

    /// The version and how it was built.
    pub const fn build(self) -> &'static str {
        match self {
            Version::Dev221Options => "2.2.1-dev-options",
            _ => self.name(),
        }
    }
}

/// `enum tcp_state` of lwIP's tcpbase.h.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum State {
    Closed,
    Listen,
    SynSent,
    SynRcvd,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}
