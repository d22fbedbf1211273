//! Worlds as text, each with what it must come to: `# stacks A B`, and `# expect clean` or `# expect VERDICT
//! SIGNATURE by A`, by B or by the pair, for what comes first. A mistake of ours that is mended leaves a world here.

use std::fs;
use std::path::Path;

use lastack::subject::registry;
use lastack::verdict::Verdict;
use lastack::world::World;
use lastack::world::search::{Charged, worst};

#[test]
fn worlds_come_to_what_they_must() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/worlds");
    let entries = fs::read_dir(&folder).expect("the folder of worlds");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    assert!(paths.len() >= 10, "only {} worlds", paths.len());
    let wrong: Vec<String> = paths
        .iter()
        .filter_map(|path| {
            let text = fs::read_to_string(path).expect("a readable file");
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            run(&text).err().map(|why| format!("{name}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn run(text: &str) -> Result<(), String> {
    let head = |word: &str| text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(word));
    let stacks = head("stacks ").ok_or("no `# stacks A B`")?;
    let expected = head("expect ").ok_or("no `# expect`")?;
    let Some((a, b)) = stacks.split_once(' ') else { return Err("two stacks".into()) };
    let (Some(a), Some(b)) = (registry::named(a), registry::named(b)) else {
        // A stack behind a feature that is not on.
        return Ok(());
    };
    let scenario = text.parse().map_err(|why: lastack::scenario::parse::ParseError| why.to_string())?;
    let course = World::new(a, b).run(&scenario)?;
    if let Some(why) = &course.inconclusive {
        return Err(format!("no verdict: {why}"));
    }
    let first = worst(&course).into_iter().find(|(_, d)| d.verdict == Verdict::Fail);
    let seen = match &first {
        None => "clean".to_owned(),
        Some((charged, d)) => {
            let who = match charged {
                Charged::Host(host) => host.to_string(),
                Charged::Pair => "the pair".to_owned(),
            };
            format!("{} {} by {who}", d.verdict, d.signature)
        }
    };
    let told = first.map(|(_, d)| format!("\n  wants {}\n  came  {}", d.want, d.got)).unwrap_or_default();
    if seen == expected { Ok(()) } else { Err(format!("expects {expected}, is {seen}{told}")) }
}
