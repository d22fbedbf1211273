use std::collections::BTreeMap;

use super::*;
use crate::report::Counts;
use crate::subject::IpVersion;

fn report(inconclusive: u64, reasons: &[(&str, u64)]) -> Report {
    let stack = StackReport {
        name: "s".to_owned(),
        version: "1".to_owned(),
        ip: IpVersion::V4,
        profile: "any".to_owned(),
        cells: 10,
        scenarios: 30,
        seconds: 0.1,
        counts: Counts { pass: 10 - inconclusive, inconclusive, ..Counts::default() },
        findings: BTreeMap::new(),
        inconclusive: reasons.iter().map(|(why, count)| ((*why).to_owned(), *count)).collect(),
        seen: BTreeMap::new(),
        matrix: BTreeMap::new(),
        fired: BTreeMap::new(),
        compared: 0,
        worlds: Vec::new(),
        real_time: None,
        random: None,
    };
    Report { stacks: vec![stack], ..Report::default() }
}

fn stale() -> Unneeded {
    Unneeded { place: "w:1".to_owned(), stack: "s 1".to_owned(), what: "A SYN is ignored".to_owned() }
}

fn code_of(report: &Report, waivers: &Waivers, stale: &[Unneeded]) -> u8 {
    code(report, Level::Text, waivers, stale)
}

#[test]
fn nothing_to_say_is_0_and_a_stale_waiver_4() {
    let (report, none) = (report(0, &[]), Waivers::default());
    assert_eq!(code_of(&report, &none, &[]), FINE);
    assert_eq!(code_of(&report, &none, &[stale()]), STALE);
}

/// Not reached without a reason that somebody accepted: 3, before a stale waiver's 4.
#[test]
fn what_was_not_reached_is_3_unless_accepted() {
    let text = "[[stack]]\nname = \"s\"\nversion = \"1\"\n[[stack.inconclusive]]\ncause = \"no CLOSING\"\n\
                reason = \"it has no such state\"\n";
    let waivers = Waivers::parse(text, "w").expect("is right");
    let known = report(2, &[("no CLOSING", 2)]);
    assert_eq!(code_of(&known, &Waivers::default(), &[stale()]), OWN_FAILURE);
    assert_eq!(code_of(&known, &waivers, &[]), FINE);
    assert_eq!(code_of(&report(3, &[("no CLOSING", 2)]), &waivers, &[]), OWN_FAILURE);
}
