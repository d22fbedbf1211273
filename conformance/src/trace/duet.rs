//! A world's trace as a ladder: host A on the left, host B on the right, each with its own word of its state.
//!
//! A packet that arrives at the instant at which it left is one line, as in RFC 9293's figures; any other is
//! two, and `...` stands where it is still, or was, under way. `XXX` is a packet that the link lost.

use lastack_core::types::{Endpoint, Instant, Segment, State, wire};

use super::flow::{Bases, Sockets, sockets};
use super::ladder::{Row, draw, plain, time};
use super::line::{Numbers, fields, happening, unread};
use super::{Direction, Entry, Happening, Trace};
use crate::scenario::HostId;

/// Draws it. Plain ASCII, no line over [`super::ladder::WIDTH`] columns, no trailing spaces.
pub fn duet(trace: &Trace, numbers: Numbers, names: [&str; 2]) -> String {
    let mut drawing =
        Drawing { trace, numbers, bases: Bases::default(), windows: Vec::new(), states: [None; 2] };
    let heads = names.map(plain);
    draw(&drawing.rows(), &format!("A: {}", heads[0]), &format!("B: {}", heads[1]))
}

struct Drawing<'a> {
    trace: &'a Trace,
    numbers: Numbers,
    bases: Bases,
    windows: Vec<(Sockets, HostId, u16)>,
    states: [Option<State>; 2],
}

impl Drawing<'_> {
    fn rows(&mut self) -> Vec<Row> {
        let entries = self.trace.entries();
        let mut rows = Vec::new();
        let mut last: Option<Instant> = None;
        let mut drawn = vec![false; entries.len()];
        for (i, entry) in entries.iter().enumerate() {
            if drawn[i] || matches!(entry.what, Happening::Word { .. }) {
                continue;
            }
            let arrival = arrival_of(entries, i);
            let mut row = self.row(entry, arrival.map(|at| &entries[at]));
            if let Some(at) = arrival {
                drawn[at] = true;
            }
            self.hear(entries, i, entry.host);
            if let Some(at) = arrival {
                self.hear(entries, at, entries[at].host);
            }
            let shown = |host: HostId, also: bool| {
                (host == entry.host || also).then(|| self.states[host.index()]).flatten()
            };
            row.stack = shown(HostId::A, arrival.is_some());
            row.peer = shown(HostId::B, arrival.is_some());
            if last != Some(entry.at) {
                row.time = time(entry.at);
            }
            last = Some(entry.at);
            rows.push(row);
        }
        rows
    }

    /// The host's words until something else reaches it.
    fn hear(&mut self, entries: &[Entry], from: usize, host: HostId) {
        let own = entries[from + 1..].iter().filter(|e| e.host == host);
        for entry in own.take_while(|e| e.at == entries[from].at && !is_stimulus(e)) {
            if let Happening::Word { state, .. } = entry.what {
                self.states[host.index()] = Some(state);
            }
        }
    }

    fn row(&mut self, entry: &Entry, arrival: Option<&Entry>) -> Row {
        let mut row = Row { note: plain(&entry.note), ..Row::default() };
        if let Some(note) = arrival.map(|a| plain(&a.note)).filter(|note| !note.is_empty()) {
            remark(&mut row, &note);
        }
        let Happening::Packet { direction, .. } = entry.what else {
            row.words = happening(&entry.what);
            return row;
        };
        let leaves = direction == Direction::FromStack;
        let sender = if leaves { entry.host } else { entry.host.other() };
        let (arrow, left_is_near) = match sender {
            HostId::A => ("-->", leaves),
            HostId::B => ("<--", !leaves),
        };
        let far = match (arrival, entry.lost) {
            (Some(_), _) => arrow,
            (None, true) => "XXX",
            (None, false) => "...",
        };
        row.arrows = if left_is_near { [arrow, far] } else { [far, arrow] };
        match wire::parse(self.trace.packet(entry)) {
            Ok(segment) => {
                let (towards, sockets) = as_a_sees(entry.host, direction, &segment);
                let shown = self.window_is_new(sockets, sender, segment.header.window);
                row.fields =
                    fields(&segment, self.numbers, self.bases.of_sockets(sockets, towards, &segment), shown);
            }
            Err(error) => {
                let (field, words) = unread(&error);
                row.fields = vec![field];
                remark(&mut row, &words);
            }
        }
        row
    }

    fn window_is_new(&mut self, sockets: Sockets, sender: HostId, window: u16) -> bool {
        match self.windows.iter_mut().find(|(s, h, _)| (*s, *h) == (sockets, sender)) {
            Some((_, _, last)) => core::mem::replace(last, window) != window,
            None => {
                self.windows.push((sockets, sender, window));
                true
            }
        }
    }
}

/// Where the packet that leaves here arrives, if that is at the same instant and before the receiver does
/// anything else.
fn arrival_of(entries: &[Entry], at: usize) -> Option<usize> {
    let sent = &entries[at];
    if !matches!(sent.what, Happening::Packet { direction: Direction::FromStack, .. }) || sent.number == 0 {
        return None;
    }
    let is_it = |e: &Entry| {
        let comes = matches!(e.what, Happening::Packet { direction: Direction::ToStack, .. });
        comes && e.host == sent.host.other() && e.number == sent.number
    };
    let near = entries.iter().enumerate().skip(at + 1).take_while(|(_, e)| e.at == sent.at);
    let found = near.clone().find(|(_, e)| is_it(e)).map(|(place, _)| place)?;
    // Whatever else came in between has its own line first.
    let between = &entries[at + 1..found];
    between
        .iter()
        .all(|e| matches!(e.what, Happening::Word { .. } | Happening::Packet { .. }))
        .then_some(found)
}

/// Direction and sockets as host A sees them, whose peer is host B.
fn as_a_sees(host: HostId, direction: Direction, segment: &Segment<'_>) -> (Direction, Sockets) {
    let (own, other) = sockets(direction, segment);
    if host == HostId::A {
        return (direction, (own, other));
    }
    let turned = match direction {
        Direction::FromStack => Direction::ToStack,
        Direction::ToStack => Direction::FromStack,
    };
    let of_a = Endpoint { addr: own.addr, port: other.port };
    let of_b = Endpoint { addr: other.addr, port: own.port };
    (turned, (of_a, of_b))
}

fn is_stimulus(entry: &Entry) -> bool {
    matches!(
        entry.what,
        Happening::Call { .. } | Happening::Room(_) | Happening::Packet { direction: Direction::ToStack, .. }
    )
}

fn remark(row: &mut Row, remark: &str) {
    if !row.note.is_empty() {
        row.note.push_str("; ");
    }
    row.note.push_str(remark);
}
