//! What a campaign has come to, in print.

use core::fmt::Write as _;
use std::collections::BTreeSet;

use super::engine::Campaign;
use super::findings::{Finding, Key};
use super::folder::file_name;
use super::{Bench, Target};
use crate::reached::{Reached, Section, Thing};
use crate::table::rules::RULES;
use crate::verdict::Obligation;

/// What of all cells was reached; `all` are those that the cell suite reaches on the reference.
pub fn cells(reached: &Reached, all: &Reached) -> (usize, usize) {
    let of_all = |index: &&u32| Section::Cells.holds(**index);
    let wanted = || all.indices().iter().filter(of_all);
    (wanted().filter(|index| reached.has(**index)).count(), wanted().count())
}

/// How far a campaign has come, in words of the table.
pub fn reached(campaign: &Campaign, all: &Reached) -> String {
    let reached = campaign.corpus.reached();
    let rules: BTreeSet<&str> = reached
        .things()
        .filter_map(|thing| match thing {
            Thing::Rule { name, .. } => Some(name),
            _ => None,
        })
        .collect();
    let every: BTreeSet<&str> = RULES.iter().map(|row| row.name).collect();
    let (cells, of) = cells(reached, all);
    format!(
        "{} of {} rules, {} of {} obligations, {} situations, {} cells: {cells} of the {of} that the cell suite \
         reaches on the reference ({:.1} %)",
        rules.len(),
        every.len(),
        reached.count(Section::Obligations),
        Obligation::ALL.len(),
        reached.count(Section::Situations),
        reached.count(Section::Cells),
        percent(cells, of),
    )
}

/// A part of a whole.
pub fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / (whole as f64).max(1.0)
}

/// The findings: those that count, the gravest first; then what only followed something accepted; then what is
/// accepted. `names` are the stacks'.
pub fn findings(campaign: &Campaign, bench: &Bench<'_>, names: &[String]) -> String {
    let mut all: Vec<(&Key, &Finding)> = campaign.findings.iter().collect();
    all.sort_by_key(|(key, f)| {
        let d = &f.difference;
        (f.waived, f.follows, core::cmp::Reverse(d.verdict), core::cmp::Reverse(d.level), **key)
    });
    let rows: Vec<[String; 9]> = all.iter().map(|(key, f)| row(key, f, bench, names)).collect();
    let head = ["verdict", "level", "signature", "section", "execution", "second", "count", "events", "file"];
    let mut out = String::new();
    if rows.is_empty() {
        return "no findings\n".to_owned();
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].len()]).max().unwrap_or(0)
    };
    let widths: [usize; 9] = core::array::from_fn(width);
    let mut line = |cells: [&str; 9]| {
        let padded = cells.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if (4..8).contains(&column) { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        });
        let joined: Vec<String> = padded.collect();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", joined.join("  ").trim_end());
    };
    line(head);
    for row in &rows {
        line(core::array::from_fn(|column| row[column].as_str()));
    }
    out
}

fn row(key: &Key, finding: &Finding, bench: &Bench<'_>, names: &[String]) -> [String; 9] {
    let d = &finding.difference;
    let verdict = match (finding.waived, finding.follows) {
        (true, _) => format!("{}, waived", d.verdict),
        (_, true) => format!("{}, follows", d.verdict),
        _ => d.verdict.to_string(),
    };
    let two = matches!(bench.target(), Target::Worlds | Target::Differential);
    let who = match key.0 {
        None if bench.target() == Target::Worlds => " (the pair)".to_owned(),
        None => " (lastack itself)".to_owned(),
        Some(stack) if two => names.get(stack).map(|name| format!(" ({name})")).unwrap_or_default(),
        Some(_) => String::new(),
    };
    [
        verdict,
        d.level.to_string(),
        format!("{}{who}", key.1),
        section(d.cite),
        finding.first.0.to_string(),
        format!("{:.1}", finding.first.1),
        finding.count.to_string(),
        finding.events.to_string(),
        file_name(key, finding, bench),
    ]
}

/// The first section that a citation names.
fn section(cite: &str) -> String {
    let first = cite.split([';', ',']).next().unwrap_or(cite).trim();
    // The table's own citations leave the number of its RFC out.
    if first.starts_with(|c: char| c.is_ascii_digit()) {
        format!("RFC 9293 {first}")
    } else {
        first.to_owned()
    }
}
