//! A path through a small world as RFC 9293's figures draw it: A on the left, B on the right, each with its state
//! after the segment came.

use lastack_core::types::{Flags, State as TcpState};

use super::flying::{Flying, Peer};
use super::machine::{Action, Machine, State};
use super::setup::Do;
use super::{Stack, Timer};

/// One line: what happened, between the states of both ends afterwards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The states of A and B.
    pub states: [TcpState; 2],
    /// What happened.
    pub what: String,
    /// The arrows on A's and B's side.
    pub arrows: [&'static str; 2],
    /// A remark.
    pub note: String,
    /// A segment is in it.
    pub segment: bool,
}

/// The lines of a path.
pub fn lines<S: Stack>(machine: &mut Machine<'_, S>, first: State, path: &[Action]) -> Vec<Line> {
    let mut state = first;
    let mut lines = Vec::new();
    for &action in path {
        let told = Told::of(machine, &state, action);
        let Some(next) = machine.apply(&state, action) else { break };
        lines.push(told.line(machine, &next));
        state = next;
    }
    lines
}

/// The lines as text, with the states before the first.
pub fn tell<S: Stack>(machine: &mut Machine<'_, S>, first: State, path: &[Action]) -> String {
    let [a, b] = Peer::BOTH.map(|peer| machine.view(&first, peer).state);
    let begin = Line { states: [a, b], what: String::new(), arrows: ["", ""], note: String::new(), segment: false };
    let mut out = format!("     {:<12}     {:<38}     {}\n", "A", "", "B");
    for (i, line) in [begin].iter().chain(&lines(machine, first, path)).enumerate() {
        let [a, b] = line.states.map(TcpState::name);
        let [left, right] = line.arrows;
        let note = if line.note.is_empty() { String::new() } else { format!("  {}", line.note) };
        let text = format!("{:>3}. {a:<12} {left:<3} {:<38} {right:<3} {b:<12}{note}", i + 1, line.what);
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// An action in words, before it happens.
struct Told {
    what: String,
    arrows: [&'static str; 2],
    note: String,
    segment: bool,
}

impl Told {
    fn of<S: Stack>(machine: &Machine<'_, S>, state: &State, action: Action) -> Told {
        let words = |what: String| Told { what, arrows: ["", ""], note: String::new(), segment: false };
        match action {
            Action::Call(peer) => match machine.call_of(state, action) {
                Some(call) => words(format!("({peer:?}: {})", call_words(call))),
                None => words(String::new()),
            },
            Action::Fire(peer) => words(match machine.view(state, peer).timer {
                Timer::TwoMsl => format!("({peer:?}: 2 MSL are over)"),
                _ => format!("({peer:?}: the retransmission timer)"),
            }),
            Action::Crash(peer) => words(format!("({peer:?} crashes and forgets everything)")),
            Action::Deliver(number) => Told::segment(machine.segment(number), [true, true], ""),
            Action::Copy(number) => {
                Told::segment(machine.segment(number), [true, true], "a copy stays in the network")
            }
            Action::Drop(number) => Told::segment(machine.segment(number), [true, false], "lost"),
            Action::Corrupt(number) => Told::segment(machine.segment(number), [true, true], "with a wrong octet"),
            Action::Stale(place) => {
                Told::segment(machine.stale(place), [false, true], "from an earlier incarnation")
            }
        }
    }

    /// `ways`: it left its sender now, it reached its receiver.
    fn segment(segment: &Flying, [left, came]: [bool; 2], note: &str) -> Told {
        let arrow = |there: bool| match (there, segment.to) {
            (false, _) => "...",
            (true, Peer::A) => "<--",
            (true, Peer::B) => "-->",
        };
        let arrows = match segment.to {
            Peer::A => [arrow(came), arrow(left)],
            Peer::B => [arrow(left), arrow(came)],
        };
        Told { what: fields(segment), arrows, note: note.to_owned(), segment: true }
    }

    fn line<S: Stack>(self, machine: &Machine<'_, S>, next: &State) -> Line {
        let states = Peer::BOTH.map(|peer| machine.view(next, peer).state);
        Line { states, what: self.what, arrows: self.arrows, note: self.note, segment: self.segment }
    }
}

fn call_words(call: Do) -> &'static str {
    match call {
        Do::Listen => "OPEN, passive",
        Do::Open => "OPEN, active",
        Do::Send => "SEND",
        Do::SendTwo => "SEND of two octets",
        Do::Receive => "RECEIVE",
        Do::Close => "CLOSE",
        Do::Abort => "ABORT",
    }
}

/// As RFC 9293's figures print a segment; the text by its incarnation and place.
fn fields(segment: &Flying) -> String {
    let shown = Flags::from_bits(segment.flags.bits() & !Flags::PSH.bits());
    let mut out = format!("<SEQ={}>", segment.seq);
    if shown.ack() {
        out.push_str(&format!("<ACK={}>", segment.ack));
    }
    out.push_str(&format!("<CTL={shown}>"));
    if !segment.text.is_empty() {
        out.push_str(&format!("<{}>", text_words(segment)));
    }
    out
}

/// The octets as letters, with the number of the incarnation that they are of: `ab1`, `old`.
fn text_words(segment: &Flying) -> String {
    let life = segment.text.first().map_or(0, |octet| octet >> 4 & 7);
    if life == super::STALE {
        return "old".to_owned();
    }
    let letters: String = segment.text.iter().map(|octet| char::from(b'a' + (octet & 15))).collect();
    format!("{letters}{life}")
}
