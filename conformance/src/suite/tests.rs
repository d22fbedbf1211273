use std::collections::{BTreeMap, BTreeSet};

use lastack_core::types::{Duration, Flags, Instant, State};

use super::NameError;
use super::cells::{Cell, CrossIn, cells, count};
use super::cross::{Cross, cross_for};
use super::edges::Edge;
use super::events::Aim;
use super::gather::{follows_known, verdict_of};
use super::histories::{self, History, histories};
use super::kinds::Kind;
use super::segments::SegmentAim;
use super::tails::Tail;
use crate::driver::Summary;
use crate::reach::{way_index, ways};
use crate::scenario::build::*;
use crate::scenario::{Anchor, Event, ScriptCall, Size};
use crate::subject::IpVersion;
use crate::table::{Level, Profile};
use crate::verdict::{AckRelation, Difference, Kind as VerdictKind, Signature, Trigger, Verdict};

/// Places against the window, left to right.
const WINDOW_EDGES: [Edge; 9] = [
    Edge::FarLeft,
    Edge::OutsideLeft,
    Edge::OverlapLeft,
    Edge::LeftEdge,
    Edge::Middle,
    Edge::RightEdge,
    Edge::OverlapRight,
    Edge::OutsideRight,
    Edge::FarRight,
];

fn run() -> CrossIn {
    CrossIn::new(IpVersion::V4, &Profile::default())
}

fn cell(name: &str) -> Cell {
    Cell::from_name(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every cell once, whatever its tails.
fn once() -> impl Iterator<Item = Cell> {
    cells().filter(|cell| cell.tail == Tail::Probes)
}

fn segments() -> impl Iterator<Item = (Cell, SegmentAim)> {
    once().filter_map(|cell| match cell.aim {
        Aim::Segment(aim) => Some((cell, aim)),
        _ => None,
    })
}

fn state(cell: &Cell) -> State {
    cell.way().map_or(State::Closed, |way| way.state)
}

#[test]
fn the_88_base_cells_are_there() {
    let seen: BTreeSet<(State, Kind)> = segments().map(|(cell, aim)| (state(&cell), aim.kind)).collect();
    let base = State::ALL.into_iter().flat_map(|state| Kind::BASE.map(|kind| (state, kind)));
    let missing: Vec<_> = base.filter(|pair| !seen.contains(pair)).collect();
    assert_eq!(missing, []);
}

#[test]
fn every_edge_is_tried_in_every_state_that_has_a_window() {
    let seen: BTreeSet<(State, Edge)> = segments().map(|(cell, aim)| (state(&cell), aim.edge)).collect();
    for state in State::ALL.into_iter().skip(3) {
        for edge in WINDOW_EDGES.into_iter().chain([Edge::Spans]) {
            assert!(seen.contains(&(state, edge)), "{state} {}", edge.name());
        }
    }
}

#[test]
fn every_call_and_every_wait_is_tried_by_every_way() {
    let others =
        once().filter(|cell| matches!(cell.aim, Aim::Call(_) | Aim::Time(_)) && cell.cross.is_none());
    let mut by_way = BTreeMap::new();
    for cell in others {
        *by_way.entry(cell.way).or_insert(0) += 1;
    }
    let rows = super::rows::CALLS.len() + super::rows::TIMES.len();
    assert!(by_way.values().all(|&tried| tried == rows));
    assert_eq!(by_way.len(), ways().len());
}

#[test]
fn a_few_ten_thousand_cells_and_no_two_alike() {
    let all: BTreeSet<Cell> = once().collect();
    assert_eq!(all.len(), count());
    assert!((40_000..100_000).contains(&count()), "{} cells", count());
}

#[test]
fn names_of_cells_parse_back() {
    for cell in cells() {
        assert_eq!(Cell::from_name(&cell.to_string()), Ok(cell));
    }
}

#[test]
fn names_of_histories_parse_back() {
    for history in histories().step_by(7) {
        assert_eq!(History::from_name(&history.to_string()), Ok(history));
    }
}

#[test]
fn a_wrong_name_says_which_part_is_wrong() {
    let error = |name: &str| Cell::from_name(name).expect_err(name);
    assert_eq!(error("established/passive"), NameError::Parts { got: 1 });
    assert_eq!(error("a:b:c:d"), NameError::Parts { got: 4 });
    assert_eq!(error("asleep:call-close:probes"), NameError::Way("asleep".into()));
    assert_eq!(error("listen/fresh:call-dance:probes"), NameError::Event("call-dance".into()));
    assert_eq!(error("listen/fresh:call-close~buf7:probes"), NameError::Cross("buf7".into()));
    assert_eq!(error("listen/fresh:call-close:loud"), NameError::Tail("loud".into()));
    assert!(History::from_name("listen/fresh:syn.ack.text.fin:silent").is_err());
}

#[test]
fn a_cell_is_way_event_and_tail_in_this_order() {
    let cell = cell("established/in-flight:TEXT-FIN-ACK@overlap-left/ack-una+1/wnd-0:probes");
    let (scenario, aim) = cell.scenario(&run());
    let way = cell.way().expect("a way of this name");
    assert_eq!(scenario.events[..aim], way.script[..]);
    let wanted = seg(Flags::FIN | Flags::ACK).seq(RCV_NXT.minus(2)).text(5).ack(SND_UNA.plus(1)).window(0);
    assert_eq!(scenario.events[aim], wanted.event());
    assert_eq!(scenario.events[aim + 1], wait_millis(600));
    assert_eq!(scenario.events[aim + 2], ack().seq(RCV_NXT.minus(1)).ack(SND_UNA).text(1).event());
}

#[test]
fn edges_lie_where_their_names_say() {
    let aimed = |name: &str| {
        let (scenario, aim) = cell(&format!("established/passive:{name}:silent")).scenario(&run());
        match scenario.events[aim] {
            Event::Segment(segment) => (segment.seq, segment.text),
            other => panic!("{name}: {other:?}"),
        }
    };
    // The way's receive buffer is 1,000 octets; a short text is five.
    assert_eq!(aimed("ACK@outside-left/ack-dup"), (RCV_NXT.minus(1), Size::Octets(0)));
    assert_eq!(aimed("TEXT-ACK@outside-left/ack-dup"), (RCV_NXT.minus(5), Size::Octets(5)));
    assert_eq!(aimed("TEXT-FIN-ACK@right-edge/ack-dup"), (RCV_EDGE.minus(6), Size::Octets(5)));
    assert_eq!(aimed("TEXT-FIN-ACK@fin-past-edge/ack-dup"), (RCV_EDGE.minus(5), Size::Octets(5)));
    assert_eq!(aimed("FIN-ACK@right-edge/ack-dup"), (RCV_EDGE.minus(1), Size::Octets(0)));
    assert_eq!(aimed("SYN-FIN@overlap-right/ack-none"), (RCV_EDGE.minus(1), Size::Octets(0)));
    assert_eq!(aimed("RST@outside-right/ack-none"), (RCV_EDGE, Size::Octets(0)));
    assert_eq!(aimed("SYN@middle/ack-none"), (RCV_NXT.plus(500), Size::Octets(0)));
    assert_eq!(aimed("TEXT-ACK@spans/ack-dup"), (RCV_NXT.minus(2), Size::Window(4)));
}

#[test]
fn acknowledgments_step_through_a_flight_of_two_segments() {
    let index = way_index("established/two-in-flight").expect("a way of this name");
    let steps: BTreeSet<String> = segments()
        .filter(|(cell, aim)| usize::from(cell.way) == index && aim.kind == Kind::Ack)
        .map(|(_, aim)| aim.ack.to_string())
        .filter(|name| name.starts_with("ack-una+"))
        .collect();
    assert_eq!(steps.into_iter().collect::<Vec<_>>(), ["ack-una+1", "ack-una+5", "ack-una+6", "ack-una+9"]);
}

#[test]
fn any_two_columns_of_the_set_ups_are_independent() {
    let columns = |cross: Cross| [cross.buffer(), cross.iss(), cross.peer_isn(), u32::from(cross.scale())];
    for a in 0..4 {
        for b in a + 1..4 {
            let pairs: BTreeSet<_> = Cross::all().map(|c| (columns(c)[a], columns(c)[b])).collect();
            let wanted = if b == 3 { 8 } else { 16 };
            assert_eq!(pairs.len(), wanted, "columns {a} and {b}");
        }
    }
}

#[test]
fn every_way_kind_edge_and_call_meets_every_set_up() {
    let mut ways_met = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    let mut edges = BTreeSet::new();
    let mut calls = BTreeSet::new();
    for cell in once() {
        let Some(cross) = cell.cross else { continue };
        ways_met.insert((cell.way, cross));
        match cell.aim {
            Aim::Segment(aim) => {
                kinds.insert((aim.kind, cross));
                edges.insert((aim.edge, cross));
            }
            Aim::Call(row) => {
                calls.insert((row, cross));
            }
            _ => {}
        }
    }
    assert_eq!(ways_met.len(), 16 * ways().len(), "ways");
    assert_eq!(kinds.len(), 16 * Kind::all().count(), "kinds");
    assert_eq!(calls.len(), 16 * super::rows::CALLS.len(), "calls");
    for edge in WINDOW_EDGES {
        let met = edges.iter().filter(|(e, _)| *e == edge).count();
        assert_eq!(met, 16, "{}", edge.name());
    }
}

#[test]
fn a_set_up_changes_buffers_first_numbers_and_scale() {
    let cross = Cross::all().find(|c| c.buffer() == 65_535 && c.scale()).expect("a row of the array");
    let name = format!("established/passive:call-status~{cross}:silent");
    let (scenario, _) = cell(&name).scenario(&CrossIn { can_set_iss: true, ..run() });
    assert_eq!((scenario.setup.recv_buffer, scenario.setup.send_buffer), (65_535, 65_535));
    assert_eq!(scenario.setup.iss, Some(cross.iss()));
    let Some(Event::Segment(first)) = scenario.events.get(1) else { panic!("the peer's SYN") };
    assert_eq!((first.seq, first.options.scale), (literal(cross.peer_isn()), Some(2)));
    let stray = |event: &Event| matches!(event, Event::Segment(s) if s.seq.anchor == Anchor::Literal);
    assert!(!scenario.events[2..].iter().any(stray), "later segments follow the connection");
}

#[test]
fn a_stack_whose_iss_cannot_be_set_is_not_asked_to() {
    let cross = Cross::all().next().expect("sixteen set-ups");
    let (scenario, _) = cell(&format!("listen/fresh:call-close~{cross}:probes")).scenario(&run());
    assert_eq!(scenario.setup.iss, None);
}

#[test]
fn about_one_event_in_ten_is_crossed() {
    let crossed = (0..10_000).filter(|&event| cross_for(3, event, 10_000).is_some()).count();
    assert!((900..1_200).contains(&crossed), "{crossed}");
}

#[test]
fn a_friendly_peer_sends_nothing_past_its_own_fin() {
    for name in
        ["close-wait/passive:call-status:friendly", "established/passive:FIN-ACK@left-edge/ack-dup:friendly"]
    {
        let (scenario, aim) = cell(name).scenario(&run());
        let past = |event: &Event| {
            let new = |s: &crate::scenario::SegmentSpec| {
                s.seq == RCV_NXT && (s.flags.fin() || s.text != Size::Octets(0))
            };
            matches!(event, Event::Segment(s) if new(s))
        };
        assert!(!scenario.events[aim + 1..].iter().any(past), "{name}");
    }
}

#[test]
fn a_friendly_peer_opens_what_is_not_open() {
    let (scenario, aim) = cell("listen/fresh:call-status:friendly").scenario(&run());
    let tail = &scenario.events[aim + 1..];
    let accepted = tail.iter().position(|e| matches!(e, Event::Call { call: ScriptCall::Accept { .. }, .. }));
    let sent = tail.iter().position(|e| matches!(e, Event::Call { call: ScriptCall::Send(_), .. }));
    assert!(accepted.is_some() && accepted < sent);
}

#[test]
fn a_silent_peer_outlasts_every_timer_of_the_profile() {
    let long = Profile { r2: Some(Duration::from_secs(900)), ..Profile::default() };
    let at = CrossIn::new(IpVersion::V6, &long);
    let (scenario, aim) = cell("established/in-flight:call-status:silent").scenario(&at);
    let waits = scenario.events[aim..].iter().map(|event| match event {
        Event::Wait(span) => span.micros(),
        _ => 0,
    });
    assert!(waits.sum::<u64>() > 1_030_000_000);
}

#[test]
fn waits_stop_short_of_2_msl_and_go_past_it() {
    let short = Profile { msl: Some(Duration::from_secs(5)), ..Profile::default() };
    let at = CrossIn::new(IpVersion::V4, &short);
    let waited = |name: &str| {
        let (scenario, aim) = cell(&format!("time-wait/from-closing:time-{name}:silent")).scenario(&at);
        scenario.events[aim]
    };
    assert_eq!(waited("before-2msl"), wait_millis(8_000));
    assert_eq!(waited("after-2msl"), wait_millis(10_001));
}

#[test]
fn histories_differ_and_every_way_has_every_sequence_of_an_honest_peer() {
    let all: BTreeSet<History> = histories().collect();
    assert_eq!(all.len(), histories::count());
    // Fifteen events; a full queue stands neither last nor twice; three tails for short ones, one for long.
    let (one, two, three) = (14, 15 * 14, 15 * 15 * 14 - 14);
    let of = |name: &str| {
        let way = way_index(name).and_then(|index| u16::try_from(index).ok()).expect(name);
        all.iter().filter(|history| history.way == way).count()
    };
    assert_eq!(of("listen/fresh"), 3 * (one + two) + three);
    // After the peer's FIN two of the fifteen are gone.
    let (one, two, three) = (12, 13 * 12, 13 * 13 * 12 - 12);
    assert_eq!(of("close-wait/passive"), 3 * (one + two) + three);
}

#[test]
fn an_honest_peer_sends_one_fin_behind_its_text() {
    let fins = |name: &str| {
        let (scenario, first) = History::from_name(name).expect(name).scenario(&run());
        let fin = |event: &Event| match event {
            Event::Segment(segment) if segment.flags.fin() => Some(segment.seq),
            _ => None,
        };
        scenario.events[first..first + 3].iter().filter_map(fin).collect::<Vec<_>>()
    };
    assert_eq!(fins("established/passive:fin.wait.fin-ack:silent"), [RCV_NXT, RCV_NXT.minus(1)]);
    assert_eq!(fins("established/passive:text-ahead.fin.fin:silent"), [RCV_NXT.plus(10), RCV_NXT.plus(10)]);
    assert_eq!(fins("established/hole:fin.text.fin:silent"), [RCV_NXT.plus(10), RCV_NXT.minus(1)]);
}

#[test]
fn a_full_queue_has_room_again_before_the_tail() {
    let history = History::from_name("established/passive:full-queue.send:silent").expect("a name");
    let (scenario, first) = history.scenario(&run());
    assert_eq!(scenario.events[first..first + 3], [room(0), call(1, send(5)), room(255)]);
}

#[test]
fn trials_gather_cells_by_state_kind_and_edge() {
    let trial = |name: &str| cell(name).trial();
    assert_eq!(trial("established/in-flight:SYN@middle/ack-none:probes"), "established/SYN@middle");
    assert_eq!(trial("established/hole:SYN@middle/ack-none:silent"), "established/SYN@middle");
    assert_eq!(trial("listen/fresh:SYN-ACK@route-to-port-0:silent"), "listen/SYN-ACK@route");
    assert_eq!(trial("time-wait/later:call-close-twice:silent"), "time-wait/call-close");
    assert_eq!(trial("time-wait/later:time-before-2msl:silent"), "time-wait/time");
    let trials: BTreeSet<String> = once().map(|cell| cell.trial()).collect();
    assert!((1_000..3_000).contains(&trials.len()), "{}", trials.len());
}

#[test]
fn no_segment_is_longer_than_an_mss_and_a_little() {
    let text = |event: &Event, buffer: u32| match event {
        Event::Segment(segment) => match segment.text {
            Size::Octets(octets) => u32::from(octets),
            Size::Window(more) => buffer.saturating_add_signed(more.into()),
            Size::Mss(more) => 1_460_u32.saturating_add_signed(more.into()),
        },
        _ => 0,
    };
    for cell in cells() {
        let (scenario, _) = cell.scenario(&run());
        let longest = scenario.events.iter().map(|event| text(event, scenario.setup.recv_buffer)).max();
        assert!(longest <= Some(1_464), "{cell}: {longest:?}");
    }
}

fn difference(rule: &'static str, kind: VerdictKind, verdict: Verdict, event: usize) -> Difference {
    Difference {
        signature: Signature { rule, kind, trigger: Trigger::Time, relation: AckRelation::Absent, words: "" },
        verdict,
        level: Level::Text,
        cite: "",
        state: State::Closed,
        at: Instant::ZERO,
        event,
        want: String::new(),
        got: String::new(),
    }
}

/// What is waived decides nothing: neither does a waived fail make a fail of the detail beside it, nor does a
/// waived detail excuse a fail.
#[test]
fn a_scenario_comes_to_what_is_not_waived() {
    let difference = |rule, verdict| difference(rule, VerdictKind::Monitor, verdict, 0);
    let summary = Summary {
        finding: Some(difference("GRAVE", Verdict::Fail)),
        conceded: vec![difference("DETAIL", Verdict::NonStrict)],
        ..Summary::default()
    };
    let verdict = |waived: &[&str]| {
        let waived: Vec<_> =
            waived.iter().map(|rule| format!("{rule}:*:*:*").parse().expect("a pattern")).collect();
        verdict_of(&summary, &waived)
    };
    assert_eq!(verdict(&[]), Verdict::Fail);
    assert_eq!(verdict(&["GRAVE"]), Verdict::NonStrict);
    assert_eq!(verdict(&["DETAIL"]), Verdict::Fail);
    assert_eq!(verdict(&["GRAVE", "DETAIL"]), Verdict::Waived);
}

/// What comes behind something accepted may be its consequence; a panic is a fault of its own.
#[test]
fn a_panic_follows_from_nothing() {
    let follows = |kind| {
        let summary = Summary {
            finding: Some(difference("GRAVE", kind, Verdict::Fail, 5)),
            conceded: vec![difference("DETAIL", VerdictKind::ExtraReply, Verdict::NonStrict, 2)],
            ..Summary::default()
        };
        follows_known(&summary, &["DETAIL:*:*:*".parse().expect("a pattern")])
    };
    assert!(follows(VerdictKind::WrongState));
    assert!(!follows(VerdictKind::Panic));
    assert!(!follows(VerdictKind::NeverQuiet));
}
