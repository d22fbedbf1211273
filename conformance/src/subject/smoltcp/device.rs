//! The two queues between smoltcp and the driver. Each version's own `Device` is made of them.

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

/// smoltcp's side of the wire.
#[derive(Default)]
pub struct Port {
    pub arrivals: Arrivals,
    pub out: Packets,
    /// Room left in the transmit queue.
    pub room: usize,
    /// smoltcp wanted to go on and there was no room.
    pub refused: bool,
    pub mtu: usize,
}

impl Port {
    /// A packet is handed over only with room for its answer, as smoltcp's `Device` asks; else it stays in
    /// the queue, so that a full transmit queue loses nothing that came.
    pub fn take(&mut self) -> Option<(Arrival<'_>, Departure<'_>)> {
        if self.room == 0 {
            self.refused |= self.arrivals.waiting() > 0;
            return None;
        }
        let Arrivals { packets, next } = &mut self.arrivals;
        let packet = packets.get_mut(*next)?;
        *next += 1;
        Some((Arrival(packet), Departure { out: &mut self.out, room: &mut self.room }))
    }

    /// Room for one packet, if there is any.
    pub fn give(&mut self) -> Option<Departure<'_>> {
        if self.room == 0 {
            self.refused = true;
            return None;
        }
        Some(Departure { out: &mut self.out, room: &mut self.room })
    }
}

/// A packet that came. Versions below 0.12 ask for octets that they might change.
pub struct Arrival<'a>(pub &'a mut [u8]);

/// Room for a packet that goes.
pub struct Departure<'a> {
    out: &'a mut Packets,
    room: &'a mut usize,
}

impl Departure<'_> {
    pub fn fill<R>(self, len: usize, write: impl FnOnce(&mut [u8]) -> R) -> R {
        *self.room -= 1;
        self.out.push_filled(len, write)
    }
}
