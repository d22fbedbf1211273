//! Packet bytes: well over 100,000 random and changed packets, held against a model of the layout and
//! against etherparse's own reading.

#[path = "../common/mod.rs"]
mod common;
mod options;
mod packets;
mod values;

use std::cell::RefCell;
use std::collections::BTreeMap;

use common::config;
use lastack::campaign::wire::{Agreement, check};
use lastack_core::types::Segment;
use lastack_core::types::wire::parse;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use values::{any_segment, ip_len, on_the_wire, packet, slow_sum, spoil, summed_by_tcp};

proptest! {
    #![proptest_config(config(25_000))]

    #[test]
    fn a_segment_reads_back_as_it_was_written((mut header, text, ip, tcp) in any_segment()) {
        spoil(&mut header, &text, ip, tcp);
        let bytes = packet(header, &text);
        let (header, text) = on_the_wire(header, &text);
        prop_assert_eq!(parse(&bytes), Ok(Segment { header, text: &text }));
        prop_assert!(check(&bytes).is_ok());
    }

    #[test]
    fn right_checksums_add_up_to_all_ones((header, text, ..) in any_segment()) {
        let bytes = packet(header, &text);
        if header.src.addr.is_ipv4() {
            prop_assert_eq!(slow_sum(&bytes[..20]), 0xffff);
        }
        prop_assert_eq!(slow_sum(&summed_by_tcp(&bytes, ip_len(&header))), 0xffff);
    }
}

#[test]
fn a_changed_packet_is_read_as_etherparse_reads_it() {
    // Every reason for a difference occurs, so that none is argued in vain.
    agrees(60_000, packets::changed_packet(), &Agreement::ALL);
}

#[test]
fn octets_by_chance_are_read_as_etherparse_reads_them() {
    agrees(40_000, packets::chance_packet(), &[Agreement::Same, Agreement::NeitherReads]);
}

/// Checks so many packets, and that each of `wanted` was among the outcomes.
fn agrees(cases: u32, packets: impl Strategy<Value = Vec<u8>>, wanted: &[Agreement]) {
    let seen = RefCell::new(BTreeMap::<Agreement, u32>::new());
    let config = ProptestConfig { source_file: Some(file!()), ..config(cases) };
    let result = TestRunner::new(config).run(&packets, |bytes| {
        let agreement = check(&bytes).map_err(TestCaseError::fail)?;
        *seen.borrow_mut().entry(agreement).or_default() += 1;
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    let seen = seen.into_inner();
    for outcome in wanted {
        assert!(seen.contains_key(outcome), "no packet came to {outcome:?}: {seen:?}");
    }
}
