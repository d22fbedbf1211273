//! A SYN or SYN,ACK leaves.

use lastack_core::types::{SeqNum, State};

use super::{Departure, mismatch};
use crate::oracle::context::{Broken, Context};
use crate::oracle::debt::{Debt, Owed};
use crate::oracle::end;
use crate::oracle::host::Host;
use crate::oracle::step::{Aspects, Cost, Mismatch, Want};
use crate::verdict::Kind;

/// SYN, and SYN,ACK.
pub(super) fn syn(
    ctx: &Context<'_>,
    host: &mut Host,
    d: &Departure<'_>,
    index: usize,
) -> Result<(), Mismatch> {
    let h = &d.segment.header;
    let tcb = &host.tcbs[index];
    let wanted = match tcb.state {
        State::SynSent => Owed::Syn,
        State::SynReceived => Owed::SynAck,
        // CLOSE before the handshake was over: the SYN,ACK stays on the retransmission queue, also when the
        // peer's FIN has come meanwhile.
        State::FinWait1 | State::Closing if tcb.iss.is_none_or(|iss| iss == tcb.una) => Owed::SynAck,
        _ => {
            let ours = |x: &&Debt| x.port == d.port() && x.remote == d.remote() && !x.owed.is_rst();
            let owed = host.debts.iter().find(ours).map(|x| x.owed);
            let want = owed.map_or(Want::Silence, |owed| Want::Owed(owed, Some(tcb.nxt), Some(tcb.rcv_nxt)));
            return Err(mismatch(ctx, host, Kind::WrongReply, want, Aspects::STATE));
        }
    };
    if h.flags.ack() != (wanted == Owed::SynAck) || h.flags.fin() {
        return Err(mismatch(ctx, host, Kind::WrongReply, Want::Owed(wanted, tcb.iss, None), Aspects::STATE));
    }
    if let Some(iss) = tcb.iss.filter(|iss| *iss != h.seq) {
        return Err(mismatch(
            ctx,
            host,
            Kind::WrongNumber,
            Want::SeqNumber { una: iss, nxt: iss },
            Aspects::NONE,
        ));
    }
    if wanted == Owed::SynAck {
        take_text_of_syn(host, index, h.ack);
    }
    let tcb = &host.tcbs[index];
    if wanted == Owed::SynAck && h.ack != tcb.rcv_nxt && ctx.broken != Broken::AckNumbers {
        let want = Want::AckNumber { from: tcb.rcv_nxt, to: tcb.rcv_nxt };
        return Err(mismatch(ctx, host, Kind::WrongNumber, want, Aspects::NONE));
    }
    let first = tcb.iss.is_none();
    if !first {
        end::goes_on(ctx, tcb)?;
    }
    let tcb = &mut host.tcbs[index];
    if first {
        tcb.iss = Some(h.seq);
        tcb.una = h.seq;
        tcb.nxt = h.seq.add(1);
        tcb.unanswered_since = ctx.now;
    }
    tcb.resent |= !first;
    tcb.waiting_since = ctx.now;
    tcb.own_scale = d.scale;
    tcb.edge_known = true;
    let edge = u32::from(h.window);
    if wanted == Owed::SynAck {
        tcb.told = h.ack;
        tcb.edge_now = h.ack.add(edge);
        tcb.edge_max = if first { tcb.edge_now } else { tcb.edge_max.max(tcb.edge_now) };
    } else {
        tcb.edge_now = SeqNum::new(edge);
        tcb.edge_max = tcb.edge_now;
    }
    let (port, remote) = (d.port(), d.remote());
    // A SYN,ACK acknowledges; so it also answers what only wanted an ACK.
    host.debts.retain(|x| x.port != port || x.remote != remote || x.owed.is_rst());
    Ok(())
}

/// Text that came on the SYN is processed in SYN-RECEIVED (RFC 9293 3.10.7.2, third), before the SYN,ACK has
/// left: one segment may then acknowledge both.
fn take_text_of_syn(host: &mut Host, index: usize, ack: SeqNum) {
    let tcb = &mut host.tcbs[index];
    let first = tcb.irs.map(|irs| irs.add(1));
    let held = tcb.held.as_slice().iter().find(|h| Some(h.start) == first && first == Some(tcb.rcv_nxt));
    let Some(held) = held.copied() else { return };
    if !ack.is_after(held.start) || !ack.is_at_or_before(held.end) {
        return;
    }
    tcb.rcv_nxt = ack;
    tcb.held.retain(|h| h.end.is_after(ack) || h.fin);
    host.concede(Cost::Allowed);
}
