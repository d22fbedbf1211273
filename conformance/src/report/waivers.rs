//! Waivers: findings that are accepted, one entry a bug, each with a reason that a person wrote.
//!
//! ```toml
//! [[stack]]
//! name = "smoltcp*"            # a `*` at the end: every stack whose name begins so
//! version = "0.14.0"           # likewise
//! profile = "rst=classic"      # optional: only under this profile
//!
//! [[stack.waiver]]
//! title = "A SYN in a synchronized state is ignored"
//! signatures = [               # as findings print them; `*` admits every value of a field
//!     "SYN-IN-WINDOW:missing-reply:SYN:*",
//!     "*:missing-reply:SYN,ACK:below",
//!     "PANIC:panic:time:no-ack:attempt-to-subtract-with-overflow",   # without the words: every panic
//! ]
//! rare = ["ACK-OLD:*:SYN:*"]   # optional: likewise, but only long searches by random histories show it
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
//! An entry that nothing needs any more is stale, and a run says so: what is fixed must not stay waived.

mod read;
mod write;

use super::{Acceptance, Report, StackReport};
use crate::subject::{Description, IpVersion};
use crate::verdict::SignaturePattern;

pub use self::write::write;

/// What `--write-waivers` writes for a reason, and what no reader accepts.
pub const PLACEHOLDER: &str = "TODO: why is this accepted?";

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
    accepted: Acceptance,
    signatures: Vec<Pattern>,
    ip: Option<IpVersion>,
    /// `file:line`.
    place: String,
}

#[derive(Clone, Debug)]
struct Pattern {
    signature: SignaturePattern,
    /// As written.
    text: String,
    /// Only a long search shows it: that a run does not is no news.
    rare: bool,
    /// `file:line`.
    place: String,
}

/// Something in a waiver file that no finding needed although all cells of its stacks ran.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unneeded {
    /// `file:line`.
    pub place: String,
    /// Of which stacks.
    pub stack: String,
    /// The entry's title, or the signature as written.
    pub what: String,
}

/// What a whole run shows of the waivers themselves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Review {
    /// Entries none of whose signatures showed: the run ends with 4.
    pub stale: Vec<Unneeded>,
    /// Signatures that did not show although others of their entry did: a remark.
    pub unseen: Vec<Unneeded>,
}

/// An entry, for print.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    of_stack: &'a StackWaivers,
    waiver: &'a Waiver,
}

impl Waivers {
    /// Reads a waiver file; `name` is what errors call it.
    ///
    /// # Errors
    /// `name:line:column: what`: no TOML, an unknown or missing key, no signature, a rule that does not
    /// exist, a reason that nobody wrote, or the same waiver twice.
    pub fn parse(text: &str, name: &str) -> Result<Waivers, String> {
        read::parse(text, name)
    }

    /// Adds those of another file.
    pub fn extend(&mut self, more: Waivers) {
        self.stacks.extend(more.stacks);
    }

    /// The signatures that are waived for this stack.
    pub fn signatures(
        &self,
        name: &str,
        version: &str,
        profile: &str,
        ip: IpVersion,
    ) -> Vec<SignaturePattern> {
        let of_stack = self.stacks.iter().filter(|s| s.is_for(name, version, profile));
        let waivers = of_stack.flat_map(|s| &s.findings).filter(|w| w.is_over(ip));
        waivers.flat_map(|w| &w.signatures).map(|pattern| pattern.signature.clone()).collect()
    }

    /// Marks the findings that are waived: by the first entry that fits. Reviews the entries that a
    /// `complete` run (no filter, every IP version, not interrupted) can judge: those that do not also
    /// speak of a stack in `left_out`.
    pub fn apply(&self, report: &mut Report, complete: bool, left_out: &[Description]) -> Review {
        let mut review = Review::default();
        for of_stack in &self.stacks {
            let elsewhere =
                left_out.iter().any(|d| of_stack.is_for(&d.name, &d.version, &d.profile.to_string()));
            for waiver in &of_stack.findings {
                let mut ran = false;
                let mut seen = vec![false; waiver.signatures.len()];
                for stack in report.stacks.iter_mut().filter(|s| of_stack.fits(s) && waiver.is_over(s.ip)) {
                    ran = true;
                    waiver.mark(stack, &mut seen);
                }
                if ran && complete && !elsewhere {
                    review.add(of_stack, waiver, &seen);
                }
            }
        }
        review
    }

    /// Every entry, in the order of the files.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let all = self.stacks.iter();
        all.flat_map(|of_stack| of_stack.findings.iter().map(move |waiver| Entry { of_stack, waiver }))
    }

    /// Whether this cause of inconclusive cells is accepted for this stack.
    pub fn accepts(&self, stack: &StackReport, cause: &str) -> bool {
        let of_stack = self.stacks.iter().filter(|s| s.fits(stack));
        of_stack.flat_map(|s| &s.inconclusive).any(|(known, _)| known == cause)
    }
}

impl Entry<'_> {
    /// Whether one of its signatures names this rule.
    pub fn names(&self, rule: &str) -> bool {
        let names = |pattern: &Pattern| pattern.signature.rule.as_ref().is_some_and(|r| r == rule);
        self.waiver.signatures.iter().any(names)
    }

    /// `smoltcp 0.14.0: A SYN in a synchronized state is ignored. Why, https://..`.
    pub fn line(&self) -> String {
        let Acceptance { title, reason, .. } = &self.waiver.accepted;
        let StackWaivers { name, version, .. } = self.of_stack;
        let link = self.waiver.accepted.link.as_ref().map(|link| format!(" {link}")).unwrap_or_default();
        format!("{} {version}: {title}. {reason}{link}", name.trim_end_matches('*'))
    }
}

impl StackWaivers {
    fn is_for(&self, name: &str, version: &str, profile: &str) -> bool {
        let fits = |pattern: &str, value: &str| match pattern.strip_suffix('*') {
            Some(start) => value.starts_with(start),
            None => pattern == value,
        };
        fits(&self.name, name)
            && fits(&self.version, version)
            && self.profile.as_ref().is_none_or(|p| p == profile)
    }

    fn fits(&self, stack: &StackReport) -> bool {
        self.is_for(&stack.name, &stack.version, &stack.profile)
    }
}

impl Waiver {
    fn is_over(&self, ip: IpVersion) -> bool {
        self.ip.is_none_or(|only| only == ip)
    }

    /// Marks the findings of one pass; notes which signatures were needed.
    fn mark(&self, stack: &mut StackReport, seen: &mut [bool]) {
        for (signature, finding) in stack.findings.iter_mut().filter(|(_, f)| f.waived.is_none()) {
            let mut fits = false;
            for (pattern, seen) in self.signatures.iter().zip(seen.iter_mut()) {
                if pattern.signature.admits(signature) {
                    *seen = true;
                    fits = true;
                }
            }
            if fits {
                finding.waived = Some(self.accepted.clone());
            }
        }
    }
}

impl Review {
    fn add(&mut self, of_stack: &StackWaivers, waiver: &Waiver, seen: &[bool]) {
        let stack = format!("{} {}", of_stack.name, of_stack.version);
        if waiver.signatures.iter().all(|pattern| pattern.rare) {
            return;
        }
        if !seen.contains(&true) {
            let what = waiver.accepted.title.clone();
            self.stale.push(Unneeded { place: waiver.place.clone(), stack, what });
            return;
        }
        for (pattern, _) in
            waiver.signatures.iter().zip(seen).filter(|(pattern, seen)| !**seen && !pattern.rare)
        {
            let (place, what) = (pattern.place.clone(), pattern.text.clone());
            self.unseen.push(Unneeded { place, stack: stack.clone(), what });
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
    #[cfg(feature = "lwip")]
    ("waivers/lwip-2.toml", include_str!("../../waivers/lwip-2.toml")),
    #[cfg(all(feature = "linux", target_os = "linux"))]
    ("waivers/linux-6.toml", include_str!("../../waivers/linux-6.toml")),
];
