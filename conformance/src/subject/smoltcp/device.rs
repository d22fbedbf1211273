//! The two queues between smoltcp and the driver.

use ::smoltcp::phy::{Checksum, ChecksumCapabilities, Device, DeviceCapabilities, Medium, RxToken, TxToken};
use ::smoltcp::time::Instant;

use crate::subject::Packets;

/// Packets that came and were not taken yet.
#[derive(Default)]
pub struct Arrivals {
    packets: Packets,
    next: usize,
}

impl Arrivals {
    pub fn push(&mut self, packet: &[u8]) {
        if self.next == self.packets.len() {
            self.clear();
        }
        self.packets.push(packet);
    }

    pub fn clear(&mut self) {
        self.packets.clear();
        self.next = 0;
    }

    fn waiting(&self) -> usize {
        self.packets.len() - self.next
    }
}

/// smoltcp's side of the wire for the length of one poll.
pub struct Port<'a> {
    pub arrivals: &'a mut Arrivals,
    pub out: &'a mut Packets,
    /// Room left in the transmit queue.
    pub room: usize,
    /// smoltcp wanted to go on and there was no room.
    pub refused: bool,
    pub mtu: usize,
}

impl Device for Port<'_> {
    type RxToken<'b>
        = Arrival<'b>
    where
        Self: 'b;
    type TxToken<'b>
        = Departure<'b>
    where
        Self: 'b;

    /// A packet is handed over only with room for its answer, as smoltcp's `Device` asks; else it stays in
    /// the queue, so that a full transmit queue loses nothing that came.
    fn receive(&mut self, _now: Instant) -> Option<(Arrival<'_>, Departure<'_>)> {
        if self.room == 0 {
            self.refused |= self.arrivals.waiting() > 0;
            return None;
        }
        let Arrivals { packets, next } = &mut *self.arrivals;
        let packet = packets.get(*next)?;
        *next += 1;
        Some((Arrival(packet), Departure { out: self.out, room: &mut self.room }))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Departure<'_>> {
        if self.room == 0 {
            self.refused = true;
            return None;
        }
        Some(Departure { out: self.out, room: &mut self.room })
    }

    /// Every checksum is computed and verified by smoltcp itself.
    fn capabilities(&self) -> DeviceCapabilities {
        let mut checksum = ChecksumCapabilities::default();
        checksum.ipv4 = Checksum::Both;
        checksum.tcp = Checksum::Both;
        checksum.icmpv4 = Checksum::Both;
        checksum.icmpv6 = Checksum::Both;
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = self.mtu;
        capabilities.checksum = checksum;
        capabilities
    }
}

pub struct Arrival<'a>(&'a [u8]);

impl RxToken for Arrival<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

pub struct Departure<'a> {
    out: &'a mut Packets,
    room: &'a mut usize,
}

impl TxToken for Departure<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        *self.room -= 1;
        self.out.push_filled(len, write)
    }
}
