//! The other end of the pipe: any in-process stack as a program (`--isolate`, and a stack's own `main`).

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use lastack_core::types::Instant;

use super::hello;
use super::wire::{self, FrameIn, FrameOut, Nonsense, Quiet, ask, read_frame, reply};
use crate::subject::{Call, Factory, Outcome, Packets, Polled, Subject};

/// Answers requests until the input ends, or the stack has panicked.
///
/// # Errors
/// The pipe breaks, or what comes in is not the protocol.
pub fn serve(factory: &dyn Factory, mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut server = Server {
        factory,
        subject: factory.make(),
        now: Instant::ZERO,
        out: FrameOut::new(),
        packets: Packets::default(),
        received: Vec::new(),
    };
    let mut frame = Vec::new();
    loop {
        match read_frame(&mut from, &mut frame)? {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(what) => return Err(broken(&what)),
        }
        match catch_unwind(AssertUnwindSafe(|| server.answer(&frame, &mut to))) {
            Ok(Ok(())) => {}
            Ok(Err(Trouble::Pipe(error))) => return Err(error),
            Ok(Err(Trouble::Nonsense(what))) => return Err(broken(&what)),
            Err(panic) => {
                let words = panic_words(panic.as_ref());
                server.out.begin(reply::FAILED).bytes(words.as_bytes()).send(&mut to)?;
                return to.flush();
            }
        }
    }
}

/// What a panic said.
fn panic_words(panic: &(dyn core::any::Any + Send)) -> &str {
    let words = panic.downcast_ref::<&str>().copied();
    words.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without words")
}

fn broken(what: &Nonsense) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_string())
}

enum Trouble {
    Pipe(io::Error),
    Nonsense(Nonsense),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Pipe(error)
    }
}

impl From<Nonsense> for Trouble {
    fn from(what: Nonsense) -> Trouble {
        Trouble::Nonsense(what)
    }
}

struct Server<'f> {
    factory: &'f dyn Factory,
    subject: Box<dyn Subject>,
    now: Instant,
    out: FrameOut,
    packets: Packets,
    received: Vec<u8>,
}

impl Server<'_> {
    fn answer(&mut self, frame: &[u8], to: &mut impl Write) -> Result<(), Trouble> {
        let Some((code, fields)) = frame.split_first() else {
            return Err(Nonsense("an empty frame".to_owned()).into());
        };
        match *code {
            ask::HELLO => self.hello(fields),
            ask::RESET => self.reset(fields)?,
            ask::CALL => self.call(fields)?,
            ask::DELIVER => {
                self.subject.deliver(fields);
                return Ok(());
            }
            ask::ADVANCE => {
                let mut fields = FrameIn::new("ADVANCE", fields);
                let at = Instant::from_micros(fields.u64()?);
                fields.end()?;
                self.now = self.subject.advance(at);
                return Ok(());
            }
            ask::POLL => self.poll(fields, to)?,
            other => return Err(Nonsense(format!("there is no request {other}")).into()),
        }
        self.out.send(to)?;
        to.flush()?;
        Ok(())
    }

    /// Version 1 is the only one so far: whoever asks for another one gets it told.
    fn hello(&mut self, _fields: &[u8]) {
        let text = hello::write(&self.factory.describe());
        self.out.begin(reply::HELLO).u16(wire::VERSION).bytes(text.as_bytes());
    }

    fn reset(&mut self, fields: &[u8]) -> Result<(), Nonsense> {
        let mut fields = FrameIn::new("RESET", fields);
        let setup = wire::take_setup(&mut fields)?;
        let seed = fields.u64()?;
        fields.end()?;
        self.now = Instant::ZERO;
        match self.subject.reset(&setup, seed) {
            Ok(()) => self.out.begin(reply::DONE),
            Err(why) => self.out.begin(reply::REFUSED).bytes(why.as_bytes()),
        };
        Ok(())
    }

    fn call(&mut self, fields: &[u8]) -> Result<(), Nonsense> {
        let mut fields = FrameIn::new("CALL", fields);
        let (handle, call) = wire::take_call(&mut fields)?;
        fields.end()?;
        self.received.clear();
        let outcome = self.subject.call(handle, call, &mut self.received);
        self.out.begin(reply::OUTCOME);
        wire::put_outcome(&mut self.out, outcome);
        self.out.u8(wire::state_code(self.subject.state(handle)));
        if matches!((call, outcome), (Call::Receive { .. }, Outcome::Octets(_))) {
            self.out.bytes(&self.received);
        }
        Ok(())
    }

    fn poll(&mut self, fields: &[u8], to: &mut impl Write) -> Result<(), Trouble> {
        let mut fields = FrameIn::new("POLL", fields);
        let room = fields.u16()?;
        let room = if room == u16::MAX { usize::MAX } else { usize::from(room) };
        let count = fields.u8()?;
        self.packets.clear();
        let polled = self.subject.poll(room, &mut self.packets);
        for packet in self.packets.iter() {
            self.out.begin(reply::PACKET).bytes(packet).send(to)?;
        }
        let quiet = Quiet { more: polled == Polled::More, timer: self.subject.next_timer(), now: self.now };
        self.out.begin(reply::QUIET);
        wire::put_quiet(&mut self.out, quiet);
        let mut signals = Vec::new();
        for _ in 0..count {
            let handle = fields.u8()?;
            signals.clear();
            self.subject.signals(handle, &mut signals);
            let told = signals.len().min(usize::from(u8::MAX));
            self.out.u8(wire::state_code(self.subject.state(handle))).u8(told as u8);
            for signal in signals.iter().take(told) {
                self.out.u8(wire::signal_code(*signal));
            }
        }
        fields.end()?;
        Ok(())
    }
}
