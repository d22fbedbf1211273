//! Fields of a record of fixed width, little-endian, at places that the layout names.

use lastack_core::types::Duration;

use crate::scenario::Addr;

/// So many octets, those past the end of the input zero. Every place that is read or written is a
/// constant of the layout and lies inside the record.
pub(super) struct Octets<const N: usize>([u8; N]);

impl<const N: usize> Octets<N> {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut octets = [0; N];
        let len = bytes.len().min(N);
        octets[..len].copy_from_slice(&bytes[..len]);
        Octets(octets)
    }

    pub(super) fn array<const LEN: usize>(&self, at: usize) -> [u8; LEN] {
        core::array::from_fn(|i| self.0[at + i])
    }

    pub(super) fn u8(&self, at: usize) -> u8 {
        self.0[at]
    }

    pub(super) fn bit(&self, at: usize) -> bool {
        self.0[at] & 1 != 0
    }

    pub(super) fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.array(at))
    }

    pub(super) fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    pub(super) fn i32(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.array(at))
    }

    pub(super) fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array(at))
    }

    pub(super) fn duration(&self, at: usize) -> Duration {
        Duration::from_micros(self.u64(at))
    }

    /// The value with this code, modulo their number. `values` is not empty.
    pub(super) fn one_of<T: Copy>(&self, at: usize, values: &[T]) -> T {
        values[usize::from(self.0[at]) % values.len()]
    }

    pub(super) fn addr(&self, at: usize, addrs: &[Addr; 8]) -> Addr {
        match self.one_of(at, addrs) {
            Addr::Peer(_) => Addr::Peer(self.u8(at + 1)),
            addr => addr,
        }
    }
}

pub(super) fn put<const LEN: usize>(to: &mut [u8], at: usize, octets: [u8; LEN]) {
    to[at..at + LEN].copy_from_slice(&octets);
}

/// Whether there is one, then what it is.
pub(super) fn put_option<const LEN: usize>(to: &mut [u8], at: usize, octets: Option<[u8; LEN]>) {
    if let Some(octets) = octets {
        to[at] = 1;
        put(to, at + 1, octets);
    }
}

pub(super) fn put_port(to: &mut [u8], at: usize, port: u16, default: u16) {
    put(to, at, (port ^ default).to_le_bytes());
}

pub(super) fn put_addr(to: &mut [u8], at: usize, addr: Addr, addrs: &[Addr; 8]) {
    let (kind, number) = match addr {
        Addr::Peer(number) => (Addr::Peer(0), number),
        addr => (addr, 0),
    };
    to[at] = code_of(addrs, kind);
    to[at + 1] = number;
}

pub(super) fn octets_of(span: Duration) -> [u8; 8] {
    span.micros().to_le_bytes()
}

/// Its place in the list; the lists of the layout hold every value of their type.
pub(super) fn code_of<T: PartialEq>(values: &[T], value: T) -> u8 {
    values.iter().position(|v| *v == value).unwrap_or(0) as u8
}
