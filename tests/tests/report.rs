//! Views of hand-made reports, and waiver files.

use std::collections::BTreeMap;

use lastack::report::across::Table;
use lastack::report::waivers::{PLACEHOLDER, Review, Waivers, write};
use lastack::report::{
    Acceptance, Counts, Finding, Report, StackReport, json, junit, markdown, matrix, text,
};
use lastack::scenario::{Anchor, Event, Num, Scenario, SegmentSpec};
use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{Factory as _, IpVersion};
use lastack::table::Level;
use lastack::verdict::{AckRelation, Difference, Kind, Signature, Trigger, Verdict};
use lastack_core::types::{Duration, Flags, Instant, State};

const SYN: Signature = Signature {
    kind: Kind::MissingReply,
    trigger: Trigger::Syn,
    relation: AckRelation::Absent,
    rule: "SYN-IN-WINDOW",
    words: "",
};
const OLD_ACK: Signature = Signature {
    kind: Kind::RcvNxt,
    trigger: Trigger::Ack,
    relation: AckRelation::Below,
    rule: "ACK-OLD",
    words: "",
};
const LATE: Signature = Signature {
    kind: Kind::Superfluous,
    trigger: Trigger::Rst,
    relation: AckRelation::Absent,
    rule: "RST-OUTSIDE-WINDOW",
    words: "",
};

/// Two findings that fail, one by a MUST, and one that is non-strict, over both IP versions; the old ACK
/// shows over IPv4 only.
fn report() -> Report {
    let mut v6 = stack(IpVersion::V6);
    v6.findings.remove(&OLD_ACK);
    Report { seed: 7, seconds: 1.25, stacks: vec![stack(IpVersion::V4), v6], interrupted: false }
}

fn stack(ip: IpVersion) -> StackReport {
    let counts =
        Counts { pass: 60, allowed: 20, non_strict: 3, fail: 5, unsupported: 2, waived: 0, inconclusive: 1 };
    let one = |verdict| {
        let mut counts = Counts::default();
        counts.add(verdict);
        counts
    };
    StackReport {
        name: "smoltcp".to_owned(),
        version: "0.14.0".to_owned(),
        ip,
        profile: "rst=classic".to_owned(),
        cells: 91,
        scenarios: 273,
        seconds: 0.5,
        counts,
        findings: BTreeMap::from([
            (SYN, finding(SYN, Verdict::Fail, Level::Text, "RFC 9293 3.10.7.4, step 4")),
            (OLD_ACK, finding(OLD_ACK, Verdict::Fail, Level::Must, "RFC 9293 3.10.7.4, step 5; MUST-99")),
            (LATE, finding(LATE, Verdict::NonStrict, Level::Text, "RFC 9293 3.10.7.4, step 2")),
        ]),
        inconclusive: BTreeMap::from([("CLOSING was not reached".to_owned(), 1)]),
        seen: BTreeMap::from([("RST in the window: reset".to_owned(), 4)]),
        matrix: BTreeMap::from([
            ((State::Listen, "SYN".to_owned()), one(Verdict::Pass)),
            ((State::Established, "SYN".to_owned()), one(Verdict::Fail)),
            ((State::Established, "CLOSE".to_owned()), one(Verdict::Allowed)),
            ((State::Closing, "CLOSE".to_owned()), one(Verdict::Inconclusive)),
        ]),
        fired: BTreeMap::new(),
        compared: 0,
        worlds: Vec::new(),
        random: None,
        real_time: None,
    }
}

fn finding(signature: Signature, verdict: Verdict, level: Level, cite: &'static str) -> Finding {
    let syn = SegmentSpec { flags: Flags::SYN, seq: Num::new(Anchor::RcvNxt, 10), ..SegmentSpec::default() };
    let scenario = Scenario {
        events: vec![Event::Segment(syn), Event::Wait(Duration::from_secs(6))],
        ..Scenario::default()
    };
    Finding {
        verdict,
        level,
        cite,
        states: vec![State::Established, State::CloseWait],
        count: 12,
        example: Difference {
            signature,
            verdict,
            level,
            cite,
            state: State::Established,
            at: Instant::from_micros(2_000),
            event: 0,
            want: "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>".to_owned(),
            got: "nothing for 6.000 s".to_owned(),
        },
        cell: "ESTABLISHED/idle/SYN in-window".to_owned(),
        scenario,
        waived: None,
        repeats: None,
    }
}

/// A waiver file for one stack with this body.
fn file(body: &str) -> String {
    format!("[[stack]]\nname = \"smoltcp\"\nversion = \"0.14.0\"\n{body}")
}

fn waiver(signature: &Signature, reason: &str) -> String {
    entry(&format!("\"{signature}\""), reason)
}

/// An entry with these signatures, in quotes and parted by commas.
fn entry(signatures: &str, reason: &str) -> String {
    format!(
        "\n[[stack.waiver]]\ntitle = \"A SYN is ignored\"\nsignatures = [{signatures}]\n\
         section = \"3.10.7.4\"\nreason = \"{reason}\"\n"
    )
}

fn accepted(reason: &str) -> Acceptance {
    let [title, section] = ["A SYN is ignored", "3.10.7.4"].map(str::to_owned);
    Acceptance { title, section, reason: reason.to_owned(), link: None }
}

/// What a whole run of all stacks makes of the waivers.
fn applied(waivers: &Waivers, report: &mut Report) -> Review {
    waivers.apply(report, true, &[])
}

fn only_v4() -> Report {
    Report { stacks: vec![stack(IpVersion::V4)], ..report() }
}

#[test]
fn text_says_the_worst_first_and_how_to_see_it_again() {
    let mut report = only_v4();
    // The matrix has a snapshot of its own.
    report.stacks[0].matrix.clear();
    insta::assert_snapshot!(text::render(&report, &text::Options::default()));
}

/// One entry a bug: the title and reason once, whatever signatures and IP versions it covers.
#[test]
fn text_tells_a_waiver_once() {
    let mut report = report();
    let signatures = format!("\"{SYN}\", \"{OLD_ACK}\"");
    let waivers =
        Waivers::parse(&file(&entry(&signatures, "restarts are rare here")), "w").expect("is right");
    applied(&waivers, &mut report);
    let text = text::render(&report, &text::Options::default());
    assert_eq!(
        text.matches("A SYN is ignored (2 findings; 3.10.7.4): restarts are rare here").count(),
        1,
        "{text}"
    );
    assert!(text.contains("nothing at or above --level text, 1 lesser, 2 waived"), "{text}");
    assert!(!text.contains("FAIL"), "{text}");
}

/// With `--out`, the command names the file instead of printing the script.
#[test]
fn text_names_the_files_that_were_written() {
    let options = text::Options { command: "mystack", out: Some("found"), ..text::Options::default() };
    let text = text::render(&only_v4(), &options);
    let replay = "mystack replay \
                  found/smoltcp-0.14.0-ipv4/SYN-IN-WINDOW.missing-reply.SYN.no-ack.lastack --stack smoltcp";
    assert!(text.contains(replay), "{text}");
    assert!(!text.contains("lastack scenario 1"), "{text}");
    assert!(text.contains("mystack trace 'ESTABLISHED/idle/SYN in-window' --stack smoltcp"), "{text}");
}

#[test]
fn no_escape_code_without_colour() {
    let plain = text::render(&report(), &text::Options::default());
    assert!(!plain.contains('\x1b'));
    let coloured = text::render(&report(), &text::Options { colour: true, ..text::Options::default() });
    assert!(coloured.contains("\x1b[1;31mFAIL\x1b[0m"));
}

/// The level moves the line between what fails a run and what is shown shortly.
#[test]
fn levels_decide_what_counts() {
    let stack = stack(IpVersion::V4);
    let counted = |level| stack.findings.values().filter(|f| f.counts_at(level)).count();
    assert_eq!(counted(Level::Must), 1);
    assert_eq!(counted(Level::Text), 2);
    assert_eq!(counted(Level::Should), 3);
}

/// A panic is no matter of levels, a waived one no matter at all.
#[test]
fn a_panic_counts_at_every_level_unless_waived() {
    let panic = Signature { kind: Kind::Panic, ..LATE };
    let mut finding = finding(panic, Verdict::Fail, Level::Info, "");
    assert!(finding.counts_at(Level::Must));
    finding.waived = Some(accepted("known"));
    assert!(!finding.counts_at(Level::Should));
}

#[test]
fn json_is_the_documented_interface() {
    let mut report = only_v4();
    report.stacks[0].findings.retain(|signature, _| *signature == SYN);
    insta::assert_snapshot!(json::render(&report).expect("strings and numbers"));
}

#[test]
fn junit_fails_for_what_fails_and_is_not_waived() {
    let mut report = only_v4();
    report.stacks[0].findings.get_mut(&OLD_ACK).expect("is there").waived = Some(accepted("known"));
    let xml = junit::render(&report, "lastack").expect("plain text");
    // 4 cells and 3 findings: one of each is skipped, one finding fails.
    assert!(
        xml.contains(r#"<testsuites name="lastack" tests="7" skipped="2" failures="1" errors="0">"#),
        "{xml}"
    );
    assert!(xml.contains(r#"<skipped message="A SYN is ignored: known"/>"#), "{xml}");
    assert!(
        xml.contains(r#"<testcase name="CLOSING CLOSE" classname="smoltcp-0.14.0-ipv4.cells">"#),
        "{xml}"
    );
}

#[test]
fn the_matrix_shows_states_and_kinds() {
    let stack = stack(IpVersion::V4);
    insta::assert_snapshot!(matrix::text(&stack));
}

/// Two stacks: one breaks both rules, the other one of them, which therefore comes first although it is the
/// lesser.
fn two_stacks() -> Report {
    let mut second = stack(IpVersion::V4);
    second.name = "other".to_owned();
    second.findings.retain(|signature, _| *signature == SYN);
    Report { stacks: vec![stack(IpVersion::V4), stack(IpVersion::V6), second], ..report() }
}

#[test]
fn several_stacks_stand_in_one_table_of_rules() {
    insta::assert_snapshot!(Table::new(&two_stacks()).text(true, 60));
}

/// What no stack fails is counted, and shown on demand.
#[test]
fn the_table_of_rules_is_short_unless_all_is_asked_for() {
    let text = Table::new(&two_stacks()).text(false, 100);
    assert!(!text.contains("RST-OUTSIDE-WINDOW"), "{text}");
    assert!(text.contains("1 more in which stacks differ in details only."), "{text}");
}

/// A waiver says that a finding is known, not that it is gone.
#[test]
fn a_waived_finding_stays_in_the_table_of_rules() {
    let mut waived = two_stacks();
    let findings = waived.stacks.iter_mut().flat_map(|stack| stack.findings.values_mut());
    findings.for_each(|finding| finding.waived = Some(accepted("known")));
    assert_eq!(Table::new(&waived), Table::new(&two_stacks()));
}

#[test]
fn one_stack_needs_no_table_of_rules() {
    let text = text::render(&report(), &text::Options::default());
    assert!(!text.contains("Rules that stacks break"), "{text}");
}

#[test]
fn markdown_shows_rules_and_stacks_then_states_and_kinds() {
    let mut report = two_stacks();
    report.stacks.truncate(2);
    report.stacks[1].matrix.clear();
    insta::assert_snapshot!(markdown::render(&report));
}

#[test]
fn a_waiver_marks_its_finding_and_no_other() {
    let mut report = report();
    let waivers = Waivers::parse(&file(&waiver(&SYN, "restarts are rare here")), "w.toml").expect("is right");
    assert_eq!(applied(&waivers, &mut report), Review::default());
    for stack in &report.stacks {
        assert_eq!(stack.findings[&SYN].waived, Some(accepted("restarts are rare here")));
        assert_eq!(stack.findings[&LATE].waived, None);
    }
}

/// Other versions, profiles and IP versions are not waived, and waivers for what did not run are not stale.
#[test]
fn a_waiver_holds_for_its_stack_only() {
    let mut report = report();
    let other = file(&waiver(&SYN, "restarts are rare here")).replace("0.14.0", "0.13.0");
    let profile = file("profile = \"rst=rfc5961\"\n") + &waiver(&SYN, "restarts are rare here");
    for text in [other, profile] {
        let waivers = Waivers::parse(&text, "w.toml").expect("is right");
        assert_eq!(applied(&waivers, &mut report), Review::default());
        assert_eq!(report.stacks[0].findings[&SYN].waived, None);
    }
    let v6 = file(&(waiver(&SYN, "restarts are rare here") + "ip = \"ipv6\"\n"));
    let waivers = Waivers::parse(&v6, "w.toml").expect("is right");
    applied(&waivers, &mut report);
    assert_eq!(report.stacks[0].findings[&SYN].waived, None);
    assert!(report.stacks[1].findings[&SYN].waived.is_some());
}

/// What is fixed must not stay waived; a run of some cells only cannot tell.
#[test]
fn a_waiver_that_nothing_needs_is_stale_after_a_whole_run() {
    let mut report = report();
    let gone = Signature { rule: "FIN-IN-ORDER", ..SYN };
    let waivers =
        Waivers::parse(&file(&waiver(&gone, "restarts are rare here")), "w.toml").expect("is right");
    assert_eq!(waivers.apply(&mut report, false, &[]), Review::default());
    let stale = applied(&waivers, &mut report).stale;
    assert_eq!(stale.len(), 1);
    assert_eq!(stale[0].place, "w.toml:6");
    assert_eq!(stale[0].what, "A SYN is ignored");
}

/// An entry is needed as long as one of its signatures shows; the others are remarked on.
#[test]
fn an_entry_stands_as_long_as_one_signature_shows() {
    let gone = Signature { rule: "FIN-IN-ORDER", ..SYN };
    let text = file(&entry(&format!("\n    \"{SYN}\",\n    \"{gone}\"\n"), "restarts are rare here"));
    let review = applied(&Waivers::parse(&text, "w.toml").expect("is right"), &mut report());
    assert_eq!(review.stale, []);
    let unseen: Vec<_> = review.unseen.iter().map(|u| (&*u.place, &*u.what)).collect();
    assert_eq!(unseen, [("w.toml:9", "FIN-IN-ORDER:missing-reply:SYN:no-ack")]);
}

/// What only long searches show waives what it names, and is missed by nobody.
#[test]
fn a_rare_signature_waives_and_is_never_stale() {
    let gone = Signature { rule: "FIN-IN-ORDER", ..SYN };
    let rare = |list: &str| file(&entry(list, "restarts are rare here")).replace("signatures =", "rare =");
    let mut seen = report();
    let shown = Waivers::parse(&rare(&format!("\"{SYN}\"")), "w.toml").expect("is right");
    assert_eq!(applied(&shown, &mut seen), Review::default());
    assert!(seen.stacks[0].findings[&SYN].waived.is_some());
    let hidden = Waivers::parse(&rare(&format!("\"{gone}\"")), "w.toml").expect("is right");
    assert_eq!(applied(&hidden, &mut report()), Review::default());
}

/// `smoltcp*` also speaks of a variant that did not run: what it shows is not known.
#[test]
fn an_entry_for_stacks_that_did_not_run_is_not_stale() {
    let gone = Signature { rule: "FIN-IN-ORDER", ..SYN };
    let text = file(&waiver(&gone, "restarts are rare here")).replace("\"smoltcp\"", "\"smoltcp*\"");
    let waivers = Waivers::parse(&text, "w.toml").expect("is right");
    let left_out = [Smoltcp::Defaults.describe()];
    assert_eq!(waivers.apply(&mut report(), true, &left_out), Review::default());
    assert_eq!(applied(&waivers, &mut report()).stale.len(), 1);
}

#[test]
fn a_star_admits_every_value_of_a_field() {
    for (signatures, waived) in [
        ("\"*:missing-reply:SYN:*\"", [true, false, false]),
        ("\"SYN-IN-WINDOW:*:*:*\", \"ACK-OLD:*:ACK:below\"", [true, true, false]),
        ("\"*:superfluous:*:no-ack\"", [false, false, true]),
        ("\"SYN-IN-WINDOW:missing-reply:SYN:below\"", [false; 3]),
    ] {
        let mut report = only_v4();
        let text = file(&entry(signatures, "restarts are rare here"));
        applied(&Waivers::parse(&text, "w.toml").expect("is right"), &mut report);
        let findings = &report.stacks[0].findings;
        assert_eq!([SYN, OLD_ACK, LATE].map(|s| findings[&s].waived.is_some()), waived, "{signatures}");
    }
}

/// Written, refused; with reasons, read again: then everything is waived and nothing is stale.
#[test]
fn a_written_file_waits_for_reasons_and_then_waives_everything() {
    let mut report = report();
    let written = write(&report);
    let refused = Waivers::parse(&written, "new.toml").expect_err("nobody wrote a reason");
    assert!(refused.contains("a person must write why"), "{refused}");
    assert!(refused.starts_with("new.toml:16:10: "), "{refused}");
    let waivers = Waivers::parse(&written.replace(PLACEHOLDER, "seen, and a fix is on its way"), "new.toml");
    assert_eq!(applied(&waivers.expect("has reasons"), &mut report), Review::default());
    assert!(report.stacks.iter().flat_map(|stack| stack.findings.values()).all(|f| f.waived.is_some()));
    // Over IPv4 only, so the waiver says so.
    assert_eq!(written.matches("ip = \"ipv4\"").count(), 1);
    assert_eq!(write(&report).matches("[[stack.waiver]]").count(), 0);
}

/// Each mistake is named with its line and column.
#[test]
fn broken_waiver_files_say_what_and_where() {
    #[rustfmt::skip]
    let cases = [
        ("[[stack]",                                                "w:1:9: "),
        ("[[stack]]\nname = \"s\"\nversion = \"1\"\nport = 1\n",    "w:4:1: unknown field `port`"),
        ("[[stack]]\nname = \"s\"\n",                               "w:1:1: missing field `version`"),
        (&file(&waiver(&SYN, "short")),                             "w:9:10: \"short\" is no reason"),
        (&file(&waiver(&SYN, "todo: later, when there is time")),   "w:9:10: this waiver has no reason yet"),
        (&file(&entry("\"SYN\"", "restarts are rare")),             "w:7:15: a signature is"),
        (&file(&entry("", "restarts are rare")),                    "w:7:14: there is no signature"),
        (&file(&entry("\"*:*:SYN:*\"", "restarts are rare")),       "w:7:15: \"*:*:SYN:*\" names neither"),
        (&file(&entry("\"*:missing:SYN:*\"", "restarts are rare")), "w:7:15: there is no kind \"missing\""),
        (&file(&entry("\"SYN-IN-WINDOV:*:*:*\"", "are rare")),      "w:7:15: there is no rule \"SYN-IN-WINDOV\""),
        (&file(&(waiver(&SYN, "restarts are rare") + "ip = \"5\"")), "w:10:6: ip is"),
        (&file(&waiver(&SYN, "restarts are rare").repeat(2)),       "w:13:15: this signature stands at w:7 already"),
    ];
    for (text, want) in cases {
        let error = Waivers::parse(text, "w").expect_err(text);
        assert!(error.starts_with(want), "{error}\nin place of\n{want}");
    }
}

#[test]
fn a_cause_of_inconclusive_cells_can_be_accepted() {
    let body =
        "\n[[stack.inconclusive]]\ncause = \"CLOSING was not reached\"\nreason = \"it has no such state\"\n";
    let waivers = Waivers::parse(&file(body), "w").expect("is right");
    let stack = stack(IpVersion::V4);
    assert!(waivers.accepts(&stack, "CLOSING was not reached"));
    assert!(!waivers.accepts(&stack, "something else"));
}
