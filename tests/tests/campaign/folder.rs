//! A campaign's folder: gone on with, merged, broken.

use std::fs;
use std::path::{Path, PathBuf};

use lastack::campaign::folder::{self, Folder, Remembered, State};
use lastack::campaign::{Bench, Campaign, Plan, Target, Waived};

use crate::engine::{Unwatched, plan, stack};

/// A folder of this test's own, not there yet.
fn fresh(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("campaign").join(name);
    let _ = fs::remove_dir_all(&path);
    path
}

fn state(plan: &Plan<'_>, campaign: &Campaign) -> State {
    let bench = Bench::new(plan.target, plan.stacks);
    let known = campaign.findings.iter().map(|(key, finding)| Remembered {
        stack: key.0,
        signature: key.1.to_string(),
        first: finding.first,
        count: finding.count,
        file: folder::file_name(key, finding, &bench),
    });
    State {
        target: plan.target,
        stacks: vec!["smoltcp".to_owned()],
        executions: campaign.executions,
        seconds: 0.0,
        findings: known.collect(),
    }
}

fn save(path: &Path, plan: &Plan<'_>, campaign: &Campaign) {
    let (mut folder, _) = Folder::open(path).expect("the target folder can be written");
    let bench = Bench::new(plan.target, plan.stacks);
    folder.save(campaign, &state(plan, campaign), &bench).expect("it can be written");
}

/// What is saved is there again: the same reach, the same findings, and a shorter corpus is no longer there twice.
#[test]
fn a_folder_gives_back_what_it_was_given() {
    let path = fresh("back");
    let waived = Waived::default();
    let plan = plan(Target::Segments, stack("smoltcp"), 1, &waived);
    let mut before = Campaign::default();
    before.run(&plan, 500, &mut Unwatched);
    save(&path, &plan, &before);
    let (mut folder, held) = Folder::open(&path).expect("it was just written");
    assert_eq!(held.state, Some(state(&plan, &before)));
    assert_eq!(held.inputs.len(), before.corpus.len() + before.findings.len());
    let mut after = Campaign::default();
    after.take(&plan, &held.inputs, 0.0);
    let lost: Vec<u32> = before.corpus.reached().indices().to_vec();
    assert!(lost.iter().all(|index| after.corpus.reached().has(*index)));
    let keys = |campaign: &Campaign| campaign.findings.iter().map(|(key, _)| *key).collect::<Vec<_>>();
    assert_eq!(keys(&before), keys(&after));
    // Goes on, and what is saved then is what is kept then.
    after.run(&plan, 1_500, &mut Unwatched);
    let bench = Bench::new(plan.target, plan.stacks);
    folder.save(&after, &state(&plan, &after), &bench).expect("it can be written");
    let files = fs::read_dir(path.join("corpus")).expect("it is there").count();
    assert_eq!(files, after.corpus.len());
}

/// Two folders make one: everything that either reached, everything that either found.
#[test]
fn folders_merge() {
    let (one, two) = (fresh("one"), fresh("two"));
    let waived = Waived::default();
    let first = plan(Target::Segments, stack("smoltcp"), 1, &waived);
    let second = Plan { seed: 77, ..first };
    let mut campaigns = [Campaign::default(), Campaign::default()];
    for ((campaign, plan), path) in campaigns.iter_mut().zip([&first, &second]).zip([&one, &two]) {
        campaign.run(plan, 300, &mut Unwatched);
        save(path, plan, campaign);
    }
    let mut both = Campaign::default();
    for path in [&one, &two] {
        both.take(&first, &folder::read(path).expect("a campaign's folder").inputs, 0.0);
    }
    for campaign in &campaigns {
        assert!(campaign.corpus.reached().indices().iter().all(|index| both.corpus.reached().has(*index)));
        assert!(campaign.findings.iter().all(|(key, _)| both.findings.get(key).is_some()));
    }
    let most = campaigns.iter().map(|c| c.corpus.reached().indices().len()).max();
    assert!(Some(both.corpus.reached().indices().len()) > most);
}

/// Broken files say which they are and what is wrong.
#[test]
fn broken_folders_say_what_is_wrong() {
    let path = fresh("broken");
    let why = folder::read(&path).expect_err("it is not there").to_string();
    assert!(why.contains("neither a corpus nor a findings folder"), "{why}");
    let cases = [
        ("campaign.txt", "lastack campaign 9\n", "campaign.txt: line 1: version \"9\""),
        ("campaign.txt", "nonsense", "campaign.txt: line 1"),
        ("findings/x.scn", "lastack scenario 1\nnonsense\n", "x.scn: line 2"),
    ];
    for (file, text, hint) in cases {
        let _ = fs::remove_dir_all(&path);
        Folder::open(&path).expect("it can be made");
        fs::write(path.join(file), text).expect("it is ours");
        let why = Folder::open(&path).expect_err(file).to_string();
        assert!(why.contains(hint), "{why}");
    }
}
