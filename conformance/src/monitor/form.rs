//! The packet by itself: headers, addresses, options.

use core::net::IpAddr;

use lastack_core::types::wire::{OptionReader, TcpOption, WireError, emit, options};
use lastack_core::types::{Checksum, Flags, Header, Segment, SeqNum};

use super::{Emission, MonitorId, Report};
use crate::ledger::Offer;

/// The reserved bit that RFC 9768 gives a meaning to, in a SYN that offers it.
const ACCURATE_ECN: u16 = 0x100;

/// A packet that cannot be read. What may be legal and is only not read here (fragments, extension headers,
/// other protocols) is not judged.
pub(super) fn unreadable(error: &WireError, report: &mut Report<'_>) {
    let broken = matches!(
        error,
        WireError::TooShort { .. }
            | WireError::Version { .. }
            | WireError::Length { .. }
            | WireError::Ipv4ReservedBit
    );
    if broken {
        report.breach(MonitorId::PacketForm, format_args!("a whole IP packet"), format_args!("{error}"));
    }
}

/// Headers and addresses.
pub(super) fn check(e: &Emission<'_>, report: &mut Report<'_>) {
    let h = &e.segment.header;
    if let Checksum::Literal(got) = h.ip_checksum {
        report.breach(MonitorId::ChecksumIp, format_args!("the right sum"), format_args!("{got:#06x}"));
    }
    if let Checksum::Literal(got) = h.checksum
        && !is_other_zero(e.segment, got)
    {
        report.breach(MonitorId::ChecksumTcp, format_args!("the right sum"), format_args!("{got:#06x}"));
    }
    if let Some(got) = h.data_offset {
        let want = format_args!("5 to 15 words, inside the packet");
        report.breach(MonitorId::DataOffset, want, format_args!("{got} words in {} octets", e.packet_len));
    }
    let reserved = h.flags.bits() & Flags::RESERVED.bits();
    let offers_ecn = h.flags.syn() && !h.flags.ack();
    let licensed = if offers_ecn { ACCURATE_ECN } else { 0 };
    if reserved & !licensed != 0 {
        report.breach(MonitorId::ReservedBits, format_args!("0"), format_args!("{reserved:#05x}"));
    }
    if h.ttl == 0 {
        report.breach(MonitorId::TtlZero, format_args!("1 or more"), format_args!("0"));
    }
    if h.src.addr != e.address {
        report.breach(MonitorId::WrongSource, format_args!("{}", e.address), format_args!("{}", h.src.addr));
    }
    if !can_be_peer(h.dst.addr, e.address) {
        report.breach(
            MonitorId::BadDestination,
            format_args!("the unicast address of a host"),
            format_args!("{} in {}", h.dst.addr, e.segment),
        );
    }
    if !h.flags.syn() && !h.flags.rst() && !h.flags.ack() {
        report.breach(MonitorId::NoAckBit, format_args!("ACK"), format_args!("{}", e.segment));
    }
    if h.flags.has(Flags::URG) {
        // No scenario sends urgent data.
        report.breach(MonitorId::UrgentUnasked, format_args!("no URG"), format_args!("{}", e.segment));
    }
    if e.packet_len > usize::from(e.setup.mtu) {
        let want = format_args!("at most {} octets", e.setup.mtu);
        report.breach(MonitorId::MtuExceeded, want, format_args!("{}", e.packet_len));
    }
}

/// 0xffff where 0 is right: the other zero of one's complement arithmetic, and every receiver adds it up.
fn is_other_zero(segment: &Segment<'_>, got: u16) -> bool {
    if got != 0xffff {
        return false;
    }
    let zero = Header { checksum: Checksum::Literal(0), ..segment.header };
    let mut packet = Vec::new();
    let zero = Segment { header: zero, text: segment.text };
    emit(&zero, &mut packet).is_ok()
        && lastack_core::types::wire::parse(&packet).is_ok_and(|s| s.header.checksum == Checksum::Right)
}

/// Whether a segment may go to this address: a unicast address that is neither loopback nor the broadcast
/// address of the link.
fn can_be_peer(to: IpAddr, stack: IpAddr) -> bool {
    if to.is_unspecified() || to.is_multicast() || to.is_loopback() {
        return false;
    }
    match (to, stack) {
        (IpAddr::V4(to), IpAddr::V4(stack)) => {
            // The link has a /24 in every scenario (`subject::prefix_len`).
            let [a, b, c, d] = to.octets();
            let directed = [a, b, c] == stack.octets()[..3] && d == 255;
            !to.is_broadcast() && !directed
        }
        _ => true,
    }
}

/// Options: how they are written, and whether they may be there.
pub(super) fn check_options(e: &Emission<'_>, report: &mut Report<'_>) {
    let h = &e.segment.header;
    let mut found = Found::default();
    let mut reader = options(h.options.as_octets());
    while let Some(option) = reader.next() {
        match option {
            Ok(TcpOption::Mss(mss)) => found.mss = Some(mss),
            Ok(TcpOption::WindowScale(shift)) => found.scale = Some(shift),
            Ok(TcpOption::SackPermitted) => found.sack_permitted = true,
            Ok(TcpOption::Sack(blocks)) => {
                found.sack = true;
                check_blocks(blocks, e, report);
            }
            Ok(TcpOption::Timestamps { .. }) => found.timestamps = true,
            Ok(TcpOption::EndOfList) => check_padding(&reader, report),
            Ok(_) => {}
            Err(error) => {
                let want = format_args!("kind, length, data");
                report.breach(MonitorId::OptionForm, want, format_args!("{error}"));
            }
        }
    }
    if h.flags.syn() && !h.flags.rst() {
        found.on_syn(e, report);
    } else {
        found.off_syn(e, report);
    }
}

fn check_padding(reader: &OptionReader<'_>, report: &mut Report<'_>) {
    if reader.rest().iter().any(|octet| *octet != 0) {
        report.breach(
            MonitorId::OptionPadding,
            format_args!("zeros"),
            format_args!("{:02x?}", reader.rest()),
        );
    }
}

/// Above the acknowledgment each block says what arrived; below it, what came twice (RFC 2883).
fn check_blocks(blocks: &[u8], e: &Emission<'_>, report: &mut Report<'_>) {
    let Some(now) = e.connection.now.as_ref().filter(|now| !e.fresh && !now.text_is_cut) else { return };
    for block in blocks.chunks_exact(8) {
        let edge = |at: usize| SeqNum::new(block[at..at + 4].iter().fold(0, |n, o| n << 8 | u32::from(*o)));
        let (left, right) = (edge(0), edge(4));
        let arrived = left.is_before(right) && now.delivered.end_from(left).is_at_or_after(right);
        if left.is_at_or_after(e.segment.header.ack) && !arrived {
            let want = format_args!("a block of what arrived");
            report.breach(MonitorId::SackUntrue, want, format_args!("{left} to {right} on {}", e.segment));
        }
    }
}

/// The options of one segment.
#[derive(Default)]
struct Found {
    mss: Option<u16>,
    scale: Option<u8>,
    sack_permitted: bool,
    sack: bool,
    timestamps: bool,
}

impl Found {
    fn on_syn(&self, e: &Emission<'_>, report: &mut Report<'_>) {
        let h = &e.segment.header;
        let (fixed, default) = sizes(h);
        let fits = e.setup.mtu.saturating_sub(fixed);
        match self.mss {
            None if fits != default => {
                report.breach(
                    MonitorId::MssMissing,
                    format_args!("MSS {fits}"),
                    format_args!("no MSS option"),
                );
            }
            Some(mss) if mss > fits => {
                report.breach(MonitorId::MssAboveMtu, format_args!("MSS {fits}"), format_args!("MSS {mss}"));
            }
            _ => {}
        }
        if let Some(shift) = self.scale.filter(|s| *s > 14) {
            report.breach(MonitorId::ScaleAbove14, format_args!("0 to 14"), format_args!("{shift}"));
        }
        if !h.flags.ack() {
            return;
        }
        // Sent again it may acknowledge what came behind the SYN, too.
        let own = e.connection.now.as_ref().filter(|now| !e.fresh && now.may_repeat_syn(h.ack));
        let taken = own.and_then(|now| now.peer.iss);
        let answered: &dyn Fn(&Offer) -> bool = &|o| o.seq.add(1) == h.ack || Some(o.seq) == taken;
        // Where the opens cross, the SYN,ACK is our own SYN once more, with what that offered.
        let crossing = e.connection.now.as_ref().is_some_and(|n| n.active && !e.fresh);
        if self.scale.is_some() && !crossing && nobody_offered(e, answered, |o| o.scale.is_some()) {
            let want = format_args!("no window scale, for the SYN had none");
            report.breach(MonitorId::ScaleUnasked, want, format_args!("{}", e.segment));
        }
        if self.timestamps && !crossing && nobody_offered(e, answered, |o| o.timestamps) {
            let want = format_args!("no timestamps, for the SYN had none");
            report.breach(MonitorId::TimestampsUnasked, want, format_args!("{}", e.segment));
        }
    }

    fn off_syn(&self, e: &Emission<'_>, report: &mut Report<'_>) {
        let none = format_args!("none on a segment without SYN");
        if let Some(mss) = self.mss {
            report.breach(MonitorId::MssOffSyn, none, format_args!("MSS {mss} on {}", e.segment));
        }
        if let Some(shift) = self.scale {
            report.breach(MonitorId::ScaleOffSyn, none, format_args!("shift {shift} on {}", e.segment));
        }
        if self.sack_permitted {
            report.breach(MonitorId::SackPermittedOffSyn, none, format_args!("{}", e.segment));
        }
        let any: &dyn Fn(&Offer) -> bool = &|_| true;
        if self.sack && nobody_offered(e, any, |o| o.sack) {
            let want = format_args!("no SACK, for the peer's SYN did not permit it");
            report.breach(MonitorId::SackUnasked, want, format_args!("{}", e.segment));
        }
        if self.timestamps && nobody_offered(e, any, |o| o.timestamps) {
            let want = format_args!("no timestamps, for the peer's SYN had none");
            report.breach(MonitorId::TimestampsUnasked, want, format_args!("{}", e.segment));
        }
        let taken = e.connection.taken_offer();
        let agreed = e.watch.own_timestamps && taken.is_some_and(|o| o.timestamps && !o.mixed);
        if agreed && !self.timestamps && !e.segment.header.flags.rst() {
            report.breach(
                MonitorId::TimestampsMissing,
                format_args!("timestamps"),
                format_args!("{}", e.segment),
            );
        }
    }
}

/// Octets of IP and TCP header without options, and the default MSS (RFC 9293 3.7.1).
pub(super) fn sizes(header: &Header) -> (u16, u16) {
    if header.dst.addr.is_ipv4() { (40, 536) } else { (60, 1220) }
}

/// Some SYNs of the peer are known, and none among those that count offered it, or can have.
fn nobody_offered(e: &Emission<'_>, counts: &dyn Fn(&Offer) -> bool, offers: fn(&Offer) -> bool) -> bool {
    let all = &e.connection.offers;
    let mut counting = all.iter().filter(|o| counts(o)).peekable();
    counting.peek().is_some() && !all.is_full() && counting.all(|o| !o.mixed && !offers(o))
}
