//! Our reading of option octets and etherparse's.

use etherparse::{TcpOptionElement as E, TcpOptionReadError as Error, TcpOptionsIterator};
use lastack_core::types::wire::{OptionError, TcpOption, options};

/// Both readers give the same options up to the first that one of them cannot read. etherparse stops
/// silently at the end of the list and has no word for kinds that it does not know.
///
/// # Errors
/// The first option that they read differently.
pub fn same_options(raw: &[u8]) -> Result<(), String> {
    let mut theirs = TcpOptionsIterator::from_slice(raw);
    for ours in options(raw) {
        let theirs = theirs.next();
        let goes_on = match (&ours, &theirs) {
            (Ok(TcpOption::EndOfList), None) => return Ok(()),
            (Ok(TcpOption::Nop), Some(Ok(E::Noop))) => true,
            (Ok(TcpOption::Mss(a)), Some(Ok(E::MaximumSegmentSize(b)))) => a == b,
            (Ok(TcpOption::WindowScale(a)), Some(Ok(E::WindowScale(b)))) => a == b,
            (Ok(TcpOption::SackPermitted), Some(Ok(E::SelectiveAcknowledgementPermitted))) => true,
            (Ok(TcpOption::Timestamps { value, echo }), Some(Ok(E::Timestamp(a, b)))) => {
                (value, echo) == (a, b)
            }
            (Ok(TcpOption::Sack(pairs)), Some(Ok(E::SelectiveAcknowledgement(first, more)))) => {
                let edges = |(left, right): (u32, u32)| [left.to_be_bytes(), right.to_be_bytes()].concat();
                let all = core::iter::once(*first).chain(more.iter().flatten().copied());
                pairs.to_vec() == all.flat_map(edges).collect::<Vec<u8>>()
            }
            // From here on only we can go on, or nobody.
            (Ok(TcpOption::Unknown { kind, .. }), Some(Err(Error::UnknownId(id)))) if kind == id => {
                return Ok(());
            }
            (Err(OptionError::WrongLength { .. }), Some(Err(Error::UnexpectedSize { .. }))) => return Ok(()),
            (Err(_), Some(Err(_))) => return Ok(()),
            _ => false,
        };
        if !goes_on {
            return Err(format!("{ours:?} and {theirs:?} in {raw:?}"));
        }
    }
    match theirs.next() {
        None => Ok(()),
        Some(more) => Err(format!("{more:?} behind the last of {raw:?}")),
    }
}
