//! lwIP 2.1.2 and 2.2.1-dev over IPv4 packets, in virtual time, by way of `lastack-lwip`.
//!
//! The user is one of lwIP's raw API. What that user may not do is no call here: after `tcp_close` and
//! `tcp_abort` the connection may not be named any more, so every further call is `Unsupported`, and there is
//! no user timeout, no switch for delayed acknowledgments and no STATUS. `ERR_ABRT` without an abort by the user
//! is what lwIP's timers say (tcp.h, `tcp_err_fn`), so it is `TimedOut`; a refused connection is `ERR_RST` like any
//! other reset.
//!
//! `TCP_WND` and `TCP_SND_BUF`, which a build of lwIP fixes, are set for every scenario; below the least that
//! lwIP's sanity checks admit (536 and 1072 octets, with its default MSS of 536) and above 65,535 octets (no
//! window scaling by default) a set-up is refused. A failed assertion of lwIP is a panic.

use core::net::IpAddr;

use lastack_core::types::{Duration, Endpoint, Instant, State};
use lastack_lwip as lwip;
use lastack_lwip::{Conn, Error, Version};

use super::{
    Call, Capabilities, Description, Factory, Handle, ListenerKind, Outcome, Packets, Polled, Setup,
    SocketOption, Subject, stack_addr,
};
use crate::table::{Choice, Profile, Protection, TimeWaitRst};

/// One version of lwIP, with its defaults for everything that a set-up leaves open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lwip(pub Version);

impl Factory for Lwip {
    fn describe(&self) -> Description {
        Description {
            name: format!("lwip-{}", self.0.build()),
            version: self.0.name().to_owned(),
            profile: profile(),
            capabilities: Capabilities {
                ipv4: true,
                ipv6: false,
                many: true,
                // TCP_LISTEN_BACKLOG, as the adapter's `tcp_listen_with_backlog` asks.
                listener: ListenerKind::Forks { backlog: 8 },
                // LWIP_HOOK_TCP_ISN.
                iss: true,
                exact_recv_buffer: true,
                zero_recv_buffer: false,
                half_close: true,
                user_timeout: false,
                keep_alive: true,
                virtual_time: true,
                names_errors: true,
                reads_when_full: true,
            },
        }
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Stack { lwip: lwip::Stack::new(self.0), slots: Vec::new(), now: Instant::ZERO })
    }
}

/// What lwIP's opt.h, tcp_priv.h and the comments of its sources say, alike in both versions. Nothing is said
/// of RFC 5961 5.2, of MAY-2 and of a least retransmission timeout.
fn profile() -> Profile {
    Profile {
        // tcp_process: "This follows RFC 5961 section 3.2".
        rst: Protection::Rfc5961,
        // tcp_timewait_input names RFC 1337.
        time_wait_rst: TimeWaitRst::Ignore,
        // TCP_MSL.
        msl: Some(Duration::from_secs(60)),
        // tcp_backoff over LWIP_TCP_RTO_TIME: 3 s, doubled seven times.
        rto_max: Some(Duration::from_secs(384)),
        // tcp_close: a RST "if the application didn't receive all data"; nothing can be read after it.
        half_duplex: Choice::Yes,
        // TCP_FAST_INTERVAL.
        ack_delay: Some(Duration::from_millis(250)),
        // On unless tcp_nagle_disable is called.
        nagle: Choice::Yes,
        ..Profile::default()
    }
}

/// A handle of the scenario and the connection behind it.
struct Slot {
    handle: Handle,
    conn: Conn,
    listens: bool,
    /// The user has closed or aborted it.
    closed: bool,
}

struct Stack {
    lwip: lwip::Stack,
    slots: Vec<Slot>,
    now: Instant,
}

impl Stack {
    /// Results of lwIP, of which a failed assertion is a panic.
    fn checked<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let (Err(Error::Asserted), Some(words)) = (&result, self.lwip.assertion()) {
            panic!("lwIP's assertion failed: {words}");
        }
        result
    }

    fn slot(&self, handle: Handle) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.handle == handle)
    }

    /// The connection of a handle, if the user may name it.
    fn conn(&self, handle: Handle) -> Result<Conn, Outcome> {
        match self.slot(handle) {
            None => Err(Outcome::NoConnection),
            Some(slot) if slot.closed => Err(Outcome::Unsupported),
            // Neither text nor ends: lwIP's listening records are of another type.
            Some(slot) if slot.listens => Err(Outcome::Unsupported),
            Some(slot) => Ok(slot.conn),
        }
    }

    /// A handle is free when nothing is behind it any more.
    fn free(&mut self, handle: Handle) -> bool {
        let Some(at) = self.slots.iter().position(|slot| slot.handle == handle) else { return true };
        if self.state(handle) != Some(State::Closed) {
            return false;
        }
        self.slots.remove(at);
        true
    }

    fn open(&mut self, handle: Handle, listens: bool, opened: Result<Conn, Error>) -> Outcome {
        match self.checked(opened) {
            Ok(conn) => {
                self.slots.push(Slot { handle, conn, listens, closed: false });
                Outcome::Done
            }
            Err(error) => outcome(error),
        }
    }

    fn open_passive(&mut self, handle: Handle, port: u16) -> Outcome {
        if !self.free(handle) {
            return Outcome::Exists;
        }
        let opened = self.lwip.listen(port);
        self.open(handle, true, opened)
    }

    fn open_active(&mut self, handle: Handle, port: u16, remote: Endpoint) -> Outcome {
        if !self.free(handle) {
            return Outcome::Exists;
        }
        let IpAddr::V4(addr) = remote.addr else { return Outcome::Invalid };
        let opened = self.lwip.connect(port, addr.octets(), remote.port);
        self.open(handle, false, opened)
    }

    fn accept(&mut self, handle: Handle, into: Handle) -> Outcome {
        let Some(slot) = self.slot(handle).filter(|slot| slot.listens && !slot.closed) else {
            return Outcome::NoConnection;
        };
        let listener = slot.conn;
        if !self.free(into) {
            return Outcome::Exists;
        }
        let accepted = self.lwip.accept(listener);
        self.open(into, false, accepted)
    }

    fn send(&mut self, handle: Handle, octets: &[u8]) -> Outcome {
        let conn = match self.conn(handle) {
            Ok(conn) => conn,
            Err(outcome) => return outcome,
        };
        let sent = self.lwip.send(conn, octets);
        match self.checked(sent) {
            Ok(sent) => Outcome::Octets(sent as u32),
            Err(error) => self.not_open(handle, error),
        }
    }

    fn receive(&mut self, handle: Handle, max: u32, received: &mut Vec<u8>) -> Outcome {
        let conn = match self.conn(handle) {
            Ok(conn) => conn,
            Err(outcome) => return outcome,
        };
        let start = received.len();
        received.resize(start + max.min(0xffff) as usize, 0);
        let taken = self.lwip.receive(conn, &mut received[start..]);
        received.truncate(start + taken.unwrap_or(0));
        match self.checked(taken) {
            Ok(taken) => Outcome::Octets(taken as u32),
            Err(Error::Closed) => Outcome::EndOfStream,
            Err(error) => self.not_open(handle, error),
        }
    }

    /// `ERR_CONN` is one error for "not yet" and "no more"; the state tells which.
    fn not_open(&mut self, handle: Handle, error: Error) -> Outcome {
        match (error, self.state(handle)) {
            (Error::NotConnected, Some(State::Closed | State::Listen | State::SynSent)) => {
                Outcome::NoConnection
            }
            (Error::NotConnected, _) => Outcome::Closing,
            (error, _) => outcome(error),
        }
    }

    fn shut_down_write(&mut self, handle: Handle) -> Outcome {
        let conn = match self.conn(handle) {
            Ok(conn) => conn,
            Err(outcome) => return outcome,
        };
        let done = self.lwip.shut_down_write(conn);
        match self.checked(done) {
            Ok(()) => Outcome::Done,
            Err(error) => self.not_open(handle, error),
        }
    }

    fn close(&mut self, handle: Handle, abort: bool) -> Outcome {
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.handle == handle) else {
            return Outcome::NoConnection;
        };
        if slot.closed {
            return Outcome::Unsupported;
        }
        slot.closed = true;
        let conn = slot.conn;
        let done = if abort { self.lwip.abort(conn) } else { self.lwip.close(conn) };
        match self.checked(done) {
            Ok(()) => Outcome::Done,
            Err(Error::NotConnected) => Outcome::NoConnection,
            Err(error) => outcome(error),
        }
    }

    fn set(&mut self, handle: Handle, option: SocketOption) -> Outcome {
        let conn = match self.conn(handle) {
            Ok(conn) => conn,
            Err(outcome) => return outcome,
        };
        let done = match option {
            SocketOption::Nagle(on) => self.lwip.set_nagle(conn, on),
            SocketOption::KeepAlive(interval) => self.lwip.set_keep_alive(conn, interval.map(millis)),
            SocketOption::AckDelay(_) | SocketOption::UserTimeout(_) => return Outcome::Unsupported,
        };
        match self.checked(done) {
            Ok(()) => Outcome::Done,
            Err(error) => outcome(error),
        }
    }
}

impl Subject for Stack {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        let wanted = wanted(setup, seed)?;
        self.slots.clear();
        self.now = Instant::ZERO;
        let done = self.lwip.reset(&wanted);
        // lwIP sends within a call; how much room there is, the first poll says.
        self.lwip.set_room(0);
        self.checked(done).map_err(|error| format!("lwIP does not start: {error:?}"))
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        match call {
            Call::OpenPassive { port } => self.open_passive(handle, port),
            Call::OpenActive { port, remote } => self.open_active(handle, port, remote),
            Call::Accept { into } => self.accept(handle, into),
            Call::Send(octets) => self.send(handle, octets),
            Call::Receive { max } => self.receive(handle, max, received),
            Call::ShutdownWrite => self.shut_down_write(handle),
            Call::Close => self.close(handle, false),
            Call::Abort => self.close(handle, true),
            Call::Status => Outcome::Unsupported,
            Call::Set(option) => self.set(handle, option),
        }
    }

    /// A packet for which lwIP has no buffer is lost, as on a real interface.
    fn deliver(&mut self, packet: &[u8]) {
        let done = self.lwip.deliver(packet);
        let _ = self.checked(done);
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        self.lwip.set_room(room);
        let done = self.lwip.run_timers();
        let _ = self.checked(done);
        self.lwip.take_packets(|packet| out.push(packet));
        Polled::Settled
    }

    fn next_timer(&mut self) -> Option<Instant> {
        let due = self.lwip.next_timer();
        self.checked(due).ok().flatten().map(|micros| Instant::from_micros(micros).max(self.now))
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.now = self.now.max(to);
        self.lwip.advance(self.now.micros());
        self.now
    }

    /// A handle that was never opened has no connection, and that is CLOSED.
    fn state(&mut self, handle: Handle) -> Option<State> {
        let Some(slot) = self.slot(handle) else { return Some(State::Closed) };
        if slot.listens && slot.closed {
            return Some(State::Closed);
        }
        let state = self.lwip.state(slot.conn);
        self.checked(state).ok().map(state_name)
    }
}

/// The set-up in lwIP's terms, or why it cannot be had.
fn wanted(setup: &Setup, seed: u64) -> Result<lwip::Setup, String> {
    let IpAddr::V4(addr) = stack_addr(setup.ip) else {
        return Err("IPv6 is not compiled in".to_owned());
    };
    if setup.recv_buffer < 536 {
        return Err("TCP_WND is at least one TCP_MSS, 536 octets".to_owned());
    }
    if setup.send_buffer < 2 * 536 {
        return Err("TCP_SND_BUF is at least two TCP_MSS, 1072 octets".to_owned());
    }
    let (Ok(wnd), Ok(snd_buf)) = (u16::try_from(setup.recv_buffer), u16::try_from(setup.send_buffer)) else {
        return Err("without window scaling lwIP's buffers end at 65535 octets".to_owned());
    };
    if setup.user_timeout.is_some() {
        return Err("lwIP has no user timeout".to_owned());
    }
    if setup.ack_delay == Some(false) {
        return Err("lwIP always delays acknowledgments".to_owned());
    }
    if setup.mtu < 68 {
        return Err(format!("an MTU of {} octets; 68 is the least", setup.mtu));
    }
    Ok(lwip::Setup {
        addr: addr.octets(),
        mtu: setup.mtu,
        wnd,
        snd_buf,
        nagle: setup.nagle.unwrap_or(true),
        keep_alive_ms: setup.keep_alive.map(millis),
        iss: setup.iss,
        seed,
        ..lwip::Setup::default()
    })
}

fn millis(span: Duration) -> u32 {
    u32::try_from(span.micros() / 1000).unwrap_or(u32::MAX).max(1)
}

const fn outcome(error: Error) -> Outcome {
    match error {
        Error::Gone => Outcome::Unsupported,
        Error::NoMemory => Outcome::NoResources,
        Error::Invalid | Error::NoRoute => Outcome::Invalid,
        Error::WouldBlock => Outcome::WouldBlock,
        Error::InUse => Outcome::Exists,
        Error::NotConnected => Outcome::NoConnection,
        Error::Aborted => Outcome::TimedOut,
        Error::Reset => Outcome::Reset,
        Error::Closed => Outcome::Closing,
        Error::Asserted | Error::Other(_) => Outcome::Failed,
    }
}

const fn state_name(state: lwip::State) -> State {
    match state {
        lwip::State::Closed => State::Closed,
        lwip::State::Listen => State::Listen,
        lwip::State::SynSent => State::SynSent,
        lwip::State::SynRcvd => State::SynReceived,
        lwip::State::Established => State::Established,
        lwip::State::FinWait1 => State::FinWait1,
        lwip::State::FinWait2 => State::FinWait2,
        lwip::State::CloseWait => State::CloseWait,
        lwip::State::Closing => State::Closing,
        lwip::State::LastAck => State::LastAck,
        lwip::State::TimeWait => State::TimeWait,
    }
}
