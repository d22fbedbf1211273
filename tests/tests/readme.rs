//! What the README shows is what the tool prints: the matrix, the ladder, the list of options.
//!
//! `LASTACK_UPDATE=1 cargo test -p lastack-tests --test readme` writes the matrix anew, from the pins that
//! the `conformance` test keeps.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use lastack::report::explain;
use lastack::suite::trials::{Pins, UPDATE, matrix};

const BEGIN: &str = "<!-- matrix: begin, generated -->\n";
const END: &str = "<!-- matrix: end -->\n";

fn readme() -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = fs::read_to_string(&path).expect("the README stands in the root");
    (path, text)
}

#[test]
fn the_matrix_is_that_of_the_pins() {
    let pins = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pins/smoltcp.txt");
    let pins = Pins::read(&pins).expect("the pins can be read");
    let want = matrix(&pins);
    let (path, text) = readme();
    let (before, rest) = text.split_once(BEGIN).expect("the matrix begins");
    let (is, after) = rest.split_once(END).expect("the matrix ends");
    if env::var_os(UPDATE).is_some_and(|value| value != "0") {
        fs::write(&path, format!("{before}{BEGIN}{want}{END}{after}")).expect("the README can be written");
        return;
    }
    assert!(is == want, "the matrix is old: {UPDATE}=1 cargo test -p lastack-tests --test readme");
}

/// The page of several stacks takes minutes to make; that it speaks of rules and sources that there are, and of
/// each once, needs none.
#[test]
fn the_page_of_stacks_speaks_of_rules_that_there_are() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/docs/stacks.md");
    let page = fs::read_to_string(&page).expect("the page stands beside the code");
    let (_, rest) = page.split_once("## Rules and stacks").expect("rules come first");
    let (rules, states) = rest.split_once("## States and events").expect("then states");
    let mut seen = BTreeSet::new();
    for row in rules.lines().filter(|line| line.starts_with("| ")).skip(2) {
        let rule = row.split('|').nth(1).unwrap_or_default().trim();
        explain::known(rule).unwrap_or_else(|error| panic!("{error}"));
        assert!(seen.insert(rule.to_owned()), "{rule} stands twice");
    }
    let head = rules.lines().find(|line| line.starts_with("| rule")).expect("a head");
    let stacks = head.split('|').filter(|name| !name.trim().is_empty()).count() - 2;
    assert!(seen.len() > 50 && stacks >= 7, "{} rules, {stacks} stacks", seen.len());
    assert_eq!(states.matches("\n### ").count(), stacks, "each stack has its states");
}
