//! The reference TCP of `lastack-core`, in virtual time: the only place here that may know it.
//!
//! It declares everything: where RFCs leave a choice, one variant makes the one and another the other.

pub mod tuned;

use lastack_core::config::{Address, Listening, Protection as Mechanism, TimeWaitRst as OnRst};
pub use lastack_core::host::Variables;
use lastack_core::types::{Duration, Endpoint, Instant, State};
use lastack_core::{
    AbortError, CloseError, Config, Host, Name, OpenError, ReceiveError, SendError, Signal, StatusError,
};

use super::{
    Call, Capabilities, Description, Factory, Handle, ListenerKind, Outcome, Packets, Polled, Setup,
    SocketOption, Subject, UserSignal, prefix_len, stack_addr,
};
use crate::table::{Choice, Profile, Protection, TimeWaitRst};

/// Room in a forking listener's queues.
const BACKLOG: u16 = 16;
/// How long ACKs are delayed where the set-up asks for it.
const ACK_DELAY: Duration = Duration::from_millis(200);

/// The reference in one of four settings: how listeners make connections, and with or without RFC 5961.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Reference {
    Forking,
    ForkingClassic,
    Single,
    SingleClassic,
}

impl Reference {
    const fn name(self) -> &'static str {
        match self {
            Reference::Forking => "reference",
            Reference::ForkingClassic => "reference-classic",
            Reference::Single => "reference-single",
            Reference::SingleClassic => "reference-single-classic",
        }
    }

    const fn is_classic(self) -> bool {
        matches!(self, Reference::ForkingClassic | Reference::SingleClassic)
    }

    const fn forks(self) -> bool {
        matches!(self, Reference::Forking | Reference::ForkingClassic)
    }

    /// A stack for a set-up.
    pub fn stack(self, setup: &Setup, seed: u64) -> Stack {
        Stack { variant: self, host: Host::new(self.config(setup, seed)), names: Vec::new() }
    }

    /// The reference's configuration for a set-up.
    fn config(self, setup: &Setup, seed: u64) -> Config {
        let mut secret = [0; 16];
        secret[..8].copy_from_slice(&seed.to_le_bytes());
        let own = Address { addr: stack_addr(setup.ip), prefix_len: prefix_len(setup.ip) };
        let mut config = Config::new(vec![own], secret);
        config.mtu = setup.mtu;
        config.recv_buffer = setup.recv_buffer;
        config.send_buffer = setup.send_buffer;
        config.first_isn = setup.iss;
        config.nagle = setup.nagle.unwrap_or(config.nagle);
        config.ack_delay = setup.ack_delay.unwrap_or(true).then_some(ACK_DELAY);
        config.user_timeout = setup.user_timeout.or(config.user_timeout);
        config.listening = match self.forks() {
            true => Listening::Forks { syn_queue: BACKLOG, accept_queue: BACKLOG },
            false => Listening::Becomes,
        };
        if self.is_classic() {
            (config.rst, config.syn, config.ack) =
                (Mechanism::Classic, Mechanism::Classic, Mechanism::Classic);
            config.time_wait_rst = OnRst::Close;
            config.reopen = false;
            config.half_duplex = true;
        }
        config
    }

    /// The same configuration in the words of a profile.
    fn profile(self) -> Profile {
        let config = self.config(&Setup::default(), 0);
        let protection = |mechanism| match mechanism {
            Mechanism::Classic => Protection::Classic,
            Mechanism::Rfc5961 => Protection::Rfc5961,
        };
        let choice = |on| if on { Choice::Yes } else { Choice::No };
        Profile {
            rst: protection(config.rst),
            syn: protection(config.syn),
            ack: protection(config.ack),
            time_wait_rst: match config.time_wait_rst {
                OnRst::Close => TimeWaitRst::Close,
                OnRst::Ignore => TimeWaitRst::Ignore,
            },
            reopen: choice(config.reopen),
            half_duplex: choice(config.half_duplex),
            drop_synfin: choice(config.drop_synfin),
            msl: Some(config.msl),
            rto_min: Some(config.rto_min),
            rto_max: Some(config.rto_max),
            r2: Some(config.r2),
            ack_delay: config.ack_delay,
            nagle: choice(config.nagle),
        }
    }
}

impl Factory for Reference {
    fn describe(&self) -> Description {
        Description {
            name: self.name().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            profile: self.profile(),
            capabilities: Capabilities {
                ipv4: true,
                ipv6: true,
                many: true,
                listener: match self.forks() {
                    true => ListenerKind::Forks { backlog: BACKLOG },
                    false => ListenerKind::BecomesConnection,
                },
                iss: true,
                exact_recv_buffer: true,
                zero_recv_buffer: true,
                reads_when_full: true,
                half_close: true,
                user_timeout: true,
                keep_alive: false,
                virtual_time: true,
                names_errors: true,
            },
        }
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(self.stack(&Setup::default(), 0))
    }
}

/// One host, and the names behind a scenario's handles.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Stack {
    variant: Reference,
    host: Host,
    names: Vec<Known>,
}

/// A handle of the scenario, its name, and the port that it was opened to listen on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Known {
    handle: Handle,
    name: Name,
    port: Option<u16>,
    /// ACCEPT may be called on it.
    accepts: bool,
}

impl Stack {
    /// The variables of a handle's connection.
    pub fn variables(&self, handle: Handle) -> Option<Variables> {
        self.host.variables(self.find(handle)?)
    }

    /// Whether a handle's connection or listener is there, and in which state.
    pub fn status(&self, handle: Handle) -> Option<State> {
        self.host.status(self.find(handle)?).ok()
    }

    /// When the next timer fires.
    pub fn deadline(&self) -> Option<Instant> {
        self.host.next_timer()
    }

    /// The same instant.
    pub fn now(&self) -> Instant {
        self.host.now()
    }

    fn find(&self, handle: Handle) -> Option<Name> {
        self.names.iter().find(|known| known.handle == handle).map(|known| known.name)
    }

    /// Opens a handle; a connection that it knew before has to be over.
    fn open(
        &mut self,
        handle: Handle,
        port: Option<u16>,
        open: impl FnOnce(&mut Host) -> Result<Name, OpenError>,
    ) -> Outcome {
        if self.find(handle).is_some_and(|name| self.host.status(name).is_ok()) {
            return Outcome::Exists;
        }
        match open(&mut self.host) {
            Ok(name) => {
                self.put(Known { handle, name, port, accepts: port.is_some() });
                Outcome::Done
            }
            Err(error) => refused(error),
        }
    }

    /// OPEN, active, on a listener turns it, if it names the listener's own port: then nothing listens there
    /// any more.
    fn open_active(&mut self, handle: Handle, port: u16, remote: Endpoint) -> Outcome {
        let host = &mut self.host;
        let is_listener =
            |known: &&mut Known| known.port == Some(port) && host.status(known.name) == Ok(State::Listen);
        let own = self.names.iter_mut().find(|known| known.handle == handle);
        let Some(known) = own.filter(is_listener) else {
            return self.open(handle, None, |host| host.open_active(port, remote));
        };
        match host.activate(known.name, remote) {
            Ok(()) => {
                known.accepts = false;
                Outcome::Done
            }
            Err(error) => refused(error),
        }
    }

    fn put(&mut self, known: Known) {
        if let Some(at) = self.names.iter().position(|old| old.handle == known.handle) {
            self.host.release(self.names.swap_remove(at).name);
        }
        self.names.push(known);
    }

    /// Where the listener became the connection, the next one takes its place.
    fn accept(&mut self, listener: Handle, into: Handle) -> Outcome {
        let Some(at) = self.names.iter().position(|known| known.handle == listener) else {
            return Outcome::NoConnection;
        };
        let Known { name, port: Some(port), accepts: true, .. } = self.names[at] else {
            return Outcome::NoConnection;
        };
        if self.find(into).is_some_and(|name| self.host.status(name).is_ok()) {
            return Outcome::Exists;
        }
        if self.variant.forks() {
            let Some(name) = self.host.accept(name) else { return Outcome::WouldBlock };
            self.put(Known { handle: into, name, port: None, accepts: false });
            return Outcome::Done;
        }
        if self.host.status(name) == Ok(State::Listen) {
            return Outcome::WouldBlock;
        }
        self.names.swap_remove(at);
        self.put(Known { handle: into, name, port: Some(port), accepts: false });
        self.open(listener, Some(port), |host| host.open_passive(port, None))
    }

    fn set(&mut self, name: Name, option: SocketOption) -> Outcome {
        match option {
            SocketOption::Nagle(on) => self.host.set_nagle(name, on),
            SocketOption::AckDelay(on) => self.host.set_ack_delay(name, on.then_some(ACK_DELAY)),
            SocketOption::UserTimeout(timeout) => self.host.set_user_timeout(name, timeout),
            SocketOption::KeepAlive(_) => return Outcome::Unsupported,
        }
        Outcome::Done
    }
}

impl Subject for Stack {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.host = Host::new(self.variant.config(setup, seed));
        self.names.clear();
        Ok(())
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        match call {
            Call::OpenPassive { port } => {
                return self.open(handle, Some(port), |host| host.open_passive(port, None));
            }
            Call::OpenActive { port, remote } => return self.open_active(handle, port, remote),
            Call::Accept { into } => return self.accept(handle, into),
            _ => {}
        }
        let Some(name) = self.find(handle) else { return Outcome::NoConnection };
        if matches!(call, Call::ShutdownWrite | Call::Close | Call::Abort)
            && self.host.status(name) == Ok(State::Listen)
        {
            // Nothing that could be accepted will come any more.
            self.names.iter_mut().filter(|known| known.handle == handle).for_each(|k| k.accepts = false);
        }
        let host = &mut self.host;
        match call {
            Call::Send(text) => match host.send(name, text) {
                Ok(queued) => Outcome::Octets(queued as u32),
                Err(SendError::NoConnection | SendError::RemoteUnspecified) => Outcome::NoConnection,
                Err(SendError::NoResources) => Outcome::WouldBlock,
                Err(SendError::Closing) => Outcome::Closing,
                Err(SendError::Reset) => Outcome::Reset,
                Err(SendError::Refused) => Outcome::Refused,
                Err(SendError::TimedOut) => Outcome::TimedOut,
            },
            Call::Receive { max } => match host.receive(name, max, received) {
                Ok(0) => Outcome::WouldBlock,
                Ok(taken) => Outcome::Octets(taken as u32),
                Err(ReceiveError::NoConnection) => Outcome::NoConnection,
                Err(ReceiveError::Closing) => Outcome::EndOfStream,
                Err(ReceiveError::Reset) => Outcome::Reset,
                Err(ReceiveError::Refused) => Outcome::Refused,
                Err(ReceiveError::TimedOut) => Outcome::TimedOut,
            },
            Call::ShutdownWrite => closed(host.shutdown(name)),
            Call::Close => closed(host.close(name)),
            Call::Abort => match host.abort(name) {
                Ok(()) => Outcome::Done,
                Err(AbortError::NoConnection) => Outcome::NoConnection,
            },
            Call::Status => match host.status(name) {
                Ok(state) => Outcome::InState(state),
                Err(StatusError::NoConnection) => Outcome::NoConnection,
            },
            Call::Set(option) => self.set(name, option),
            Call::OpenPassive { .. } | Call::OpenActive { .. } | Call::Accept { .. } => Outcome::Unsupported,
        }
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.host.arrives(packet);
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        for _ in 0..room {
            if !out.try_push_with(|packet| self.host.transmit(packet)) {
                return Polled::Settled;
            }
        }
        if room == 0 { Polled::Settled } else { Polled::More }
    }

    fn next_timer(&mut self) -> Option<Instant> {
        self.host.next_timer()
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.host.advance(to);
        self.host.now()
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        let Some(name) = self.find(handle) else { return };
        out.extend(self.host.signals(name).map(|signal| match signal {
            Signal::Open => UserSignal::Open,
            Signal::PeerClosed => UserSignal::PeerClosed,
            Signal::NoAnswer => UserSignal::SoftError,
            Signal::Reset => UserSignal::Reset,
            Signal::Refused => UserSignal::Refused,
            Signal::TimedOut => UserSignal::TimedOut,
            Signal::Closed => UserSignal::Closed,
        }));
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        let state = self.find(handle).and_then(|name| self.host.status(name).ok());
        Some(state.unwrap_or(State::Closed))
    }
}

fn refused(error: OpenError) -> Outcome {
    match error {
        OpenError::Exists => Outcome::Exists,
        OpenError::NoConnection => Outcome::NoConnection,
        OpenError::RemoteUnspecified | OpenError::BadRemote(_) | OpenError::BadLocal => Outcome::Invalid,
    }
}

fn closed(result: Result<(), CloseError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        Err(CloseError::NoConnection) => Outcome::NoConnection,
        Err(CloseError::Closing) => Outcome::Closing,
    }
}
