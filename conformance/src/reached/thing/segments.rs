//! Abstract segments as small numbers.

use core::fmt;

use lastack_core::types::Flags;

use crate::class::{AckClass, Class, SeqClass};

/// SYN, RST, FIN and URG, one bit each.
const BITS: [Flags; 4] = [Flags::SYN, Flags::RST, Flags::FIN, Flags::URG];
/// Control bits without ACK, times where an acknowledgment may lie (or none).
const FLAGS: usize = 16;
const ACKS: usize = AckClass::ALL.len();
/// Where the first octet lies; two of these may also overrun the window's edge.
const SEQS: usize = SeqClass::ALL.len() + 2;

/// How many there are.
pub(super) const CLASSES: usize = FLAGS * ACKS * SEQS * 4;

pub(super) fn class_index(class: &Class) -> usize {
    let flags = (0..BITS.len()).filter(|i| class.flags.has(BITS[*i])).fold(0, |bits, i| bits | 1 << i);
    let seq = match (class.seq, class.overrun) {
        (SeqClass::Exact, true) => SeqClass::ALL.len(),
        (SeqClass::InWindow, true) => SeqClass::ALL.len() + 1,
        (seq, _) => seq as usize,
    };
    let rest = usize::from(class.text) * 2 + usize::from(class.zero_window);
    ((flags * ACKS + class.ack as usize) * SEQS + seq) * 4 + rest
}

/// `index` is below [`CLASSES`].
pub(super) fn class_from(index: usize) -> Class {
    let (rest, index) = (index % 4, index / 4);
    let (seq, index) = (index % SEQS, index / SEQS);
    let (ack, bits) = (AckClass::ALL[index % ACKS], index / ACKS);
    let mut flags = if ack == AckClass::None { Flags::NONE } else { Flags::ACK };
    for (i, bit) in BITS.iter().enumerate() {
        if bits >> i & 1 != 0 {
            flags = flags.with(*bit);
        }
    }
    let overrun = seq >= SeqClass::ALL.len();
    let seq = match seq - if overrun { SeqClass::ALL.len() } else { 0 } {
        0 if overrun => SeqClass::Exact,
        1 if overrun => SeqClass::InWindow,
        at => SeqClass::ALL[at],
    };
    Class { flags, seq, overrun, ack, text: rest / 2 == 1, zero_window: rest % 2 == 1 }
}

/// A class in print: `FIN,ACK exact dup text, window 0`.
pub(super) struct Words<'a>(pub &'a Class);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = self.0;
        write!(f, "{} {}", class.flags, class.seq)?;
        let marks = [(class.overrun, " overrun"), (class.text, " text"), (class.zero_window, " window-0")];
        if class.ack != AckClass::None {
            write!(f, " ack-{}", class.ack)?;
        }
        marks.iter().filter(|(on, _)| *on).try_for_each(|(_, mark)| f.write_str(mark))
    }
}
