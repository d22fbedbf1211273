//! Rules and stacks in one table: who breaks what, the most broken rule first.
//!
//! A stack's passes over all its IP versions are one column. Findings that are waived count: a waiver says
//! that a difference is known, not that it is gone.

use core::cmp::Reverse;
use core::fmt::Write as _;
use std::collections::BTreeMap;

use super::Report;
use super::group::groups;
use crate::table::Level;
use crate::verdict::Verdict;

/// What the signs mean; stands under the table.
pub const LEGEND: &str = "`M` breaks a MUST, `T` the RFC's lower-case text; `n` differs in a detail (non-strict); `.` nothing found.";

/// The worst that one rule shows on one stack, from nothing to a broken MUST.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Mark {
    /// No finding.
    #[default]
    Nothing,
    /// Non-strict findings only.
    Detail,
    /// A fail without a capital keyword.
    Text,
    /// A fail against a MUST.
    Must,
}

/// One rule on every stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The rule, obligation or monitor, by name.
    pub rule: &'static str,
    /// Its sections, as the worst finding cites them.
    pub cite: &'static str,
    /// One a stack, in the order of [`Table::stacks`].
    pub marks: Vec<Mark>,
}

/// Every rule with a finding on some stack.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// Names with versions.
    pub stacks: Vec<String>,
    /// Those that most stacks fail first; then those in which most differ; then the graver; then by name.
    pub rows: Vec<Row>,
}

impl Mark {
    fn of(verdict: Verdict, level: Level) -> Mark {
        match (verdict, level) {
            (Verdict::Fail, Level::Must) => Mark::Must,
            (Verdict::Fail, _) => Mark::Text,
            _ => Mark::Detail,
        }
    }

    /// As [`LEGEND`] has it.
    pub const fn sign(self) -> char {
        match self {
            Mark::Nothing => '.',
            Mark::Detail => 'n',
            Mark::Text => 'T',
            Mark::Must => 'M',
        }
    }
}

impl Row {
    /// How many stacks fail it.
    pub fn broken(&self) -> usize {
        self.marks.iter().filter(|mark| **mark >= Mark::Text).count()
    }

    fn differing(&self) -> usize {
        self.marks.iter().filter(|mark| **mark > Mark::Nothing).count()
    }
}

impl Table {
    /// The table of a run.
    pub fn new(report: &Report) -> Table {
        let groups = groups(report);
        let mut rows: BTreeMap<&'static str, Row> = BTreeMap::new();
        for (at, group) in groups.iter().enumerate() {
            for (signature, finding) in group.findings() {
                let empty = || Row {
                    rule: signature.rule,
                    cite: finding.cite,
                    marks: vec![Mark::Nothing; groups.len()],
                };
                let row = rows.entry(signature.rule).or_insert_with(empty);
                let mark = Mark::of(finding.verdict, finding.level);
                if row.marks.iter().all(|known| mark > *known) {
                    row.cite = finding.cite;
                }
                row.marks[at] = row.marks[at].max(mark);
            }
        }
        let mut rows: Vec<Row> = rows.into_values().collect();
        rows.sort_by_key(|row| {
            let worst = row.marks.iter().max().copied();
            (Reverse(row.broken()), Reverse(row.differing()), Reverse(worst), row.rule)
        });
        Table { stacks: groups.iter().map(|group| group.label()).collect(), rows }
    }

    /// For a terminal: stacks by number, rules in as many columns as `width` holds. Rules that no stack fails
    /// are only counted, unless `all` are asked for.
    pub fn text(&self, all: bool, width: usize) -> String {
        let shown: Vec<&Row> = self.rows.iter().filter(|row| all || row.broken() > 0).collect();
        let digits = self.stacks.len().to_string().len();
        let rule = shown.iter().map(|row| row.rule.len()).max().unwrap_or(0);
        let across = (width + GAP) / (rule + self.stacks.len() * (digits + 1) + GAP);
        let down = shown.len().div_ceil(across.max(1));
        let mut out = self.numbered(width);
        let mut head = format!("{:rule$}", "");
        for number in 1..=self.stacks.len() {
            let _ = write!(head, " {number:>digits$}");
        }
        line(&mut out, &vec![head; across.max(1).min(shown.len().div_ceil(down.max(1)))]);
        for at in 0..down {
            let cells = shown.iter().skip(at).step_by(down).map(|row| {
                let marks = row.marks.iter().map(|mark| format!(" {:>digits$}", mark.sign()));
                format!("{:rule$}{}", row.rule, marks.collect::<String>())
            });
            line(&mut out, &cells.collect::<Vec<_>>());
        }
        out.push_str(LEGEND);
        out.push('\n');
        if shown.len() < self.rows.len() {
            let _ = writeln!(
                out,
                "{} more in which stacks differ in details only.",
                self.rows.len() - shown.len()
            );
        }
        out
    }

    /// `1 smoltcp 0.14.0, 2 reference 0.1.0`, wrapped.
    fn numbered(&self, width: usize) -> String {
        let mut out = String::new();
        let mut used = 0;
        for (at, stack) in self.stacks.iter().enumerate() {
            let name = format!("{} {stack}", at + 1);
            if used > 0 && used + GAP + name.len() > width {
                out.push('\n');
                used = 0;
            }
            let gap = if used > 0 { GAP } else { 0 };
            let _ = write!(out, "{:gap$}{name}", "");
            used += gap + name.len();
        }
        out.push('\n');
        out
    }
}

/// Blanks between columns of rules.
const GAP: usize = 3;

fn line(out: &mut String, cells: &[String]) {
    out.push_str(cells.join(&" ".repeat(GAP)).trim_end());
    out.push('\n');
}
