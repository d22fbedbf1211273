//! The report for people: first the result in figures, then what was found, the worst first, each with what
//! was sent, what the table wants, what came, why, and the command that shows it again; then what is waived.

mod finding;

use core::fmt::Write as _;
use std::collections::BTreeMap;

use super::across;
use super::family::{Family, event_words};
use super::group::{Group, groups};
use super::{Acceptance, Finding, Report, StackReport, ip_words, matrix};
use crate::table::Level;
use crate::trace::ladder::wrap;
use crate::verdict::{Signature, Verdict};

/// Text is wrapped here.
const WIDTH: usize = 100;
/// So many families in detail, the rest in a line a finding, unless the report is a full one.
const DETAILED: usize = 10;

/// How the report is written.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// With ANSI colours.
    pub colour: bool,
    /// The command that people type: `lastack`, or that of a stack's own binary.
    pub command: &'a str,
    /// Folder to which the findings were written (`--out`).
    pub out: Option<&'a str>,
    /// Findings below this level are shown shortly (`--level`).
    pub level: Level,
    /// Every finding with its script, every pass with its matrix.
    pub full: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { colour: false, command: "lastack", out: None, level: Level::Text, full: false }
    }
}

/// The whole report.
pub fn render(report: &Report, options: &Options<'_>) -> String {
    let mut writer = Writer { out: String::new(), options: *options };
    let groups = groups(report);
    writer.figures(report);
    writer.across(report);
    if options.full {
        report.stacks.iter().for_each(|stack| writer.matrix(stack));
    }
    for (i, group) in groups.iter().enumerate() {
        writer.group(group, &groups[..i]);
    }
    writer.waived(&groups);
    writer.sums(&groups);
    if report.interrupted {
        writer.line("Interrupted: what is above is what was known by then, and not the whole.");
    }
    writer.out
}

/// One finding alone, as JUnit shows it.
pub fn finding(stack: &StackReport, signature: &Signature, finding: &Finding, command: &str) -> String {
    let options = Options { command, full: true, ..Options::default() };
    let mut writer = Writer { out: String::new(), options };
    writer.finding(stack, signature, finding, None);
    writer.out
}

struct Writer<'a> {
    out: String,
    options: Options<'a>,
}

/// An entry of a waiver file with what it covers.
struct Waived<'a> {
    accepted: &'a Acceptance,
    signatures: Vec<&'a Signature>,
    stacks: Vec<String>,
}

#[derive(Clone, Copy)]
enum Paint {
    Bold,
    Red,
    Yellow,
}

impl Writer<'_> {
    /// The result per stack and IP version.
    fn figures(&mut self, report: &Report) {
        let labels = report.stacks.iter().map(|s| format!("{} {}", s.name, s.version));
        let width = labels.map(|label| label.len()).max().unwrap_or(0).max(5);
        let head = format!(
            "{:width$} over    cells scenarios seconds    pass allowed non-strict    fail  waived",
            "stack"
        );
        let head = self.paint(Paint::Bold, &head);
        self.line(&head);
        for stack in &report.stacks {
            let label = format!("{} {}", stack.name, stack.version);
            let c = &stack.counts;
            self.line(&format!(
                "{label:width$} {} {:>8} {:>9} {:>7.1} {:>7} {:>7} {:>10} {:>7} {:>7}",
                ip_words(stack.ip),
                stack.cells,
                stack.scenarios,
                stack.seconds,
                c.pass,
                c.allowed,
                c.non_strict,
                c.fail,
                c.waived,
            ));
            for (verdict, count) in c.each() {
                let unchecked = matches!(verdict, Verdict::Unsupported | Verdict::Inconclusive);
                if unchecked && count > 0 {
                    self.line(&format!("{:width$}      {count} {verdict}", ""));
                }
            }
        }
        self.searched(report);
        self.met(report);
        self.real_time(report);
        self.line("");
    }

    /// The same of the worlds, where there are any.
    fn met(&mut self, report: &Report) {
        for stack in &report.stacks {
            for met in &stack.worlds {
                let pace = met.worlds as f64 / met.seconds.max(0.001);
                let inconclusive: u64 = met.inconclusive.values().sum();
                let told = format!(
                    "{}: {} worlds with {}, {pace:.0} a second: {} without a fail, {} of all without the pair's \
                     properties, {inconclusive} inconclusive",
                    stack.label(),
                    met.worlds,
                    met.partner,
                    met.clean,
                    met.without_properties
                );
                self.wrapped("", "    ", &told);
                if met.partner_broke > 0 {
                    let told =
                        format!("    in {} of them {} broke a rule first", met.partner_broke, met.partner);
                    self.line(&told);
                }
            }
        }
    }

    /// What a clock that is real left undone.
    fn real_time(&mut self, report: &Report) {
        for stack in &report.stacks {
            let Some(real) = &stack.real_time else { continue };
            for (why, count) in &real.left_out {
                self.wrapped("", "    ", &format!("{}: {count} scenarios left out: {why}", stack.label()));
            }
            for (signature, cell) in &real.unrepeated {
                let said = format!(
                    "{}: seen, and not again in half of the tries, no finding: {signature}",
                    stack.label()
                );
                self.wrapped("", "    ", &said);
                self.line(&format!("    {cell}"));
            }
        }
    }

    /// The same of the comparisons and of the random histories, where there are any.
    fn searched(&mut self, report: &Report) {
        for stack in report.stacks.iter().filter(|stack| stack.compared > 0) {
            let scripts = format!("{} scripts compared with themselves under a change", stack.compared);
            self.wrapped("", "    ", &format!("{}: {scripts} that must not matter", stack.label()));
        }
        for stack in &report.stacks {
            let Some(random) = &stack.random else { continue };
            let c = &random.counts;
            // No history of a finished search takes no time; a report made by hand may.
            let pace = random.histories as f64 / random.seconds.max(0.001);
            let known = format!("pass {}, allowed {}, non-strict {}", c.pass, c.allowed, c.non_strict);
            self.wrapped(
                "",
                "    ",
                &format!(
                    "{}: {} random histories, {pace:.0} a second: {known}, fail {}, waived {}, inconclusive {}",
                    stack.label(),
                    random.histories,
                    c.fail,
                    c.waived,
                    c.inconclusive
                ),
            );
        }
    }

    /// Several stacks side by side.
    fn across(&mut self, report: &Report) {
        let table = across::Table::new(report);
        if table.stacks.len() < 2 || table.rows.is_empty() {
            return;
        }
        let head = self.paint(Paint::Bold, "Rules that stacks break, waived findings included");
        self.line(&head);
        for line in table.text(self.options.full, WIDTH - 2).lines() {
            self.line(&format!("  {line}"));
        }
        self.line("");
    }

    fn matrix(&mut self, stack: &StackReport) {
        if stack.matrix.is_empty() {
            return;
        }
        let head = self.paint(Paint::Bold, &stack.label());
        self.line(&head);
        for row in matrix::text(stack).lines() {
            self.line(&format!("  {row}"));
        }
        self.wrapped("  ", "  ", matrix::LEGEND);
        self.line("");
    }

    /// What was found on one stack over all its IP versions.
    fn group(&mut self, group: &Group<'_>, earlier: &[Group<'_>]) {
        let level = self.options.level;
        let counted = group.families(|f| f.counts_at(level));
        let lesser = group.families(|f| f.waived.is_none() && !f.counts_at(level));
        if counted.is_empty() && lesser.is_empty() && !group.has_reasons() {
            return;
        }
        let head = self.paint(Paint::Bold, &group.label());
        self.wrapped("", "  ", &format!("{head}, judged by {}", group.profile()));
        self.line("");
        let (told, fresh) =
            if self.options.full { (0, counted) } else { group.fresh(counted, earlier, level) };
        for (i, family) in fresh.iter().enumerate() {
            if self.options.full || i < DETAILED {
                self.family(group, family);
            } else {
                self.in_short(group, family);
            }
        }
        if told > 0 {
            self.line(&format!("  {} as in the stacks above", plural(told, "finding")));
        }
        if told > 0 || fresh.len() > DETAILED && !self.options.full {
            self.line("");
        }
        self.lesser(group, &lesser);
        self.counted("Inconclusive: not reached, and why", &group.inconclusive());
        if self.options.full {
            self.counted("Left to the stack, and what it chose", &group.seen());
        }
    }

    fn lesser(&mut self, group: &Group<'_>, lesser: &[Family<'_>]) {
        if lesser.is_empty() {
            return;
        }
        let head = self.paint(Paint::Yellow, "LESSER");
        let level = self.options.level.name().to_lowercase();
        self.line(&format!("{head}  below --level {level}, in short"));
        for family in lesser {
            if self.options.full {
                self.in_short(group, family);
                continue;
            }
            for (signature, finding) in &family.findings {
                self.wrapped("  ", "      ", &finding::short(signature, finding));
            }
        }
        self.line("");
    }

    /// Every entry once, the worst first, with how many findings it covers, and where.
    fn waived(&mut self, groups: &[Group<'_>]) {
        let mut entries: Vec<Waived<'_>> = Vec::new();
        for group in groups {
            // Worst first, so that an entry stands where its worst finding does.
            let families = group.families(|finding| finding.waived.is_some());
            for (signature, finding) in families.iter().flat_map(|family| &family.findings) {
                let Some(accepted) = &finding.waived else { continue };
                let at = entries.iter().position(|entry| entry.accepted == accepted).unwrap_or_else(|| {
                    entries.push(Waived { accepted, signatures: Vec::new(), stacks: Vec::new() });
                    entries.len() - 1
                });
                let entry = &mut entries[at];
                if !entry.signatures.contains(signature) {
                    entry.signatures.push(signature);
                }
                if !entry.stacks.contains(&group.label()) {
                    entry.stacks.push(group.label());
                }
            }
        }
        if entries.is_empty() {
            return;
        }
        let head = self.paint(Paint::Bold, "WAIVED");
        self.line(&format!("{head}  known and accepted, each for a reason (--no-waivers judges them)"));
        for Waived { accepted, signatures, stacks } in entries {
            let Acceptance { title, section, reason, link } = accepted;
            let mut text = format!("{title} ({}; {section}): {reason}", plural(signatures.len(), "finding"));
            if let Some(link) = link {
                let _ = write!(text, " {link}");
            }
            if stacks.len() < groups.len() {
                let _ = write!(text, " [{}]", stacks.join(", "));
            }
            self.wrapped("  ", "      ", &text);
            if self.options.full {
                signatures.iter().for_each(|signature| self.line(&format!("      {signature}")));
            }
        }
        self.line("");
    }

    fn counted(&mut self, head: &str, lines: &BTreeMap<String, u64>) {
        if lines.is_empty() {
            return;
        }
        self.line(head);
        for (what, count) in lines {
            self.wrapped("  ", "      ", &format!("{what}: {count}"));
        }
        self.line("");
    }

    /// What it comes to, where a reader at the end of a long page looks; and where there is more.
    fn sums(&mut self, groups: &[Group<'_>]) {
        let level = self.options.level;
        let of = |families: &[Family<'_>]| families.iter().map(|f| f.findings.len()).sum::<usize>();
        for group in groups {
            let counted = group.families(|f| f.counts_at(level));
            let lesser = group.families(|f| f.waived.is_none() && !f.counts_at(level));
            let waived = group.families(|f| f.waived.is_some());
            let found = match of(&counted) {
                0 => format!("nothing at or above --level {}", level.name().to_lowercase()),
                1 => "1 finding".to_owned(),
                n if counted.len() == 1 => format!("{n} findings in 1 family"),
                n => format!("{n} findings in {} families", counted.len()),
            };
            let label = self.paint(Paint::Bold, &group.label());
            self.line(&format!("{label}: {found}, {} lesser, {} waived", of(&lesser), of(&waived)));
        }
        if !self.options.full {
            let command = self.options.command;
            let text = format!(
                "More: --full prints all of it, --out DIR writes a script for each finding; {command} explain \
                 RULE says what a rule asks for"
            );
            self.wrapped("", "      ", &text);
        }
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// `    name   text`, wrapped beneath itself.
    fn field(&mut self, name: &str, text: &str) {
        self.wrapped(&format!("    {name:<6} "), "           ", text);
    }

    /// A command stays on one line, to be copied.
    fn command_field(&mut self, name: &str, command: &str) {
        self.line(&format!("    {name:<6} {command}"));
    }

    fn wrapped(&mut self, first: &str, rest: &str, text: &str) {
        for (i, line) in wrap(text, WIDTH - rest.len()).iter().enumerate() {
            let indent = if i == 0 { first } else { rest };
            self.line(&format!("{indent}{line}"));
        }
    }

    fn paint(&self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Bold => "1",
            Paint::Red => "1;31",
            Paint::Yellow => "33",
        };
        if self.options.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn plural(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
