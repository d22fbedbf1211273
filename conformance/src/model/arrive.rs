//! A packet arrives: for whom it is, what class it has, which rows it fires (RFC 9293 3.10.7).

use core::net::IpAddr;

use lastack_core::types::{Checksum, Endpoint, Flags, Segment, SeqNum, State, wire};

use super::config::Config;
use super::edition::Habit;
use super::host::Host;
use super::run::Run;
use super::tcb::Tcb;
use crate::class::{AckClass, Class, RcvView, SeqClass, ack_class, classify, seq_class, window};
use crate::subject::{IpVersion, stack_addr};
use crate::table::{Facts, walk_edited};

impl Host {
    /// An IP packet arrives. What is broken, or for somebody else, or from an address that no peer can have
    /// (RFC 9293 3.9.2.3, MUST-57, MUST-63), does not count.
    pub fn deliver(&mut self, config: &Config, packet: &[u8]) {
        if let Ok(segment) = wire::parse(packet)
            && is_sound(&segment, config.setup.ip)
        {
            self.arrive(config, &segment);
        }
    }

    /// A sound segment of a peer arrives.
    pub fn arrive(&mut self, config: &Config, segment: &Segment<'_>) {
        let h = &segment.header;
        let port = h.dst.port;
        let found = self.connection(port, h.src).or_else(|| self.listener(port));
        let tcb = found.map(|at| &self.tcbs[at]);
        let state = tcb.map_or(State::Closed, |t| t.state);
        let class = class(config, tcb, segment);
        if config.rfc_1337 && state == State::TimeWait && h.flags.rst() {
            return;
        }
        let facts = Facts {
            origin_passive: tcb.is_some_and(|t| t.passive && !config.has(Habit::ForgetsOrigin)),
            listener: self.listener(port).is_some(),
            newer_syn: tcb.is_some_and(|t| h.flags.syn() && h.seq.is_after(t.rcv_nxt)),
            // Text that is new after CLOSE, that is (SHLD-3).
            cannot_read: tcb
                .is_some_and(|t| t.user_gone && config.switches.half_duplex && is_new(segment, t)),
            ..Facts::default()
        };
        let read = |id| config.edition.row(id).map(|row| (row.next, row.flow));
        let walked = walk_edited(state, 0, facts, config.switches, &class, read);
        let now = self.now;
        if let Some(at) = found {
            self.tcbs[at].heard_at = now;
        }
        let mut run = Run::new(self, config, found, Some(segment), facts);
        for id in &walked.fired {
            run.fire(*id);
        }
        run.finish();
    }

    /// A FIN that was held has become the next number: the table's last step for it.
    pub(super) fn take_held_fin(&mut self, config: &Config, at: usize) {
        let Some(tcb) = self.tcbs.get(at) else { return };
        let class = Class {
            flags: Flags::ACK | Flags::FIN,
            seq: SeqClass::Exact,
            overrun: false,
            ack: AckClass::Dup,
            text: false,
            zero_window: tcb.window() == 0,
        };
        let read = |id| config.edition.row(id).map(|row| (row.next, row.flow));
        let walked = walk_edited(tcb.state, 8, Facts::default(), config.switches, &class, read);
        let mut run = Run::new(self, config, Some(at), None, Facts::default());
        for id in &walked.fired {
            run.fire(*id);
        }
        run.finish();
    }
}

/// The segment's class for a connection, a listener or nobody.
fn class(config: &Config, tcb: Option<&Tcb>, segment: &Segment<'_>) -> Class {
    let h = &segment.header;
    match tcb {
        Some(tcb) if tcb.irs.is_some() => classify(tcb.state, segment, tcb.rcv(), tcb.snd()),
        Some(tcb) if tcb.state == State::SynSent => {
            // What follows the SYN is held against the variables that the SYN gives.
            let nxt = h.seq.add(1);
            let rcv = RcvView { nxt, edge: nxt.add(first_window(config)) };
            let after = segment.len() - u32::from(h.flags.syn());
            let (_, overrun) = seq_class(nxt, after, rcv);
            Class {
                seq: if overrun { SeqClass::Spans } else { SeqClass::Exact },
                overrun: false,
                ack: ack_class(tcb.state, h.flags, h.ack, tcb.snd()),
                zero_window: window(rcv) == 0,
                ..unplaced(segment)
            }
        }
        _ => unplaced(segment),
    }
}

/// Without variables no number has a place; only the bits count.
fn unplaced(segment: &Segment<'_>) -> Class {
    let flags = segment.header.flags;
    let bits = Flags::SYN | Flags::ACK | Flags::RST | Flags::FIN | Flags::URG;
    Class {
        flags: Flags::from_bits(flags.bits() & bits.bits()),
        seq: SeqClass::Exact,
        overrun: false,
        ack: if flags.ack() { AckClass::Future } else { AckClass::None },
        text: !segment.text.is_empty(),
        zero_window: false,
    }
}

/// RCV.WND before anything has come.
pub(super) fn first_window(config: &Config) -> u32 {
    config.setup.recv_buffer.min(u32::from(u16::MAX))
}

fn is_sound(segment: &Segment<'_>, ip: IpVersion) -> bool {
    let h = &segment.header;
    let whole = h.checksum == Checksum::Right && h.ip_checksum == Checksum::Right && h.data_offset.is_none();
    let own = stack_addr(ip);
    let options_read = wire::options(h.options.as_octets()).all(|option| option.is_ok());
    whole && options_read && h.dst.addr == own && h.src.addr != own && is_peer(h.src, ip) && h.dst.port != 0
}

/// A socket that a peer can have: unicast, and a port.
pub(super) fn is_peer(socket: Endpoint, ip: IpVersion) -> bool {
    let special = socket.addr.is_multicast() || socket.addr.is_unspecified() || socket.addr.is_loopback();
    let broadcast = match (socket.addr, stack_addr(ip)) {
        (IpAddr::V4(addr), IpAddr::V4(own)) => {
            let [a, b, c, _] = own.octets();
            addr.is_broadcast() || addr.octets() == [a, b, c, 255]
        }
        _ => false,
    };
    !special && !broadcast && socket.port != 0
}

/// It has octets of text beyond RCV.NXT.
fn is_new(segment: &Segment<'_>, tcb: &Tcb) -> bool {
    text_start(segment).add(segment.text.len() as u32).is_after(tcb.rcv_nxt)
}

/// SEG.SEQ of the text: behind a SYN.
pub(super) fn text_start(segment: &Segment<'_>) -> SeqNum {
    segment.header.seq.add(u32::from(segment.header.flags.syn()))
}
