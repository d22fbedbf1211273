//! The running Linux kernel's TCP: packets in and out, calls, the state of every connection.
//!
//! What flows: a packet is written to a TUN device, the kernel's TCP runs before the write returns, and what it
//! sends is read from the same device. The device stands in a network namespace that the process makes for itself
//! ([`namespace`]); the machine's own network is never touched. Calls are plain non-blocking sockets. What a
//! connection's state is, `sock_diag` says, which sees TIME-WAIT, SYN-RECEIVED and connections that were closed
//! by their user.
//!
//! A [`Stack`] is one device with one address. [`Stack::reset`] moves it to a network that was not used for long
//! ([`Translation`]), so that no TIME-WAIT and no lost segment of one run reaches the next; the caller sees the
//! same addresses all the time. The clock is the machine's.
//!
//! Nothing but the sysctls of [`namespace`] is set otherwise than the kernel's default.
//!
//! On other systems the crate is empty.
#![cfg(target_os = "linux")]

mod diag;
pub mod namespace;
mod netlink;
mod stack;
mod translate;
mod tun;

pub use self::diag::State;
pub use self::namespace::{Refused, open_files_max};
pub use self::stack::{BACKLOG, Conn, Setup, Stack};
pub use self::translate::{Networks, Translation};
