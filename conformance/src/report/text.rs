//! The report for people: a summary a stack, findings in families, the worst first, each with what was
//! sent, what the table wants, what came, why, and the command that shows it again.

use core::fmt::Write as _;

use super::family::{Family, families};
use super::{Finding, Report, StackReport, explain, file_name, matrix};
use crate::table::Level;
use crate::trace::ladder::wrap;
use crate::verdict::{Signature, Verdict};

/// Text is wrapped here.
const WIDTH: usize = 100;

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
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { colour: false, command: "lastack", out: None, level: Level::Text }
    }
}

/// The whole report.
pub fn render(report: &Report, options: &Options<'_>) -> String {
    let mut writer = Writer { out: String::new(), options: *options };
    for stack in &report.stacks {
        writer.stack(stack);
    }
    if report.interrupted {
        writer.line("Interrupted: what is above is what was known by then, and not the whole.");
    }
    writer.out
}

/// One finding alone, as JUnit shows it.
pub fn finding(stack: &StackReport, signature: &Signature, finding: &Finding, command: &str) -> String {
    let options = Options { command, ..Options::default() };
    let mut writer = Writer { out: String::new(), options };
    writer.finding(stack, signature, finding);
    writer.out
}

struct Writer<'a> {
    out: String,
    options: Options<'a>,
}

#[derive(Clone, Copy)]
enum Paint {
    Bold,
    Red,
    Yellow,
}

impl Writer<'_> {
    fn stack(&mut self, stack: &StackReport) {
        let head = self.paint(Paint::Bold, &stack.label());
        self.line(&format!("{head}, profile {}", stack.profile));
        let counts: Vec<String> =
            stack.counts.each().into_iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        self.line(&format!("  {} cells, {} scenarios: {}", stack.cells, stack.scenarios, counts.join(", ")));
        self.line("");
        self.matrix(stack);

        let level = self.options.level;
        let counted = families(stack, |f| f.counts_at(level));
        let lesser = families(stack, |f| f.waived.is_none() && !f.counts_at(level));
        let waived = families(stack, |f| f.waived.is_some());
        for family in &counted {
            self.family(stack, family);
        }
        self.short_findings(stack, &lesser);
        self.waived(&waived);
        self.counted("Inconclusive: not reached, and why", &stack.inconclusive);
        self.counted("Left to the stack, and what it chose", &stack.seen);
        self.sum(stack, &counted, &lesser, &waived);
    }

    fn matrix(&mut self, stack: &StackReport) {
        if stack.matrix.is_empty() {
            return;
        }
        for row in matrix::text(stack).lines() {
            self.line(&format!("  {row}"));
        }
        self.wrapped("  ", "  ", matrix::LEGEND);
        self.line("");
    }

    fn family(&mut self, stack: &StackReport, family: &Family<'_>) {
        // A family is never empty.
        let Some((_, worst)) = family.findings.first() else { return };
        let (name, paint) = match worst.verdict {
            Verdict::Fail => ("FAIL", Paint::Red),
            _ => ("NON-STRICT", Paint::Yellow),
        };
        let head = self.paint(paint, name);
        let more = match family.findings.len() {
            1 => String::new(),
            n => format!(" ({n} rules, likely one cause)"),
        };
        self.line(&format!("{head}  {} on {}{more}", family.kind.name(), trigger_words(family)));
        self.line("");
        for (signature, finding) in &family.findings {
            self.finding(stack, signature, finding);
        }
    }

    fn finding(&mut self, stack: &StackReport, signature: &Signature, finding: &Finding) {
        let rule = self.paint(Paint::Bold, signature.rule);
        let states: Vec<&str> = finding.states.iter().map(|s| s.name()).collect();
        let scenarios = plural(finding.count, "scenario");
        let head = format!("{rule} in {}: {}, {scenarios}", states.join(", "), finding.level);
        self.wrapped("  ", "      ", &head);
        self.field("sent", &sent(finding));
        self.field("wants", &finding.example.want);
        self.field("came", &finding.example.got);
        self.field("rule", &explain::in_words(signature, finding.example.state, finding.cite));
        if finding.level == Level::Text {
            self.field("", "No capital keyword stands behind this: it is lower-case text of the RFC.");
        }
        self.replay(stack, signature, finding);
        self.line("");
    }

    /// The command that replays it; without a file to name, the script itself.
    fn replay(&mut self, stack: &StackReport, signature: &Signature, finding: &Finding) {
        let command = self.options.command;
        self.command_field(
            "trace",
            &format!("{command} trace {} --stack {}", quoted(&finding.cell), stack.name),
        );
        match self.options.out {
            Some(out) => {
                let file = format!("{out}/{}/{}", stack.folder(), file_name(signature));
                self.command_field(
                    "replay",
                    &format!("{command} replay {} --stack {}", quoted(&file), stack.name),
                );
            }
            None => {
                self.command_field(
                    "replay",
                    &format!("{command} replay FILE --stack {}, with this in FILE:", stack.name),
                );
                for line in finding.scenario.to_string().lines() {
                    self.line(&format!("             {line}"));
                }
            }
        }
    }

    fn short_findings(&mut self, stack: &StackReport, lesser: &[Family<'_>]) {
        if lesser.is_empty() {
            return;
        }
        let head = self.paint(Paint::Yellow, "LESSER");
        self.line(&format!("{head}  below --level {}: in short", self.options.level.name().to_lowercase()));
        self.line("");
        for (signature, finding) in lesser.iter().flat_map(|family| &family.findings) {
            let states: Vec<&str> = finding.states.iter().map(|s| s.name()).collect();
            let head = format!("{signature} in {}: {} {}", states.join(", "), finding.verdict, finding.level);
            self.wrapped("  ", "      ", &head);
            self.field("wants", &format!("{} ({})", finding.example.want, finding.cite));
            self.field("came", &finding.example.got);
            let command = self.options.command;
            let trace = format!("{command} trace {} --stack {}", quoted(&finding.cell), stack.name);
            self.command_field("trace", &trace);
        }
        self.line("");
    }

    fn waived(&mut self, waived: &[Family<'_>]) {
        if waived.is_empty() {
            return;
        }
        self.line("Waived: known, and accepted for a reason");
        for (signature, finding) in waived.iter().flat_map(|family| &family.findings) {
            let reason = finding.waived.as_deref().unwrap_or_default();
            self.wrapped(
                "  ",
                "      ",
                &format!("{signature}: {} ({}): {reason}", finding.verdict, finding.level),
            );
        }
        self.line("");
    }

    fn counted(&mut self, head: &str, lines: &std::collections::BTreeMap<String, u64>) {
        if lines.is_empty() {
            return;
        }
        self.line(head);
        for (what, count) in lines {
            self.wrapped("  ", "      ", &format!("{what}: {count}"));
        }
        self.line("");
    }

    fn sum(
        &mut self,
        stack: &StackReport,
        counted: &[Family<'_>],
        lesser: &[Family<'_>],
        waived: &[Family<'_>],
    ) {
        let of = |families: &[Family<'_>]| families.iter().map(|f| f.findings.len() as u64).sum::<u64>();
        let label = stack.label();
        let sum = match of(counted) {
            0 => format!("{label}: nothing at or above --level {}", self.options.level.name().to_lowercase()),
            n => {
                let families = match counted.len() {
                    1 => "1 family".to_owned(),
                    n => format!("{n} families"),
                };
                format!("{label}: {} in {families}", plural(n, "finding"))
            }
        };
        let sum = self.paint(Paint::Bold, &sum);
        self.line(&format!("{sum}; {} lesser, {} waived", of(lesser), of(waived)));
        self.line("");
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

/// The scenario's line that the difference answers to.
fn sent(finding: &Finding) -> String {
    let mut text = match finding.scenario.events.get(finding.example.event) {
        Some(event) => event.to_string(),
        None => "nothing more".to_owned(),
    };
    let _ = write!(text, ", in {} at {} s", finding.example.state, finding.example.at);
    text
}

fn trigger_words(family: &Family<'_>) -> String {
    use crate::verdict::AckRelation as R;
    let name = family.trigger.name();
    match family.relation {
        R::Absent => name.to_owned(),
        R::Below => format!("{name} with an old ACK"),
        R::Duplicate => format!("{name} with a duplicate ACK"),
        R::New => format!("{name} with a new ACK"),
        R::Above => format!("{name} with an ACK of what was not sent"),
    }
}

/// For a shell: quoted where anything in it means something there.
fn quoted(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:,+=@%".contains(c);
    if !word.is_empty() && word.chars().all(safe) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn plural(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
