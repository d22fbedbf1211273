//! The writer of waiver files: what has no waiver yet, its reasons left open.

use core::fmt::Write as _;

use super::PLACEHOLDER;
use crate::report::family::{self, families};
use crate::report::{Finding, Report, StackReport, ip_name};
use crate::subject::IpVersion;
use crate::verdict::Signature;

/// A waiver file for every finding that is not waived yet: an entry a family, because that is likely one
/// bug. [`super::Waivers::parse`] refuses it until a person has written the reasons.
pub fn write(report: &Report) -> String {
    let mut out = String::from(
        "# Every reason below has to be written by a person; until then this file is refused.\n\
         # One entry a bug: join entries, part them, give them better titles. Keep only what is accepted.\n",
    );
    let mut done: Vec<(&str, &str, &str)> = Vec::new();
    for stack in &report.stacks {
        let key = (stack.name.as_str(), stack.version.as_str(), stack.profile.as_str());
        if done.contains(&key) {
            continue;
        }
        done.push(key);
        let same: Vec<&StackReport> =
            report.stacks.iter().filter(|s| (&*s.name, &*s.version, &*s.profile) == key).collect();
        write_stack(&mut out, &same);
    }
    out
}

/// Findings of one family over the same IP versions.
struct Entry<'a> {
    title: String,
    ips: Vec<IpVersion>,
    findings: Vec<(&'a Signature, &'a Finding)>,
}

/// One stack, in each of its IP versions; a finding of all of them is waived in one line.
fn write_stack(out: &mut String, passes: &[&StackReport]) {
    let Some(stack) = passes.first() else { return };
    let entries = entries(passes);
    if entries.is_empty() {
        return;
    }
    // Writing to a String cannot fail.
    let _ = write!(out, "\n[[stack]]\nname = {}\nversion = {}\n", quote(&stack.name), quote(&stack.version));
    let _ = writeln!(out, "profile = {}", quote(&stack.profile));
    for entry in entries {
        out.push('\n');
        for (signature, finding) in &entry.findings {
            let (want, got) = (one_line(&finding.example.want), one_line(&finding.example.got));
            let Finding { verdict, level, .. } = finding;
            let _ = writeln!(out, "# {}, {verdict} ({level}): wants {want}; came {got}", signature.rule);
        }
        let _ = writeln!(out, "[[stack.waiver]]\ntitle = {}\nsignatures = [", quote(&entry.title));
        for (signature, _) in &entry.findings {
            let _ = writeln!(out, "    {},", quote(&signature.to_string()));
        }
        let _ = writeln!(out, "]\nsection = {}\nreason = {}", quote(&sections(&entry)), quote(PLACEHOLDER));
        if let [ip] = entry.ips[..]
            && passes.len() > 1
        {
            let _ = writeln!(out, "ip = {}", quote(ip_name(ip)));
        }
    }
}

fn entries<'a>(passes: &[&'a StackReport]) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut done: Vec<&Signature> = Vec::new();
    for pass in passes {
        for family in families(pass, |finding| finding.waived.is_none()) {
            let title = format!("{} on {}", family.kind.name(), family::event_words(&family));
            for (signature, finding) in family.findings {
                if done.contains(&signature) {
                    continue;
                }
                done.push(signature);
                let shows = |p: &&&StackReport| p.findings.get(signature).is_some_and(|f| f.waived.is_none());
                let ips: Vec<IpVersion> = passes.iter().filter(shows).map(|p| p.ip).collect();
                match entries.iter_mut().find(|entry| entry.title == title && entry.ips == ips) {
                    Some(entry) => entry.findings.push((signature, finding)),
                    None => entries.push(Entry {
                        title: title.clone(),
                        ips,
                        findings: vec![(signature, finding)],
                    }),
                }
            }
        }
    }
    entries
}

/// Each citation once.
fn sections(entry: &Entry<'_>) -> String {
    let mut cites: Vec<&str> = Vec::new();
    for (_, finding) in &entry.findings {
        if !cites.contains(&finding.cite) {
            cites.push(finding.cite);
        }
    }
    cites.join("; ")
}

/// A TOML basic string.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
