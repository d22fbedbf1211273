//! Which cells fire which rules on the model as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use lastack::driver::Driver;
use lastack::model::{Edition, Footprint, Model};
use lastack::subject::IpVersion;
use lastack::suite::run::{Case, cross_in};
use lastack::table::Profile;
use lastack::verdict::Verdict;

/// Profiles that bring every row that the model has into force, and what of the suite each needs to run.
pub const PROFILES: [&str; 3] = ["", "classic", "reopen=yes half_duplex=yes"];
/// So many cells for each rule, way and tail: more show nothing new.
const CELLS_MAX: usize = 4;

/// Cells that fire a rule, and the profile under which.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    pub profile: &'static str,
    pub cases: Vec<Case>,
}

/// By rule.
pub type Index = BTreeMap<&'static str, Cells>;

/// Runs the suite on the model, a profile after the other; a rule keeps the profile in which it fires first.
pub fn index() -> Index {
    let mut all = Index::new();
    for profile in PROFILES {
        for (rule, cells) in under(profile, &all) {
            all.entry(rule).or_insert(cells);
        }
    }
    all
}

fn under(profile: &'static str, known: &Index) -> Index {
    let declared = Profile::UNDECLARED.with_text(profile).expect("a profile of this file");
    let footprint = Arc::new(Footprint::default());
    let model = Model::new("model", Edition::standard(), declared).with_footprint(footprint.clone());
    let mut driver = Driver::new(&model);
    let run = cross_in(driver.description(), IpVersion::V4, 0);
    let mut found = Index::new();
    let mut counts: BTreeMap<(&str, u16, &str), usize> = BTreeMap::new();
    for case in Case::all(false).filter(|case| is_plain(case) && matters(profile, case)) {
        let (scenario, event) = case.scenario(&run);
        let Some(aim) = case.aim(event) else { continue };
        let Ok(summary) = driver.run(&scenario, Some(aim)) else { continue };
        assert!(
            matches!(summary.verdict(), Verdict::Pass | Verdict::Allowed),
            "{case} of the model under {profile:?} is {}",
            summary.verdict()
        );
        for id in footprint.take() {
            let rule = id.rule().name;
            if known.contains_key(rule) {
                continue;
            }
            let count = counts.entry((rule, way(&case), tail(&case))).or_default();
            *count += 1;
            if *count <= CELLS_MAX {
                let cells = found.entry(rule).or_insert_with(|| Cells { profile, cases: Vec::new() });
                cells.cases.push(case);
            }
        }
    }
    found
}

/// Whether a cell may fire what a profile brings into force.
fn matters(profile: &str, case: &Case) -> bool {
    let name = case.to_string();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match profile {
        "" => true,
        "classic" => has(&["RST", "SYN", "ack-future"]),
        _ => {
            name.starts_with("time-wait") && has(&["SYN"])
                || has(&["call-close", "unread"])
                || name.starts_with("fin-wait")
        }
    }
}

/// Set-ups besides a way's own bring no other rules.
fn is_plain(case: &Case) -> bool {
    match case {
        Case::Cell(cell) => cell.cross.is_none(),
        Case::History(_) => true,
        Case::Random(_) => false,
    }
}

fn tail(case: &Case) -> &'static str {
    match case {
        Case::Cell(cell) => cell.tail.name(),
        Case::History(history) => history.tail.name(),
        Case::Random(_) => "random",
    }
}

fn way(case: &Case) -> u16 {
    match case {
        Case::Cell(cell) => cell.way,
        Case::History(history) => history.way,
        Case::Random(history) => history.focus.way.unwrap_or_default(),
    }
}
