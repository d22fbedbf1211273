//! The receive window: what is offered, and how it is written into 16 bits.
//!
//! Two things pull at the right edge. Silly-window avoidance moves it in large steps only (3.8.6.2.2). And a
//! scaled window is written in units of 2^shift octets, while RCV.NXT moves by single ones: rounded down the
//! edge would go back, rounded up it creeps forward a little with every ACK. It is rounded up, into a reserve
//! that only scaled connections have. Should a peer eat the reserve with tiny segments, the window is
//! rounded down, as RFC 7323 2.4 allows; what the old edge promised is still taken.

use super::Tcb;
use crate::config::Config;
use crate::types::SeqNum;

/// The largest shift (RFC 7323 2.3).
pub(crate) const SHIFT_MAX: u8 = 14;

/// The smallest shift with which the whole buffer can be offered.
pub(crate) fn shift_for(recv_buffer: u32) -> u8 {
    (0..SHIFT_MAX).find(|shift| recv_buffer >> shift <= u32::from(u16::MAX)).unwrap_or(SHIFT_MAX)
}

impl Tcb {
    /// RCV.WND.
    pub fn rcv_wnd(&self) -> u32 {
        self.rcv.edge.steps_from(self.rcv.nxt)
    }

    /// The first RCV.NXT after the peer's SYN, and the window that our SYN offers: without a shift (RFC 7323
    /// 2.2).
    pub fn start_receiving(&mut self, config: &Config, irs: SeqNum) {
        self.rcv.irs = irs;
        self.rcv.nxt = irs.add(1);
        self.rcv.edge = self.rcv.nxt.add(syn_window(config).into());
    }

    /// How many octets behind RCV.NXT there is room for.
    pub fn room(&self, config: &Config) -> u32 {
        let reserve = if self.rcv.shift == 0 { 0 } else { config.recv_buffer / 16 };
        (config.recv_buffer + reserve).saturating_sub(self.incoming.readable())
    }

    /// Whether silly-window avoidance lets the right edge move now (3.8.6.2.2).
    pub fn may_move_edge(&self, config: &Config) -> bool {
        let free = self.offerable(config);
        let step = config.recv_buffer.div_ceil(2).min(self.snd.mss).max(1);
        free.saturating_sub(self.rcv_wnd()) >= step
    }

    /// The window field of a segment that is sent now; moves the right edge to what it says.
    pub fn offer_window(&mut self, config: &Config) -> u16 {
        let unit = 1_u32 << self.rcv.shift;
        let wanted = if self.may_move_edge(config) { self.offerable(config) } else { self.rcv_wnd() };
        let up = wanted.div_ceil(unit);
        let units = if u64::from(up) * u64::from(unit) <= u64::from(self.room(config)) || unit == 1 {
            up
        } else {
            wanted / unit
        };
        let field = units.min(u16::MAX.into()) as u16;
        self.rcv.edge = self.rcv.edge.max(self.rcv.nxt.add(u32::from(field) << self.rcv.shift));
        field
    }

    /// RCV.BUFF - RCV.USER, as far as the window field can say it.
    fn offerable(&self, config: &Config) -> u32 {
        let free = config.recv_buffer.saturating_sub(self.incoming.readable());
        let unit_mask = (1 << self.rcv.shift) - 1;
        (free & !unit_mask).min(u32::from(u16::MAX) << self.rcv.shift)
    }
}

/// The window field of a SYN.
pub(crate) fn syn_window(config: &Config) -> u16 {
    config.recv_buffer.min(u16::MAX.into()) as u16
}

#[cfg(test)]
mod tests;
