//! A SYN or SYN,ACK on the variables: the peer's first number, its options, its first window.

use lastack_core::types::State;

use super::{Run, Target};
use crate::oracle::host::embryo;
use crate::oracle::tcb::{Origin, Tcb};
use crate::subject::{IpVersion, ListenerKind};
use crate::table::Rule;

impl Run<'_, '_> {
    pub(super) fn syn_in(&mut self, row: &Rule) {
        let forks = matches!(self.ctx.capabilities.listener, ListenerKind::Forks { .. });
        let (now, remote) = (self.ctx.now, self.a.remote());
        if let Target::Tcb(index) = self.target {
            let from_listen = self.host.tcbs.get(index).is_some_and(|t| t.state == State::Listen);
            if from_listen {
                let tcb = embryo(&self.host.tcbs[index], remote, forks, now);
                if forks {
                    self.host.add(tcb);
                    self.target = Target::Tcb(self.host.tcbs.len() - 1);
                } else {
                    self.host.tcbs[index] = tcb;
                }
            }
        }
        let (seq, mss, scale) = (self.a.segment.header.seq, self.a.mss, self.a.scale);
        let default_mss = default_mss(self.ctx.setup.ip);
        let window = self.a.segment.header.window;
        let active = row.name.starts_with("SYN-SENT");
        let Some(tcb) = self.tcb() else { return };
        tcb.origin = if active { Origin::Active } else { Origin::Passive };
        tcb.irs = Some(seq);
        tcb.rcv_nxt = seq.add(1);
        tcb.rcv_settled = tcb.rcv_nxt;
        tcb.peer_mss = mss.unwrap_or(default_mss);
        tcb.peer_scale = scale;
        tcb.wnd = u32::from(window);
        tcb.max_wnd = tcb.max_wnd.max(tcb.wnd);
        tcb.wl1 = seq;
        if active {
            first_edge(tcb);
        } else {
            tcb.waiting_since = now;
            tcb.unanswered_since = now;
        }
    }

    pub(super) fn syn_ack_in(&mut self) {
        let h = self.a.segment.header;
        let (now, mss, scale) = (self.ctx.now, self.a.mss, self.a.scale);
        let default_mss = default_mss(self.ctx.setup.ip);
        let Some(tcb) = self.tcb() else { return };
        tcb.irs = Some(h.seq);
        tcb.rcv_nxt = h.seq.add(1);
        tcb.rcv_settled = tcb.rcv_nxt;
        tcb.peer_mss = mss.unwrap_or(default_mss);
        tcb.peer_scale = scale;
        tcb.una = h.ack;
        tcb.waiting_since = now;
        tcb.unanswered_since = now;
        tcb.wnd = u32::from(h.window);
        tcb.max_wnd = tcb.max_wnd.max(tcb.wnd);
        tcb.wl1 = h.seq;
        tcb.wl2 = h.ack;
        tcb.snd_edge = tcb.una.add(tcb.wnd);
        first_edge(tcb);
    }
}

/// The window that the stack's own SYN advertised becomes an edge once IRS is known.
fn first_edge(tcb: &mut Tcb) {
    if tcb.edge_known {
        tcb.edge_now = tcb.rcv_nxt.add(tcb.edge_now.value());
        tcb.edge_max = tcb.edge_now;
    }
}

/// Without an MSS option (MUST-15).
pub fn default_mss(ip: IpVersion) -> u16 {
    match ip {
        IpVersion::V4 => 536,
        IpVersion::V6 => 1220,
    }
}
