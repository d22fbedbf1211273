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
    said: Said,
}

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Said {
    words: String,
    /// A state, an outcome of a call: more than a detail.
    substance: bool,
    state: Option<State>,
    /// The peer's own words: where these differ first, the scripts do and not the stack.
    ours: bool,
    /// On which pair of sockets it was sent: what leaves at one instant on several may leave in any order.
    lane: Option<usize>,
}

/// A trace in comparable form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Normal {
    lines: Vec<Line>,
    grain: Grain,
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
    /// The scripts themselves differ there: numbers depend on what the judge takes for the leading reading.
    pub ours: bool,
    /// The last state that both were said to be in.
    pub state: Option<State>,
}

impl Normal {
    /// The part of a trace from event `main` on.
    pub fn of(trace: &Trace, main: usize, grain: Grain) -> Normal {
        let mut reader = Reader::default();
        let begin = trace.entries().iter().find(|e| e.event >= main).map_or(Instant::ZERO, |e| e.at);
        let mut lines = Vec::new();
        for entry in trace.entries() {
            if entry.event < main {
                continue;
            }
            let Some(said) = reader.line(trace, entry, grain) else { continue };
            let at = if grain == Grain::Fine { entry.at.since(begin) } else { Duration::ZERO };
            lines.push(Line { at, event: entry.event - main, said });
        }
        let together =
            |a: &Line, b: &Line| (a.at, a.event) == (b.at, b.event) && a.said.lane.and(b.said.lane).is_some();
        for instant in lines.chunk_by_mut(together) {
            instant.sort_by_key(|line| line.said.lane);
        }
        Normal { lines, grain }
    }

    /// The first line that differs, if one does; times may differ by `slack`. Then what the stack sends and the
    /// rest are compared one after the other, since either may come first.
    pub fn first_difference(&self, other: &Normal, slack: Duration) -> Option<Unlike> {
        if slack > Duration::ZERO {
            let (one, other) = (self.parted(), other.parted());
            return one.first_unlike(&other, slack);
        }
        self.first_unlike(other, slack)
    }

    /// What the stack sends before the rest.
    fn parted(&self) -> Normal {
        let mut parted = self.clone();
        parted.lines.sort_by_key(|line| line.said.lane.is_none());
        parted
    }

    fn first_unlike(&self, other: &Normal, slack: Duration) -> Option<Unlike> {
        let longest = self.lines.len().max(other.lines.len());
        // Who answers several at once answers the last of them.
        let by_event = self.grain == Grain::Fine && slack == Duration::ZERO;
        let same = |a: &Line, b: &Line| {
            let apart = a.at.micros().abs_diff(b.at.micros());
            a.said.words == b.said.words && apart <= slack.micros() && (!by_event || a.event == b.event)
        };
        let fits =
            |i: &usize| matches!((self.lines.get(*i), other.lines.get(*i)), (Some(a), Some(b)) if same(a, b));
        let at = (0..longest).find(|i| !fits(i))?;
        let say = |n: &Normal| {
            n.lines.get(at).map_or("nothing more".to_owned(), |l| format!("{} at {} s", l.said.words, l.at))
        };
        let near = self.lines.get(at).or(other.lines.get(at))?;
        // Not only the first line: whether anything of substance differs anywhere.
        let weighty = |n: &Normal| -> Vec<String> {
            n.lines.iter().filter(|l| l.said.substance).map(|l| l.said.words.clone()).collect()
        };
        Some(Unlike {
            at: near.at,
            event: near.event,
            want: say(self),
            got: say(other),
            substance: weighty(self) != weighty(other),
            ours: [self, other].iter().any(|n| n.lines.get(at).is_some_and(|l| l.said.ours)),
            state: self.state_at(at, near.at),
        })
    }
}

impl Normal {
    /// The last state that was told before line `place`, or by then where lines stand in another order.
    fn state_at(&self, place: usize, at: Duration) -> Option<State> {
        let before = &self.lines[..place.min(self.lines.len())];
        let told = before.iter().rev().find_map(|l| l.said.state);
        told.or_else(|| self.lines.iter().rev().filter(|l| l.at <= at).find_map(|l| l.said.state))
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
    /// The entry as a line.
    fn line(&mut self, trace: &Trace, entry: &Entry, grain: Grain) -> Option<Said> {
        let weighty = |words: String| Some(Said { words, substance: true, ..Said::default() });
        match entry.what {
            Happening::Call { handle, call, outcome } => weighty(said(handle, &call, outcome)),
            Happening::Signal { handle, signal } => weighty(format!("{handle}: {signal:?}")),
            Happening::Word { handle, state } if grain == Grain::Fine => {
                weighty(format!("{handle}: {state}")).map(|said| Said { state: Some(state), ..said })
            }
            Happening::Packet { direction, .. } => {
                let packet = trace.packet(entry);
                let Ok(segment) = wire::parse(packet) else { return None };
                match direction {
                    Direction::ToStack => self.arrived(&segment),
                    Direction::FromStack if grain == Grain::Fine => {
                        let words = self.departed(&segment);
                        Some(Said {
                            words,
                            lane: self.place(segment.header.src.port, segment.header.dst),
                            ..Said::default()
                        })
                    }
                    Direction::FromStack => None,
                }
            }
            Happening::Word { .. } | Happening::Room(_) => None,
        }
    }

    fn place(&self, port: u16, remote: Endpoint) -> Option<usize> {
        self.pairs.iter().position(|p| (p.port, p.remote) == (port, remote))
    }

    fn pair(&mut self, port: u16, remote: Endpoint) -> &mut Pair {
        let at = self.place(port, remote).unwrap_or_else(|| {
            self.pairs.push(Pair { port, remote, iss: None, irs: None, asked: None });
            self.pairs.len() - 1
        });
        &mut self.pairs[at]
    }

    /// What the peer says where both numbers are known: it must be the same in both scripts.
    fn arrived(&mut self, segment: &Segment<'_>) -> Option<Said> {
        let h = &segment.header;
        let pair = self.pair(h.dst.port, h.src);
        pair.asked = Some((h.ack, segment.end()));
        if h.flags.syn() && pair.irs.is_none() {
            pair.irs = Some(h.seq);
        }
        let (iss, irs) = pair.iss.zip(pair.irs).filter(|_| h.flags.ack() && !h.flags.syn())?;
        let (seq, ack) = (h.seq.steps_from(irs), h.ack.steps_from(iss));
        let words = format!("the peer's SEQ=IRS+{seq} ACK=ISS+{ack} LEN={}", segment.text.len());
        Some(Said { words, ours: true, ..Said::default() })
    }

    fn departed(&mut self, segment: &Segment<'_>) -> String {
        let h = &segment.header;
        let place = self.place(h.src.port, h.dst);
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
