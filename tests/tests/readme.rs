//! What the README shows is what the tool prints: the matrix, the ladder, the list of options.
//!
//! `LASTACK_UPDATE=1 cargo test -p lastack-tests --test readme` writes the matrix anew, from the pins that
//! the `conformance` test keeps.

use std::path::{Path, PathBuf};
use std::{env, fs};

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
