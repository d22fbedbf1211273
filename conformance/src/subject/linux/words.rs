//! Set-ups, errors and states in the kernel's words and in ours.

use std::io::{self, ErrorKind};

use lastack_core::types::{Duration, State};
use lastack_linux as linux;
use lastack_linux::Networks;

use crate::subject::{Outcome, Setup, elsewhere_addr, stack_addr};

/// The set-up in the kernel's terms, or why it cannot be had.
pub fn wanted(setup: &Setup) -> Result<linux::Setup, String> {
    if setup.ack_delay == Some(false) {
        return Err("Linux decides by itself when to delay acknowledgments".to_owned());
    }
    if setup.iss.is_some() {
        return Err("Linux draws its ISS".to_owned());
    }
    let networks = Networks { stack: stack_addr(setup.ip), beyond: elsewhere_addr(setup.ip) };
    Ok(linux::Setup {
        networks,
        mtu: setup.mtu.into(),
        recv_buffer: setup.recv_buffer,
        send_buffer: setup.send_buffer,
        no_delay: setup.nagle.map(|on| !on),
        user_timeout: setup.user_timeout.map(span),
        keep_alive: setup.keep_alive.map(span),
    })
}

pub fn outcome(error: &io::Error) -> Outcome {
    match error.kind() {
        ErrorKind::WouldBlock => Outcome::WouldBlock,
        ErrorKind::ConnectionReset => Outcome::Reset,
        ErrorKind::ConnectionRefused => Outcome::Refused,
        ErrorKind::TimedOut => Outcome::TimedOut,
        ErrorKind::BrokenPipe => Outcome::Closing,
        ErrorKind::NotConnected => Outcome::NoConnection,
        ErrorKind::AddrInUse | ErrorKind::AlreadyExists => Outcome::Exists,
        ErrorKind::OutOfMemory => Outcome::NoResources,
        ErrorKind::AddrNotAvailable
        | ErrorKind::InvalidInput
        | ErrorKind::NetworkUnreachable
        | ErrorKind::HostUnreachable
        | ErrorKind::PermissionDenied => Outcome::Invalid,
        // EISCONN, EALREADY.
        _ if matches!(error.raw_os_error(), Some(106 | 114)) => Outcome::Exists,
        _ => Outcome::Failed,
    }
}

pub const fn state_name(state: linux::State) -> State {
    match state {
        linux::State::Closed => State::Closed,
        linux::State::Listen => State::Listen,
        linux::State::SynSent => State::SynSent,
        linux::State::SynReceived => State::SynReceived,
        linux::State::Established => State::Established,
        linux::State::FinWait1 => State::FinWait1,
        linux::State::FinWait2 => State::FinWait2,
        linux::State::CloseWait => State::CloseWait,
        linux::State::Closing => State::Closing,
        linux::State::LastAck => State::LastAck,
        linux::State::TimeWait => State::TimeWait,
    }
}

pub fn span(span: Duration) -> std::time::Duration {
    std::time::Duration::from_micros(span.micros())
}
