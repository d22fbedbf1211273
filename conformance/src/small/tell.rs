//! A path through a small world as RFC 9293's figures draw it: A on the left, B on the right, each with its state
//! after what happened.

use core::fmt::Write as _;

use lastack_core::types::{Flags, State as TcpState};

use super::flying::{Flying, Peer};
use super::machine::{Action, Input, Machine, Number, ROOM, State};
use super::settle::{Beat, Ending, tail};
use super::setup::Do;
use super::{STALE, Stack, Timer};

/// A window that is printed is smaller.
const SMALL: u16 = 10;

/// One line: what happened, between the states of both ends afterwards.
struct Line {
    states: [TcpState; 2],
    words: Words,
}

/// What happened, in words, before it happens.
#[derive(Default)]
struct Words {
    what: String,
    arrows: [&'static str; 2],
    note: String,
}

/// A path as text, beginning with the states before it.
pub fn tell<S: Stack>(machine: &mut Machine<'_, S>, first: State, path: &[Action]) -> String {
    print(&follow(machine, first, path).0)
}

/// A path, and the fair run that follows it, to its end.
pub fn tell_to_the_end<S: Stack>(machine: &mut Machine<'_, S>, first: State, path: &[Action]) -> String {
    let (lines, state) = follow(machine, first, path);
    let (beats, ending) = tail(machine, &state);
    let mut out = print(&lines);
    if beats.is_empty() {
        return out;
    }
    let rest: Vec<Line> = beats.iter().map(|beat| line(machine, *beat)).collect();
    out.push_str("     from here on nothing is lost:\n");
    // The heading stands above; the count goes on.
    for (i, line) in print(&rest).lines().skip(1).enumerate() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:>3}.{}", lines.len() + i + 1, &line[4..]);
    }
    out.push_str(&match ending {
        Ending::Rest => "     and nothing more happens.\n".to_owned(),
        Ending::Repeats(at) => format!("     and so on from {} for ever.\n", lines.len() + at + 1),
        Ending::Open => "     and so on.\n".to_owned(),
    });
    out
}

fn follow<S: Stack>(machine: &mut Machine<'_, S>, first: State, path: &[Action]) -> (Vec<Line>, State) {
    let mut lines = vec![Line { states: states(machine, first.ends), words: Words::default() }];
    let mut state = first;
    for &action in path {
        let words = words(machine, &state, action);
        let Some(next) = machine.apply(&state, action) else { break };
        lines.push(Line { states: states(machine, next.ends), words });
        state = next;
    }
    (lines, state)
}

/// One step of a fair run.
fn line<S: Stack>(machine: &Machine<'_, S>, beat: Beat) -> Line {
    let before = State { ends: beat.before, bag: [0; ROOM], left: [0; 8] };
    let words = match beat.input {
        Input::Call => words(machine, &before, Action::Call(beat.peer)),
        Input::Fire => words(machine, &before, Action::Fire(beat.peer)),
        Input::Crash => words(machine, &before, Action::Crash(beat.peer)),
        Input::Arrive(number) | Input::ArriveCorrupt(number) => arriving(machine.segment(number)),
    };
    Line { states: states(machine, beat.after), words }
}

/// How many segments a path is about: delivered, lost or found.
pub fn segments(path: &[Action]) -> usize {
    path.iter()
        .filter(|action| !matches!(action, Action::Call(_) | Action::Fire(_) | Action::Crash(_)))
        .count()
}

/// The same actions in another machine, as far as they can be done: segments by what they are, or by their kind
/// where the other stacks send other numbers.
pub fn retrace<S: Stack>(
    from: (&mut Machine<'_, S>, State),
    to: (&mut Machine<'_, S>, State),
    path: &[Action],
) -> Vec<Action> {
    let ((old, mut before), (new, mut state)) = (from, to);
    let mut done = Vec::new();
    for &action in path {
        let translated = match action {
            Action::Deliver(number) => alike(old.segment(number), new, &state).map(Action::Deliver),
            Action::Copy(number) => alike(old.segment(number), new, &state).map(Action::Copy),
            Action::Drop(number) => alike(old.segment(number), new, &state).map(Action::Drop),
            Action::Corrupt(number) => alike(old.segment(number), new, &state).map(Action::Corrupt),
            other => Some(other),
        };
        if let Some(next) = old.apply(&before, action) {
            before = next;
        }
        if let Some(action) = translated
            && let Some(next) = new.apply(&state, action)
        {
            state = next;
            done.push(action);
        }
    }
    done
}

/// The segment in flight that is most like another one.
fn alike<S: Stack>(segment: &Flying, machine: &Machine<'_, S>, state: &State) -> Option<Number> {
    let flying = || state.bag.into_iter().filter(|number| *number != 0);
    let same = flying().find(|number| machine.segment(*number) == segment);
    same.or_else(|| {
        flying().find(|number| {
            let other = machine.segment(*number);
            other.to == segment.to && other.flags == segment.flags && other.text == segment.text
        })
    })
}

fn states<S: Stack>(machine: &Machine<'_, S>, ends: [u32; 2]) -> [TcpState; 2] {
    let state = State { ends, bag: [0; ROOM], left: [0; 8] };
    Peer::BOTH.map(|peer| machine.view(&state, peer).state)
}

fn print(lines: &[Line]) -> String {
    let mut out = format!("     {:<12}     {:<38}     {}\n", "A", "", "B");
    for (i, line) in lines.iter().enumerate() {
        let [a, b] = line.states.map(TcpState::name);
        let Words { what, arrows: [left, right], note } = &line.words;
        let note = if note.is_empty() { String::new() } else { format!("  {note}") };
        let text = format!("{:>3}. {a:<12} {left:<3} {what:<38} {right:<3} {b:<12}{note}", i + 1);
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn words<S: Stack>(machine: &Machine<'_, S>, state: &State, action: Action) -> Words {
    let plain = |what: String| Words { what, ..Words::default() };
    match action {
        Action::Call(peer) => {
            let call = machine.call_of(state, action).map_or("", call_words);
            plain(format!("({peer:?}: {call})"))
        }
        Action::Fire(peer) => plain(match machine.view(state, peer).timer {
            Timer::TwoMsl => format!("({peer:?}: 2 MSL are over)"),
            _ => format!("({peer:?}: a timer fires)"),
        }),
        Action::Crash(peer) => plain(format!("({peer:?} crashes and forgets all)")),
        Action::Deliver(number) => arriving(machine.segment(number)),
        Action::Copy(number) => flying(machine.segment(number), [true, true], "a copy stays in the network"),
        Action::Drop(number) => flying(machine.segment(number), [true, false], "lost"),
        Action::Corrupt(number) => flying(machine.segment(number), [true, true], "with a wrong octet"),
        Action::Stale(place) => {
            let segment = machine.stale(place);
            flying(segment, [false, true], if segment.flags.rst() { "forged" } else { "an old one" })
        }
    }
}

fn arriving(segment: &Flying) -> Words {
    let note = if segment.life == STALE { "an old one" } else { "" };
    flying(segment, [segment.life != STALE, true], note)
}

/// `ways`: it left its sender now, it reached its receiver.
fn flying(segment: &Flying, [left, came]: [bool; 2], note: &str) -> Words {
    let arrow = |there: bool| match (there, segment.to) {
        (false, _) => "...",
        (true, Peer::A) => "<--",
        (true, Peer::B) => "-->",
    };
    let arrows = match segment.to {
        Peer::A => [arrow(came), arrow(left)],
        Peer::B => [arrow(left), arrow(came)],
    };
    Words { what: fields(segment), arrows, note: note.to_owned() }
}

const fn call_words(call: Do) -> &'static str {
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

/// As RFC 9293's figures print a segment, with its text in letters: `<ab1>` are the first two octets of the
/// sender's first incarnation.
fn fields(segment: &Flying) -> String {
    let shown = Flags::from_bits(segment.flags.bits() & !Flags::PSH.bits());
    let ack = if shown.ack() { format!("<ACK={}>", segment.ack) } else { String::new() };
    let text = if segment.text.is_empty() { String::new() } else { format!("<{}>", text_words(segment)) };
    // Windows of a few octets are what a story is about; others say nothing.
    let small = segment.window < SMALL && !shown.rst();
    let window = if small { format!("<WND={}>", segment.window) } else { String::new() };
    format!("<SEQ={}>{ack}<CTL={shown}>{window}{text}", segment.seq)
}

fn text_words(segment: &Flying) -> String {
    let life = segment.text.first().map_or(0, |octet| octet >> 4 & 7);
    if life == STALE {
        return "old".to_owned();
    }
    let letters: String = segment.text.iter().map(|octet| char::from(b'a' + (octet & 15))).collect();
    format!("{letters}{life}")
}
