//! Many packets on their way, in one piece of memory.

/// Packets in one reused allocation.
#[derive(Clone, Default, Debug)]
pub struct Packets {
    octets: Vec<u8>,
    ends: Vec<u32>,
}

impl Packets {
    /// Forgets the packets, keeps the room.
    pub fn clear(&mut self) {
        self.octets.clear();
        self.ends.clear();
    }

    /// Adds a packet.
    pub fn push(&mut self, packet: &[u8]) {
        self.octets.extend_from_slice(packet);
        self.ends.push(self.octets.len() as u32);
    }

    /// Adds a packet that `write` appends to the buffer.
    pub fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.octets);
        self.ends.push(self.octets.len() as u32);
    }

    /// Adds a packet if `write` appends one to the buffer; says whether it did.
    pub fn try_push_with(&mut self, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
        let written = write(&mut self.octets);
        if written {
            self.ends.push(self.octets.len() as u32);
        }
        written
    }

    /// Adds a packet of `len` octets that `write` fills in; they are zero before.
    pub fn push_filled<R>(&mut self, len: usize, write: impl FnOnce(&mut [u8]) -> R) -> R {
        let start = self.octets.len();
        self.octets.resize(start + len, 0);
        let result = write(&mut self.octets[start..]);
        self.ends.push(self.octets.len() as u32);
        result
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The packet at `index`.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? as usize };
        self.octets.get(start..end)
    }

    /// The same, to be written to.
    #[cfg(feature = "smoltcp")]
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut [u8]> {
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? as usize };
        self.octets.get_mut(start..end)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|i| self.get(i))
    }
}
