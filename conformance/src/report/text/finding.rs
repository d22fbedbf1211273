//! One finding, in detail and in short.

use core::fmt::Write as _;

use super::{Paint, Writer, event_words, plural};
use crate::report::family::Family;
use crate::report::group::Group;
use crate::report::{Finding, StackReport, explain, file_name};
use crate::subject::IpVersion;
use crate::table::Level;
use crate::verdict::{Kind, Signature, Verdict};

impl Writer<'_> {
    /// In a full report every finding of a family, else the worst and the names of the others.
    pub(super) fn family(&mut self, group: &Group<'_>, family: &Family<'_>) {
        // A family is never empty.
        let Some(((signature, worst), others)) = family.findings.split_first() else { return };
        let (name, paint) = match worst.verdict {
            Verdict::Fail => ("FAIL", Paint::Red),
            _ => ("NON-STRICT", Paint::Yellow),
        };
        let head = self.paint(paint, name);
        let more = match family.findings.len() {
            1 => String::new(),
            n => format!(" ({n} rules, likely one cause)"),
        };
        self.line(&format!("{head}  {} on {}{more}", family.kind.name(), event_words(family)));
        self.finding(group.pass_of(worst), signature, worst, group.only_over(signature));
        for (signature, finding) in others {
            if self.options.full {
                self.finding(group.pass_of(finding), signature, finding, group.only_over(signature));
            } else {
                self.wrapped("    also   ", "           ", &also(signature, finding));
            }
        }
        self.line("");
    }

    pub(super) fn finding(
        &mut self,
        stack: &StackReport,
        signature: &Signature,
        finding: &Finding,
        only: Option<&str>,
    ) {
        let rule = self.paint(Paint::Bold, signature.rule);
        let only = only.map(|ip| format!(", only over {ip}")).unwrap_or_default();
        let scenarios = plural(usize::try_from(finding.count).unwrap_or(usize::MAX), "scenario");
        let repeats =
            finding.repeats.map_or(String::new(), |r| format!(", {} of {} times again", r.shown, r.runs));
        let head = format!("{rule} in {}: {}, {scenarios}{repeats}{only}", states(finding), finding.level);
        self.wrapped("  ", "      ", &head);
        self.field("sent", &sent(finding));
        self.field("wants", &finding.example.want);
        self.field("came", &finding.example.got);
        self.field("rule", &explain::in_words(signature, finding.example.state, finding.cite));
        if finding.level == Level::Text {
            self.field("", "No capital keyword stands behind this: it is lower-case text of the RFC.");
        }
        self.commands(stack, signature, finding);
    }

    /// The commands that show it again; in a full report without a file to name, the script itself.
    fn commands(&mut self, stack: &StackReport, signature: &Signature, finding: &Finding) {
        let command = self.options.command;
        self.command_field("trace", &trace_command(command, stack, finding));
        if signature.kind == Kind::Unlike {
            // One script alone shows no difference from another.
            return;
        }
        if let Some(out) = self.options.out {
            let file = quoted(&format!("{out}/{}/{}", stack.folder(), file_name(signature)));
            self.command_field("replay", &format!("{command} replay {file} --stack {}", stack.name));
        } else if self.options.full {
            let replay = format!("{command} replay FILE --stack {}, with this in FILE:", stack.name);
            self.command_field("replay", &replay);
            for line in finding.scenario.to_string().lines() {
                self.line(&format!("             {line}"));
            }
        }
    }

    /// Each finding of a family in a line, and the command that shows it.
    pub(super) fn in_short(&mut self, group: &Group<'_>, family: &Family<'_>) {
        for (signature, finding) in &family.findings {
            self.wrapped("  ", "      ", &short(signature, finding));
            let stack = group.pass_of(finding);
            self.line(&format!("      {}", trace_command(self.options.command, stack, finding)));
        }
    }
}

/// `fail (MUST) RULE:kind:event:ack in ESTABLISHED, CLOSE-WAIT`.
pub(super) fn short(signature: &Signature, finding: &Finding) -> String {
    format!("{} ({}) {signature} in {}", finding.verdict, finding.level, states(finding))
}

fn also(signature: &Signature, finding: &Finding) -> String {
    format!("{} in {}: {} ({})", signature.rule, states(finding), finding.verdict, finding.level)
}

fn states(finding: &Finding) -> String {
    let names: Vec<&str> = finding.states.iter().map(|state| state.name()).collect();
    names.join(", ")
}

fn trace_command(command: &str, stack: &StackReport, finding: &Finding) -> String {
    let ip = match stack.ip {
        IpVersion::V4 => "",
        IpVersion::V6 => " --ip 6",
    };
    format!("{command} trace {} --stack {}{ip}", quoted(&finding.cell), stack.name)
}

/// The scenario's line that the difference answers to.
fn sent(finding: &Finding) -> String {
    let mut text = match finding.scenario.events.get(finding.example.event) {
        Some(event) => event.to_string(),
        None => "nothing more".to_owned(),
    };
    // Writing to a String cannot fail.
    let _ = write!(text, ", in {} at {} s", finding.example.state, finding.example.at);
    text
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
