//! The three forms of a scenario: identities, totality, and errors that point at the right line.

#[path = "common/scenarios.rs"]
mod scenarios;

use lastack::scenario::build::seg;
use lastack::scenario::bytes::{HEAD, HEAD_MORE, MAX_EVENTS, RECORD, VERSION, VERSION_WORLD};
use lastack::scenario::parse::parse;
use lastack::scenario::{Addr, Event, Route, Scenario, SegmentSpec};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// So many cases, the same in every run unless `PROPTEST_RNG_SEED` says otherwise. A case that fails is
/// printed shrunk and becomes a test of its own; no file keeps it.
fn cases(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let rng_seed = match default.rng_seed {
        RngSeed::Random => RngSeed::Fixed(9293),
        fixed => fixed,
    };
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..default }
}

/// Octets before the first record.
fn heads(bytes: &[u8]) -> usize {
    if bytes.first() == Some(&VERSION_WORLD) { HEAD + HEAD_MORE } else { HEAD }
}

/// A change of a text, as a careless hand or a bad merge makes it.
#[derive(Clone, Debug)]
enum Slip {
    Delete { at: usize },
    Insert { at: usize, what: String },
    Replace { at: usize, what: char },
    SwapLines { one: usize, other: usize },
    CutOff { at: usize },
}

fn slip() -> impl Strategy<Value = Slip> {
    let at = || 0..4000_usize;
    prop_oneof![
        at().prop_map(|at| Slip::Delete { at }),
        (at(), piece()).prop_map(|(at, what)| Slip::Insert { at, what }),
        (at(), any::<char>()).prop_map(|(at, what)| Slip::Replace { at, what }),
        (at(), at()).prop_map(|(one, other)| Slip::SwapLines { one, other }),
        at().prop_map(|at| Slip::CutOff { at }),
    ]
}

/// Words of the notation, numbers at their limits, and anything.
fn piece() -> impl Strategy<Value = String> {
    let words = "call < > , . - + : # \n \r \t 0 65536 4294967296 18446744073709551616 seq RCV.NXT \
                 RCV.NXT+2147483648 RCV.NXT-- peer peer256:1 :1 stack: window+ mss+99999 <> <mss <mss,> +0x \
                 +0x000 S.+0xf00 wait .s 1.s 99999999999999999999s room any ip iss \u{feff} \u{e9} \u{1F980}";
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    prop_oneof![prop::sample::select(words), any::<String>()]
}

fn slipped(text: &str, slips: &[Slip]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for slip in slips {
        let len = text.len().max(1);
        match slip {
            Slip::Delete { at } if !text.is_empty() => drop(text.remove(at % len)),
            Slip::Delete { .. } => {}
            Slip::Insert { at, what } => {
                let at = at % (text.len() + 1);
                text.splice(at..at, what.chars());
            }
            Slip::Replace { at, what } => text.get_mut(at % len).into_iter().for_each(|c| *c = *what),
            Slip::SwapLines { one, other } => text = swapped(&text, *one, *other),
            Slip::CutOff { at } => text.truncate(at % len),
        }
    }
    text.into_iter().collect()
}

fn swapped(text: &[char], one: usize, other: usize) -> Vec<char> {
    let mut lines: Vec<&[char]> = text.split(|c| *c == '\n').collect();
    let count = lines.len();
    lines.swap(one % count, other % count);
    lines.join(&'\n')
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn value_to_text_to_value(scenario in scenarios::scenario(12)) {
        let text = scenario.to_string();
        match parse(&text) {
            Ok(read) => prop_assert_eq!(read, scenario, "{}", text),
            Err(error) => prop_assert!(false, "{}\n{}", error, text),
        }
    }

    #[test]
    fn value_to_bytes_to_value(scenario in scenarios::scenario(12)) {
        let bytes = scenario.to_bytes();
        prop_assert_eq!(bytes.len(), heads(&bytes) + RECORD * scenario.events.len());
        prop_assert_eq!(Scenario::from_bytes(&bytes), scenario);
    }

    /// One event is one line, whatever is in it: a trace may be cut anywhere between them.
    #[test]
    fn an_event_is_one_line(event in scenarios::event()) {
        let line = event.to_string();
        prop_assert!(!line.contains('\n') && line.trim() == line, "{:?}", line);
        prop_assert!(line.len() < 200, "{}", line);
    }

    /// Whatever a fuzzer makes of bytes is a scenario, and both forms carry it from there.
    #[test]
    fn any_bytes_are_a_scenario(bytes in prop::collection::vec(any::<u8>(), 0..=4096)) {
        let scenario = Scenario::from_bytes(&bytes);
        let records = bytes.len().saturating_sub(heads(&bytes)).div_ceil(RECORD);
        prop_assert_eq!(scenario.events.len(), records.min(MAX_EVENTS));
        prop_assert_eq!(&Scenario::from_bytes(&scenario.to_bytes()), &scenario);
        let read = parse(&scenario.to_string());
        prop_assert_eq!(read.as_ref(), Ok(&scenario));
    }

    /// A fuzzer's small change is a small change: one octet touches one event or the head, and no length.
    #[test]
    fn one_octet_changes_one_event_at_most(
        bytes in prop::collection::vec(any::<u8>(), HEAD + HEAD_MORE..=HEAD + HEAD_MORE + 8 * RECORD),
        version in any::<bool>(),
        at in any::<prop::sample::Index>(),
        octet in any::<u8>(),
    ) {
        // Another version would move every record.
        let mut bytes = bytes;
        bytes[0] = if version { VERSION } else { VERSION_WORLD };
        let at = at.index(bytes.len() - 1) + 1;
        let mut changed = bytes.clone();
        changed[at] = octet;
        let (before, after) = (Scenario::from_bytes(&bytes), Scenario::from_bytes(&changed));
        prop_assert_eq!(before.events.len(), after.events.len());
        let pairs = before.events.iter().zip(&after.events).enumerate();
        let touched: Vec<usize> = pairs.filter(|(_, (a, b))| a != b).map(|(i, _)| i).collect();
        let own = at.checked_sub(heads(&bytes)).map(|at| at / RECORD);
        prop_assert!(touched.iter().all(|i| Some(*i) == own), "octet {} changed events {:?}", at, touched);
        let heads_are_same = || (before.setup, before.seed, before.world) == (after.setup, after.seed, after.world);
        prop_assert!(own.is_none() || heads_are_same());
    }

    /// Text that is nearly a scenario is one or gives an error inside it; neither panics, and what was read
    /// can be written and read again.
    #[test]
    fn slips_are_errors_not_panics(
        scenario in scenarios::scenario(6),
        slips in prop::collection::vec(slip(), 1..4),
    ) {
        let text = slipped(&scenario.to_string(), &slips);
        match parse(&text) {
            Ok(read) => {
                let again = parse(&read.to_string());
                prop_assert_eq!(again.as_ref(), Ok(&read));
            }
            Err(error) => {
                let lines: Vec<&str> = text.split('\n').collect();
                prop_assert!((1..=lines.len()).contains(&error.line), "{}", error);
                let width = lines[error.line - 1].chars().count();
                prop_assert!((1..=width + 1).contains(&error.column), "{}", error);
                prop_assert_eq!(error.to_string().lines().count(), 3, "{}", error);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), behind_the_version in any::<bool>()) {
        let text = if behind_the_version { format!("lastack scenario 1\n{text}") } else { text };
        if let Err(error) = parse(&text) {
            prop_assert_eq!(error.to_string().lines().count(), 3, "{}", error);
        }
    }

    /// Words in an order that no scenario has them in.
    #[test]
    fn any_words_are_read_or_refused(words in prop::collection::vec(piece(), 0..20)) {
        let text = format!("lastack scenario 1\n< . {}\n", words.join(" "));
        if let Err(error) = parse(&text) {
            prop_assert_eq!(error.to_string().lines().count(), 3, "{}", error);
        }
    }

    #[test]
    fn an_error_names_the_line_that_was_spoilt(
        events in prop::collection::vec(scenarios::event(), 1..12),
        which in any::<prop::sample::Index>(),
        spoil in prop::sample::select(vec![" what", " #what"]),
    ) {
        let which = which.index(events.len());
        let mut text = String::from("lastack scenario 1\n# a line that does not count, but is counted\n\n");
        for (i, event) in events.iter().enumerate() {
            text += &format!("{event}{}\n", if i == which { spoil } else { "" });
        }
        let line = parse(&text).map(|scenario| scenario.events).map_err(|error| error.line);
        let expected: Result<Vec<Event>, usize> =
            if spoil.contains('#') { Ok(events) } else { Err(4 + which) };
        prop_assert_eq!(line, expected);
    }

    /// Fields may come in any order.
    #[test]
    fn order_of_fields_does_not_matter(
        segment in scenarios::segment(),
        order in Just([0, 1, 2, 3, 4]).prop_shuffle(),
    ) {
        let expected = Event::Segment(segment);
        let fields = [
            format!("seq {}", segment.seq),
            format!("ack {}", segment.ack),
            format!("len {}", segment.text),
            format!("win {} urg {}", segment.window, segment.urgent),
            format!("from {}:{}", segment.route.from, segment.route.from_port),
        ];
        // What is not shuffled is taken from the writer: flags and, behind them, all that is left.
        let (flags, options, trick) = (segment.flags, segment.options, segment.trick);
        let route = Route { from: Addr::Peer(0), from_port: 9000, ..segment.route };
        let rest = seg(flags).route(route).trick(trick);
        let rest = Event::Segment(SegmentSpec { options, ..rest });
        let mut text = format!("lastack scenario 1\n{rest}");
        for i in order {
            text = format!("{text} {}", fields[i]);
        }
        prop_assert_eq!(parse(&text).map(|s| s.events), Ok(vec![expected]), "{}", text);
    }
}
