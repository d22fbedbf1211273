//! Numbers: what both ends' ledgers say of one connection.

use super::{Breach, Property};
use crate::ledger::Incarnation;
use crate::scenario::HostId;

/// Both ends at an instant at which nothing is half done.
pub fn check(a: &Incarnation, b: &Incarnation) -> Option<Breach> {
    if !is_alive(a) || !is_alive(b) {
        return None;
    }
    if !are_same(a, b) {
        let isns = |i: &Incarnation| (i.stack.iss.unwrap_or_default(), i.peer.iss.unwrap_or_default());
        let ((own, peer), (other_own, other_peer)) = (isns(a), isns(b));
        let want = format_args!("ISS={own} and IRS={peer} as at A");
        let got = format_args!("IRS={other_peer} and ISS={other_own}");
        return Some(Breach::new(Property::EndsAgree, HostId::B, want, got));
    }
    coherent(a, b, HostId::A).or_else(|| coherent(b, a, HostId::B))
}

/// Surely established, and neither reset nor closed.
fn is_alive(i: &Incarnation) -> bool {
    let ends = [&i.stack, &i.peer];
    i.surely_established && i.peer.iss.is_some() && ends.iter().all(|e| e.rst.is_none() && e.fin.is_none())
}

fn are_same(a: &Incarnation, b: &Incarnation) -> bool {
    a.stack.iss == b.peer.iss && b.stack.iss == a.peer.iss
}

/// SND.UNA of one end =< RCV.NXT of the other =< SND.NXT of the first.
fn coherent(sender: &Incarnation, receiver: &Incarnation, host: HostId) -> Option<Breach> {
    let rcv_nxt = receiver.rcv_nxt()?;
    let (una, nxt) = (sender.acked_surely, sender.snd_nxt());
    if una.is_at_or_before(rcv_nxt) && rcv_nxt.is_at_or_before(nxt) {
        return None;
    }
    let want = format_args!("{una} =< RCV.NXT of the other end =< {nxt}");
    Some(Breach::new(Property::Coherent, host, want, format_args!("RCV.NXT={rcv_nxt}")))
}
