//! What rules and licences cite exists among the requirements.

use std::collections::BTreeSet;

use lastack::table::{Cited, RULES, Rule, cited, requirement, requirements};

fn citations(row: &'static Rule) -> impl Iterator<Item = (&'static str, &'static str)> {
    let licences = row.licences.iter().map(|licence| licence.cite);
    licences.chain([row.cite]).map(move |cite| (row.name, cite))
}

/// Sections of RFC 9293 that only the table cites, with the reason why no requirement stands there.
const ONLY_IN_THE_TABLE: [(&str, &str); 11] = [
    ("3.10", "its introduction names errors two ways; no requirement follows"),
    (
        "3.10.1",
        "what OPEN does in each state is the table's own matter; what it must offer stands under 3.9.1.1",
    ),
    ("3.10.2", "SEND, likewise under 3.9.1.2"),
    ("3.10.3", "RECEIVE, likewise under 3.9.1.3"),
    ("3.10.5", "ABORT has no numbered requirement"),
    ("3.10.6", "STATUS has no numbered requirement"),
    ("3.10.7.2", "LISTEN: its numbered requirements stand under 3.4.1, 3.5 and 3.7.1"),
    ("3.10.7.3", "SYN-SENT: its numbered requirements stand under 3.5"),
    ("3.3.2", "a note to Fig. 5 on where the sender of a RST rests"),
    ("3.9.1.6", "ABORT has no numbered requirement"),
    ("A.2", "advice on validating numbers, which asks for nothing"),
];

/// Every MUST-n, SHLD-n, MAY-n and REC-n.
#[test]
fn cited_ids_exist() {
    for (name, cite) in RULES.iter().flat_map(citations) {
        for cited in cited(cite) {
            if let Cited::Id(id) = cited {
                assert!(requirement(id).is_some(), "{name} cites {id}");
            }
        }
    }
}

/// Every section of RFC 9293, save those that are argued above.
#[test]
fn cited_sections_exist() {
    let mut missing = BTreeSet::new();
    for cited in RULES.iter().flat_map(citations).flat_map(|(_, cite)| cited(cite)) {
        let Cited::Section { rfc: 9293, section } = cited else { continue };
        if !requirements().iter().any(|r| r.is_in(9293, section)) {
            missing.insert(section);
        }
    }
    let argued: BTreeSet<&str> = ONLY_IN_THE_TABLE.iter().map(|(section, _)| *section).collect();
    assert_eq!(missing, argued);
}

/// A citation is read as it is written.
#[test]
fn citations_are_read() {
    let section = |rfc, section| Cited::Section { rfc, section };
    let found = cited(
        "3.10.7.4 first, second 1); 3.5.2(2); 3.5 Fig. 7, A.2; RFC 5961 3.2 7; 4 (MSL); MUST-12 SHLD-2",
    );
    let want = [
        section(9293, "3.10.7.4"),
        section(9293, "3.5.2"),
        section(9293, "3.5"),
        section(9293, "A.2"),
        section(5961, "3.2"),
        section(5961, "7"),
        section(9293, "4"),
        Cited::Id("MUST-12"),
        Cited::Id("SHLD-2"),
    ];
    assert_eq!(found, want);
}

/// Every line of the data is a requirement with all its fields, and its id is its own.
#[test]
fn requirements_are_read_whole() {
    let ids: BTreeSet<&str> = requirements().iter().map(|r| r.id).collect();
    assert_eq!((requirements().len(), ids.len()), (286, 286));
    let must = requirement("MUST-13").expect("MUST-13");
    assert_eq!((must.rfc, must.level, must.section), (9293, "MUST", "3.6.1"));
    let comma = requirement("MUST-2").expect("MUST-2");
    assert!(comma.text.contains("header, data"), "a quoted field holds its commas: {}", comma.text);
    assert!(requirements().iter().all(|r| !r.check.contains('"') && !r.section.is_empty()));
}
