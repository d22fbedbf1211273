//! One stack over all its IP versions: what it does over IPv4 and IPv6 alike is said once.

use std::collections::BTreeMap;

use super::family::{Family, families_of};
use super::{Finding, Report, StackReport, ip_words};
use crate::table::Level;
use crate::verdict::Signature;

/// The passes of one stack under one profile; never empty.
pub(super) struct Group<'a> {
    passes: Vec<&'a StackReport>,
}

/// The groups of a report, in its order.
pub(super) fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let key = |s: &StackReport| (s.name.clone(), s.version.clone(), s.profile.clone());
    for stack in &report.stacks {
        match groups.iter_mut().find(|group| key(group.passes[0]) == key(stack)) {
            Some(group) => group.passes.push(stack),
            None => groups.push(Group { passes: vec![stack] }),
        }
    }
    groups
}

impl<'a> Group<'a> {
    pub fn label(&self) -> String {
        format!("{} {}", self.passes[0].name, self.passes[0].version)
    }

    pub fn profile(&self) -> &'a str {
        match self.passes[0].profile.as_str() {
            "" => "any profile",
            profile => profile,
        }
    }

    /// Every finding, each from the first pass that shows it so gravely.
    pub fn findings(&self) -> impl Iterator<Item = (&'a Signature, &'a Finding)> {
        let mut all: BTreeMap<&Signature, &Finding> = BTreeMap::new();
        for (signature, finding) in self.passes.iter().flat_map(|pass| &pass.findings) {
            let known = all.entry(signature).or_insert(finding);
            let grave = |f: &Finding| (f.waived.is_none(), f.verdict, f.level);
            if grave(finding) > grave(known) {
                *known = finding;
            }
        }
        all.into_iter()
    }

    /// In families, those that `keep` admits, the worst first.
    pub fn families(&self, keep: impl Fn(&Finding) -> bool) -> Vec<Family<'a>> {
        families_of(self.findings().filter(|(_, finding)| keep(finding)))
    }

    /// The pass that a finding is from.
    pub fn pass_of(&self, finding: &Finding) -> &'a StackReport {
        let has = |pass: &&&StackReport| pass.findings.values().any(|f| core::ptr::eq(f, finding));
        self.passes.iter().find(has).unwrap_or(&self.passes[0])
    }

    /// `IPv6` where a finding does not show over all of the stack's IP versions.
    pub fn only_over(&self, signature: &Signature) -> Option<&'static str> {
        let shows: Vec<_> = self.passes.iter().filter(|pass| pass.findings.contains_key(signature)).collect();
        (shows.len() < self.passes.len()).then(|| shows.first().map(|pass| ip_words(pass.ip))).flatten()
    }

    /// Leaves out what an earlier group has told already; how many findings that were.
    pub fn fresh(
        &self,
        families: Vec<Family<'a>>,
        earlier: &[Group<'_>],
        level: Level,
    ) -> (usize, Vec<Family<'a>>) {
        let told: Vec<&Signature> = earlier
            .iter()
            .flat_map(|group| group.findings())
            .filter(|(_, finding)| finding.counts_at(level))
            .map(|(signature, _)| signature)
            .collect();
        let mut count = 0;
        let strip = |mut family: Family<'a>| {
            let before = family.findings.len();
            family.findings.retain(|(signature, _)| !told.contains(signature));
            count += before - family.findings.len();
            (!family.findings.is_empty()).then_some(family)
        };
        let fresh = families.into_iter().filter_map(strip).collect();
        (count, fresh)
    }

    pub fn has_reasons(&self) -> bool {
        self.passes.iter().any(|pass| !pass.inconclusive.is_empty())
    }

    pub fn inconclusive(&self) -> BTreeMap<String, u64> {
        self.sum(|pass| &pass.inconclusive)
    }

    pub fn seen(&self) -> BTreeMap<String, u64> {
        self.sum(|pass| &pass.seen)
    }

    fn sum(&self, of: impl Fn(&'a StackReport) -> &'a BTreeMap<String, u64>) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for (what, count) in self.passes.iter().flat_map(|pass| of(pass)) {
            *sums.entry(what.clone()).or_insert(0) += count;
        }
        sums
    }
}
