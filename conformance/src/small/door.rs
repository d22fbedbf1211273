//! What can stand between the wire and a stack: protections that are no rows of the table, taken away.

use super::View;
use super::flying::Flying;

/// A protection against a bad network that an end does without.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// Text is taken in the order in which it comes.
    AnyOrder,
    /// Text that was taken before is taken again.
    TakesOld,
    /// The peer's MSS is taken for 1460.
    BlindToMss,
    /// The checksum is not looked at.
    BlindToChecksum,
    /// The window promises more than the user's buffer holds: what is unread beyond so many octets is lost.
    Spills(usize),
}

impl Door {
    /// The segment as the stack behind the door sees it.
    pub fn pass(self, segment: &mut Flying, view: &View) {
        let Some(_) = view.irs else { return self.pass_early(segment) };
        let has_text = !segment.text.is_empty();
        let is_old = segment.seq.is_before(view.rcv_nxt);
        match self {
            Door::AnyOrder if has_text => segment.seq = view.rcv_nxt,
            Door::TakesOld if has_text && is_old => segment.seq = view.rcv_nxt,
            _ => {}
        }
    }

    fn pass_early(self, segment: &mut Flying) {
        if self == Door::BlindToMss && segment.mss.is_some() {
            segment.mss = Some(1460);
        }
    }
}
