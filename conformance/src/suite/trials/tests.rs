use super::*;

#[test]
fn the_trials_hold_every_cell_once() {
    let mut inside: Vec<Cell> = trials().iter().flat_map(|trial| trial.cells.iter().copied()).collect();
    let mut all: Vec<Cell> = cells().collect();
    inside.sort();
    all.sort();
    assert!(inside == all, "{} cells in trials, {} in the suite", inside.len(), all.len());
}

#[test]
fn pins_are_read_as_they_were_written() {
    let text = "a/SYN@x fail inconclusive=2 R:rcv-nxt:SYN:no-ack S:extra-reply:RST:below\nb/call-x pass\n";
    let pins = Pins::parse(text).expect("two pins");
    let printed = pins.print("x 1");
    assert!(printed.ends_with(text), "{printed}");
    assert_eq!(Pins::parse(&printed), Ok(pins));
}

#[test]
fn a_line_that_means_nothing_is_named() {
    assert_eq!(Pins::parse("# x\na/b maybe").unwrap_err().0, 2);
    assert_eq!(Pins::parse("a/b pass\na/b fail").unwrap_err(), (2, "the trial a/b is pinned twice".into()));
    assert_eq!(Pins::parse("a/b pass inconclusive=x").unwrap_err().0, 1);
}

#[test]
fn a_trial_without_any_verdict_fails_though_it_is_pinned_so() {
    let mut outcome = Outcome::default();
    outcome.inconclusive.insert("not reached".into(), 3);
    let pin = outcome.pin();
    assert_eq!(pin.verdict, Verdict::Inconclusive);
    assert!(compare(&outcome, Some(&pin)).is_err());
}

#[test]
fn what_a_stack_declares_as_missing_is_no_failure() {
    let mut outcome = Outcome::default();
    outcome.unsupported.insert("half-close".into(), 3);
    let pin = outcome.pin();
    assert_eq!(pin.verdict, Verdict::Unsupported);
    assert!(compare(&outcome, Some(&pin)).is_ok());
}

#[test]
fn a_trial_that_comes_to_something_else_fails() {
    let mut outcome = Outcome::default();
    outcome.add(Verdict::Allowed);
    outcome.add(Verdict::Pass);
    assert_eq!(outcome.pin().verdict, Verdict::Allowed);
    assert!(compare(&outcome, Some(&outcome.pin())).is_ok());
    let other = Pin { verdict: Verdict::Pass, ..outcome.pin() };
    assert!(compare(&outcome, Some(&other)).is_err());
    assert!(compare(&outcome, None).is_err());
}
