//! The cells that the cell suite reaches on the reference: what a campaign's reach is held against.
//!
//! To run them takes seconds, so they stand in a file (`data/cells.txt`, written by `lastack campaign --cells`,
//! held to be current by a test): a line for each kind of event in a state, then what it was like.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::driver::Driver;
use crate::reached::{Reached, SPACE, Section, Thing};
use crate::subject::{Factory, IpVersion};
use crate::suite::run::{Case, cross_in};

static TEXT: &str = include_str!("../../data/cells.txt");
const BETWEEN: &str = " | ";

/// The cells of the file.
///
/// # Errors
/// The file names a cell that there is not: the words have changed, and it has to be written again.
pub fn of_suite() -> Result<&'static Reached, String> {
    static CELLS: OnceLock<Result<Reached, String>> = OnceLock::new();
    CELLS.get_or_init(|| parse(TEXT)).as_ref().map_err(String::clone)
}

/// Runs every `step`th scenario of the cell suite on a stack; the cells that they reach.
pub fn measure(factory: &dyn Factory, step: usize) -> Reached {
    let mut driver = Driver::new(factory);
    driver.keep_reached();
    let run = cross_in(driver.description(), IpVersion::V4, 0);
    let mut all = Reached::new();
    for case in Case::all(false).step_by(step.max(1)) {
        let can = case.needs().lacking(&driver.description().capabilities).is_none();
        if !can || driver.run(&case.scenario(&run).0, None).is_err() {
            continue;
        }
        let reached = driver.reached().map_or(&[][..], Reached::indices);
        reached.iter().filter(|index| Section::Cells.holds(**index)).for_each(|index| {
            all.insert(*index);
        });
    }
    all
}

/// Cells as the file has them.
pub fn render(cells: &Reached) -> String {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for thing in cells.things() {
        let name = thing.to_string();
        let (kind, rest) = name.split_at(split_at(&name));
        lines.entry(kind.to_owned()).or_default().push(rest.trim_start().to_owned());
    }
    let line = |(kind, mut rest): (String, Vec<String>)| {
        rest.sort();
        format!("{kind}{BETWEEN}{}\n", rest.join(BETWEEN))
    };
    lines.into_iter().map(line).collect()
}

/// Behind the state and the kind of event.
fn split_at(name: &str) -> usize {
    let behind = |mark: &str| name.find(mark).map(|at| at + mark.len());
    let segment = behind(" < ").map(|at| name[at..].find(' ').map_or(name.len(), |more| at + more));
    segment.or_else(|| behind(" =")).or_else(|| behind(",")).unwrap_or(name.len())
}

fn parse(text: &str) -> Result<Reached, String> {
    let all = (0..SPACE as u32).filter(|index| Section::Cells.holds(*index));
    let named = all.filter_map(|index| Some((Thing::from_index(index)?.to_string(), index)));
    let named: BTreeMap<String, u32> = named.collect();
    let mut cells = Reached::new();
    for (at, line) in text.lines().enumerate() {
        let mut parts = line.split(BETWEEN);
        let kind = parts.next().unwrap_or_default();
        for rest in parts {
            let name = format!("{kind} {rest}");
            let index = named.get(&name).ok_or_else(|| format!("line {}: no cell {name:?}", at + 1))?;
            cells.insert(*index);
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_as_it_is_written() {
        let cells = of_suite().expect("the file names cells that there are");
        assert_eq!(render(cells), TEXT);
        assert!(cells.count(Section::Cells) > 3_000, "{}", cells.count(Section::Cells));
    }
}
