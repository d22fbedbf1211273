//! The table in print: Markdown for people, DOT for the state diagram, JSON for programs.

#[cfg(feature = "cli")]
mod json;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lastack_core::types::State;

#[cfg(feature = "cli")]
pub use json::json;

use super::rules::{self, RuleId, is_executed, rule};
use super::types::*;
use crate::class::{AckClass, SeqClass};

/// The whole table, state by state, in Markdown.
pub fn markdown() -> String {
    let mut out = String::from(LEGEND);
    for state in State::ALL {
        out.push('\n');
        out.push_str(&markdown_of(state));
    }
    out
}

const LEGEND: &str = "\
# The transition table

Steps are those of RFC 9293 3.10.7; 0 comes before the first. In each step the first row that fits fires;
without `goes on` it ends the walk. Sections without an RFC are RFC 9293's.

Where the first octet lies: before (all of the segment is left of RCV.NXT), left-overlap, exact (SEG.SEQ =
RCV.NXT), in-window, beyond (at or past the window's edge), spans (from left of RCV.NXT past the edge). `inside` is
left-overlap, exact or in-window; `outside` the others. SEG.ACK: ancient (below SND.UNA - MAX.SND.WND), old, dup (=
SND.UNA), new, new-fin (new, and covers the FIN), future (above SND.NXT); in SYN-SENT syn-acked or bad.

What stands in capitals before the source is a licence: an outcome that an RFC allows besides.
";

/// The rules of one state in Markdown: calls, timers, and segments in the order of the steps; what only
/// explains comes last.
pub fn markdown_of(state: State) -> String {
    let mut out = format!("## {state}\n");
    let here = || rules::all().map(|id| (id, rule(id))).filter(|(_, row)| row.states.has(state));
    let mut table = |title: &str, head: &[&str], lines: Vec<Vec<String>>| {
        if !lines.is_empty() {
            write_table(&mut out, title, head, &lines);
        }
    };
    let events = here().filter(|(_, row)| row.event != Event::Segment).map(|(id, _)| event_line(id, state));
    table("Calls, timers, ICMP", &EVENT_HEAD, events.collect());
    let mut segments: Vec<_> =
        here().filter(|(_, row)| row.event == Event::Segment && is_executed(row)).collect();
    segments.sort_by_key(|(_, row)| (row.step, super::index::rank(row.switch)));
    table("Segments", &SEGMENT_HEAD, segments.iter().map(|(id, _)| segment_line(*id, state)).collect());
    let cases = here().filter(|(_, row)| row.event == Event::Segment && !is_executed(row));
    table("Explanations", &SEGMENT_HEAD, cases.map(|(id, _)| segment_line(id, state)).collect());
    out
}

const EVENT_HEAD: [&str; 10] =
    ["event", "rule", "profile", "when", "sends", "effect", "user", "next", "level", "licences; source"];
const SEGMENT_HEAD: [&str; 10] =
    ["step", "rule", "profile", "when", "sends", "effect", "user", "next", "level", "licences; source"];

fn event_line(id: RuleId, state: State) -> Vec<String> {
    let row = rule(id);
    let mut line = vec![row.event.to_string()];
    line.extend(common(row, state, row.guard.name().to_owned()));
    line
}

fn segment_line(id: RuleId, state: State) -> Vec<String> {
    let row = rule(id);
    let mut line = vec![row.step.to_string()];
    line.extend(common(row, state, when(row)));
    line
}

fn common(row: &Rule, state: State, when: String) -> [String; 9] {
    let next = match (row.next, row.flow) {
        (Next::Stay, Flow::Stop) => String::new(),
        (Next::Stay, Flow::Continue) => "goes on".to_owned(),
        (next, Flow::Stop) => next.to_string(),
        (next, Flow::Continue) => format!("{next}, goes on"),
    };
    let licences: Vec<_> =
        row.licences.iter().filter(|l| l.states.has(state)).map(|l| l.kind.name()).collect();
    let source = match licences.is_empty() {
        true => row.cite.to_owned(),
        false => format!("{}; {}", licences.join(" "), row.cite),
    };
    [
        row.name.to_owned(),
        row.switch.name().to_owned(),
        when,
        row.reply.name().replace("none", ""),
        effects(row),
        row.signal.name().to_owned(),
        next,
        row.level.name().to_owned(),
        source,
    ]
}

fn effects(row: &Rule) -> String {
    row.effects.iter().map(|e| e.name()).collect::<Vec<_>>().join("; ")
}

/// A row's pattern of segments in words: `SYN; no RST; exact; window 0`. `inside` is left-overlap, exact or
/// in-window, `outside` the others.
pub fn when(row: &Rule) -> String {
    let bits =
        [("SYN", row.flags.syn), ("FIN", row.flags.fin), ("RST", row.flags.rst), ("ACK", row.flags.ack)];
    let named = |want, not: &str| {
        let found = bits.iter().filter(|(_, bit)| *bit == want).map(|(name, _)| format!("{not}{name}"));
        found.collect::<Vec<_>>().join(if not.is_empty() { "," } else { " " })
    };
    let seq = match row.seq {
        SeqSet::ANY => String::new(),
        set if SeqClass::ALL.iter().all(|class| set.has(*class) == class.is_inside()) => "inside".to_owned(),
        set if SeqClass::ALL.iter().all(|class| set.has(*class) != class.is_inside()) => "outside".to_owned(),
        set => seq_names(set).join("|"),
    };
    let ack = match row.ack {
        _ if row.flags.ack == Bit::Off => String::new(),
        AckSet::ANY => String::new(),
        set => format!("SEG.ACK {}", ack_names(set).join("|")),
    };
    let text = said(row.text, "text", "no text");
    let window = said(row.zero_window, "window 0", "window open");
    let guard = row.guard.name().to_owned();
    let mut parts = vec![named(Bit::On, ""), named(Bit::Off, "no "), seq, ack, text, window, guard];
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

fn said(bit: Bit, on: &str, off: &str) -> String {
    match bit {
        Bit::Any => String::new(),
        Bit::On => on.to_owned(),
        Bit::Off => off.to_owned(),
    }
}

fn seq_names(set: SeqSet) -> Vec<&'static str> {
    SeqClass::ALL.into_iter().filter(|c| set.has(*c)).map(SeqClass::name).collect()
}

fn ack_names(set: AckSet) -> Vec<&'static str> {
    AckClass::ALL.into_iter().filter(|c| set.has(*c)).map(AckClass::name).collect()
}

/// One aligned Markdown table.
fn write_table(out: &mut String, title: &str, head: &[&str], lines: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = lines.iter().map(|line| escaped(&line[column]).chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\n### {title}\n");
    write_line(out, &widths, head.iter().map(|h| (*h).to_owned()));
    write_line(out, &widths, widths.iter().map(|w| "-".repeat(*w)));
    for line in lines {
        write_line(out, &widths, line.iter().map(|cell| escaped(cell)));
    }
}

fn write_line(out: &mut String, widths: &[usize], cells: impl Iterator<Item = String>) {
    for (cell, width) in cells.zip(widths) {
        let _ = write!(out, "| {cell:width$} ");
    }
    out.push_str("|\n");
}

/// A bar would end the cell, an angle bracket would be markup.
fn escaped(cell: &str) -> String {
    cell.replace('|', "/").replace('<', "&lt;")
}

/// The state diagram, derived from every executed row that leads to another state. Rows of a profile are
/// dashed.
pub fn dot() -> String {
    let mut edges: BTreeMap<(State, State, bool), Vec<&'static str>> = BTreeMap::new();
    for (row, from) in rules::RULES.iter().flat_map(|row| row.states.iter().map(move |from| (row, from))) {
        if !is_executed(row) {
            continue;
        }
        let targets = match row.next {
            Next::To(state) => vec![state],
            Next::ByOrigin => vec![State::Closed, State::Listen],
            Next::Stay | Next::AsFin => vec![],
        };
        let optional = super::index::rank(row.switch) < 3;
        for to in targets.into_iter().filter(|to| *to != from) {
            let names = edges.entry((from, to, optional)).or_default();
            if !names.contains(&row.name) {
                names.push(row.name);
            }
        }
    }
    let mut out = String::from("digraph tcp {\n    node [shape=box];\n");
    for state in State::ALL {
        let _ = writeln!(out, "    \"{state}\";");
    }
    for ((from, to, optional), names) in edges {
        let style = if optional { ", style=dashed" } else { "" };
        let _ = writeln!(out, "    \"{from}\" -> \"{to}\" [label=\"{}\"{style}];", names.join("\\n"));
    }
    out.push_str("}\n");
    out
}
