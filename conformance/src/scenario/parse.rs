//! Text to a scenario. The notation is told in [`text`](super::text).
//!
//! Work is bounded by the text's length; lines have at most [`MAX_LINE`] octets, a script at most
//! [`MAX_EVENTS`] events. Line feeds with or without a carriage return, and a byte order mark, are read.

mod error;
mod line;
mod segment;
mod world;

use core::str::FromStr;

use self::line::{Line, Word, Words};
use super::text::{ADDRS, FIRST_LINE, MAX_EVENTS, ROOM_ANY};
use super::{Addr, Event, Scenario, ScriptCall};
use crate::subject::{IpVersion, Setup, SocketOption};

pub use self::error::{Expected, Found, ParseError};

/// The longest line, in octets.
pub const MAX_LINE: usize = 4096;

const CALLS: Words =
    &["listen", "connect", "accept", "send", "receive", "shutdown", "close", "abort", "status", "set"];
const SETUP: Words = &[
    "ip",
    "recv_buffer",
    "send_buffer",
    "nagle",
    "ack_delay",
    "mtu",
    "iss",
    "user_timeout",
    "keep_alive",
    "seed",
];
const ANY_LINE: Expected = Expected::Thing(
    "an event (`call`, `<`, `wait`, `room`, `app`, `fault`, `crash`, `B`) or a line of the set-up (`ip`, `mtu`, `seed`, ...)",
);
const EVENT: Expected = Expected::Thing("the set-up before the first event");
const ENDPOINT: Expected = Expected::Thing("an address and a port, as `peer0:9000` or `stack:8000`");
const SPAN: Expected = Expected::Thing("a span of time, as `1.5s`, `200ms` or `1us`");
const SPAN_OR_DEFAULT: Expected =
    Expected::Thing("a span of time, as `1.5s`, `200ms` or `1us`, or `default`");
const SPAN_OR_OFF: Expected = Expected::Thing("a span of time, as `1.5s`, `200ms` or `1us`, or `off`");

impl FromStr for Scenario {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Scenario, ParseError> {
        parse(text)
    }
}

/// Reads a scenario.
///
/// # Errors
/// The first place that cannot be read.
pub fn parse(text: &str) -> Result<Scenario, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Lines { rest: Some(text), number: 0 };
    first_line(&mut lines)?;
    let mut scenario = Scenario::default();
    let mut seen = [[false; SETUP.len()]; 2];
    let mut world_seen = false;
    while let Some(mut line) = lines.next()? {
        let Some(word) = line.next() else { continue };
        if let Some(index) = SETUP.iter().position(|name| *name == word.text) {
            if !scenario.events.is_empty() {
                return Err(line.error(word, EVENT));
            }
            if core::mem::replace(&mut seen[0][index], true) {
                return Err(line.error(word, Expected::NoSecond(SETUP[index])));
            }
            if word.text == "seed" {
                scenario.seed = line.number(u64::MAX)?;
            } else {
                setup_line(&mut scenario.setup, word.text, &mut line)?;
            }
        } else if word.text == "world" {
            if !scenario.events.is_empty() {
                return Err(line.error(word, EVENT));
            }
            if core::mem::replace(&mut world_seen, true) {
                return Err(line.error(word, Expected::NoSecond("world")));
            }
            scenario.world = Some(world::world_line(&mut line)?);
        } else {
            let event = if world::LINES.contains(&word.text) {
                match world::line(&mut scenario, &mut seen[1], word, &mut line)? {
                    Some(event) => event,
                    None => {
                        line.end()?;
                        continue;
                    }
                }
            } else {
                event(word, &mut line)?
            };
            if scenario.events.len() == MAX_EVENTS {
                return Err(line.error_of(word, Expected::Events(MAX_EVENTS), Found::OneMore));
            }
            scenario.events.push(event);
        }
        line.end()?;
    }
    Ok(scenario)
}

/// The lines of a text, one after the other, each checked for its length.
struct Lines<'a> {
    rest: Option<&'a str>,
    number: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Result<Option<Line<'a>>, ParseError> {
        let Some(rest) = self.rest else { return Ok(None) };
        let (line, rest) = match rest.split_once('\n') {
            Some((line, rest)) => (line, Some(rest)),
            None => (rest, None),
        };
        self.rest = rest;
        self.number += 1;
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.len() > MAX_LINE {
            let found = Found::Octets(line.len());
            return Err(ParseError::new(self.number, line, 0, Expected::LineOf(MAX_LINE), found));
        }
        Ok(Some(Line::new(self.number, line)))
    }
}

/// Skips comments and blank lines up to the version.
fn first_line(lines: &mut Lines<'_>) -> Result<(), ParseError> {
    const EXPECTED: Expected = Expected::Thing("`lastack scenario 1`");
    while let Some(mut line) = lines.next()? {
        if line.peek().is_none() {
            continue;
        }
        for part in FIRST_LINE.split(' ') {
            let word = line.word(EXPECTED)?;
            if word.text != part {
                return Err(line.error(word, EXPECTED));
            }
        }
        return line.end();
    }
    Err(ParseError::new(lines.number, "", 0, EXPECTED, Found::EndOfText))
}

fn setup_line(setup: &mut Setup, name: &str, line: &mut Line<'_>) -> Result<(), ParseError> {
    const ON_OFF_DEFAULT: Words = &["on", "off", "default"];
    match name {
        "ip" => setup.ip = line.choice(&[IpVersion::V4, IpVersion::V6], &["4", "6"])?,
        "recv_buffer" => setup.recv_buffer = line.u32()?,
        "send_buffer" => setup.send_buffer = line.u32()?,
        "nagle" => setup.nagle = line.choice(&[Some(true), Some(false), None], ON_OFF_DEFAULT)?,
        "ack_delay" => setup.ack_delay = line.choice(&[Some(true), Some(false), None], ON_OFF_DEFAULT)?,
        "mtu" => setup.mtu = line.u16()?,
        "iss" if line.peek().is_some_and(|word| word.text == "default") => {
            line.next();
            setup.iss = None;
        }
        "iss" => setup.iss = Some(line.u32()?),
        "user_timeout" => setup.user_timeout = line.duration_or("default", SPAN_OR_DEFAULT)?,
        // The caller has found the name in `SETUP` and taken the seed itself; what is left is `keep_alive`.
        _ => setup.keep_alive = line.duration_or("default", SPAN_OR_DEFAULT)?,
    }
    Ok(())
}

fn event(word: Word<'_>, line: &mut Line<'_>) -> Result<Event, ParseError> {
    match word.text {
        "call" => Ok(Event::Call { handle: line.u8()?, call: call(line)? }),
        "<" => Ok(Event::Segment(segment::segment(line)?)),
        "wait" => Ok(Event::Wait(line.duration(SPAN)?)),
        "room" => Ok(Event::Room(room(line)?)),
        _ => Err(line.error(word, ANY_LINE)),
    }
}

/// Packets in the transmit queue, or `any`.
fn room(line: &mut Line<'_>) -> Result<u8, ParseError> {
    if line.peek().is_some_and(|word| word.text == "any") {
        line.next();
        return Ok(ROOM_ANY);
    }
    line.u8()
}

fn call(line: &mut Line<'_>) -> Result<ScriptCall, ParseError> {
    let name = line.choice(CALLS, CALLS)?;
    Ok(match name {
        "listen" => ScriptCall::OpenPassive { port: line.u16()? },
        "connect" => {
            let port = line.u16()?;
            let (remote, remote_port) = endpoint(line)?;
            ScriptCall::OpenActive { port, remote, remote_port }
        }
        "accept" => ScriptCall::Accept { into: line.u8()? },
        "send" => ScriptCall::Send(line.u32()?),
        "receive" => ScriptCall::Receive(line.u32()?),
        "shutdown" => ScriptCall::ShutdownWrite,
        "close" => ScriptCall::Close,
        "abort" => ScriptCall::Abort,
        "status" => ScriptCall::Status,
        // `choice` has seen to it that the name is in `CALLS`; what is left there is `set`.
        _ => ScriptCall::Set(option(line)?),
    })
}

fn option(line: &mut Line<'_>) -> Result<SocketOption, ParseError> {
    const OPTIONS: Words = &["nagle", "ack_delay", "user_timeout", "keep_alive"];
    const ON_OFF: Words = &["on", "off"];
    Ok(match line.choice(OPTIONS, OPTIONS)? {
        "nagle" => SocketOption::Nagle(line.choice(&[true, false], ON_OFF)?),
        "ack_delay" => SocketOption::AckDelay(line.choice(&[true, false], ON_OFF)?),
        "user_timeout" => SocketOption::UserTimeout(line.duration_or("off", SPAN_OR_OFF)?),
        _ => SocketOption::KeepAlive(line.duration_or("off", SPAN_OR_OFF)?),
    })
}

/// `peer0:9000`.
fn endpoint(line: &mut Line<'_>) -> Result<(Addr, u16), ParseError> {
    let word = line.word(ENDPOINT)?;
    let Some(colon) = word.text.find(':') else { return Err(line.error(word, ENDPOINT)) };
    let (name, rest) = word.split_at(colon);
    let (_, port) = rest.split_at(1);
    let addr = match name.text.strip_prefix("peer") {
        Some(_) => Addr::Peer(line.number_in(name.split_at("peer".len()).1, u64::from(u8::MAX))? as u8),
        None => match ADDRS.iter().find(|(_, known)| *known == name.text) {
            Some((addr, _)) => *addr,
            None => return Err(line.error(name, ENDPOINT)),
        },
    };
    Ok((addr, line.number_in(port, u64::from(u16::MAX))? as u16))
}
