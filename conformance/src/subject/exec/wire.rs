//! Frames of the pipe protocol: what stands in them, both ways.
//!
//! Reading never panics: whatever does not fit the protocol's page is a [`Nonsense`] that says what and where.

use core::fmt;
use core::net::IpAddr;
use std::io::{self, Read, Write};

use lastack_core::types::{Duration, Endpoint, Instant, State};

use crate::subject::{Call, Handle, IpVersion, Outcome, Setup, SocketOption, UserSignal};

/// The version that both sides must speak.
pub(super) const VERSION: u16 = 1;
/// The largest frame: the largest SEND of a scenario.
pub(super) const FRAME_MAX: usize = 1 << 20;
/// A state that the program does not tell.
const UNTOLD: u8 = 255;

/// Codes of requests.
pub(super) mod ask {
    pub const HELLO: u8 = 1;
    pub const RESET: u8 = 2;
    pub const CALL: u8 = 3;
    pub const DELIVER: u8 = 4;
    pub const POLL: u8 = 5;
    pub const ADVANCE: u8 = 6;
}

/// Codes of replies.
pub(super) mod reply {
    pub const HELLO: u8 = 129;
    pub const DONE: u8 = 130;
    pub const REFUSED: u8 = 131;
    pub const OUTCOME: u8 = 132;
    pub const PACKET: u8 = 133;
    pub const QUIET: u8 = 134;
    pub const FAILED: u8 = 135;
}

/// Octets that the protocol's page does not know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Nonsense(pub String);

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A frame being written.
pub(super) struct FrameOut {
    octets: Vec<u8>,
}

impl FrameOut {
    pub fn new() -> FrameOut {
        FrameOut { octets: Vec::new() }
    }

    /// Starts a frame with this code; room is kept.
    pub fn begin(&mut self, code: u8) -> &mut FrameOut {
        self.octets.clear();
        self.octets.extend_from_slice(&[0; 4]);
        self.u8(code)
    }

    pub fn u8(&mut self, value: u8) -> &mut FrameOut {
        self.octets.push(value);
        self
    }

    pub fn u16(&mut self, value: u16) -> &mut FrameOut {
        self.bytes(&value.to_be_bytes())
    }

    pub fn u32(&mut self, value: u32) -> &mut FrameOut {
        self.bytes(&value.to_be_bytes())
    }

    pub fn u64(&mut self, value: u64) -> &mut FrameOut {
        self.bytes(&value.to_be_bytes())
    }

    pub fn bytes(&mut self, octets: &[u8]) -> &mut FrameOut {
        self.octets.extend_from_slice(octets);
        self
    }

    /// Writes the frame; the writer is not flushed.
    pub fn send(&mut self, to: &mut impl Write) -> io::Result<()> {
        let len = self.octets.len().saturating_sub(4) as u32;
        if let Some(place) = self.octets.get_mut(..4) {
            place.copy_from_slice(&len.to_be_bytes());
        }
        to.write_all(&self.octets)
    }
}

/// Reads one frame into `octets`, code first; `None` at the end of the stream.
pub(super) fn read_frame(from: &mut impl Read, octets: &mut Vec<u8>) -> io::Result<Result<bool, Nonsense>> {
    let mut len = [0; 4];
    if !read_some(from, &mut len)? {
        return Ok(Ok(false));
    }
    let len = u32::from_be_bytes(len) as usize;
    if len == 0 || len > FRAME_MAX {
        return Ok(Err(Nonsense(format!("a frame of {len} octets; 1 to {FRAME_MAX} are possible"))));
    }
    octets.resize(len, 0);
    from.read_exact(octets)?;
    Ok(Ok(true))
}

/// Fills `octets`, or finds the end of the stream before the first.
fn read_some(from: &mut impl Read, octets: &mut [u8]) -> io::Result<bool> {
    let mut filled = 0;
    while filled < octets.len() {
        match from.read(&mut octets[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// A frame being read.
pub(super) struct FrameIn<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> FrameIn<'a> {
    pub fn new(what: &'static str, octets: &'a [u8]) -> FrameIn<'a> {
        FrameIn { what, rest: octets }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Nonsense> {
        let (head, rest) =
            self.rest.split_at_checked(len).ok_or_else(|| Nonsense(format!("{} is too short", self.what)))?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Nonsense> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub fn u8(&mut self) -> Result<u8, Nonsense> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub fn u16(&mut self) -> Result<u16, Nonsense> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Result<u32, Nonsense> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64, Nonsense> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Nothing may be left.
    pub fn end(&self) -> Result<(), Nonsense> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Nonsense(format!("{} has {} octets too many", self.what, self.rest.len())))
    }

    pub fn unknown(&self, field: &str, value: impl fmt::Display) -> Nonsense {
        Nonsense(format!("{}: there is no {field} {value}", self.what))
    }
}

/// Outcomes by their code; those with a value are made apart.
const OUTCOMES: [Outcome; 15] = [
    Outcome::Done,
    Outcome::Octets(0),
    Outcome::WouldBlock,
    Outcome::EndOfStream,
    Outcome::Closing,
    Outcome::Reset,
    Outcome::Refused,
    Outcome::TimedOut,
    Outcome::NoConnection,
    Outcome::Exists,
    Outcome::Invalid,
    Outcome::Failed,
    Outcome::NoResources,
    Outcome::InState(State::Closed),
    Outcome::Unsupported,
];

const SIGNALS: [UserSignal; 8] = [
    UserSignal::Open,
    UserSignal::Reset,
    UserSignal::Refused,
    UserSignal::TimedOut,
    UserSignal::PeerClosed,
    UserSignal::Closed,
    UserSignal::Urgent,
    UserSignal::SoftError,
];

pub(super) fn put_outcome(frame: &mut FrameOut, outcome: Outcome) {
    let value = match outcome {
        Outcome::Octets(n) => n,
        Outcome::InState(state) => u32::from(state_code(Some(state))),
        _ => 0,
    };
    let kind = |o: &Outcome| core::mem::discriminant(o);
    let code = OUTCOMES.iter().position(|o| kind(o) == kind(&outcome)).unwrap_or(OUTCOMES.len() - 1);
    frame.u8(code as u8).u32(value);
}

pub(super) fn take_outcome(frame: &mut FrameIn<'_>) -> Result<Outcome, Nonsense> {
    let (code, value) = (frame.u8()?, frame.u32()?);
    match OUTCOMES.get(usize::from(code)) {
        Some(Outcome::Octets(_)) => Ok(Outcome::Octets(value)),
        Some(Outcome::InState(_)) => {
            let state = u8::try_from(value).ok().and_then(|code| State::ALL.get(usize::from(code)));
            state.map(|state| Outcome::InState(*state)).ok_or_else(|| frame.unknown("state", value))
        }
        Some(outcome) => Ok(*outcome),
        None => Err(frame.unknown("outcome", code)),
    }
}

pub(super) fn state_code(state: Option<State>) -> u8 {
    let code = state.and_then(|state| State::ALL.iter().position(|s| *s == state));
    code.map_or(UNTOLD, |code| code as u8)
}

pub(super) fn take_state(frame: &mut FrameIn<'_>) -> Result<Option<State>, Nonsense> {
    match frame.u8()? {
        UNTOLD => Ok(None),
        code => {
            State::ALL.get(usize::from(code)).copied().map(Some).ok_or_else(|| frame.unknown("state", code))
        }
    }
}

pub(super) fn signal_code(signal: UserSignal) -> u8 {
    SIGNALS.iter().position(|s| *s == signal).unwrap_or(0) as u8
}

pub(super) fn take_signal(frame: &mut FrameIn<'_>) -> Result<UserSignal, Nonsense> {
    let code = frame.u8()?;
    SIGNALS.get(usize::from(code)).copied().ok_or_else(|| frame.unknown("signal", code))
}

pub(super) fn put_setup(frame: &mut FrameOut, setup: &Setup) {
    let choice = |choice: Option<bool>| choice.map_or(2, u8::from);
    let span = |span: Option<Duration>| span.map_or(0, Duration::micros);
    frame.u8(if setup.ip == IpVersion::V4 { 4 } else { 6 });
    frame.u32(setup.recv_buffer).u32(setup.send_buffer);
    frame.u8(choice(setup.nagle)).u8(choice(setup.ack_delay)).u16(setup.mtu);
    frame.u8(u8::from(setup.iss.is_some())).u32(setup.iss.unwrap_or_default());
    frame.u64(span(setup.user_timeout)).u64(span(setup.keep_alive));
}

pub(super) fn take_setup(frame: &mut FrameIn<'_>) -> Result<Setup, Nonsense> {
    let ip = match frame.u8()? {
        4 => IpVersion::V4,
        6 => IpVersion::V6,
        other => return Err(frame.unknown("IP version", other)),
    };
    let (recv_buffer, send_buffer) = (frame.u32()?, frame.u32()?);
    let (nagle, ack_delay) = (take_choice(frame)?, take_choice(frame)?);
    let mtu = frame.u16()?;
    let present = frame.u8()? == 1;
    let iss = Some(frame.u32()?).filter(|_| present);
    let (user_timeout, keep_alive) = (take_span(frame)?, take_span(frame)?);
    Ok(Setup { ip, recv_buffer, send_buffer, nagle, ack_delay, mtu, iss, user_timeout, keep_alive })
}

fn take_choice(frame: &mut FrameIn<'_>) -> Result<Option<bool>, Nonsense> {
    match frame.u8()? {
        0 => Ok(Some(false)),
        1 => Ok(Some(true)),
        2 => Ok(None),
        other => Err(frame.unknown("choice", other)),
    }
}

fn take_span(frame: &mut FrameIn<'_>) -> Result<Option<Duration>, Nonsense> {
    Ok(Some(Duration::from_micros(frame.u64()?)).filter(|span| *span != Duration::ZERO))
}

pub(super) fn put_call(frame: &mut FrameOut, handle: Handle, call: Call<'_>) {
    frame.begin(ask::CALL).u8(handle);
    let span = |span: Option<Duration>| span.map_or(0, Duration::micros);
    match call {
        Call::OpenPassive { port } => frame.u8(1).u16(port),
        Call::OpenActive { port, remote } => {
            frame.u8(2).u16(port);
            match remote.addr {
                IpAddr::V4(addr) => frame.u8(4).bytes(&addr.octets()),
                IpAddr::V6(addr) => frame.u8(16).bytes(&addr.octets()),
            };
            frame.u16(remote.port)
        }
        Call::Accept { into } => frame.u8(3).u8(into),
        Call::Send(octets) => frame.u8(4).bytes(octets),
        Call::Receive { max } => frame.u8(5).u32(max),
        Call::ShutdownWrite => frame.u8(6),
        Call::Close => frame.u8(7),
        Call::Abort => frame.u8(8),
        Call::Status => frame.u8(9),
        Call::Set(SocketOption::Nagle(on)) => frame.u8(10).u8(u8::from(on)),
        Call::Set(SocketOption::AckDelay(on)) => frame.u8(11).u8(u8::from(on)),
        Call::Set(SocketOption::UserTimeout(timeout)) => frame.u8(12).u64(span(timeout)),
        Call::Set(SocketOption::KeepAlive(interval)) => frame.u8(13).u64(span(interval)),
    };
}

pub(super) fn take_call<'a>(frame: &mut FrameIn<'a>) -> Result<(Handle, Call<'a>), Nonsense> {
    let handle = frame.u8()?;
    let call = match frame.u8()? {
        1 => Call::OpenPassive { port: frame.u16()? },
        2 => {
            let port = frame.u16()?;
            let addr = match frame.u8()? {
                4 => IpAddr::from(frame.array::<4>()?),
                16 => IpAddr::from(frame.array::<16>()?),
                other => return Err(frame.unknown("address length", other)),
            };
            Call::OpenActive { port, remote: Endpoint { addr, port: frame.u16()? } }
        }
        3 => Call::Accept { into: frame.u8()? },
        4 => Call::Send(frame.rest()),
        5 => Call::Receive { max: frame.u32()? },
        6 => Call::ShutdownWrite,
        7 => Call::Close,
        8 => Call::Abort,
        9 => Call::Status,
        10 => Call::Set(SocketOption::Nagle(frame.u8()? == 1)),
        11 => Call::Set(SocketOption::AckDelay(frame.u8()? == 1)),
        12 => Call::Set(SocketOption::UserTimeout(take_span(frame)?)),
        13 => Call::Set(SocketOption::KeepAlive(take_span(frame)?)),
        other => return Err(frame.unknown("call", other)),
    };
    Ok((handle, call))
}

/// What stands in QUIET before the handles.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Quiet {
    pub more: bool,
    pub timer: Option<Instant>,
    pub now: Instant,
}

pub(super) fn put_quiet(frame: &mut FrameOut, quiet: Quiet) {
    frame.u8(u8::from(quiet.more)).u8(u8::from(quiet.timer.is_some()));
    frame.u64(quiet.timer.map_or(0, Instant::micros)).u64(quiet.now.micros());
}

pub(super) fn take_quiet(frame: &mut FrameIn<'_>) -> Result<Quiet, Nonsense> {
    let (more, present) = (frame.u8()? == 1, frame.u8()? == 1);
    let timer = Some(Instant::from_micros(frame.u64()?)).filter(|_| present);
    Ok(Quiet { more, timer, now: Instant::from_micros(frame.u64()?) })
}
