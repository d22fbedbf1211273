//! What a peer's SYN says besides its number.

use super::Arrival;
use crate::tcb::{SHIFT_MAX, Tcb, shift_for};
use crate::types::wire::{TcpOption, options};

/// MSS and window scale of the peer's SYN. Options that cannot be read are ignored (MUST-6).
pub(super) fn take_options(tcb: &mut Tcb, arrival: &Arrival<'_>) {
    let (mut mss, mut shift) = (None, None);
    for option in options(arrival.segment.header.options.as_octets()).flatten() {
        match option {
            TcpOption::Mss(octets) => mss = Some(octets),
            TcpOption::WindowScale(scale) => shift = Some(scale.min(SHIFT_MAX)),
            _ => {}
        }
    }
    // MUST-15: without the option 536 octets over IPv4, 1220 over IPv6.
    let default = if tcb.local.addr.is_ipv4() { 536 } else { 1220 };
    // MUST-16: never more than the link takes. An MSS of 0 would be no connection at all.
    tcb.snd.mss = u32::from(mss.unwrap_or(default).min(arrival.config.mss(tcb.local.addr)).max(1));
    // RFC 7323 2.2: both sides, or neither.
    match shift {
        Some(shift) if tcb.scaling => {
            tcb.snd.shift = shift;
            tcb.rcv.shift = shift_for(arrival.config.recv_buffer);
        }
        _ => tcb.scaling = false,
    }
}

/// The window of a SYN, which is never scaled (RFC 7323 2.2).
pub(super) fn take_window(tcb: &mut Tcb, arrival: &Arrival<'_>) {
    let header = &arrival.segment.header;
    tcb.snd.wnd = header.window.into();
    tcb.snd.max_wnd = tcb.snd.max_wnd.max(tcb.snd.wnd);
    tcb.snd.wl1 = header.seq;
    tcb.snd.wl2 = if header.flags.ack() { header.ack } else { tcb.snd.iss };
}
