//! Our reading of option octets and etherparse's.

use lastack::campaign::wire::same_options;
use lastack_core::types::Options;
use proptest::prelude::*;

use crate::common::config;

proptest! {
    #![proptest_config(config(40_000))]

    #[test]
    fn options_are_read_as_etherparse_reads_them(raw in option_octets()) {
        prop_assert_eq!(same_options(&raw), Ok(()));
    }
}

/// Octets that often are options, whole or nearly.
fn option_octets() -> impl Strategy<Value = Vec<u8>> {
    let data = |most| prop::collection::vec(any::<u8>(), 0..most);
    let framed = (0..10u8, 0..12u8, prop::collection::vec(0..9u8, 0..12))
        .prop_map(|(kind, len, data)| [vec![kind, len], data].concat());
    let exact = (0..10u8, prop_oneof![4 => data(12), 1 => data(36)])
        .prop_map(|(kind, data)| [vec![kind, data.len() as u8 + 2], data].concat());
    let piece = prop_oneof![3 => exact, 1 => framed, 1 => Just(vec![1])];
    let joined = prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    joined.prop_map(|mut raw| {
        raw.truncate(Options::MAX);
        raw
    })
}
