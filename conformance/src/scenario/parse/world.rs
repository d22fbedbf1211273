//! The lines of a world, read back.

use super::line::{Line, Word, Words};
use super::{ANY_LINE, EVENT, Expected, ParseError, SETUP, SPAN, call, room, setup_line};
use crate::scenario::text::world::{ENDS, OPENS};
use crate::scenario::{App, Event, Fault, HostId, LinkSetup, Scenario, WorldEvent, WorldSetup};

/// Words that begin a line of a world, `world` itself aside.
pub(super) const LINES: Words = &["B", "app", "crash", "fault"];

const FIRST: Expected = Expected::Thing("the line `world` before what host B is");
const LINK: Words = &["latency", "spacing", "queue", "mtu"];
const APP: Words = &["send", "chunk", "every", "receive", "pause", "then"];
const FAULTS: Words = &["drop", "delay", "behind", "copies", "again", "flip", "cut"];

/// `world`, and the link.
pub(super) fn world_line(line: &mut Line<'_>) -> Result<WorldSetup, ParseError> {
    let mut link = LinkSetup::default();
    while line.peek().is_some() {
        match line.choice(LINK, LINK)? {
            "latency" => link.latency = line.duration(SPAN)?,
            "spacing" => link.spacing = line.duration(SPAN)?,
            "queue" => link.queue = line.u8()?,
            // `choice` has seen to it that the word is in `LINK`; what is left there is `mtu`.
            _ => link.mtu = line.u16()?,
        }
    }
    Ok(WorldSetup { link, ..WorldSetup::default() })
}

/// A line that begins with one of [`LINES`]; `None` where it was one of host B's set-up.
pub(super) fn line(
    scenario: &mut Scenario,
    seen: &mut [bool],
    word: Word<'_>,
    line: &mut Line<'_>,
) -> Result<Option<Event>, ParseError> {
    let event = match word.text {
        "B" => match of_b(scenario, seen, line)? {
            Some(event) => event,
            None => return Ok(None),
        },
        "app" => WorldEvent::App { host: host(line)?, app: app(line)? },
        "crash" => {
            let host = host(line)?;
            let iss = if line.peek().is_some() {
                line.choice(&["iss"], &["iss"])?;
                Some(line.u32()?)
            } else {
                None
            };
            WorldEvent::Crash { host, iss }
        }
        // One of `LINES`; what is left there is `fault`.
        _ => WorldEvent::Fault { host: host(line)?, packet: line.u16()?, fault: fault(line)? },
    };
    Ok(Some(Event::World(event)))
}

/// What stands behind `B`: a call, room, or a line of its set-up.
fn of_b(
    scenario: &mut Scenario,
    seen: &mut [bool],
    line: &mut Line<'_>,
) -> Result<Option<WorldEvent>, ParseError> {
    let word = line.word(ANY_LINE)?;
    match word.text {
        "call" => Ok(Some(WorldEvent::Call { handle: line.u8()?, call: call(line)? })),
        "room" => Ok(Some(WorldEvent::Room(room(line)?))),
        name => {
            let index = SETUP.iter().position(|known| *known == name && *known != "seed");
            let Some(index) = index else { return Err(line.error(word, ANY_LINE)) };
            if !scenario.events.is_empty() {
                return Err(line.error(word, EVENT));
            }
            let Some(world) = &mut scenario.world else { return Err(line.error(word, FIRST)) };
            if core::mem::replace(&mut seen[index], true) {
                return Err(line.error(word, Expected::NoSecond(SETUP[index])));
            }
            setup_line(&mut world.other, name, line)?;
            Ok(None)
        }
    }
}

fn host(line: &mut Line<'_>) -> Result<HostId, ParseError> {
    line.choice(&HostId::BOTH, &["A", "B"])
}

fn app(line: &mut Line<'_>) -> Result<App, ParseError> {
    const OPEN: Words = &[OPENS[0].1, OPENS[1].1, OPENS[2].1];
    const END: Words = &[ENDS[0].1, ENDS[1].1, ENDS[2].1, ENDS[3].1, ENDS[4].1];
    let mut app = App { opens: line.choice(&OPENS.map(|(opens, _)| opens), OPEN)?, ..App::default() };
    while line.peek().is_some() {
        match line.choice(APP, APP)? {
            "send" => app.writes = line.u32()?,
            "chunk" => app.chunk = line.u32()?,
            "every" => app.every = line.duration(SPAN)?,
            "receive" => app.reads = line.u32()?,
            "pause" => app.pause = line.duration(SPAN)?,
            // In `APP`; what is left there is `then`.
            _ => app.ends = line.choice(&ENDS.map(|(ends, _)| ends), END)?,
        }
    }
    Ok(app)
}

fn fault(line: &mut Line<'_>) -> Result<Fault, ParseError> {
    Ok(match line.choice(FAULTS, FAULTS)? {
        "drop" => Fault::Drop,
        "delay" => Fault::Delay(line.duration(SPAN)?),
        "behind" => Fault::Behind(line.u8()?),
        "copies" => Fault::Copies(line.u8()?),
        "again" => Fault::Again(line.duration(SPAN)?),
        "flip" => {
            let bit = line.u16()?;
            let mended = line.peek().is_some();
            if mended {
                line.choice(&["mended"], &["mended"])?;
            }
            Fault::Flip { bit, mended }
        }
        // In `FAULTS`; what is left there is `cut`.
        _ => Fault::Cut(line.u16()?),
    })
}
