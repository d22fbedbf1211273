//! A rule, obligation or monitor in words: for findings in one sentence, for `explain` in full.

use core::fmt::Write as _;

use lastack_core::types::State;

use crate::monitor::{MONITORS, MonitorInfo};
use crate::property::{PROPERTIES, PropertyInfo};
use crate::table::rules::remarks::{Remark, remarks};
use crate::table::{Event, Flow, Next, Reply, Rule, Switch, by_name, print, rule, rules};
use crate::trace::ladder::wrap;
use crate::verdict::{Kind, Obligation, Signature};

/// Text is wrapped here.
const WIDTH: usize = 100;

/// What the rule of a difference asks for in `state`, in one sentence with its citation. Rows that share a
/// name do the same by different conditions: the first that stands in the state speaks.
pub fn in_words(signature: &Signature, state: State, cite: &str) -> String {
    let asks = match signature.kind {
        Kind::Monitor => monitor(signature.rule).map(|info| format!("there must not be {}", info.meaning)),
        Kind::Property => {
            property(signature.rule).map(|info| format!("it must not be that {}", info.meaning))
        }
        _ => asks(signature.rule, state),
    };
    match asks {
        Some(words) => format!("{words} ({})", source(cite)),
        None => source(cite),
    }
}

/// A citation that names its first RFC: without a number, sections are RFC 9293's.
pub fn source(cite: &str) -> String {
    if cite.starts_with(|c: char| c.is_ascii_digit()) { format!("RFC 9293 {cite}") } else { cite.to_owned() }
}

fn monitor(name: &str) -> Option<&'static MonitorInfo> {
    MONITORS.iter().find(|info| info.name == name)
}

fn property(name: &str) -> Option<&'static PropertyInfo> {
    PROPERTIES.iter().find(|info| info.name == name)
}

fn asks(name: &str, state: State) -> Option<String> {
    if let Some(obligation) = Obligation::ALL.into_iter().find(|o| o.name() == name) {
        return Some(owed(obligation).to_owned());
    }
    if let Some(words) = judged(name) {
        return Some(words.to_owned());
    }
    let rows: Vec<&Rule> = by_name(name).map(rule).collect();
    let row = rows.iter().find(|row| row.states.has(state)).or(rows.first())?;
    Some(sentence(row))
}

fn sentence(row: &Rule) -> String {
    let mut out = format!("on {}", condition(row));
    let sends = match row.reply {
        Reply::None => "nothing is sent",
        reply => reply.expression(),
    };
    let _ = write!(out, ": {sends}");
    for effect in row.effects {
        let _ = write!(out, "; {}", effect.name());
    }
    if !row.signal.name().is_empty() {
        let _ = write!(out, "; the user is told: {}", row.signal.name());
    }
    match row.next {
        Next::Stay => {}
        next => {
            let _ = write!(out, "; next {next}");
        }
    }
    if row.flow == Flow::Continue {
        out.push_str("; the next steps follow");
    }
    out
}

/// The event, and what it looks like.
fn condition(row: &Rule) -> String {
    let when = match row.event {
        Event::Segment => print::when(row),
        _ => row.guard.name().to_owned(),
    };
    let event = row.event.to_string();
    let mut out = if when.is_empty() { event } else { format!("{event} ({when})") };
    if row.switch != Switch::Core {
        let _ = write!(out, " under {}", row.switch);
    }
    out
}

/// The nine obligations (design: what a stack owes in time).
const fn owed(obligation: Obligation) -> &'static str {
    match obligation {
        Obligation::Retransmit => {
            "a SYN, text or FIN that is not acknowledged is sent again: not before the RTO, and not later than \
             twice its cap"
        }
        Obligation::Probe => {
            "with something waiting behind a window of 0, the peer is probed, again and again, so that a lost \
             window update does no harm"
        }
        Obligation::Progress => {
            "text or FIN that the window, silly-window avoidance and Nagle let go leaves at the instant"
        }
        Obligation::Fin => "after CLOSE, once the queue has drained, a FIN leaves",
        Obligation::WindowUpdate => {
            "when the user has made room, the peer hears of it: by an update, or by a true answer to its probe"
        }
        Obligation::TimeWait => "TIME-WAIT lasts twice the maximum segment lifetime, no less and no more",
        Obligation::GiveUp => "SYN-SENT and SYN-RECEIVED end when nothing answers for R2",
        Obligation::UserTimeout => "the user timeout ends a connection that makes no progress, and no other",
        Obligation::Silence => "nothing is sent unasked once the connection is CLOSED",
    }
}

/// Names that the judge and the driver charge differences to where no row, obligation or monitor fits, in
/// words: what is asked for.
#[rustfmt::skip]
const JUDGED: &[(&str, &str)] = &[
    ("ACK-CARRIES-SND-NXT", "an empty ACK carries SEQ=SND.NXT, the highest number sent, not one that retransmission went back to"),
    ("ACK-IS-CURRENT",      "what is sent again carries the acknowledgment of now, not that of its first time"),
    ("FIN-FOLLOWS-TEXT",    "a FIN takes the number behind all text and behind the SYN, and leaves only when the user has closed"),
    ("NEVER-QUIET",         "a stack has said all that it has to say at one instant after so many packets and polls"),
    ("NEW-PART-TAKEN",      "of a segment that straddles old and new the new part counts, be it the FIN alone: a peer may send its segments again as they were"),
    ("NOT-FOR-US",          "a packet that is damaged, or for another address, changes nothing and is not answered"),
    ("OPTION-LENGTH",       "a segment with an impossible option length is taken, dropped or reset, and nothing else"),
    ("PANIC",               "a stack does not panic, whatever arrives and whatever is called"),
    ("SAME-AFTER-CLOSE",    "a script goes the same way where the same sockets had a connection before that both ends closed"),
    ("SAME-AFTER-OTHER-OPTIONS", "a script goes the same way where the same sockets had a connection before with other options, which was aborted"),
    ("SAME-AFTER-REFUSAL",  "a script goes the same way where the same sockets had an OPEN before that was refused"),
    ("SAME-AFTER-RESET",    "a script goes the same way where a RST returned the same sockets to LISTEN before"),
    ("SAME-AT-ANOTHER-TIME", "a script goes the same way at another time of the stack's clock"),
    ("SAME-MANY-PACKETS-A-POLL", "the user gets the same where packets that follow one another arrive before the stack is polled"),
    ("SAME-ON-OTHER-PORTS", "a script goes the same way on other ports"),
    ("SAME-ONE-PACKET-A-POLL", "a script goes the same way where the transmit queue takes one packet a poll"),
    ("SAME-OVER-IPV6",      "a script goes the same way over IPv6 as over IPv4"),
    ("SAME-POLLED-OFTEN",   "a script goes the same way where the stack is polled a hundred times instead of once"),
    ("SAME-WITH-ECN-BITS",  "a script goes the same way where ECE and CWR are on and ECN was not agreed"),
    ("SAME-WITH-OTHER-ISNS", "a script goes the same way with other initial sequence numbers"),
    ("SAME-WITH-PADDING",   "a script goes the same way where segments carry NOPs and an end of the option list"),
    ("SAME-WITH-RESERVED-BITS", "a script goes the same way where the reserved bits are on"),
    ("SAME-WITH-UNKNOWN-OPTION", "a script goes the same way where segments carry an option that nobody knows"),
    ("SAME-WITHOUT-PSH",    "the user gets the same with and without PSH"),
    ("SEND-WINDOW",         "new text stays inside the window that the newest ACK gave, by SND.WL1 and SND.WL2"),
    ("SIGNAL-HAS-CAUSE",    "the user is told of a lost connection, or of the peer's close, only when there was a cause"),
    ("STATE-BY-TIME",       "a state ends by an event or by a timer of its own, not by the clock alone"),
    ("SUBJECT-ENDS",        "the program that speaks for a stack goes on, whatever arrives and whatever is called"),
    ("SUBJECT-FLOODS",      "the program that speaks for a stack sends no more in one poll than a stack could"),
    ("SUBJECT-HANGS",       "the program that speaks for a stack answers in time, whatever arrives and whatever is called"),
    ("SUBJECT-NONSENSE",    "the program that speaks for a stack keeps to the pipe protocol"),
    ("TEXT-NUMBER",         "text that is sent again carries the numbers that it had, at or above SND.UNA"),
    ("WINDOW-SHRUNK",       "no new text past a window that the peer has shrunk"),
];

/// How many changes of a script must not matter.
pub(super) fn comparisons() -> usize {
    JUDGED.iter().filter(|(name, _)| name.starts_with("SAME-")).count()
}

fn judged(name: &str) -> Option<&'static str> {
    JUDGED.iter().find(|(known, _)| *known == name).map(|(_, words)| *words)
}

/// Whether findings may be charged to this name: that of a rule, an obligation, a monitor, a property of a
/// world, or one of the judge's own.
///
/// # Errors
/// There is no such rule: names that come near.
pub fn known(name: &str) -> Result<(), String> {
    let is_known = Obligation::ALL.into_iter().any(|o| o.name() == name)
        || by_name(name).next().is_some()
        || monitor(name).is_some()
        || property(name).is_some()
        || judged(name).is_some();
    if is_known { Ok(()) } else { Err(unknown(name)) }
}

/// Everything there is to say of a rule: its rows, its obligation. `known` are the stacks known to differ.
///
/// # Errors
/// There is no such rule: names that come near.
pub fn explain(name: &str, known: &[String]) -> Result<String, String> {
    let name = name.to_ascii_uppercase();
    let mut page = Page(format!("{name}\n"));
    let obligation = Obligation::ALL.into_iter().find(|o| o.name() == name);
    let rows: Vec<&Rule> = by_name(&name).map(rule).collect();
    // A rule and a monitor may share a name: the one says what is done, the other what must not be seen.
    let watched = monitor(&name);
    self::known(&name)?;
    if let Some(obligation) = obligation {
        page.field("asks", owed(obligation));
        page.field("source", obligation.cite());
    }
    if let Some(words) = judged(&name) {
        page.field("asks", words);
    }
    if let Some(info) = watched {
        page.field("monitor", &format!("there must not be {}", info.meaning));
        page.field("level", &format!("{}, judged {}", info.level, info.verdict));
        page.field("source", &source(info.cite));
    }
    if let Some(info) = property(&name) {
        page.field("property", &format!("it must not be that {}", info.meaning));
        page.field("level", &format!("{}, of a world of two stacks", info.level));
        page.field("source", info.cite);
    }
    for row in &rows {
        page.row(row);
    }
    page.remarks(&name, &rows);
    if known.is_empty() {
        page.field("differs", "no embedded stack is known to");
    }
    for stack in known {
        page.field("differs", stack);
    }
    if page.0.contains("[L") || page.0.contains("[M") {
        page.0.push_str("\n  [L] was looked up in the stack's source or tests, [M] is from memory\n");
    }
    Ok(page.0)
}

/// Text under construction.
struct Page(String);

impl Page {
    fn row(&mut self, row: &Rule) {
        self.0.push('\n');
        let states: Vec<&str> = row.states.iter().map(State::name).collect();
        self.field("in", &states.join(", "));
        self.field("on", &condition(row));
        if row.step > 0 {
            self.field("step", &format!("{} of RFC 9293 3.10.7", row.step));
        }
        self.field("sends", if row.reply == Reply::None { "nothing" } else { row.reply.expression() });
        let effects: Vec<&str> = row.effects.iter().map(|effect| effect.name()).collect();
        self.field("effect", &effects.join("; "));
        self.field("user", row.signal.name());
        let flow = if row.flow == Flow::Continue { ", and the next steps follow" } else { "" };
        self.field("next", &format!("{}{flow}", row.next));
        let keyword = match row.level {
            crate::table::Level::Text => " (normative text in lower case, no capital keyword)",
            _ => "",
        };
        self.field("level", &format!("{}{keyword}", row.level));
        self.field("source", &source(row.cite));
        for licence in row.licences {
            let mut text = format!("{}: {}", licence.kind.name(), licence.kind.allows());
            let _ = write!(text, " ({}; {})", source(licence.cite), licence.condition);
            let states: Vec<State> = row.states.iter().filter(|state| licence.states.has(*state)).collect();
            if states.len() < row.states.iter().count() {
                let states: Vec<&str> = states.iter().map(|state| state.name()).collect();
                let _ = write!(text, ", in {}", states.join(", "));
            }
            self.field("allows", &text);
        }
    }

    /// Each remark once, with the states in which it was made where these are not all.
    fn remarks(&mut self, name: &str, rows: &[&Rule]) {
        let in_rows = |state: &State| rows.iter().any(|row| row.states.has(*state));
        let all: Vec<State> = State::ALL.into_iter().filter(in_rows).collect();
        let mut told: Vec<((Remark, &str), Vec<State>)> = Vec::new();
        for state in &all {
            for remark in remarks(name, *state) {
                match told.iter_mut().find(|(known, _)| *known == remark) {
                    Some((_, states)) => states.push(*state),
                    None => told.push((remark, vec![*state])),
                }
            }
        }
        if !told.is_empty() {
            self.0.push('\n');
        }
        for ((remark, text), states) in told {
            let head = match remark {
                Remark::Seen => "seen",
                Remark::Stacks => "stacks",
            };
            let names: Vec<&str> = states.iter().map(|state| state.name()).collect();
            let only = if states == all { String::new() } else { format!("in {}: ", names.join(", ")) };
            self.field(head, &format!("{only}{text}"));
        }
    }

    fn field(&mut self, name: &str, text: &str) {
        for (i, line) in wrap(text, WIDTH - 11).iter().enumerate() {
            let name = if i == 0 { name } else { "" };
            let _ = writeln!(self.0, "  {name:<8} {line}");
        }
    }
}

fn unknown(name: &str) -> String {
    let mut names: Vec<&str> = rules::all().map(|id| rule(id).name).collect();
    names.extend(Obligation::ALL.map(Obligation::name));
    names.extend(MONITORS.iter().map(|info| info.name));
    names.extend(PROPERTIES.iter().map(|info| info.name));
    names.extend(JUDGED.iter().map(|(name, _)| *name));
    names.sort_unstable();
    names.dedup();
    // A name that holds the word, then names that differ by a slip of the pen.
    let slips = |known: &str| steps_between(known, name);
    names.retain(|known| known.contains(name) || slips(known) <= (name.len() / 4).min(3));
    names.sort_by_key(|known| (!known.contains(name), slips(known)));
    names.truncate(8);
    let near = if names.is_empty() {
        "`table` prints them all".to_owned()
    } else {
        format!("did you mean {}?", names.join(", "))
    };
    format!("there is no rule {name:?}; {near}")
}

/// How many letters must be put in, left out or changed (Levenshtein).
fn steps_between(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let changed = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
