use super::*;
use crate::monitor::MONITORS;
use crate::report::cover::{Cover, coverage};
use crate::table::requirements::requirement;
use crate::table::{rule, rules};
use crate::verdict::Obligation;

/// A claim about a requirement that does not exist would silently claim nothing.
#[test]
fn every_claim_is_about_a_requirement_once() {
    for (i, (id, _)) in CLAIMS.iter().enumerate() {
        assert!(requirement(id).is_some(), "{id}");
        assert!(CLAIMS[..i].iter().all(|(other, _)| other != id), "{id} twice");
    }
}

/// A claim rests on something that exists.
#[test]
fn every_name_in_a_claim_exists() {
    let names: Vec<&str> = rules::all()
        .map(|id| rule(id).name)
        .chain(Obligation::ALL.map(Obligation::name))
        .chain(MONITORS.iter().map(|monitor| monitor.name))
        .collect();
    for (id, claim) in CLAIMS {
        let By(by) = claim else { continue };
        for name in by.iter().filter(|name| !name.starts_with("cells:")) {
            assert!(names.contains(name), "{id}: {name}");
        }
    }
}

#[test]
fn every_gap_has_a_reason() {
    for (requirement, cover) in coverage().requirements {
        assert_ne!(cover, Cover::Gap(UNCLAIMED), "{}", requirement.id);
    }
}
