//! The walks agree with 17,388 outcomes that another program computed (`data/outcomes.txt`), or the
//! difference is argued here.

use lastack::class::{AckClass, Class, SeqClass};
use lastack::table::{Facts, Switches, rule, walk::walk};
use lastack_core::types::{Flags, State};

use crate::segments::{exists, names};

const OUTCOMES: &str = include_str!("../../data/outcomes.txt");

/// One segment and what becomes of it.
struct Case<'a> {
    state: State,
    facts: Facts,
    switches: Switches,
    class: Class,
    next: &'a str,
    replies: &'a str,
    rules: Vec<&'a str>,
}

/// A block of the data: a state, the acknowledgment classes of its columns, its outcomes by letter.
struct Block<'a> {
    state: State,
    facts: Facts,
    acks: Vec<AckClass>,
    outcomes: Vec<(char, &'a str, &'a str, Vec<&'a str>)>,
}

fn cases() -> Vec<Case<'static>> {
    let mut block = None;
    let mut cases = Vec::new();
    for line in OUTCOMES.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        match (words[0], &mut block) {
            ("state", _) => block = Some(header(&words)),
            ("=", Some(block)) => {
                let letter = words[1].chars().next().expect("a letter");
                block.outcomes.push((letter, words[2], words[3], words[4..].to_vec()));
            }
            (_, Some(block)) => grid(block, &words, &mut cases),
            _ => panic!("no state before {line}"),
        }
    }
    cases
}

fn header(words: &[&str]) -> Block<'static> {
    let ack = |name: &&str| match *name {
        "any" => AckClass::Dup,
        name => AckClass::ALL.into_iter().find(|c| c.name() == name).expect("an acknowledgment class"),
    };
    Block {
        state: State::from_name(words[1]).expect("a state"),
        facts: Facts { origin_passive: words[2] == "passive", ..Facts::default() },
        acks: words[4..].iter().map(ack).collect(),
        outcomes: Vec::new(),
    }
}

/// A line of letters: profile, flags, a block for each sequence class.
fn grid(block: &Block<'static>, words: &[&'static str], cases: &mut Vec<Case<'static>>) {
    let rfc5961 = words[0] == "5961";
    let switches = Switches { rst_5961: rfc5961, syn_5961: rfc5961, ..Switches::default() };
    let bits = [('S', Flags::SYN), ('A', Flags::ACK), ('R', Flags::RST), ('F', Flags::FIN)];
    let on = bits.into_iter().filter(|(letter, _)| words[1].contains(*letter));
    let flags = on.fold(Flags::NONE, |flags, (_, bit)| flags | bit);
    let acks = if flags.ack() { block.acks.clone() } else { vec![AckClass::None] };
    assert_eq!(words.len(), 8, "six sequence classes: {words:?}");
    for (seq, letters) in SeqClass::ALL.into_iter().zip(&words[2..]) {
        for (at, letter) in letters.chars().enumerate().filter(|(_, letter)| *letter != '.') {
            let (text, zero_window) = (at & 2 == 2, at & 1 == 1);
            let class = Class { flags, seq, overrun: false, ack: acks[at / 4], text, zero_window };
            let outcome = block.outcomes.iter().find(|o| o.0 == letter).expect("an outcome");
            cases.push(Case {
                state: block.state,
                facts: block.facts,
                switches,
                class,
                next: outcome.1,
                replies: outcome.2,
                rules: outcome.3.clone(),
            });
        }
    }
}

/// Why a line of the data is not what the table does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Departure {
    /// SEG.LEN is too small for the class: no such segment.
    Impossible,
    /// The data looks at SEG.ACK a second time after SYN-SENT took the SYN,ACK. RFC 9293 3.10.7.3, fourth:
    /// processing goes on at step 6.
    AckTwice,
    /// The data processes a FIN at a zero window once the peer's FIN has come. RFC 9293 3.10.7.4, first: only
    /// ACK, URG and RST of such a segment count.
    FinAtZeroWindow,
}

fn departure(case: &Case<'_>) -> Option<Departure> {
    // In CLOSED, LISTEN and SYN-SENT the data has one sequence class for all.
    let second_fin = |name: &&&str| name.starts_with("FIN-AFTER-FIN");
    if !exists(&case.class) {
        Some(Departure::Impossible)
    } else if case.rules.first() == Some(&"SYN-SENT-SYN-ACK") && case.rules.contains(&"ACK-OLD") {
        Some(Departure::AckTwice)
    } else if case.class.zero_window && case.rules.iter().find(second_fin).is_some() {
        Some(Departure::FinAtZeroWindow)
    } else {
        None
    }
}

/// Fired rules, replies and next state of every line, save the three kinds of departure.
#[test]
fn walks_agree_with_the_other_program() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| departure(case).is_none()) {
        let walked = walk(case.state, case.facts, case.switches, &case.class);
        let replies: Vec<_> =
            walked.fired.iter().map(|id| rule(*id).reply.name()).filter(|name| *name != "none").collect();
        let replies = if replies.is_empty() { "none".to_owned() } else { replies.join("+") };
        let got = (names(&walked.fired), replies.as_str(), walked.next.name());
        assert_eq!(got, (case.rules.clone(), case.replies, case.next), "{} {:?}", case.state, case.class);
        compared += 1;
    }
    assert_eq!(compared, 17_388 - 1_540 - 16 - DEPARTURES_AT_ZERO_WINDOW);
}

/// FINs at a zero window in CLOSE-WAIT, LAST-ACK, TIME-WAIT, and CLOSING on its way there.
const DEPARTURES_AT_ZERO_WINDOW: usize = 48;

/// The departures are as many as argued, and the last two differ only by the rule that is argued away.
#[test]
fn departures_are_counted() {
    let cases = cases();
    let count = |kind| cases.iter().filter(|case| departure(case) == Some(kind)).count();
    assert_eq!(cases.len(), 17_388);
    assert_eq!(count(Departure::Impossible), 1_540);
    assert_eq!(count(Departure::AckTwice), 16);
    assert_eq!(count(Departure::FinAtZeroWindow), DEPARTURES_AT_ZERO_WINDOW);
    for case in &cases {
        let surplus = match departure(case) {
            Some(Departure::AckTwice) => "ACK-OLD",
            Some(Departure::FinAtZeroWindow) => "FIN-AFTER-FIN",
            _ => continue,
        };
        let mut want = case.rules.clone();
        want.retain(|name| !name.starts_with(surplus));
        let walked = walk(case.state, case.facts, case.switches, &case.class);
        assert_eq!(names(&walked.fired), want, "{} {:?}", case.state, case.class);
        assert_eq!(walked.next.name(), case.next);
    }
}
