//! Resets.

use super::watch::Arrival;
use super::{Emission, MonitorId, Report};

pub(super) fn check(e: &Emission<'_>, report: &mut Report<'_>) {
    let h = &e.segment.header;
    if h.flags.syn() || h.flags.fin() {
        let want = format_args!("RST or RST,ACK");
        report.breach(MonitorId::RstControls, want, format_args!("{}", e.segment));
    }
    if e.only_arrivals() && e.watch.rsts == e.watch.arrivals {
        let want = format_args!("no RST in answer to a RST");
        report.breach(MonitorId::RstForRst, want, format_args!("{}", e.segment));
        return;
    }
    if e.connection.now.is_none() && e.connection.resets >= e.connection.arrivals {
        let want = format_args!("one RST at most for each of {} arrivals", e.connection.arrivals);
        report.breach(MonitorId::RstUnprompted, want, format_args!("{}", e.segment));
        return;
    }
    let known = e.watch.recent.iter().any(|a| answers(e, a)) || e.watch.has_forgotten();
    if !known && !resets_connection(e) {
        let (una, nxt) =
            e.connection.now.as_ref().map_or_else(Default::default, |n| (n.acked_surely, n.snd_nxt()));
        let want = format_args!("SEQ=SEG.ACK, or SEQ=0 ACK=SEG.SEQ+SEG.LEN, or SEQ={una} to {nxt}");
        report.breach(MonitorId::RstForm, want, format_args!("{}", e.segment));
    }
}

/// RFC 9293 3.5.2: the form of a RST for something that belongs to no connection.
fn answers(e: &Emission<'_>, to: &Arrival) -> bool {
    let h = &e.segment.header;
    match to.ack {
        _ if to.odd => true,
        Some(ack) => h.seq == ack,
        // To one who has sent a SYN and knows no number of ours, an ACK of the SYN alone will do (3.10.7.3).
        None => {
            h.seq.value() == 0
                && h.flags.ack()
                && (h.ack == to.end || to.flags.syn() && h.ack == to.seq.add(1))
        }
    }
}

/// RFC 9293 3.10.5: SEQ=SND.NXT; a stack that goes back N may have rewound it.
fn resets_connection(e: &Emission<'_>) -> bool {
    let seq = e.segment.header.seq;
    e.connection
        .now
        .as_ref()
        .is_some_and(|n| seq.is_at_or_after(n.acked_surely) && seq.is_at_or_before(n.snd_nxt()))
}
