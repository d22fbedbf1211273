//! A stack in another process: any language over a pipe.
#![doc = include_str!("exec/protocol.md")]

mod child;
mod hello;
mod serve;
mod wire;

use std::process::Command;
use std::time::Duration;

use lastack_core::types::{Instant, State};

pub use serve::serve;

use child::Process;
use wire::{FrameIn, FrameOut, Nonsense, ask, reply};

use super::{
    Call, Description, Factory, Failure, Handle, Outcome, Packets, Polled, Setup, Subject, UserSignal,
};

/// How long an answer may take before the program counts as hanging.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// More packets in one poll are a flood.
const PACKETS_MAX: usize = 10_000;
/// Handles that are asked about in each poll.
const HANDLES_MAX: usize = 16;

/// How a program is started.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Line {
    /// By the shell.
    Shell(String),
    /// A program and its arguments.
    Program(Vec<String>),
}

impl Line {
    fn command(&self) -> Command {
        match self {
            Line::Shell(line) => {
                let mut command = Command::new("sh");
                command.arg("-c").arg(line);
                command
            }
            Line::Program(words) => {
                let mut command = Command::new(words.first().map_or("", String::as_str));
                command.args(words.iter().skip(1));
                command
            }
        }
    }
}

/// Starts programs that speak the protocol.
#[derive(Clone, Debug)]
pub struct Exec {
    line: Line,
    patience: Duration,
    description: Description,
}

impl Exec {
    /// The stack behind a line for the shell; it is started once to ask for its name.
    ///
    /// # Errors
    /// Why it cannot be used, in plain words.
    pub fn shell(line: &str, patience: Duration) -> Result<Exec, String> {
        Exec::new(Line::Shell(line.to_owned()), patience)
    }

    /// The stack behind a program and its arguments.
    ///
    /// # Errors
    /// Why it cannot be used, in plain words.
    pub fn program(words: Vec<String>, patience: Duration) -> Result<Exec, String> {
        Exec::new(Line::Program(words), patience)
    }

    fn new(line: Line, patience: Duration) -> Result<Exec, String> {
        let mut process = Process::start(&mut line.command())?;
        let mut frame = FrameOut::new();
        let hello = process.request(frame.begin(ask::HELLO).u16(wire::VERSION));
        hello.map_err(|failure| failure.to_string())?;
        let (code, fields) = process.answer(patience).map_err(|failure| failure.to_string())?;
        if code != reply::HELLO {
            return Err(format!("it answers HELLO with a frame of code {code}"));
        }
        let mut fields = FrameIn::new("HELLO", fields);
        let version = fields.u16().map_err(|what| what.to_string())?;
        if version != wire::VERSION {
            return Err(format!("it speaks version {version} of the protocol; this is {}", wire::VERSION));
        }
        let description = hello::read(fields.rest()).map_err(|what| what.to_string())?;
        Ok(Exec { line, patience, description })
    }
}

impl Factory for Exec {
    fn describe(&self) -> Description {
        self.description.clone()
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Remote {
            exec: self.clone(),
            process: None,
            failure: None,
            frame: FrameOut::new(),
            known: Vec::new(),
            timer: None,
            now: Instant::ZERO,
        })
    }
}

/// What the last poll told of a handle.
#[derive(Clone, Debug)]
struct Known {
    handle: Handle,
    state: Option<State>,
    signals: Vec<UserSignal>,
}

/// One program at work. Once it has failed it does nothing any more; [`Subject::failure`] says why.
struct Remote {
    exec: Exec,
    process: Option<Process>,
    failure: Option<Failure>,
    frame: FrameOut,
    known: Vec<Known>,
    timer: Option<Instant>,
    now: Instant,
}

impl Remote {
    /// Sends the frame at hand.
    fn say(&mut self) {
        if let Some(process) = self.process.as_mut().filter(|_| self.failure.is_none())
            && let Err(failure) = process.request(&mut self.frame)
        {
            self.failure = Some(failure);
        }
    }

    /// Sends the frame at hand and lets `read` look at one answer.
    fn ask<T>(&mut self, read: impl FnOnce(u8, &[u8]) -> Result<T, Nonsense>) -> Option<T> {
        self.say();
        self.hear(read)
    }

    fn hear<T>(&mut self, read: impl FnOnce(u8, &[u8]) -> Result<T, Nonsense>) -> Option<T> {
        let process = self.process.as_mut().filter(|_| self.failure.is_none())?;
        let heard = process.answer(self.exec.patience).and_then(|(code, fields)| match code {
            reply::FAILED => Err(Failure::Panics(String::from_utf8_lossy(fields).into_owned())),
            _ => read(code, fields).map_err(|what| Failure::Nonsense(what.0)),
        });
        match heard {
            Ok(answer) => Some(answer),
            Err(failure) => {
                self.failure = Some(failure);
                None
            }
        }
    }

    fn start(&mut self) -> Result<(), String> {
        if self.process.is_none() || self.failure.is_some() {
            self.process = None;
            self.process = Some(Process::start(&mut self.exec.line.command())?);
            self.failure = None;
        }
        Ok(())
    }

    fn know(&mut self, handle: Handle) {
        if self.known.len() < HANDLES_MAX && !self.known.iter().any(|known| known.handle == handle) {
            self.known.push(Known { handle, state: None, signals: Vec::new() });
        }
    }
}

impl Subject for Remote {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.start()?;
        self.known.clear();
        (self.timer, self.now) = (None, Instant::ZERO);
        self.frame.begin(ask::RESET);
        wire::put_setup(&mut self.frame, setup);
        self.frame.u64(seed);
        let answer = self.ask(|code, fields| match code {
            reply::DONE => Ok(Ok(())),
            reply::REFUSED => Ok(Err(String::from_utf8_lossy(fields).into_owned())),
            other => Err(Nonsense(format!("RESET is answered by a frame of code {other}"))),
        });
        // A program that fails here has failed in this scenario: the driver asks for the failure.
        answer.unwrap_or(Ok(()))
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        self.know(handle);
        if let Call::Accept { into } = call {
            self.know(into);
        }
        wire::put_call(&mut self.frame, handle, call);
        let mut state = None;
        let outcome = self.ask(|code, fields| {
            if code != reply::OUTCOME {
                return Err(Nonsense(format!("CALL is answered by a frame of code {code}")));
            }
            let mut fields = FrameIn::new("OUTCOME", fields);
            let outcome = wire::take_outcome(&mut fields)?;
            state = wire::take_state(&mut fields)?;
            if let (Call::Receive { max }, Outcome::Octets(n)) = (call, outcome) {
                let octets = fields.rest();
                if octets.len() != n as usize || n > max {
                    let got = octets.len();
                    return Err(Nonsense(format!("OUTCOME: {n} octets of at most {max}, and {got} came")));
                }
                received.extend_from_slice(octets);
            }
            fields.end()?;
            Ok(outcome)
        });
        if let Some(known) = self.known.iter_mut().find(|known| known.handle == handle) {
            known.state = state;
        }
        outcome.unwrap_or(Outcome::Unsupported)
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.frame.begin(ask::DELIVER).bytes(packet);
        self.say();
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        let room = u16::try_from(room).unwrap_or(u16::MAX);
        self.frame.begin(ask::POLL).u16(room).u8(self.known.len() as u8);
        for known in &self.known {
            self.frame.u8(known.handle);
        }
        self.say();
        for _ in 0..=PACKETS_MAX {
            let mut known = core::mem::take(&mut self.known);
            let heard = self.hear(|code, fields| match code {
                reply::PACKET => {
                    out.push(fields);
                    Ok(None)
                }
                reply::QUIET => take_quiet(fields, &mut known).map(Some),
                other => Err(Nonsense(format!("POLL is answered by a frame of code {other}"))),
            });
            self.known = known;
            match heard {
                Some(None) => {}
                Some(Some(quiet)) => {
                    (self.timer, self.now) = (quiet.timer, self.now.max(quiet.now));
                    return if quiet.more { Polled::More } else { Polled::Settled };
                }
                None => return Polled::Settled,
            }
        }
        self.failure = Some(Failure::Floods(format!("more than {PACKETS_MAX} packets in one poll")));
        Polled::Settled
    }

    fn next_timer(&mut self) -> Option<Instant> {
        self.timer
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.frame.begin(ask::ADVANCE).u64(to.micros());
        self.say();
        self.now = self.now.max(to);
        self.now
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        if let Some(known) = self.known.iter_mut().find(|known| known.handle == handle) {
            out.append(&mut known.signals);
        }
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        self.known.iter().find(|known| known.handle == handle)?.state
    }

    fn failure(&mut self) -> Option<Failure> {
        self.failure.clone()
    }
}

fn take_quiet(fields: &[u8], known: &mut [Known]) -> Result<wire::Quiet, Nonsense> {
    let mut fields = FrameIn::new("QUIET", fields);
    let quiet = wire::take_quiet(&mut fields)?;
    for known in known {
        known.state = wire::take_state(&mut fields)?;
        for _ in 0..fields.u8()? {
            known.signals.push(wire::take_signal(&mut fields)?);
        }
    }
    fields.end()?;
    Ok(quiet)
}
