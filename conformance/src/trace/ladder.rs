//! A trace as a ladder of both ends, as RFC 9293's figures draw it: the stack on the left, the scripted
//! peer on the right, each with its state after the segment left or came, `-->` from the stack and `<--`
//! to it; calls with what they came to on the stack's side; rules and remarks in a last column.
//!
//! Left out as the figures leave it out: what did not change (the time, an end's window). `...` in the
//! peer's place is a packet of other sockets, named in the last column.

use lastack_core::types::{Instant, Segment, State, wire};

use super::flow::{Bases, Peer, Sockets, main_sockets, sockets};
use super::line::{Numbers, fields, happening, unread};
use super::{Direction, Entry, Happening, Trace};

/// No line is longer.
pub const WIDTH: usize = 110;
const TIME: usize = 10;
const STATE: usize = 12;
/// Everything but the segment and the notes: time, two states, two arrows, what stands between them.
const FIXED: usize = TIME + 2 + STATE + 1 + 3 + 1 + 1 + 3 + 1 + STATE + 2;
/// The widest segment where notes need room beside it; further fields go to a second line.
const SEGMENT_BESIDE_NOTES: usize = 41;

/// How a ladder is drawn.
#[derive(Clone, Copy, Default, Debug)]
pub struct Options<'a> {
    /// How sequence numbers are printed.
    pub numbers: Numbers,
    /// Head of the stack's column: its name and version.
    pub stack: &'a str,
    /// For each entry the connection's state, as the judge knows it; where that is silent, or the slice
    /// is shorter, the stack's own word stands in.
    pub states: &'a [Option<State>],
}

/// Draws it. Plain ASCII, no line over [`WIDTH`] columns, no trailing spaces.
pub fn ladder(trace: &Trace, options: &Options<'_>) -> String {
    draw(&rows(trace, options), options.stack, "peer")
}

/// Rows beneath the names of the two ends.
pub(super) fn draw(rows: &[Row], left: &str, right: &str) -> String {
    let noted = rows.iter().any(|row| !row.note.is_empty());
    let most = if noted { SEGMENT_BESIDE_NOTES } else { WIDTH - FIXED };
    let widest = rows.iter().map(|row| row.fields.iter().map(String::len).sum()).max().unwrap_or(0);
    let segment: usize = usize::clamp(widest, 24, most);

    let mut out = String::new();
    push_line(&mut out, format!("{:>TIME$}  {left:<w$} {right}", "time", w = STATE + segment + 9));
    for row in rows {
        row.draw(segment, &mut out);
    }
    out
}

/// One happening, ready to be drawn.
#[derive(Default)]
pub(super) struct Row {
    pub(super) time: String,
    pub(super) stack: Option<State>,
    pub(super) peer: Option<State>,
    pub(super) arrows: [&'static str; 2],
    /// The segment's fields; empty for anything but a packet.
    pub(super) fields: Vec<String>,
    /// What happened, where it is no packet.
    pub(super) words: String,
    pub(super) note: String,
}

fn rows(trace: &Trace, options: &Options<'_>) -> Vec<Row> {
    let main = main_sockets(trace);
    let words = own_words(trace);
    let mut drawing = Drawing {
        trace,
        numbers: options.numbers,
        main,
        peer: Peer::new(trace, main),
        bases: Bases::default(),
        windows: Vec::new(),
        one_handle: handles(trace) < 2,
    };
    let mut rows = Vec::new();
    let mut last: Option<Instant> = None;
    for (i, entry) in trace.entries().iter().enumerate() {
        if matches!(entry.what, Happening::Word { .. }) {
            continue;
        }
        let mut row = drawing.row(entry);
        let judged = options.states.get(i).copied().flatten();
        row.stack = judged.or(words[i]);
        if let (Some(judged), Some(word)) = (judged, words[i])
            && judged != word
        {
            row.remark(&format!("stack says {word}"));
        }
        if last != Some(entry.at) {
            row.time = time(entry.at);
        }
        last = Some(entry.at);
        rows.push(row);
    }
    rows
}

struct Drawing<'a> {
    trace: &'a Trace,
    numbers: Numbers,
    main: Option<Sockets>,
    peer: Peer,
    bases: Bases,
    /// The window that each end of each connection advertised last.
    windows: Vec<(Sockets, Direction, u16)>,
    one_handle: bool,
}

impl Drawing<'_> {
    fn row(&mut self, entry: &Entry) -> Row {
        let mut row = Row { note: plain(&entry.note), ..Row::default() };
        let Happening::Packet { direction, .. } = entry.what else {
            let words = happening(&entry.what);
            row.words = if self.one_handle { words.replace(" [0]", "") } else { words };
            return row;
        };
        let arrow = match direction {
            Direction::FromStack => "-->",
            Direction::ToStack => "<--",
        };
        row.arrows = [arrow, arrow];
        match wire::parse(self.trace.packet(entry)) {
            Ok(segment) => self.packet(direction, &segment, &mut row),
            Err(error) => {
                let (field, remark) = unread(&error);
                row.fields = vec![field];
                row.remark(&remark);
            }
        }
        row
    }

    fn packet(&mut self, direction: Direction, segment: &Segment<'_>, row: &mut Row) {
        let sockets = sockets(direction, segment);
        if Some(sockets) == self.main {
            match direction {
                Direction::ToStack => self.peer.sent(segment),
                Direction::FromStack => self.peer.got(segment),
            }
            row.peer = Some(self.peer.state);
        } else {
            row.arrows[1] = "...";
            row.remark(&format!("{} to {}", segment.header.src, segment.header.dst));
        }
        let shown = self.window_is_new(sockets, direction, segment.header.window);
        row.fields = fields(segment, self.numbers, self.bases.of(direction, segment), shown);
    }

    fn window_is_new(&mut self, sockets: Sockets, direction: Direction, window: u16) -> bool {
        match self.windows.iter_mut().find(|(s, d, _)| (*s, *d) == (sockets, direction)) {
            Some((_, _, last)) => std::mem::replace(last, window) != window,
            None => {
                self.windows.push((sockets, direction, window));
                true
            }
        }
    }
}

impl Row {
    fn remark(&mut self, remark: &str) {
        if !self.note.is_empty() {
            self.note.push_str("; ");
        }
        self.note.push_str(remark);
    }

    fn draw(&self, segment: usize, out: &mut String) {
        let notes = wrap(&self.note, WIDTH - FIXED - segment);
        let state = |state: Option<State>| state.map_or("", State::name);
        if self.fields.is_empty() {
            // A call or signal may spread over the arrows and the peer's column.
            let peer = state(self.peer);
            let room = if self.peer.is_some() {
                3 + 1 + segment + 1 + 3
            } else {
                3 + 1 + segment + 1 + 3 + 1 + STATE
            };
            let words = wrap(&self.words, room - 2);
            for i in 0..words.len().max(notes.len()) {
                let (time, stack) = if i == 0 { (&*self.time, state(self.stack)) } else { ("", "") };
                let words = match words.get(i) {
                    Some(words) if i == 0 && words.len() + 2 <= room => format!("({words})"),
                    Some(words) => words.clone(),
                    None => String::new(),
                };
                let note = notes.get(i).map_or("", String::as_str);
                if self.peer.is_some() {
                    let peer = if i == 0 { peer } else { "" };
                    let line =
                        format!("{time:>TIME$}  {stack:<STATE$} {words:>room$} {peer:<STATE$}  {note}");
                    push_line(out, line);
                    continue;
                }
                push_line(out, format!("{time:>TIME$}  {stack:<STATE$} {words:<room$}  {note}"));
            }
            return;
        }
        let parts = fill(&self.fields, segment);
        for i in 0..parts.len().max(notes.len()) {
            let first = i == 0;
            let (time, stack, peer) =
                if first { (&*self.time, state(self.stack), state(self.peer)) } else { ("", "", "") };
            let [left, right] = if first { self.arrows } else { ["", ""] };
            let part = parts.get(i).map_or("", String::as_str);
            let note = notes.get(i).map_or("", String::as_str);
            push_line(
                out,
                format!(
                    "{time:>TIME$}  {stack:<STATE$} {left:<3} {part:<segment$} {right:<3} {peer:<STATE$}  {note}"
                ),
            );
        }
    }
}

/// The stack's own word in force after what each entry set off: the words recorded until the next call
/// or arrival count, as long as the clock stands still.
fn own_words(trace: &Trace) -> Vec<Option<State>> {
    let entries = trace.entries();
    let mut known = None;
    let mut out = vec![None; entries.len()];
    let mut start = 0;
    while start < entries.len() {
        let end = (start + 1..entries.len())
            .find(|i| is_stimulus(&entries[*i]) || entries[*i].at != entries[start].at)
            .unwrap_or(entries.len());
        for entry in &entries[start..end] {
            if let Happening::Word { state, .. } = entry.what {
                known = Some(state);
            }
        }
        out[start..end].fill(known);
        start = end;
    }
    out
}

/// Printable ASCII and spaces.
pub(super) fn plain(note: &str) -> String {
    note.chars().map(|c| if c.is_ascii_graphic() { c } else { ' ' }).collect()
}

/// Seconds, as exact as the column is wide.
pub(super) fn time(at: Instant) -> String {
    let exact = at.to_string();
    let whole = exact.split('.').next().unwrap_or_default();
    match (exact.len() <= TIME, whole.len() <= TIME) {
        (true, _) => exact,
        (false, true) => whole.to_owned(),
        (false, false) => "never".to_owned(),
    }
}

fn is_stimulus(entry: &Entry) -> bool {
    matches!(
        entry.what,
        Happening::Call { .. } | Happening::Room(_) | Happening::Packet { direction: Direction::ToStack, .. }
    )
}

/// How many handles the trace names, counted up to two.
fn handles(trace: &Trace) -> usize {
    let mut named = trace.entries().iter().filter_map(|entry| match entry.what {
        Happening::Call { handle, .. }
        | Happening::Signal { handle, .. }
        | Happening::Word { handle, .. } => Some(handle),
        _ => None,
    });
    match named.next() {
        // Handle 0 alone is left out; any other is named.
        Some(first) => 1 + usize::from(first != 0 || named.any(|handle| handle != first)),
        None => 0,
    }
}

/// Fields joined into lines of at most `width`.
fn fill(fields: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for field in fields {
        match lines.last_mut() {
            Some(line) if line.len() + field.len() <= width => line.push_str(field),
            _ => lines.push(field.clone()),
        }
    }
    lines
}

/// Words joined into lines of at most `width`; a longer word is cut after a hyphen or bracket.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
                continue;
            }
            _ => {}
        }
        let mut rest = word;
        while rest.len() > width {
            let window = rest.get(..width).unwrap_or(rest);
            let cut = window.rfind(['-', '>']).map_or(window.len(), |end| end + 1);
            lines.push(rest[..cut].to_owned());
            rest = &rest[cut..];
        }
        if !rest.is_empty() {
            lines.push(rest.to_owned());
        }
    }
    lines
}

fn push_line(out: &mut String, line: String) {
    out.push_str(line.trim_end());
    out.push('\n');
}
