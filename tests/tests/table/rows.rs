//! The table, spelled out state by state, is the list in `data/rows.csv`, which was written down apart.

use std::collections::{BTreeMap, BTreeSet};

use lastack::class::{AckClass, SeqClass};
use lastack::table::*;
use lastack_core::types::State;

const ROWS: &str = include_str!("../../data/rows.csv");

/// A row as one comparable line without its licences, and its licences.
type Line = (String, BTreeSet<String>);

fn listed() -> Vec<Line> {
    ROWS.lines().skip(2).map(from_csv).collect()
}

fn from_csv(line: &str) -> Line {
    let f: Vec<&str> = line.split(',').collect();
    let [_, name, state, event, profile, step, flags, seq, ack, text, zero, flow, next, level, licences] =
        f[..]
    else {
        panic!("not 15 columns: {line}");
    };
    let kind = if name.starts_with("RST") { "rst" } else { "syn" };
    let profile = match profile {
        "5961" => format!("{kind}=rfc5961"),
        "no-5961" => format!("{kind}=classic"),
        "MAY-12" => "ack=rfc5961".to_owned(),
        "option-timestamps" => "timestamps".to_owned(),
        "option-keepalive" => "keep-alive".to_owned(),
        "option-6191" => "rfc6191".to_owned(),
        "option-MAY-2" => "reopen".to_owned(),
        other => other.to_owned(),
    };
    let (seq, ack) = (sorted(seq), sorted(ack));
    let row =
        [name, state, event, &profile, step, flags, &seq, &ack, text, zero, flow, next, level].join(" ");
    (row, licences.split_whitespace().map(str::to_owned).collect())
}

fn sorted(set: &str) -> String {
    let names: BTreeSet<&str> = set.split('|').collect();
    names.into_iter().collect::<Vec<_>>().join("|")
}

fn of_the_table() -> Vec<Line> {
    let lines = |row: &'static Rule| row.states.iter().map(move |state| from_rule(row, state));
    RULES.iter().flat_map(lines).collect()
}

fn from_rule(row: &Rule, state: State) -> Line {
    let segment = row.event == Event::Segment;
    let step = match row.event {
        Event::Segment => row.step.to_string(),
        Event::Call(_) => "call".to_owned(),
        Event::Timer(_) => "timer".to_owned(),
        Event::Icmp(_) => "icmp".to_owned(),
    };
    let bit = |bit| match bit {
        Bit::Any => "*",
        Bit::On => "1",
        Bit::Off => "0",
    };
    let f = row.flags;
    let overrun = matches!(row.guard, Guard::OverrunAtNxt | Guard::OverrunRight | Guard::FinPastEdge);
    let seq = match row.seq {
        _ if overrun => "right-overlap".to_owned(),
        SeqSet::ANY => "*".to_owned(),
        set => sorted(&join(SeqClass::ALL.iter().filter(|c| set.has(**c)).map(|c| c.name()))),
    };
    let ack = match row.ack {
        AckSet::ANY => "*".to_owned(),
        set => sorted(&join(AckClass::ALL.iter().filter(|c| set.has(**c)).map(|c| c.name()))),
    };
    let columns = [f.syn, f.ack, f.rst, f.fin].map(bit).concat();
    let pattern = [columns.as_str(), &seq, &ack, bit(row.text), bit(row.zero_window)].join(" ");
    let pattern = if segment { pattern } else { "- - - - -".to_owned() };
    let next = match (row.next, state) {
        (Next::Stay, _) => state.name(),
        (Next::To(next), _) => next.name(),
        (Next::ByOrigin, _) => "ORIGIN",
        (Next::AsFin, State::Established) => "CLOSE-WAIT",
        (Next::AsFin, State::FinWait2) => "TIME-WAIT",
        (Next::AsFin, _) => "FIN",
    };
    let flow = if row.flow == Flow::Stop { "stop" } else { "continue" };
    let level = row.level.name();
    let event = row.event.to_string();
    let row_line =
        [row.name, state.name(), &event, row.switch.name(), &step, &pattern, flow, next, level].join(" ");
    let here = row.licences.iter().filter(|l| l.states.has(state));
    (row_line, here.map(|l| l.kind.name().to_owned()).collect())
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join("|")
}

/// Where the table departs from the list on purpose.
fn departures(lines: &mut Vec<Line>) {
    // RFC 9293 3.10.4: a CLOSE in SYN-RECEIVED may wait for ESTABLISHED, and text may come with the very
    // segment that brings it. That text is new after CLOSE too (SHLD-3).
    let closed = |(row, _): &&Line| row.starts_with("TEXT-AFTER-CLOSE FIN-WAIT-1 ");
    let in_established =
        |(row, licences): &Line| (row.replace("FIN-WAIT-1", "ESTABLISHED"), licences.clone());
    lines.extend(lines.iter().find(closed).map(in_established));
    for (row, licences) in lines {
        // RFC 9293 3.10.7.4, step 1: at a zero window a FIN is not acceptable and only ACK, URG and RST of its
        // segment are processed, so a FIN after the FIN is not reached. The list lets step 8 see it.
        if row.starts_with("FIN-AFTER-FIN ") || row.starts_with("FIN-AFTER-FIN-TIME-WAIT ") {
            *row = row.replace(" * * * stop ", " * * 0 stop ");
        }
        // Same step: what lies left of RCV.NXT is trimmed, a SYN included. Of a segment that starts left of
        // RCV.NXT the SYN is not in the window, so that resetting for it cannot be all that is right.
        if row.starts_with("SYN-IN-WINDOW-PASSIVE ") || row.starts_with("SYN-IN-WINDOW-CLASSIC ") {
            licences.insert("TRIM-OR-REFUSE".to_owned());
        }
        // RFC 9293 3.6.1, MAY-2, condition 2: what a SYN had reopened from TIME-WAIT goes back there when it was an
        // old duplicate, and a second SYN says so as a RST does.
        // RFC 5961 4.2: the ACK for a SYN is a challenge ACK whatever its number, and 7 has it withheld after
        // another one. The list says so in a row of its own that no walk tries.
        if row.starts_with("UNACCEPTABLE-SEQ ") {
            licences.insert("THROTTLED-SYN".to_owned());
        }
        // RFC 9293 3.10.7.4, step 1, Table 6: at a zero window the segment is not acceptable; the allowance for
        // its ACK is a lower-case "should", and A.2 knows stacks that do without. Only RST and URG have MUST-66.
        if row.starts_with("TEXT-ZERO-WINDOW ") {
            licences.insert("ACK-AT-ZERO-WINDOW".to_owned());
        }
        if row.starts_with("SYN-IN-WINDOW-PASSIVE ") {
            licences.insert("RETURN-TO-TIME-WAIT".to_owned());
        }
    }
}

/// Name, state, event, profile, step, pattern, flow, next state, level and licences of all 389.
#[test]
fn the_table_is_the_list() {
    let (mut want, mut got) = (listed(), of_the_table());
    departures(&mut want);
    want.sort();
    got.sort();
    for (want, got) in want.iter().zip(&got) {
        assert_eq!(want, got);
    }
    assert_eq!(want.len(), got.len());
}

/// 389 rows for one state each, 123 names, 39 kinds of licence, each in use.
#[test]
fn the_table_is_complete() {
    let rows = of_the_table();
    let names: BTreeSet<&str> = RULES.iter().map(|row| row.name).collect();
    let licences: BTreeSet<&String> = rows.iter().flat_map(|(_, licences)| licences).collect();
    let kinds: BTreeSet<&str> = LicenceKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!((rows.len(), names.len(), licences.len(), kinds.len()), (389, 123, 39, 39));
    assert!(kinds.iter().all(|kind| licences.contains(&(*kind).to_owned())));
}

/// Rows with one name answer alike: same next state, flow and profile family, wherever they stand.
#[test]
fn a_name_means_one_thing() {
    let mut seen: BTreeMap<&str, &Rule> = BTreeMap::new();
    for row in &RULES {
        let first = seen.entry(row.name).or_insert(row);
        assert_eq!((first.next, first.flow, first.switch), (row.next, row.flow, row.switch), "{}", row.name);
    }
}
