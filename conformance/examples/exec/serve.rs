//! The loop of an adapter in Rust: requests of the pipe protocol in, the stack's answers out.
//!
//! A stack is made anew for every scenario. Where it panics, the tool is told what the panic said, and the program
//! ends; the tool starts it again.

use std::io::{self, BufReader, BufWriter, Write};
use std::panic::{self, AssertUnwindSafe, catch_unwind};

use crate::pipe::{
    ADVANCE, CALL, DELIVER, DONE, FAILED, Fields, HELLO, OUTCOME, PACKET, POLL, QUIET, RESET, SAYS_HELLO,
    hear, say,
};

const VERSION: u16 = 1;

/// These stacks tell their users nothing by themselves.
const NO_SIGNALS: u8 = 0;

/// Outcomes by number.
#[allow(dead_code)] // Not every stack has all of them.
pub mod outcome {
    pub const DONE: u8 = 0;
    pub const OCTETS: u8 = 1;
    pub const WOULD_BLOCK: u8 = 2;
    pub const END_OF_STREAM: u8 = 3;
    pub const CLOSING: u8 = 4;
    pub const NO_CONNECTION: u8 = 8;
    pub const EXISTS: u8 = 9;
    pub const INVALID: u8 = 10;
    pub const FAILED: u8 = 11;
    pub const IN_STATE: u8 = 13;
    pub const UNSUPPORTED: u8 = 14;
}

/// What a call came to, in the protocol's numbers.
pub struct Answer {
    pub outcome: u8,
    pub value: u32,
    pub octets: Vec<u8>,
}

impl From<u8> for Answer {
    fn from(outcome: u8) -> Answer {
        Answer { outcome, value: 0, octets: Vec::new() }
    }
}

/// A stack, its clock and its device. States, calls and outcomes are the protocol's numbers.
pub trait Served {
    /// The lines of SAYS_HELLO: who it is, and what it declares.
    const ABOUT: &'static str;
    /// One on which nothing has happened; `fields` are those of RESET.
    fn new(fields: &mut Fields<'_>) -> Self;
    /// One call; `fields` are those behind the call's number.
    fn call(&mut self, handle: u8, call: u8, fields: &mut Fields<'_>) -> Answer;
    /// A packet from the network.
    fn deliver(&mut self, packet: &[u8]);
    /// The clock moves on, to so many microseconds.
    fn advance(&mut self, micros: u64);
    /// Works at this instant; the packets that leave, at most so many, and whether it wants to be polled again.
    fn poll(&mut self, room: usize) -> (Vec<Vec<u8>>, bool);
    /// When it wants to be polled next, in microseconds.
    fn timer(&mut self) -> Option<u64>;
    /// Its clock.
    fn now_micros(&self) -> u64;
    /// The state of a handle.
    fn state(&mut self, handle: u8) -> u8;
}

/// Answers requests until the input ends.
pub fn serve<S: Served>() -> io::Result<()> {
    let mut from = BufReader::new(io::stdin().lock());
    let mut to = BufWriter::new(io::stdout().lock());
    let mut stack: Option<S> = None;
    // What a panic says goes into FAILED, not to the terminal.
    panic::set_hook(Box::new(|_| {}));
    while let Some((code, fields)) = hear(&mut from)? {
        let request = AssertUnwindSafe(|| answer(&mut stack, code, Fields(&fields), &mut to));
        match catch_unwind(request) {
            Ok(done) => done?,
            Err(payload) => {
                let what = payload.downcast_ref::<String>().map(String::as_str);
                let what = what.or(payload.downcast_ref::<&str>().copied()).unwrap_or("a panic");
                say(&mut to, FAILED, what.as_bytes())?;
                return to.flush();
            }
        }
        if !matches!(code, DELIVER | ADVANCE) {
            to.flush()?;
        }
    }
    Ok(())
}

fn answer<S: Served>(
    stack: &mut Option<S>,
    code: u8,
    mut fields: Fields<'_>,
    to: &mut impl Write,
) -> io::Result<()> {
    match (code, stack) {
        (HELLO, _) => {
            let mut hello = VERSION.to_be_bytes().to_vec();
            hello.extend_from_slice(S::ABOUT.as_bytes());
            say(to, SAYS_HELLO, &hello)
        }
        (RESET, stack) => {
            *stack = Some(S::new(&mut fields));
            say(to, DONE, &[])
        }
        (CALL, Some(stack)) => {
            let (handle, call) = (fields.u8(), fields.u8());
            let answer = stack.call(handle, call, &mut fields);
            let mut reply = vec![answer.outcome];
            reply.extend(answer.value.to_be_bytes());
            reply.push(stack.state(handle));
            reply.extend(answer.octets);
            say(to, OUTCOME, &reply)
        }
        (DELIVER, Some(stack)) => {
            stack.deliver(fields.0);
            Ok(())
        }
        (ADVANCE, Some(stack)) => {
            stack.advance(fields.u64());
            Ok(())
        }
        (POLL, Some(stack)) => poll(stack, fields, to),
        (code, _) => Err(io::Error::other(format!("request {code} is not known here"))),
    }
}

fn poll(stack: &mut impl Served, mut fields: Fields<'_>, to: &mut impl Write) -> io::Result<()> {
    let room = usize::from(fields.u16());
    let count = fields.u8().into();
    let (packets, more) = stack.poll(room);
    for packet in packets {
        say(to, PACKET, &packet)?;
    }
    let timer = stack.timer();
    let mut quiet = vec![more.into(), timer.is_some().into()];
    quiet.extend(timer.unwrap_or(0).to_be_bytes());
    quiet.extend(stack.now_micros().to_be_bytes());
    for handle in fields.octets(count) {
        quiet.extend([stack.state(*handle), NO_SIGNALS]);
    }
    say(to, QUIET, &quiet)
}
