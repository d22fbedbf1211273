//! The running Linux kernel over a TUN device, by way of `lastack-linux`. Its clock is real.
//!
//! The user is one of non-blocking sockets. What that user may not do is no call here: after `close` there is no
//! descriptor to name the connection by, so every further call is `Unsupported`; `shutdown` does nothing to a
//! listener; a delayed acknowledgment cannot be forbidden for good. STATUS is `sock_diag`'s word. An error that the
//! kernel has for the user is told as a signal, and by the next call.
//!
//! `SO_RCVBUF` and `SO_SNDBUF` are what the set-up says; what the kernel makes of them is its own affair, so no
//! buffer is exact. The profile is that of the kernel's Documentation/networking/ip-sysctl.rst and of the comments
//! in its sources, under the settings of `lastack_linux::namespace`.

mod words;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use lastack_core::types::{Duration, Endpoint, Instant, State};
use lastack_linux as linux;
use lastack_linux::Conn;

use self::words::{outcome, span, state_name, wanted};

use super::{
    Call, Capabilities, Description, Factory, Handle, ListenerKind, Outcome, Packets, Polled, Setup,
    SocketOption, Subject, UserSignal,
};
use crate::table::{Choice, Profile, Protection};

/// The kernel that runs here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Linux;

impl Factory for Linux {
    fn describe(&self) -> Description {
        Description {
            name: "linux".to_owned(),
            version: version(),
            profile: profile(),
            capabilities: Capabilities {
                ipv4: true,
                ipv6: true,
                many: true,
                listener: ListenerKind::Forks { backlog: linux::BACKLOG },
                iss: false,
                exact_recv_buffer: false,
                zero_recv_buffer: false,
                half_close: true,
                user_timeout: true,
                keep_alive: true,
                virtual_time: false,
                names_errors: true,
                reads_when_full: false,
            },
        }
    }

    fn ready(&self) -> Result<(), String> {
        linux::namespace::prepare().and_then(|()| linux::Stack::new().map(drop)).map_err(|why| why.0)
    }

    /// A device, two netlink sockets, and the sockets of a scenario.
    fn at_once(&self) -> usize {
        linux::open_files_max() / 8
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Kernel { stack: None, slots: Vec::new(), now: Instant::ZERO, room: usize::MAX })
    }
}

/// `6.18.44`, without what a distribution adds.
fn version() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    release.trim().split(['-', '+']).next().unwrap_or_default().to_owned()
}

fn profile() -> Profile {
    Profile {
        // tcp_validate_incoming names RFC 5961 3.2, 4.2 and tcp_ack 5.2.
        rst: Protection::Rfc5961,
        syn: Protection::Rfc5961,
        ack: Protection::Rfc5961,
        // TCP_TIMEWAIT_LEN, "about 60 seconds".
        msl: Some(Duration::from_secs(30)),
        // tcp_timewait_state_process: a SYN above the old numbers, after RFC 1122.
        reopen: Choice::Yes,
        // tcp_close: a RST "because data was lost", after RFC 2525 2.17.
        half_duplex: Choice::Yes,
        // tcp_rto_min_us, tcp_rto_max_ms.
        rto_min: Some(Duration::from_millis(200)),
        rto_max: Some(Duration::from_secs(120)),
        // TCP_DELACK_MAX.
        ack_delay: Some(Duration::from_millis(200)),
        // On unless TCP_NODELAY.
        nagle: Choice::Yes,
        ..Profile::default()
    }
}

/// A handle of the scenario and the socket behind it.
struct Slot {
    handle: Handle,
    conn: Conn,
    listens: bool,
    /// The user has closed or aborted it.
    closed: bool,
    /// The user has shut down the sending direction.
    shut: bool,
    /// What the kernel has said of the connection's end, and whether a call has told it.
    error: Option<(Outcome, bool)>,
    told_of_close: bool,
}

struct Kernel {
    /// Made at the first reset, which can say why there is none.
    stack: Option<linux::Stack>,
    slots: Vec<Slot>,
    now: Instant,
    room: usize,
}

/// What every call needs: the stack and the slot.
type Open<'a> = (&'a mut linux::Stack, &'a mut Slot);

impl Kernel {
    fn at(&self, handle: Handle) -> Option<usize> {
        self.slots.iter().position(|slot| slot.handle == handle)
    }

    /// The stack and the socket of a handle, if the user may name it.
    fn open_slot(&mut self, handle: Handle) -> Result<Open<'_>, Outcome> {
        let at = self.at(handle).ok_or(Outcome::NoConnection)?;
        let slot = &mut self.slots[at];
        if slot.closed {
            return Err(Outcome::Unsupported);
        }
        let stack = self.stack.as_mut().ok_or(Outcome::Failed)?;
        Ok((stack, slot))
    }

    /// A handle is free when nothing is behind it any more.
    fn free(&mut self, handle: Handle) -> bool {
        let Some(at) = self.at(handle) else { return true };
        if self.state(handle) != Some(State::Closed) {
            return false;
        }
        let slot = self.slots.remove(at);
        if let Some(stack) = self.stack.as_mut().filter(|_| !slot.closed) {
            // The descriptor of a connection that is over.
            let _ = stack.close(slot.conn, false);
        }
        true
    }

    fn open(
        &mut self,
        handle: Handle,
        listens: bool,
        open: impl FnOnce(&mut linux::Stack) -> io::Result<Conn>,
    ) -> Outcome {
        if !self.free(handle) {
            return Outcome::Exists;
        }
        let Some(stack) = self.stack.as_mut() else { return Outcome::Failed };
        match open(stack) {
            Ok(conn) => {
                self.slots.push(Slot {
                    handle,
                    conn,
                    listens,
                    closed: false,
                    shut: false,
                    error: None,
                    told_of_close: false,
                });
                Outcome::Done
            }
            Err(error) => outcome(&error),
        }
    }

    fn accept(&mut self, handle: Handle, into: Handle) -> Outcome {
        let Some(at) = self.at(handle).filter(|at| self.slots[*at].listens && !self.slots[*at].closed) else {
            return Outcome::NoConnection;
        };
        let listener = self.slots[at].conn;
        self.open(into, false, |stack| stack.accept(listener))
    }

    fn send(&mut self, handle: Handle, octets: &[u8]) -> Outcome {
        let (stack, slot) = match self.open_slot(handle) {
            Ok(open) => open,
            Err(outcome) => return outcome,
        };
        match stack.send(slot.conn, octets) {
            Ok(sent) => Outcome::Octets(sent as u32),
            Err(error) => slot.ended(&error),
        }
    }

    fn receive(&mut self, handle: Handle, max: u32, received: &mut Vec<u8>) -> Outcome {
        let (stack, slot) = match self.open_slot(handle) {
            Ok(open) => open,
            Err(outcome) => return outcome,
        };
        let start = received.len();
        received.resize(start + max.min(1 << 20) as usize, 0);
        let taken = stack.receive(slot.conn, &mut received[start..]);
        received.truncate(start + taken.as_ref().map_or(0, |taken| *taken));
        match taken {
            // Of a connection that was reset the kernel says no more than that nothing comes.
            Ok(0) if max > 0 => slot.tell().unwrap_or(Outcome::EndOfStream),
            Ok(taken) => Outcome::Octets(taken as u32),
            Err(error) => slot.ended(&error),
        }
    }

    fn shut_down_write(&mut self, handle: Handle) -> Outcome {
        let (stack, slot) = match self.open_slot(handle) {
            Ok(open) => open,
            Err(outcome) => return outcome,
        };
        if slot.listens {
            return Outcome::Unsupported;
        }
        match stack.shut_down_write(slot.conn) {
            Ok(()) => {
                slot.shut = true;
                Outcome::Done
            }
            Err(error) => slot.ended(&error),
        }
    }

    fn close(&mut self, handle: Handle, abort: bool) -> Outcome {
        let (stack, slot) = match self.open_slot(handle) {
            Ok(open) => open,
            Err(outcome) => return outcome,
        };
        slot.closed = true;
        match stack.close(slot.conn, abort) {
            Ok(()) => Outcome::Done,
            Err(error) => outcome(&error),
        }
    }

    fn status(&mut self, handle: Handle) -> Outcome {
        match self.at(handle).map(|at| self.slots[at].closed) {
            None => Outcome::NoConnection,
            Some(true) => Outcome::Unsupported,
            Some(false) => match self.state(handle) {
                Some(State::Closed) => Outcome::NoConnection,
                Some(state) => Outcome::InState(state),
                None => Outcome::Unsupported,
            },
        }
    }

    fn set(&mut self, handle: Handle, option: SocketOption) -> Outcome {
        let (stack, slot) = match self.open_slot(handle) {
            Ok(open) => open,
            Err(outcome) => return outcome,
        };
        let done = match option {
            SocketOption::Nagle(on) => stack.set_no_delay(slot.conn, !on),
            SocketOption::UserTimeout(timeout) => stack.set_user_timeout(slot.conn, timeout.map(span)),
            SocketOption::KeepAlive(interval) => stack.set_keep_alive(slot.conn, interval.map(span)),
            SocketOption::AckDelay(_) => return Outcome::Unsupported,
        };
        match done {
            Ok(()) => Outcome::Done,
            Err(error) => outcome(&error),
        }
    }
}

impl Slot {
    /// What a call says that failed with this error.
    fn ended(&mut self, error: &io::Error) -> Outcome {
        match error.kind() {
            ErrorKind::BrokenPipe if self.shut => Outcome::Closing,
            // No connection, or not any more.
            ErrorKind::BrokenPipe | ErrorKind::NotConnected => self.tell().unwrap_or(Outcome::NoConnection),
            _ => {
                let outcome = outcome(error);
                if matches!(outcome, Outcome::Reset | Outcome::Refused | Outcome::TimedOut) {
                    self.error = Some((outcome, true));
                }
                outcome
            }
        }
    }

    /// How the connection ended, for the first call that asks; then there is none.
    fn tell(&mut self) -> Option<Outcome> {
        let (outcome, told) = self.error.as_mut()?;
        if core::mem::replace(told, true) { Some(Outcome::NoConnection) } else { Some(*outcome) }
    }
}

impl Subject for Kernel {
    fn reset(&mut self, setup: &Setup, _seed: u64) -> Result<(), String> {
        let wanted = wanted(setup)?;
        self.slots.clear();
        self.now = Instant::ZERO;
        self.room = usize::MAX;
        if self.stack.is_none() {
            self.stack = Some(linux::Stack::new().map_err(|why| why.0)?);
        }
        let Some(stack) = &mut self.stack else { return Err("no stack".to_owned()) };
        stack.reset(&wanted).map_err(|error| format!("the device's address: {error}"))
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        match call {
            Call::OpenPassive { port } => self.open(handle, true, |stack| stack.listen(port)),
            // To this API 0.0.0.0 is the loopback address: it cannot leave the remote address out.
            Call::OpenActive { remote, .. } if remote.addr.is_unspecified() => Outcome::Unsupported,
            Call::OpenActive { port, remote: Endpoint { addr, port: to } } => {
                self.open(handle, false, |stack| stack.connect(port, SocketAddr::new(addr, to)))
            }
            Call::Accept { into } => self.accept(handle, into),
            Call::Send(octets) => self.send(handle, octets),
            Call::Receive { max } => self.receive(handle, max, received),
            Call::ShutdownWrite => self.shut_down_write(handle),
            Call::Close => self.close(handle, false),
            Call::Abort => self.close(handle, true),
            Call::Status => self.status(handle),
            Call::Set(option) => self.set(handle, option),
        }
    }

    /// What the kernel does not take for a packet is lost.
    fn deliver(&mut self, packet: &[u8]) {
        if let Some(stack) = &mut self.stack {
            let _ = stack.deliver(packet);
        }
    }

    /// What finds no room stays in the device's queue.
    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        self.room = room;
        let Some(stack) = &mut self.stack else { return Polled::Settled };
        for _ in 0..room.min(64) {
            if !out.try_push_with(|packet| stack.take_packet(packet)) {
                return Polled::Settled;
            }
        }
        if room == 0 { Polled::Settled } else { Polled::More }
    }

    /// Nobody knows; `advance` comes back when something is there.
    fn next_timer(&mut self) -> Option<Instant> {
        None
    }

    fn advance(&mut self, to: Instant) -> Instant {
        let Some(stack) = &self.stack else { return to };
        if self.room == 0 {
            std::thread::sleep(span(to.since(clock(stack))));
        }
        stack.wait(span(to.since(Instant::ZERO)));
        self.now = clock(stack).max(self.now);
        self.now
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        let Some(at) = self.at(handle).filter(|at| !self.slots[*at].closed && !self.slots[*at].listens)
        else {
            return;
        };
        let (Some(stack), slot) = (&mut self.stack, &mut self.slots[at]) else { return };
        if let Some(error) = stack.take_error(slot.conn) {
            let outcome = match outcome(&error) {
                // CLOSE-WAIT's word for a reset.
                Outcome::Closing => Outcome::Reset,
                outcome => outcome,
            };
            slot.error = Some((outcome, false));
            out.push(match outcome {
                Outcome::Reset => UserSignal::Reset,
                Outcome::Refused => UserSignal::Refused,
                Outcome::TimedOut => UserSignal::TimedOut,
                _ => UserSignal::SoftError,
            });
        } else if !slot.told_of_close
            && matches!(
                stack.state(slot.conn),
                Ok(linux::State::CloseWait
                    | linux::State::LastAck
                    | linux::State::Closing
                    | linux::State::TimeWait)
            )
        {
            slot.told_of_close = true;
            out.push(UserSignal::PeerClosed);
        }
    }

    /// A handle that was never opened has no connection, and that is CLOSED.
    fn state(&mut self, handle: Handle) -> Option<State> {
        let Some(at) = self.at(handle) else { return Some(State::Closed) };
        self.stack.as_mut()?.state(self.slots[at].conn).ok().map(state_name)
    }
}

fn clock(stack: &linux::Stack) -> Instant {
    Instant::from_micros(stack.now().as_micros().try_into().unwrap_or(u64::MAX))
}
