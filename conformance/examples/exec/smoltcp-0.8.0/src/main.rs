//! smoltcp 0.8.0 behind lastack's pipe protocol: a complete example of an adapter.
//!
//! ```sh
//! cargo build --release
//! lastack protocol --exec target/release/smoltcp-0-8-0
//! lastack check    --exec target/release/smoltcp-0-8-0
//! ```

use std::io::{self, BufReader, BufWriter, Write};
use std::panic::{self, AssertUnwindSafe, catch_unwind};

#[path = "../../pipe.rs"]
mod pipe;
mod stack;
mod wire;

use pipe::{Fields, hear, say};
use stack::Stack;

const VERSION: u16 = 1;

const NO_SIGNALS: u8 = 0;

/// Its documentation says nothing of RFC 5961; TIME-WAIT lasts 10 s.
const ABOUT: &str = "\
name smoltcp-0.8.0
version 0.8.0
profile half_duplex=no,msl=5s,nagle=yes,ack_delay=10ms
can ipv4 ipv6 many exact-recv-buffer zero-recv-buffer half-close user-timeout keep-alive virtual-time
listener becomes
";

fn main() -> io::Result<()> {
    let mut from = BufReader::new(io::stdin().lock());
    let mut to = BufWriter::new(io::stdout().lock());
    let mut stack = None;
    // What a panic says goes into FAILED, not to the terminal.
    panic::set_hook(Box::new(|_| {}));
    while let Some((code, fields)) = hear(&mut from)? {
        let request = AssertUnwindSafe(|| serve(&mut stack, code, Fields(&fields), &mut to));
        match catch_unwind(request) {
            Ok(done) => done?,
            Err(payload) => {
                let what = payload.downcast_ref::<String>().map(String::as_str);
                let what = what.or(payload.downcast_ref::<&str>().copied()).unwrap_or("a panic");
                say(&mut to, pipe::FAILED, what.as_bytes())?;
                return to.flush();
            }
        }
        if !matches!(code, pipe::DELIVER | pipe::ADVANCE) {
            to.flush()?;
        }
    }
    Ok(())
}

/// Answers one request.
fn serve(stack: &mut Option<Stack>, code: u8, mut fields: Fields<'_>, to: &mut impl Write) -> io::Result<()> {
    match (code, stack) {
        (pipe::HELLO, _) => {
            let mut hello = VERSION.to_be_bytes().to_vec();
            hello.extend_from_slice(ABOUT.as_bytes());
            say(to, pipe::SAYS_HELLO, &hello)
        }
        (pipe::RESET, stack) => {
            *stack = Some(Stack::new(&mut fields));
            say(to, pipe::DONE, &[])
        }
        (pipe::CALL, Some(stack)) => {
            let (handle, call) = (fields.u8(), fields.u8());
            let answer = stack.call(handle, call, &mut fields);
            let mut reply = vec![answer.outcome];
            reply.extend(answer.value.to_be_bytes());
            reply.push(stack.state(handle));
            reply.extend(answer.octets);
            say(to, pipe::OUTCOME, &reply)
        }
        (pipe::DELIVER, Some(stack)) => {
            stack.deliver(fields.0);
            Ok(())
        }
        (pipe::ADVANCE, Some(stack)) => {
            stack.advance(fields.u64());
            Ok(())
        }
        (pipe::POLL, Some(stack)) => poll(stack, fields, to),
        (code, _) => Err(io::Error::other(format!("request {code} is not known here"))),
    }
}

fn poll(stack: &mut Stack, mut fields: Fields<'_>, to: &mut impl Write) -> io::Result<()> {
    let room = usize::from(fields.u16());
    let count = fields.u8().into();
    let (packets, more) = stack.poll(room);
    for packet in packets {
        say(to, pipe::PACKET, &packet)?;
    }
    let timer = stack.timer();
    let mut quiet = vec![more.into(), timer.is_some().into()];
    quiet.extend(timer.unwrap_or(0).to_be_bytes());
    quiet.extend(stack.now_micros().to_be_bytes());
    for handle in fields.octets(count) {
        // smoltcp tells its user nothing by itself.
        quiet.extend([stack.state(*handle), NO_SIGNALS]);
    }
    say(to, pipe::QUIET, &quiet)
}
