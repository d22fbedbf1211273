//! Our reading of option octets and etherparse's.

use etherparse::{TcpOptionElement as E, TcpOptionReadError as Error, TcpOptionsIterator};
use lastack_core::types::Options;
use lastack_core::types::wire::{OptionError, TcpOption, options};
use proptest::prelude::*;

use crate::common::config;

proptest! {
    #![proptest_config(config(40_000))]

    #[test]
    fn options_are_read_as_etherparse_reads_them(raw in option_octets()) {
        same_options(&raw);
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

/// Both readers give the same options up to the first that one of them cannot read. etherparse stops
/// silently at the end of the list and has no word for kinds that it does not know.
fn same_options(raw: &[u8]) {
    let mut theirs = TcpOptionsIterator::from_slice(raw);
    for ours in options(raw) {
        let theirs = theirs.next();
        match (&ours, &theirs) {
            (Ok(TcpOption::EndOfList), None) => return,
            (Ok(TcpOption::Nop), Some(Ok(E::Noop))) => {}
            (Ok(TcpOption::Mss(a)), Some(Ok(E::MaximumSegmentSize(b)))) => assert_eq!(a, b),
            (Ok(TcpOption::WindowScale(a)), Some(Ok(E::WindowScale(b)))) => assert_eq!(a, b),
            (Ok(TcpOption::SackPermitted), Some(Ok(E::SelectiveAcknowledgementPermitted))) => {}
            (Ok(TcpOption::Timestamps { value, echo }), Some(Ok(E::Timestamp(a, b)))) => {
                assert_eq!((value, echo), (a, b));
            }
            (Ok(TcpOption::Sack(pairs)), Some(Ok(E::SelectiveAcknowledgement(first, more)))) => {
                let edges = |(left, right): (u32, u32)| [left.to_be_bytes(), right.to_be_bytes()].concat();
                let all = std::iter::once(*first).chain(more.iter().flatten().copied());
                assert_eq!(pairs.to_vec(), all.flat_map(edges).collect::<Vec<u8>>());
            }
            // From here on only we can go on, or nobody.
            (Ok(TcpOption::Unknown { kind, .. }), Some(Err(Error::UnknownId(id)))) => {
                assert_eq!(kind, id);
                return;
            }
            (Err(OptionError::WrongLength { .. }), Some(Err(Error::UnexpectedSize { .. }))) => return,
            (Err(_), Some(Err(_))) => return,
            _ => panic!("{ours:?} and {theirs:?} in {raw:?}"),
        }
    }
    assert_eq!(theirs.next(), None, "behind the last of {raw:?}");
}
