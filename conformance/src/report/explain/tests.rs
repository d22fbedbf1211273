use super::*;

#[test]
fn every_rule_obligation_monitor_and_property_can_be_explained() {
    let names = rules::all().map(|id| rule(id).name).chain(Obligation::ALL.map(Obligation::name));
    let names = names.chain(MONITORS.iter().map(|info| info.name));
    for name in names.chain(PROPERTIES.iter().map(|info| info.name)) {
        let page = explain(name, &[]).expect(name);
        assert!(page.contains("source") && page.lines().all(|line| line.len() <= WIDTH), "{page}");
    }
}

/// A sentence names the condition, what is sent and where it leads.
#[test]
fn a_row_reads_as_a_sentence() {
    let words = asks("SYN-IN-WINDOW-PASSIVE", State::SynReceived).expect("it is a rule");
    assert!(words.contains("SYN") && words.contains("next LISTEN"), "{words}");
}

/// One name, several rows: the row of the state speaks.
#[test]
fn the_row_of_the_state_speaks() {
    let words = |state| asks("ACK-OLD", state).expect("it is a rule");
    assert!(words(State::Established).contains("SND.WND"));
    assert!(words(State::FinWait2) != words(State::Established));
}

/// What the judge charges differences to, beside rows, obligations and monitors, has words here: every
/// name in capitals with a hyphen in its sources is known.
#[test]
fn the_judges_own_names_can_be_explained() {
    let sources = [
        include_str!("../../oracle.rs"),
        include_str!("../../oracle/arrive.rs"),
        include_str!("../../oracle/send.rs"),
        include_str!("../../oracle/call.rs"),
        include_str!("../../oracle/time.rs"),
        include_str!("../../driver.rs"),
    ];
    let is_name = |text: &&str| {
        text.contains('-') && text.len() > 4 && text.chars().all(|c| c.is_ascii_uppercase() || c == '-')
    };
    let is_state = |text: &str| State::ALL.iter().any(|state| state.name() == text);
    for name in sources.iter().flat_map(|source| source.split('"')).filter(is_name) {
        assert!(is_state(name) || explain(name, &[]).is_ok(), "{name} has no words");
    }
}

#[test]
fn a_slip_of_the_pen_finds_the_name() {
    let error = explain("syn-in-windov", &[]).expect_err("there is none");
    assert!(error.contains("SYN-IN-WINDOW"), "{error}");
    assert_eq!(steps_between("kitten", "sitting"), 3);
}
