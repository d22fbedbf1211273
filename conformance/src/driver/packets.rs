//! Packets: from the script to the stack, and from the stack to the oracle and the monitors.

use core::net::IpAddr;

use lastack_core::types::wire::{self, TcpOption};
use lastack_core::types::{Checksum, Segment};

use super::Over;
use super::end::{End, context};
use crate::oracle::{Arrival, Departure, Judged, Packet};
use crate::resolve::{self, View};
use crate::scenario::{Addr, SegmentSpec};
use crate::subject::{IpVersion, Subject as _, stack_addr};
use crate::table::Level;
use crate::trace::Direction;

impl End<'_> {
    /// The variables of the connection that a script's segment names.
    pub(super) fn view_of(&mut self, spec: &SegmentSpec) -> View {
        let (remote, local) = resolve::sockets(&spec.route, self.setup.ip);
        self.view(local.port, remote)
    }

    /// A packet reaches the stack, or waits before its door while the transmit queue is full.
    ///
    /// # Errors
    /// The stack showed a finding.
    pub(crate) fn arrive(&mut self, packet: &[u8]) -> Result<(), Over> {
        if self.room == 0 && !self.description.capabilities.reads_when_full {
            self.waiting.push(packet);
            return Ok(());
        }
        self.take_in(packet)
    }

    /// The packets that waited for room come in, one after the other.
    pub(super) fn let_in(&mut self) -> Result<(), Over> {
        if self.backlog {
            // What it has sent already leaves before anything more is read.
            self.settle()?;
        }
        let waiting = core::mem::take(&mut self.waiting);
        for packet in waiting.iter() {
            self.take_in(packet)?;
            self.settle()?;
        }
        self.settle()
    }

    fn take_in(&mut self, packet: &[u8]) -> Result<(), Over> {
        let ip = self.setup.ip;
        let at = self.clock();
        if let Some(trace) = &mut self.trace {
            trace.packet_entry(at, self.event, Direction::ToStack, packet, String::new());
        }
        let parsed = wire::parse(packet);
        if let Ok(segment) = &parsed {
            let h = &segment.header;
            let right = h.checksum == Checksum::Right && h.ip_checksum == Checksum::Right;
            self.monitors.to_stack(self.now, segment, right);
        }
        let judged = match parsed {
            Ok(segment) if self.judged => {
                let (mss, scale) = option_values(&segment);
                let kind = packet_kind(&segment, ip);
                let tsval = timestamp(&segment);
                let arrival = Arrival { segment: &segment, packet: kind, mss, scale, tsval };
                let ctx = context!(self);
                self.oracle.arrived(&ctx, &arrival)
            }
            // Nothing that a stack could read: it must not count.
            _ => Judged::Fits,
        };
        if self.judged {
            self.note_met();
            self.after_stimulus();
        }
        self.subject.deliver(packet);
        self.judge(judged)
    }

    pub(super) fn packet_seen(&mut self, packet: &[u8]) {
        let at = self.clock();
        if let Some(trace) = &mut self.trace {
            trace.packet_entry(at, self.event, Direction::FromStack, packet, String::new());
        }
    }

    pub(super) fn packet_out(&mut self, packet: &[u8]) -> Result<(), Over> {
        self.packet_seen(packet);
        if let Some(sent) = &mut self.sent {
            sent.push(packet);
        }
        let parsed = wire::parse(packet);
        if !self.judged {
            self.monitors.from_stack(self.now, packet, parsed.as_ref(), &mut self.breaches);
            self.breaches.clear();
            return Ok(());
        }
        let Ok(segment) = parsed else {
            self.monitors.from_stack(self.now, packet, parsed.as_ref(), &mut self.breaches);
            self.collect_breaches();
            return Ok(());
        };
        let (mss, scale) = option_values(&segment);
        if let Some(mss) = mss.filter(|_| segment.header.flags.syn()) {
            self.views.announced(segment.header.src.port, segment.header.dst, mss);
        }
        let departure = Departure { segment: &segment, mss, scale };
        let ctx = context!(self);
        let judged = self.oracle.departed(&ctx, &departure);
        // Where the oracle knows why, a monitor's word adds nothing, unless it has a MUST behind it.
        self.judge(judged)?;
        self.monitors.from_stack(self.now, packet, Ok(&segment), &mut self.breaches);
        if self.oracle.has_remarked() {
            self.breaches.retain(|breach| breach.monitor.info().level == Level::Must);
        }
        self.collect_breaches();
        Ok(())
    }
}

/// Whether the packet counts: right checksums, a right data offset, addresses that a TCP peer can have.
fn packet_kind(segment: &Segment<'_>, ip: IpVersion) -> Packet {
    let h = &segment.header;
    let whole = h.checksum == Checksum::Right && h.ip_checksum == Checksum::Right && h.data_offset.is_none();
    if !whole || h.dst.addr != stack_addr(ip) || !is_unicast(h.src.addr) {
        return Packet::Discard;
    }
    // Port 0 is reserved, and a segment from the stack's own address is a matter of routing.
    if h.src.port == 0 || h.dst.port == 0 || h.src.addr == stack_addr(ip) {
        return Packet::Either;
    }
    let broken = wire::options(h.options.as_octets()).any(|option| option.is_err());
    if broken { Packet::Either } else { Packet::Sound }
}

/// An address that a segment from outside may come from (RFC 1122 3.2.1.3; MUST-63).
fn is_unicast(addr: IpAddr) -> bool {
    let special = addr.is_multicast() || addr.is_unspecified() || addr.is_loopback();
    let broadcast = addr == resolve::address(Addr::Broadcast, IpVersion::V4)
        || addr == resolve::address(Addr::DirectedBroadcast, IpVersion::V4);
    !special && !broadcast
}

/// MSS and window scale of a segment.
fn option_values(segment: &Segment<'_>) -> (Option<u16>, Option<u8>) {
    let (mut mss, mut scale) = (None, None);
    if segment.header.options.as_octets().is_empty() {
        return (None, None);
    }
    for option in wire::options(segment.header.options.as_octets()) {
        match option {
            Ok(TcpOption::Mss(value)) => mss = Some(value),
            Ok(TcpOption::WindowScale(shift)) => scale = Some(shift),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    (mss, scale)
}

/// TSval of a segment.
fn timestamp(segment: &Segment<'_>) -> Option<u32> {
    wire::options(segment.header.options.as_octets()).find_map(|option| match option {
        Ok(TcpOption::Timestamps { value, .. }) => Some(value),
        _ => None,
    })
}
