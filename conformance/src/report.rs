//! What a run comes to, as data; the forms people and machines read are views of it.

pub mod across;
pub mod cover;
pub mod explain;
pub mod family;
mod group;
#[cfg(feature = "cli")]
pub mod json;
#[cfg(feature = "cli")]
pub mod junit;
pub mod markdown;
pub mod matrix;
pub mod text;
#[cfg(feature = "waivers")]
pub mod waivers;

use std::collections::BTreeMap;

use lastack_core::types::State;

use crate::scenario::Scenario;
use crate::subject::IpVersion;
use crate::table::Level;
use crate::verdict::{Difference, Kind, Signature, Verdict};

/// A whole run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Seed of everything drawn by chance.
    pub seed: u64,
    /// Wall time, for people; nothing depends on it.
    pub seconds: f64,
    /// One a stack and IP version.
    pub stacks: Vec<StackReport>,
    /// The run was cut short; the figures are those until then.
    pub interrupted: bool,
}

/// How many cells came to what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Counts {
    pub pass: u64,
    pub allowed: u64,
    pub non_strict: u64,
    pub fail: u64,
    pub unsupported: u64,
    pub waived: u64,
    pub inconclusive: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        let slot = match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Allowed => &mut self.allowed,
            Verdict::NonStrict => &mut self.non_strict,
            Verdict::Fail => &mut self.fail,
            Verdict::Unsupported => &mut self.unsupported,
            Verdict::Waived => &mut self.waived,
            Verdict::Inconclusive => &mut self.inconclusive,
        };
        *slot += 1;
    }

    /// Every verdict with its count, the order that of [`Verdict`].
    pub fn each(&self) -> [(Verdict, u64); 7] {
        [
            (Verdict::Pass, self.pass),
            (Verdict::Allowed, self.allowed),
            (Verdict::NonStrict, self.non_strict),
            (Verdict::Fail, self.fail),
            (Verdict::Unsupported, self.unsupported),
            (Verdict::Waived, self.waived),
            (Verdict::Inconclusive, self.inconclusive),
        ]
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.each().into_iter().map(|(_, count)| count).sum()
    }
}

/// One stack under one IP version.
#[derive(Clone, Debug)]
pub struct StackReport {
    /// Short name.
    pub name: String,
    /// Published version.
    pub version: String,
    /// IP version of this pass.
    pub ip: IpVersion,
    /// The declared profile in one line.
    pub profile: String,
    /// Cells aimed at.
    pub cells: u64,
    /// Scenarios run.
    pub scenarios: u64,
    /// Wall time, for people; nothing depends on it.
    pub seconds: f64,
    /// Cells by what they came to.
    pub counts: Counts,
    /// Findings by signature, waived ones included.
    pub findings: BTreeMap<Signature, Finding>,
    /// Reasons of the inconclusive cells, with how many each.
    pub inconclusive: BTreeMap<String, u64>,
    /// What was left to the stack and what it chose, e.g. `RST in window: reset`.
    pub seen: BTreeMap<String, u64>,
    /// Cells by state and kind of event: what the matrix shows.
    pub matrix: BTreeMap<(State, String), Counts>,
    /// Rules that fired, with how many scenarios fired each; empty unless they were counted.
    pub fired: BTreeMap<&'static str, u64>,
    /// Scripts that were compared with the same one under a change that must not matter.
    pub compared: u64,
    /// What worlds with other stacks came to; empty where none were asked for. Findings stand among the others.
    pub worlds: Vec<Met>,
    /// What random histories came to; `None` where none were asked for. Their findings stand among the others.
    pub random: Option<Searched>,
    /// What a clock that is real left undone; `None` where it is virtual.
    pub real_time: Option<RealTime>,
}

/// What a run in real time leaves open.
#[derive(Clone, Debug, Default)]
pub struct RealTime {
    /// Scenarios that would take too long, with how many for each reason. They are not run and do not pass.
    pub left_out: BTreeMap<&'static str, u64>,
    /// Differences that did not show again often enough, with the cell that showed each: no findings.
    pub unrepeated: BTreeMap<Signature, String>,
}

/// What worlds of a stack and a partner came to.
#[derive(Clone, Debug, Default)]
pub struct Met {
    /// The other stack; the same name where it met itself.
    pub partner: String,
    /// Worlds that ran.
    pub worlds: u64,
    /// Of them, those in which no rule and no property was broken.
    pub clean: u64,
    /// Of them, those in which nobody could tell from some point on what was the peer's and what was not, so that
    /// the properties of the pair were not asked for any more.
    pub without_properties: u64,
    /// Of them, those without a verdict, by reason.
    pub inconclusive: BTreeMap<String, u64>,
    /// Of them, those in which the partner broke a rule first: it was to be the one that obeys them.
    pub partner_broke: u64,
    /// Wall time, for people; nothing depends on it.
    pub seconds: f64,
}

/// What a search by random histories came to.
#[derive(Clone, Debug, Default)]
pub struct Searched {
    /// Histories run.
    pub histories: u64,
    /// Wall time, for people; nothing depends on it.
    pub seconds: f64,
    /// Histories by what they came to.
    pub counts: Counts,
    /// Reasons of the inconclusive ones, with how many each.
    pub inconclusive: BTreeMap<String, u64>,
    /// Differences that showed only in histories where an accepted one came first, with how many histories
    /// each: no findings, as they may be no more than its consequence.
    pub follow: BTreeMap<Signature, u64>,
    /// Rules that fired and obligations that arose, with how many histories each.
    pub reached: BTreeMap<&'static str, u64>,
}

/// One finding: a signature, where it showed, and the shortest scenario that shows it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// `Fail` or `NonStrict`: the worst seen.
    pub verdict: Verdict,
    /// Level of what was not done.
    pub level: Level,
    /// Sections and requirement ids.
    pub cite: &'static str,
    /// States in which it showed.
    pub states: Vec<State>,
    /// In how many scenarios.
    pub count: u64,
    /// The difference of the scenario below.
    pub example: Difference,
    /// Name of the cell that showed it.
    pub cell: String,
    /// The shortest scenario that shows it.
    pub scenario: Scenario,
    /// Why it is accepted, when it is.
    pub waived: Option<Acceptance>,
    /// How often it showed again, where the clock is real.
    pub repeats: Option<Repeats>,
}

/// The scenario of a finding was run again.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Repeats {
    /// How often the same signature showed.
    pub shown: u32,
    /// In so many runs.
    pub runs: u32,
}

impl Repeats {
    /// It showed again in half of the runs at least: a busy machine does not do that.
    pub const fn convinces(self) -> bool {
        self.shown > 0 && self.shown * 2 >= self.runs
    }

    /// With one more run that showed it.
    pub const fn once_more(self) -> Repeats {
        Repeats { shown: self.shown + 1, runs: self.runs + 1 }
    }
}

/// Why a finding is accepted: an entry of a waiver file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Acceptance {
    /// The bug in a few words.
    pub title: String,
    /// Sections that the stack departs from.
    pub section: String,
    /// Why that is accepted.
    pub reason: String,
    /// Where more is to be read.
    pub link: Option<String>,
}

impl StackReport {
    /// Name, version and IP version: `smoltcp 0.14.0 over IPv4`.
    pub fn label(&self) -> String {
        format!("{} {} over {}", self.name, self.version, ip_words(self.ip))
    }

    /// Folder of its findings under `--out`: `smoltcp-0.14.0-ipv4`.
    pub fn folder(&self) -> String {
        plain(&format!("{}-{}-{}", self.name, self.version, ip_name(self.ip)))
    }
}

impl Finding {
    /// Whether it makes a run fail at this level; a waived one never does.
    pub fn counts_at(&self, level: Level) -> bool {
        self.waived.is_none() && counts_at(self.verdict, self.level, self.example.signature.kind, level)
    }
}

/// Whether a difference makes a run fail at this `--level`: a fail of that level or a stronger one; with
/// SHOULD also what is non-strict. A panic or an endless talk always does.
pub fn counts_at(verdict: Verdict, of: Level, kind: Kind, level: Level) -> bool {
    let broken = matches!(kind, Kind::Panic | Kind::NeverQuiet);
    match verdict {
        Verdict::Fail => broken || of >= level,
        _ => broken || level <= Level::Should,
    }
}

/// File of a finding's scenario in [`StackReport::folder`].
pub fn file_name(signature: &Signature) -> String {
    let Signature { kind, trigger, relation, rule } = signature;
    plain(&format!("{rule}.{}.{}.{}.lastack", kind.name(), trigger.name(), relation.name()))
}

/// Letters, digits, `.`, `-` and `_`; a comma becomes `+`.
pub(crate) fn plain(name: &str) -> String {
    let safe = |c: char| match c {
        ',' => '+',
        c if c.is_ascii_alphanumeric() || "._-".contains(c) => c,
        _ => '_',
    };
    name.chars().map(safe).collect()
}

/// In prose: `IPv4`.
pub const fn ip_words(ip: IpVersion) -> &'static str {
    match ip {
        IpVersion::V4 => "IPv4",
        IpVersion::V6 => "IPv6",
    }
}

/// In JSON, waiver files and file names: `ipv4`.
pub const fn ip_name(ip: IpVersion) -> &'static str {
    match ip {
        IpVersion::V4 => "ipv4",
        IpVersion::V6 => "ipv6",
    }
}
