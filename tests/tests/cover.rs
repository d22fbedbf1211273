//! What `cover` claims exists. (Rules, obligations and monitors: see the unit tests of the claims.)

use std::collections::BTreeSet;

use lastack::report::cover::{Cover, coverage};
use lastack::suite::run::Case;

/// The words of the names of all cells: of `established/scaled:ACK@broken-length-0/ack-dup~scale:probes`
/// among others `scaled`, `broken-length-0`, `length-0` and `scale`.
fn words() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for case in Case::all(false) {
        for word in case.to_string().split(['/', ':', '@', '~', ',']) {
            let mut rest = word;
            words.insert(rest.to_owned());
            while let Some((first, more)) = rest.split_once('-') {
                words.extend([first.to_owned(), more.to_owned()]);
                rest = more;
            }
        }
    }
    words
}

/// A claim that rests on cells that do not exist (any more) would claim nothing.
#[test]
fn every_group_of_cells_in_a_claim_exists() {
    let words = words();
    let mut claims = 0;
    for (requirement, cover) in coverage().requirements {
        let Cover::By(by) = cover else { continue };
        for name in by.iter().filter_map(|name| name.strip_prefix("cells:")) {
            claims += 1;
            assert!(words.contains(name), "{}: no cell is named after {name:?}", requirement.id);
        }
    }
    assert!(claims > 0, "no claim rests on cells");
}
