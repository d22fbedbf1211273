//! The table in print. The Markdown of each state is a snapshot: one line a rule.

use lastack::table::RULES;
use lastack::table::print::{dot, json, markdown, markdown_of};
use lastack_core::types::State;

/// What people review when a row changes.
#[test]
fn markdown_of_each_state() {
    for state in State::ALL {
        insta::assert_snapshot!(format!("state-{}", state.name().to_lowercase()), markdown_of(state));
    }
}

/// The whole print-out has every rule's name.
#[test]
fn markdown_has_every_rule() {
    let whole = markdown();
    for row in &RULES {
        assert!(whole.contains(&format!("| {} ", row.name)), "{}", row.name);
    }
}

/// RFC 9293 Fig. 5 and what its notes leave out.
#[test]
fn state_diagram() {
    insta::assert_snapshot!("state-diagram", dot());
}

/// A program finds every column.
#[test]
fn json_has_every_row() {
    let table: serde_json::Value = serde_json::from_str(&json()).expect("valid JSON");
    let rules = table["rules"].as_array().expect("a list");
    assert_eq!(rules.len(), RULES.len());
    let ack = rules.iter().find(|r| r["name"] == "UNACCEPTABLE-SEQ").expect("the rule");
    assert_eq!(ack["segment"]["rst"], false);
    assert_eq!(ack["segment"]["seq"], serde_json::json!(["before", "beyond", "spans"]));
    assert_eq!(ack["sends"], "<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>");
    let reopening = ack["licences"].as_array().expect("a list").iter().find(|l| l["name"] == "TW-REOPEN");
    assert_eq!(reopening.expect("the licence")["states"], serde_json::json!(["TIME-WAIT"]));
}
