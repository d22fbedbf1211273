//! What becomes of two readings that are the same from here on.

use super::Oracle;
use super::host::Host;
use super::step::Cost;

/// The oracle that holds these readings, after it has looked for equal ones.
fn joined(hosts: [Host; 2]) -> Oracle {
    let mut oracle = Oracle::new();
    oracle.hosts = hosts.map(Box::new).into();
    oracle.dedupe();
    assert_eq!(oracle.hosts.len(), 1);
    oracle
}

#[test]
fn a_word_that_fits_one_of_two_ways_disputes_neither() {
    for (first, second) in [(true, false), (false, true)] {
        let disputed = Host { disputed: first, ..Host::new() };
        let other = Host { disputed: second, cost: Cost::Allowed, ..Host::new() };
        assert!(!joined([disputed, other]).hosts[0].disputed);
    }
}

#[test]
fn what_one_of_two_ways_could_not_follow_is_lost() {
    for (first, second) in [(true, false), (false, true)] {
        let lost = Host { lost: first, ..Host::new() };
        let other = Host { lost: second, cost: Cost::Allowed, ..Host::new() };
        assert!(joined([lost, other]).hosts[0].lost);
    }
}
