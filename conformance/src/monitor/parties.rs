//! Who may speak at all: unasked SYNs, segments without a connection, or after its end.

use super::{Emission, MonitorId, Report};

pub(super) fn check(e: &Emission<'_>, report: &mut Report<'_>) {
    let flags = e.segment.header.flags;
    if flags.rst() {
        return;
    }
    if flags.syn() {
        check_syn(e, report);
    } else if e.connection.now.is_none() {
        let want = format_args!("RST or nothing: the stack never sent a SYN here");
        report.breach(MonitorId::NoConnection, want, format_args!("{}", e.segment));
    }
    if e.fresh || !e.unprompted() {
        return;
    }
    if e.watch.dead_by_own_rst() {
        let want = format_args!("nothing unasked after the stack's own RST");
        report.breach(MonitorId::AfterRst, want, format_args!("{}", e.segment));
    }
    if e.watch.dead_by_reset() {
        let want = format_args!("nothing unasked after the peer's RST at RCV.NXT");
        report.breach(MonitorId::AfterReset, want, format_args!("{}", e.segment));
    }
}

fn check_syn(e: &Emission<'_>, report: &mut Report<'_>) {
    let asked = if e.segment.header.flags.ack() {
        !e.connection.offers.is_empty()
    } else {
        // Without any call this is a trace whose calls are unknown.
        e.clockwork.opens > 0 || e.clockwork.calls == 0
    };
    if asked {
        return;
    }
    if e.segment.header.flags.ack() {
        let want = format_args!("no SYN,ACK: the peer sent no SYN");
        report.breach(MonitorId::SynAckUnasked, want, format_args!("{}", e.segment));
    } else {
        let want = format_args!("no SYN: no active OPEN, no SEND");
        report.breach(MonitorId::SynUnasked, want, format_args!("{}", e.segment));
    }
}
