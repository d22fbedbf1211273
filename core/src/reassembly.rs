use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// More separate pieces than this are not held; holding is a SHOULD (SHLD-31), memory is not endless.
const PIECES_MAX: usize = 64;

/// Text that came and that the user has not taken, in order up to RCV.NXT and in pieces behind it.
///
/// One ring holds both: the readable octets first, then every octet at its distance from RCV.NXT, with zeros
/// in the holes. So overlaps need no care: text goes where it belongs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ReceiveBuffer {
    octets: VecDeque<u8>,
    readable: u32,
    /// What is there behind RCV.NXT, as distances from it: sorted, apart from one another by at least one
    /// octet.
    pieces: Vec<(u32, u32)>,
}

impl ReceiveBuffer {
    /// Octets that the user can take.
    pub fn readable(&self) -> u32 {
        self.readable
    }

    /// Whether text waits behind a hole (or, before the handshake is done, at RCV.NXT).
    pub fn holds_pieces(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// Puts text at `offset` octets behind RCV.NXT. Returns whether it is kept; only a new piece among too
    /// many is not.
    pub fn put(&mut self, offset: u32, text: &[u8]) -> bool {
        if text.is_empty() {
            return true;
        }
        if !self.insert(offset, offset.saturating_add(text.len() as u32)) {
            return false;
        }
        let start = (self.readable + offset) as usize;
        let end = start + text.len();
        if start == self.octets.len() {
            self.octets.extend(text);
            return true;
        }
        if self.octets.len() < end {
            self.octets.resize(end, 0);
        }
        let (front, back) = self.octets.as_mut_slices();
        let middle = front.len().clamp(start, end);
        let (first, second) = text.split_at(middle - start);
        if !first.is_empty() {
            front[start..middle].copy_from_slice(first);
        }
        if !second.is_empty() {
            let base = front.len();
            back[middle - base..end - base].copy_from_slice(second);
        }
        true
    }

    /// Makes readable what now stands at RCV.NXT without a hole; says how much: so far RCV.NXT moves. What
    /// stands behind `end` octets is forgotten.
    pub fn advance(&mut self, end: u32) -> u32 {
        self.pieces.retain_mut(|piece| {
            piece.1 = piece.1.min(end);
            piece.0 < piece.1
        });
        let Some(&(0, taken)) = self.pieces.first() else { return 0 };
        self.pieces.remove(0);
        for piece in &mut self.pieces {
            *piece = (piece.0 - taken, piece.1 - taken);
        }
        self.readable += taken;
        taken
    }

    /// Hands the user at most `max` octets.
    pub fn take(&mut self, max: u32, out: &mut Vec<u8>) -> u32 {
        let taken = self.readable.min(max);
        if taken as usize == self.octets.len() {
            let (front, back) = self.octets.as_slices();
            out.extend_from_slice(front);
            out.extend_from_slice(back);
            self.octets.clear();
        } else {
            out.extend(self.octets.drain(..taken as usize));
        }
        self.readable -= taken;
        taken
    }

    /// Joins `start..end` with the pieces that it touches.
    fn insert(&mut self, start: u32, end: u32) -> bool {
        let first = self.pieces.partition_point(|piece| piece.1 < start);
        let behind = self.pieces.partition_point(|piece| piece.0 <= end);
        if first == behind {
            if self.pieces.len() == PIECES_MAX {
                return false;
            }
            self.pieces.insert(first, (start, end));
            return true;
        }
        self.pieces[first] = (start.min(self.pieces[first].0), end.max(self.pieces[behind - 1].1));
        self.pieces.drain(first + 1..behind);
        true
    }
}

#[cfg(test)]
mod tests;
