//! Waivers: findings that are accepted, each with a reason that a person wrote.
//!
//! ```toml
//! [[stack]]
//! name = "smoltcp"
//! version = "0.14.0"
//! profile = "rst=classic"      # optional: only under this profile
//!
//! [[stack.waiver]]
//! signature = "SYN-IN-WINDOW:missing-reply:SYN:no-ack"
//! section = "RFC 9293 3.10.7.4, step 4"
//! reason = "Why this is accepted, in a sentence."
//! link = "https://.."          # optional
//! ip = "ipv6"                  # optional: only over this IP version
//!
//! [[stack.inconclusive]]       # cells that cannot be reached, likewise
//! cause = "the report's own words"
//! reason = "Why that is no gap."
//! ```
//!
//! A waiver that nothing needs any more is stale, and a run says so: what is fixed must not stay waived.

use core::fmt::Write as _;
use core::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{Finding, Report, StackReport, ip_name};
use crate::subject::IpVersion;
use crate::verdict::{Signature, SignatureText};

/// What `--write-waivers` writes for a reason, and what no reader accepts.
pub const PLACEHOLDER: &str = "TODO: why is this accepted?";
/// A reason shorter than this says nothing.
const REASON_MIN: usize = 12;

/// All waivers of a run.
#[derive(Clone, Debug, Default)]
pub struct Waivers {
    stacks: Vec<StackWaivers>,
}

#[derive(Clone, Debug)]
struct StackWaivers {
    name: String,
    version: String,
    profile: Option<String>,
    findings: Vec<Waiver>,
    /// Cause and reason.
    inconclusive: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct Waiver {
    signature: SignatureText,
    /// The signature as written.
    text: String,
    reason: String,
    link: Option<String>,
    ip: Option<IpVersion>,
    /// `file:line`.
    place: String,
}

/// A waiver that no finding needed although all of the stack's cells ran.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stale {
    /// `file:line`.
    pub place: String,
    /// Of which stack.
    pub stack: String,
    /// The signature as written.
    pub signature: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    stack: Vec<StackEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StackEntry {
    name: String,
    version: String,
    profile: Option<String>,
    #[serde(default)]
    waiver: Vec<WaiverEntry>,
    #[serde(default)]
    inconclusive: Vec<InconclusiveEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverEntry {
    signature: Spanned<String>,
    section: Spanned<String>,
    reason: Spanned<String>,
    link: Option<String>,
    ip: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InconclusiveEntry {
    cause: String,
    reason: Spanned<String>,
}

/// A file's text and name, for errors that say where.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    /// `file:line:column: what`, the columns counted in characters from 1.
    fn error(&self, at: Range<usize>, what: impl core::fmt::Display) -> String {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{}:{column}: {what}", self.name, self.line(at.start))
    }

    fn line(&self, offset: usize) -> usize {
        self.text.get(..offset).unwrap_or(self.text).matches('\n').count() + 1
    }

    /// What a person wrote.
    fn reason(&self, reason: Spanned<String>) -> Result<String, String> {
        let text = reason.get_ref().trim();
        if text.to_ascii_uppercase().starts_with("TODO") {
            let what = "this waiver has no reason yet: a person must write why the finding is accepted";
            return Err(self.error(reason.span(), what));
        }
        if text.chars().count() < REASON_MIN {
            return Err(self.error(reason.span(), format!("{text:?} is no reason: say it in a sentence")));
        }
        Ok(text.to_owned())
    }

    fn waiver(&self, entry: WaiverEntry) -> Result<Waiver, String> {
        let signature: SignatureText =
            entry.signature.get_ref().parse().map_err(|error| self.error(entry.signature.span(), error))?;
        if entry.section.get_ref().trim().is_empty() {
            return Err(self.error(entry.section.span(), "the section is empty"));
        }
        let ip = match entry.ip {
            None => None,
            Some(ip) => match ip.get_ref().as_str() {
                "ipv4" => Some(IpVersion::V4),
                "ipv6" => Some(IpVersion::V6),
                other => {
                    let what = format!("ip is \"ipv4\", \"ipv6\" or left out, this is {other:?}");
                    return Err(self.error(ip.span(), what));
                }
            },
        };
        Ok(Waiver {
            signature,
            place: format!("{}:{}", self.name, self.line(entry.signature.span().start)),
            text: entry.signature.into_inner(),
            reason: self.reason(entry.reason)?,
            link: entry.link,
            ip,
        })
    }
}

impl Waivers {
    /// Reads a waiver file; `name` is what errors call it.
    ///
    /// # Errors
    /// `name:line:column: what`: no TOML, an unknown or missing key, no signature, a reason that nobody
    /// wrote, or the same waiver twice.
    pub fn parse(text: &str, name: &str) -> Result<Waivers, String> {
        let source = Source { name, text };
        let file: File = toml::from_str(text)
            .map_err(|error| source.error(error.span().unwrap_or_default(), error.message()))?;
        let mut stacks: Vec<StackWaivers> = Vec::new();
        for entry in file.stack {
            let mut findings: Vec<Waiver> = Vec::new();
            for waiver in entry.waiver {
                let at = waiver.signature.span();
                let waiver = source.waiver(waiver)?;
                if let Some(first) = findings.iter().find(|w| w.is_same(&waiver)) {
                    return Err(source.error(at, format!("this waiver stands at {} already", first.place)));
                }
                findings.push(waiver);
            }
            let mut inconclusive = Vec::new();
            for known in entry.inconclusive {
                inconclusive.push((known.cause, source.reason(known.reason)?));
            }
            stacks.push(StackWaivers {
                name: entry.name,
                version: entry.version,
                profile: entry.profile,
                findings,
                inconclusive,
            });
        }
        Ok(Waivers { stacks })
    }

    /// Adds those of another file.
    pub fn extend(&mut self, more: Waivers) {
        self.stacks.extend(more.stacks);
    }

    /// The signatures that are waived for this stack.
    pub fn signatures(&self, name: &str, version: &str, profile: &str, ip: IpVersion) -> Vec<SignatureText> {
        let of_stack = self.stacks.iter().filter(|s| s.is_for(name, version, profile));
        let waivers = of_stack.flat_map(|s| &s.findings).filter(|w| w.is_over(ip));
        waivers.map(|w| w.signature.clone()).collect()
    }

    /// Marks the findings that are waived. Gives the stale waivers; only a `complete` run (no filter, not
    /// interrupted) can tell.
    pub fn apply(&self, report: &mut Report, complete: bool) -> Vec<Stale> {
        let mut stale = Vec::new();
        for of_stack in &self.stacks {
            for waiver in &of_stack.findings {
                let mut ran = false;
                let mut used = false;
                for stack in report.stacks.iter_mut().filter(|s| of_stack.fits(s) && waiver.is_over(s.ip)) {
                    ran = true;
                    for (_, finding) in stack.findings.iter_mut().filter(|(s, _)| waiver.signature.is(s)) {
                        finding.waived = Some(waiver.words());
                        used = true;
                    }
                }
                if ran && !used && complete {
                    stale.push(Stale {
                        place: waiver.place.clone(),
                        stack: format!("{} {}", of_stack.name, of_stack.version),
                        signature: waiver.text.clone(),
                    });
                }
            }
        }
        stale
    }

    /// Who is known to differ, how, and why that is accepted: rule and line, in the order of the files.
    pub fn known(&self) -> impl Iterator<Item = (&str, String)> {
        self.stacks.iter().flat_map(|of_stack| {
            let StackWaivers { name, version, .. } = of_stack;
            of_stack.findings.iter().map(move |waiver| {
                let line = format!("{name} {version} ({}): {}", waiver.text, waiver.words());
                (waiver.signature.rule.as_str(), line)
            })
        })
    }

    /// Whether this cause of inconclusive cells is accepted for this stack.
    pub fn accepts(&self, stack: &StackReport, cause: &str) -> bool {
        let of_stack = self.stacks.iter().filter(|s| s.fits(stack));
        of_stack.flat_map(|s| &s.inconclusive).any(|(known, _)| known == cause)
    }
}

impl StackWaivers {
    fn is_for(&self, name: &str, version: &str, profile: &str) -> bool {
        self.name == name && self.version == version && self.profile.as_ref().is_none_or(|p| p == profile)
    }

    fn fits(&self, stack: &StackReport) -> bool {
        self.is_for(&stack.name, &stack.version, &stack.profile)
    }
}

impl Waiver {
    fn is_over(&self, ip: IpVersion) -> bool {
        self.ip.is_none_or(|only| only == ip)
    }

    /// Both would waive the same finding.
    fn is_same(&self, other: &Waiver) -> bool {
        self.signature == other.signature && (self.ip.is_none() || other.ip.is_none() || self.ip == other.ip)
    }

    fn words(&self) -> String {
        match &self.link {
            Some(link) => format!("{} {link}", self.reason),
            None => self.reason.clone(),
        }
    }
}

/// The waivers that come with the embedded stacks.
///
/// # Errors
/// As [`Waivers::parse`]; a test keeps it from happening.
pub fn embedded() -> Result<Waivers, String> {
    let mut all = Waivers::default();
    for (name, text) in EMBEDDED {
        all.extend(Waivers::parse(text, name)?);
    }
    Ok(all)
}

const EMBEDDED: &[(&str, &str)] = &[
    #[cfg(feature = "smoltcp")]
    ("waivers/smoltcp-0.14.0.toml", include_str!("../../waivers/smoltcp-0.14.0.toml")),
];

/// A waiver file for every finding that is not waived yet, its reasons left open: [`Waivers::parse`]
/// refuses it until a person has written them.
pub fn write(report: &Report) -> String {
    let mut out = String::from(
        "# Every reason below has to be written by a person; until then this file is refused.\n\
         # Keep only what is accepted.\n",
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

/// One stack, in each of its IP versions; a finding of all of them is one waiver.
fn write_stack(out: &mut String, passes: &[&StackReport]) {
    let Some(stack) = passes.first() else { return };
    let mut open: Vec<(&Signature, &Finding, Vec<IpVersion>)> = Vec::new();
    for pass in passes {
        for (signature, finding) in pass.findings.iter().filter(|(_, f)| f.waived.is_none()) {
            match open.iter_mut().find(|(s, ..)| *s == signature) {
                Some((.., ips)) => ips.push(pass.ip),
                None => open.push((signature, finding, vec![pass.ip])),
            }
        }
    }
    if open.is_empty() {
        return;
    }
    open.sort_by_key(|(signature, ..)| **signature);
    // Writing to a String cannot fail.
    let _ = write!(out, "\n[[stack]]\nname = {}\nversion = {}\n", quote(&stack.name), quote(&stack.version));
    let _ = writeln!(out, "profile = {}", quote(&stack.profile));
    for (signature, finding, ips) in open {
        let _ = write!(
            out,
            "\n# {} ({}): wants {}; came {}\n[[stack.waiver]]\nsignature = {}\nsection = {}\nreason = {}\n",
            finding.verdict,
            finding.level,
            one_line(&finding.example.want),
            one_line(&finding.example.got),
            quote(&signature.to_string()),
            quote(finding.cite),
            quote(PLACEHOLDER),
        );
        if let [ip] = ips[..]
            && passes.len() > 1
        {
            let _ = writeln!(out, "ip = {}", quote(ip_name(ip)));
        }
    }
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
