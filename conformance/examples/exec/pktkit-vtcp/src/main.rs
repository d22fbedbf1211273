//! `pktkit::vtcp` behind lastack's pipe protocol.
//!
//! vtcp is one connection without a host around it. The host is `stack.rs`: addresses, ports, a listener with its
//! queue, the RST of a closed port; it does what pktkit's own drivers (`vclient`, `slirp`) do. `calls.rs` has the
//! calls of the protocol, and `clock.rs` gives the standard library the virtual clock.
//!
//! ```sh
//! cargo build --release
//! lastack protocol --exec target/release/pktkit-vtcp
//! lastack check    --exec target/release/pktkit-vtcp --waivers waivers.toml
//! ```

use std::io::{self, BufReader, BufWriter, Write};
use std::panic::{self, AssertUnwindSafe, catch_unwind};

mod calls;
mod clock;
#[path = "../../pipe.rs"]
mod pipe;
mod stack;
mod wire;

use pipe::{Fields, hear, say};
use stack::Stack;

const VERSION: u16 = 1;

const NO_SIGNALS: u8 = 0;

/// From pktkit's documentation: RFC 5961 ("challenge ACKs against blind RST, SYN and data injection"); TIME-WAIT 60 s,
/// which a newer SYN may end (RFC 6191); `Conn::release` ends reading; DELAYED_ACK is 40 ms; Nagle, unless `nodelay`;
/// "Linux's constants" for the retransmission timer, of which 200 ms is the least.
const ABOUT: &str = "\
name pktkit-vtcp
version 0.1.11
profile rfc5961,msl=30s,reopen=yes,half_duplex=yes,ack_delay=40ms,nagle=yes,rto_min=200ms
can ipv4 ipv6 many exact-recv-buffer half-close virtual-time
listener forks 16
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
        // vtcp tells its user nothing by itself.
        quiet.extend([stack.state(*handle), NO_SIGNALS]);
    }
    say(to, pipe::QUIET, &quiet)
}
