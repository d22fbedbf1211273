//! A trace without what must not matter: numbers count from each end's ISN, times from the script's
//! beginning, ports and addresses are roles.

use core::fmt::Write as _;

use lastack_core::types::wire::{self, TcpOption};
use lastack_core::types::{Duration, Endpoint, Instant, Segment, SeqNum, State};

use crate::scenario::{Event, ScriptCall};
use crate::subject::{Handle, Outcome};
use crate::trace::{Direction, Entry, Happening, Trace};

/// How much of a trace has to be the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Grain {
    /// Every segment with its time.
    Fine,
    /// What the user gets, where each connection ends, the last acknowledgment: ACKs may be fewer or later.
    Coarse,
}

/// One line that counts.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Line {
    at: Duration,
    event: usize,
    words: String,
    /// A state, an outcome of a call: more than a detail.
    substance: bool,
    state: Option<State>,
}

/// A trace in comparable form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Normal {
    lines: Vec<Line>,
}

/// The first line that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unlike {
    /// When, from the script's beginning.
    pub at: Duration,
    /// Index of the event in the unchanged script.
    pub event: usize,
    /// The line of the unchanged script.
    pub want: String,
    /// The line of the changed one.
    pub got: String,
    /// Not only a detail.
    pub substance: bool,
    /// The last state that both were said to be in.
    pub state: Option<State>,
}

impl Normal {
    /// The part of a trace from event `main` on.
    pub fn of(trace: &Trace, main: usize, grain: Grain) -> Normal {
        let mut reader = Reader::default();
        let begin = trace.entries().iter().find(|e| e.event >= main).map_or(Instant::ZERO, |e| e.at);
        let mut normal = Normal::default();
        for entry in trace.entries() {
            if entry.event < main {
                continue;
            }
            let Some((words, substance, state)) = reader.line(trace, entry, grain) else { continue };
            let at = if grain == Grain::Fine { entry.at.since(begin) } else { Duration::ZERO };
            normal.lines.push(Line { at, event: entry.event - main, words, substance, state });
        }
        normal
    }

    /// The first line that differs, if one does.
    pub fn first_difference(&self, other: &Normal) -> Option<Unlike> {
        let longest = self.lines.len().max(other.lines.len());
        let at = (0..longest).find(|i| {
            let key = |n: &Normal| n.lines.get(*i).map(|l| (l.at, l.event, l.words.clone()));
            key(self) != key(other)
        })?;
        let say = |n: &Normal| {
            n.lines.get(at).map_or("nothing more".to_owned(), |l| format!("{} at {} s", l.words, l.at))
        };
        let near = self.lines.get(at).or(other.lines.get(at))?;
        // Not only the first line: whether anything of substance differs anywhere.
        let weighty = |n: &Normal| -> Vec<String> {
            n.lines.iter().filter(|l| l.substance).map(|l| l.words.clone()).collect()
        };
        Some(Unlike {
            at: near.at,
            event: near.event,
            want: say(self),
            got: say(other),
            substance: weighty(self) != weighty(other),
            state: self.lines[..at.min(self.lines.len())].iter().rev().find_map(|l| l.state),
        })
    }
}

/// The numbers that a pair of sockets counts from.
#[derive(Clone, Copy, Debug)]
struct Pair {
    port: u16,
    remote: Endpoint,
    iss: Option<SeqNum>,
    irs: Option<SeqNum>,
    /// The last arrival's SEG.ACK and SEG.SEQ+SEG.LEN, from which a RST takes its numbers.
    asked: Option<(SeqNum, SeqNum)>,
}

#[derive(Default)]
struct Reader {
    pairs: Vec<Pair>,
}

impl Reader {
    /// The entry as a line: its words, whether it is more than a detail, and the state it tells.
    fn line(&mut self, trace: &Trace, entry: &Entry, grain: Grain) -> Option<(String, bool, Option<State>)> {
        match entry.what {
            Happening::Call { handle, call, outcome } => Some((said(handle, &call, outcome), true, None)),
            Happening::Signal { handle, signal } => Some((format!("{handle}: {signal:?}"), true, None)),
            Happening::Word { handle, state } if grain == Grain::Fine => {
                Some((format!("{handle}: {state}"), true, Some(state)))
            }
            Happening::Packet { direction, .. } => {
                let packet = trace.packet(entry);
                let Ok(segment) = wire::parse(packet) else { return None };
                match direction {
                    Direction::ToStack => {
                        self.arrived(&segment);
                        None
                    }
                    Direction::FromStack if grain == Grain::Fine => {
                        Some((self.departed(&segment), false, None))
                    }
                    Direction::FromStack => None,
                }
            }
            Happening::Word { .. } | Happening::Room(_) => None,
        }
    }

    fn pair(&mut self, port: u16, remote: Endpoint) -> &mut Pair {
        let known = self.pairs.iter().position(|p| (p.port, p.remote) == (port, remote));
        let at = known.unwrap_or_else(|| {
            self.pairs.push(Pair { port, remote, iss: None, irs: None, asked: None });
            self.pairs.len() - 1
        });
        &mut self.pairs[at]
    }

    fn arrived(&mut self, segment: &Segment<'_>) {
        let h = &segment.header;
        let pair = self.pair(h.dst.port, h.src);
        pair.asked = Some((h.ack, segment.end()));
        if h.flags.syn() && pair.irs.is_none() {
            pair.irs = Some(h.seq);
        }
    }

    fn departed(&mut self, segment: &Segment<'_>) -> String {
        let h = &segment.header;
        let place = self.pairs.iter().position(|p| (p.port, p.remote) == (h.src.port, h.dst));
        let pair = self.pair(h.src.port, h.dst);
        if h.flags.syn() {
            pair.iss = Some(h.seq);
        }
        let mut words = format!("#{} <SEQ={}>", place.unwrap_or(self.pairs.len() - 1), self.seq(segment));
        if h.flags.ack() {
            // Writing to a String cannot fail.
            let _ = write!(words, "<ACK={}>", self.ack(segment));
        }
        let _ = write!(words, "<CTL={}><WND={}><LEN={}>", h.flags, h.window, segment.text.len());
        for option in wire::options(h.options.as_octets()).flatten() {
            match option {
                TcpOption::Mss(mss) => drop(write!(words, "<mss {mss}>")),
                TcpOption::WindowScale(shift) => drop(write!(words, "<wscale {shift}>")),
                _ => {}
            }
        }
        words
    }

    fn seq(&self, segment: &Segment<'_>) -> String {
        let h = &segment.header;
        let pair = self.pairs.iter().find(|p| (p.port, p.remote) == (h.src.port, h.dst));
        let Some(pair) = pair else { return h.seq.to_string() };
        if h.flags.rst() {
            if pair.asked.is_some_and(|(ack, _)| ack == h.seq) {
                return "SEG.ACK".to_owned();
            }
            if h.seq == SeqNum::new(0) {
                return "0".to_owned();
            }
        }
        pair.iss.map_or(h.seq.to_string(), |iss| format!("ISS+{}", h.seq.steps_from(iss)))
    }

    fn ack(&self, segment: &Segment<'_>) -> String {
        let h = &segment.header;
        let pair = self.pairs.iter().find(|p| (p.port, p.remote) == (h.src.port, h.dst));
        let Some(pair) = pair else { return h.ack.to_string() };
        if h.flags.rst() && pair.asked.is_some_and(|(_, end)| end == h.ack) {
            return "SEG.SEQ+SEG.LEN".to_owned();
        }
        pair.irs.map_or(h.ack.to_string(), |irs| format!("IRS+{}", h.ack.steps_from(irs)))
    }
}

/// A call and its outcome, without port numbers.
fn said(handle: Handle, call: &ScriptCall, outcome: Outcome) -> String {
    let event = Event::Call { handle, call: *call };
    match call {
        ScriptCall::OpenPassive { .. } => format!("{handle}: OPEN passive: {outcome:?}"),
        ScriptCall::OpenActive { .. } => format!("{handle}: OPEN active: {outcome:?}"),
        _ => format!("{event}: {outcome:?}"),
    }
}
