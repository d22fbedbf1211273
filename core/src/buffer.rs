use alloc::collections::VecDeque;

/// Text that the user gave and the peer has not acknowledged: a ring that grows as it is needed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SendBuffer {
    octets: VecDeque<u8>,
}

impl SendBuffer {
    /// Octets in the buffer, sent and unsent.
    pub fn len(&self) -> u32 {
        self.octets.len() as u32
    }

    /// Adds as much of `text` as fits below `limit` octets; says how much.
    pub fn queue(&mut self, text: &[u8], limit: u32) -> usize {
        let room = (limit as usize).saturating_sub(self.octets.len());
        let taken = room.min(text.len());
        self.octets.extend(&text[..taken]);
        taken
    }

    /// Forgets the first `count` octets, or all where there are fewer.
    pub fn acknowledge(&mut self, count: u32) {
        if count >= self.len() {
            // Also rewinds the ring, so that short exchanges stay contiguous.
            self.octets.clear();
        } else {
            self.octets.drain(..count as usize);
        }
    }

    /// `len` octets from `offset`, cut to what is there, as one slice. Moves octets only where the ring's
    /// end lies inside.
    pub fn slice(&mut self, offset: u32, len: u32) -> &[u8] {
        let end = (offset as usize).saturating_add(len as usize).min(self.octets.len());
        let start = (offset as usize).min(end);
        if end > self.octets.as_slices().0.len() {
            self.octets.make_contiguous();
        }
        &self.octets.as_slices().0[start..end]
    }

    /// Gives the memory back.
    pub fn flush(&mut self) {
        self.octets = VecDeque::new();
    }
}
