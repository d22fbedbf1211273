//! What each event of a script came to, without what must not matter: numbers count from the ISNs.

use std::collections::BTreeMap;
use std::fmt;

use lastack::subject::{Handle, Outcome};
use lastack::trace::{Direction, Entry, Happening, Trace};
use lastack_core::types::wire::{self, TcpOption};
use lastack_core::types::{Endpoint, Flags, Segment, SeqNum, State};

/// A segment that takes its place in a stream, from the ISNs; no reset.
#[derive(Clone, PartialEq, Debug)]
pub struct Sent {
    pub seq: u32,
    pub len: u32,
    pub ack: u32,
    pub flags: Flags,
    pub window: u16,
    /// It holds the window scale option.
    pub scales: bool,
    /// Nothing of it was sent before.
    pub new: bool,
}

/// What one event came to.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Effect {
    /// In the end, by the stack's own word.
    pub states: BTreeMap<Handle, State>,
    pub outcomes: Vec<Outcome>,
    pub resets: Vec<String>,
    pub sent: Vec<Sent>,
    /// In the end, of each connection: SND.NXT and RCV.NXT as the wire shows them.
    pub numbers: BTreeMap<(u16, Endpoint), (u32, u32)>,
    pub signals: Vec<String>,
    /// A RST has come.
    pub heard_reset: bool,
    /// SEG.SEQ and SEG.ACK of what has come.
    pub heard: Vec<(u32, u32)>,
}

/// Where two effects differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aspect {
    State,
    Outcome,
    Reset,
    Numbers,
    Segments,
    Detail,
}

/// The weightiest difference of two runs.
pub struct Difference {
    pub aspect: Aspect,
    pub event: usize,
    print: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at event {}: {}", self.aspect, self.event, self.print)
    }
}

/// What every call that was refused has in common: the errors' names are free.
fn class(outcome: &Outcome) -> Outcome {
    match outcome {
        Outcome::Done | Outcome::Octets(_) | Outcome::WouldBlock | Outcome::InState(_) => *outcome,
        _ => Outcome::NoConnection,
    }
}

/// States first, times not at all.
pub fn first_difference(ours: &[Effect], table: &[Effect]) -> Option<Difference> {
    let find = |aspect, print: &dyn Fn(&Effect) -> String| {
        let event = ours.iter().zip(table).position(|(a, b)| print(a) != print(b))?;
        Some(Difference {
            aspect,
            event,
            print: format!("{} / {}", print(&ours[event]), print(&table[event])),
        })
    };
    let segment = |s: &Sent| (s.seq, s.len, s.ack, s.flags.without(Flags::PSH).bits());
    find(Aspect::State, &|e| format!("{:?}", e.states))
        .or_else(|| {
            find(Aspect::Outcome, &|e| format!("{:?}", e.outcomes.iter().map(class).collect::<Vec<_>>()))
        })
        .or_else(|| find(Aspect::Reset, &|e| format!("{:?}", e.resets)))
        .or_else(|| find(Aspect::Numbers, &|e| format!("{:?}", e.numbers.values().collect::<Vec<_>>())))
        .or_else(|| {
            find(Aspect::Segments, &|e| format!("{:?}", e.sent.iter().map(segment).collect::<Vec<_>>()))
        })
        .or_else(|| find(Aspect::Detail, &|e| format!("{e:?}")))
}

/// The effects of a script's events, and of the time after the last.
pub fn effects(trace: &Trace, events: usize) -> Vec<Effect> {
    let mut reader = Reader { all: vec![Effect::default(); events + 1], ..Reader::default() };
    let mut now = 0;
    for entry in trace.entries() {
        while now < entry.event.min(events) {
            reader.close(now);
            now += 1;
        }
        reader.read(trace, entry, now);
    }
    (now..=events).for_each(|event| reader.close(event));
    reader.all
}

/// The ISNs of a connection.
type Isns = [Option<SeqNum>; 2];

#[derive(Default)]
struct Reader {
    all: Vec<Effect>,
    states: BTreeMap<Handle, State>,
    numbers: BTreeMap<(u16, Endpoint), (u32, u32)>,
    isns: BTreeMap<(u16, Endpoint), Isns>,
    /// SEG.ACK and the end of what arrived last, from which a RST takes its numbers.
    asked: Option<(SeqNum, SeqNum)>,
}

impl Reader {
    fn close(&mut self, event: usize) {
        self.all[event].states.clone_from(&self.states);
        self.all[event].numbers.clone_from(&self.numbers);
    }

    fn read(&mut self, trace: &Trace, entry: &Entry, event: usize) {
        match entry.what {
            Happening::Call { outcome, .. } => self.all[event].outcomes.push(outcome),
            Happening::Signal { handle, signal } => {
                self.all[event].signals.push(format!("{handle} {signal:?}"))
            }
            Happening::Word { handle, state } => {
                self.states.insert(handle, state);
            }
            Happening::Room(_) => {}
            Happening::Packet { direction, .. } => {
                let Ok(segment) = wire::parse(trace.packet(entry)) else { return };
                match direction {
                    Direction::ToStack => self.arrived(&segment, event),
                    Direction::FromStack => self.departed(&segment, event),
                }
            }
        }
    }

    fn arrived(&mut self, segment: &Segment<'_>, event: usize) {
        let h = &segment.header;
        if h.flags.syn() {
            let isns = self.isns.entry((h.dst.port, h.src)).or_default();
            isns[1].get_or_insert(h.seq);
        }
        self.asked = Some((h.ack, segment.end()));
        let isns = self.isns.get(&(h.dst.port, h.src)).copied().unwrap_or_default();
        let from = |isn: Option<SeqNum>, number: SeqNum| number.steps_from(isn.unwrap_or_default());
        self.all[event].heard.push((from(isns[1], h.seq), from(isns[0], h.ack)));
        self.all[event].heard_reset |= h.flags.rst();
    }

    fn departed(&mut self, segment: &Segment<'_>, event: usize) {
        let h = &segment.header;
        let key = (h.src.port, h.dst);
        let isns = self.isns.entry(key).or_default();
        if h.flags.rst() {
            let asked = |of: fn(&(SeqNum, SeqNum)) -> SeqNum, number| {
                self.asked.as_ref().is_some_and(|asked| of(asked) == number)
            };
            // With an ACK bit it has SEQ=0 (3.10.7.1), which counts from nothing.
            let from = |isn: Option<SeqNum>, number: SeqNum| {
                let isn = isn.filter(|_| number != SeqNum::default()).unwrap_or_default();
                number.steps_from(isn).to_string()
            };
            let seq = if asked(|a| a.0, h.seq) { "SEG.ACK".to_owned() } else { from(isns[0], h.seq) };
            let ack = if asked(|a| a.1, h.ack) { "SEG.SEQ+SEG.LEN".to_owned() } else { from(isns[1], h.ack) };
            let ack = if h.flags.ack() { ack } else { String::new() };
            self.all[event].resets.push(format!("{seq} {ack}"));
            return;
        }
        if h.flags.syn() && isns[0] != Some(h.seq) {
            isns[0] = Some(h.seq);
            self.numbers.remove(&key);
        }
        let end = segment.end().steps_from(isns[0].unwrap_or_default());
        let ack = if h.flags.ack() { h.ack.steps_from(isns[1].unwrap_or_default()) } else { 0 };
        let known = self.numbers.entry(key).or_default();
        let seq = end.wrapping_sub(segment.len());
        let scales = |option| matches!(option, Ok(TcpOption::WindowScale(_)));
        self.all[event].sent.push(Sent {
            seq,
            len: segment.len(),
            ack,
            flags: h.flags,
            window: h.window,
            scales: wire::options(h.options.as_octets()).any(scales),
            new: seq >= known.0,
        });
        *known = (known.0.max(end), ack);
    }
}
