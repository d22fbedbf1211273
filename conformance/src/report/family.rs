//! Findings in families of one kind, trigger and relation, worst first: as near as one can come to one
//! bug, one entry.

use core::cmp::Reverse;

use super::{Finding, StackReport};
use crate::table::Level;
use crate::verdict::{AckRelation, Kind, Signature, Trigger, Verdict};

/// Findings that are likely one bug.
#[derive(Clone, Debug)]
pub struct Family<'a> {
    /// Kind of difference.
    pub kind: Kind,
    /// Kind of event.
    pub trigger: Trigger,
    /// Its acknowledgment.
    pub relation: AckRelation,
    /// Worst first; never empty.
    pub findings: Vec<(&'a Signature, &'a Finding)>,
}

/// What makes one finding worse than another, worst first.
type Rank = (Reverse<Verdict>, Reverse<Level>, Kind, Reverse<u64>, Signature);

fn rank(signature: &Signature, finding: &Finding) -> Rank {
    (Reverse(finding.verdict), Reverse(finding.level), signature.kind, Reverse(finding.count), *signature)
}

/// The families of those findings that `keep` admits; the one with the worst finding comes first.
pub fn families(stack: &StackReport, keep: impl Fn(&Finding) -> bool) -> Vec<Family<'_>> {
    families_of(stack.findings.iter().filter(|(_, f)| keep(f)))
}

/// Findings in families; the one with the worst finding comes first.
pub fn families_of<'a>(findings: impl Iterator<Item = (&'a Signature, &'a Finding)>) -> Vec<Family<'a>> {
    let mut sorted: Vec<(&Signature, &Finding)> = findings.collect();
    sorted.sort_by_key(|(signature, finding)| rank(signature, finding));
    let mut families: Vec<Family<'_>> = Vec::new();
    for (signature, finding) in sorted {
        let Signature { kind, trigger, relation, .. } = *signature;
        let same = |f: &&mut Family<'_>| (f.kind, f.trigger, f.relation) == (kind, trigger, relation);
        match families.iter_mut().find(same) {
            Some(family) => family.findings.push((signature, finding)),
            None => families.push(Family { kind, trigger, relation, findings: vec![(signature, finding)] }),
        }
    }
    families
}

/// The event in words: `ACK with an old ACK`.
pub fn event_words(family: &Family<'_>) -> String {
    let name = family.trigger.name();
    match family.relation {
        AckRelation::Absent => name.to_owned(),
        AckRelation::Below => format!("{name} with an old ACK"),
        AckRelation::Duplicate => format!("{name} with a duplicate ACK"),
        AckRelation::New => format!("{name} with a new ACK"),
        AckRelation::Above => format!("{name} with an ACK of what was not sent"),
    }
}
