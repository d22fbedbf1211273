//! The matrix for documentation: rules and stacks, then states and kinds of event of each stack. Nothing in
//! it depends on how long the run took.

use core::fmt::Write as _;

use lastack_core::types::State;

use super::across::{LEGEND, Table};
use super::{Report, StackReport, explain, matrix};

/// The whole page.
pub fn render(report: &Report) -> String {
    let mut out = rules(&Table::new(report));
    let _ = writeln!(out, "\n## States and events\n\n{}", matrix::LEGEND);
    for stack in &report.stacks {
        states(&mut out, stack);
    }
    out
}

/// Rules down, stacks across.
fn rules(table: &Table) -> String {
    let mut out = String::from("## Rules and stacks\n\n| rule | source |");
    for stack in &table.stacks {
        let _ = write!(out, " {stack} |");
    }
    let _ = writeln!(out, "\n| --- | --- |{}", " :-: |".repeat(table.stacks.len()));
    for row in &table.rows {
        let _ = write!(out, "| {} | {} |", row.rule, explain::source(row.cite));
        for mark in &row.marks {
            let _ = write!(out, " {} |", mark.sign());
        }
        out.push('\n');
    }
    let _ = writeln!(out, "\n{LEGEND} Waived findings count.");
    out
}

/// Kinds down, states across, under a heading.
fn states(out: &mut String, stack: &StackReport) {
    let profile = if stack.profile.is_empty() { "any profile" } else { &stack.profile };
    let _ = writeln!(out, "\n### {}\n\nJudged by {profile}; {} cells.\n", stack.label(), stack.cells);
    out.push_str("| |");
    for state in State::ALL {
        let _ = write!(out, " {state} |");
    }
    let _ = writeln!(out, "\n| --- |{}", " :-: |".repeat(State::ALL.len()));
    for (kind, signs) in matrix::rows(stack) {
        let _ = write!(out, "| {kind} |");
        for sign in signs {
            let _ = write!(out, " {sign} |");
        }
        out.push('\n');
    }
}
