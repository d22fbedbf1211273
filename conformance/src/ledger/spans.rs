use arrayvec::ArrayVec;
use lastack_core::types::SeqNum;

/// Room for spans with gaps between them.
const SPANS: usize = 12;

/// Sequence numbers that arrived, as spans `[start, end)` with gaps between them.
///
/// When there is no more room the nearest two are joined, so it may hold more numbers than arrived, never
/// fewer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Spans {
    spans: [(SeqNum, SeqNum); SPANS],
    len: u8,
}

impl Spans {
    /// Adds the numbers `start =< n < end`.
    pub fn add(&mut self, start: SeqNum, end: SeqNum) {
        if start == end {
            return;
        }
        let mut merged = (start, end);
        let mut kept = ArrayVec::<_, { SPANS + 1 }>::new();
        for &span in self.all() {
            if span.0.is_at_or_before(merged.1) && merged.0.is_at_or_before(span.1) {
                merged = (span.0.min(merged.0), span.1.max(merged.1));
            } else {
                kept.push(span);
            }
        }
        kept.push(merged);
        if kept.len() > SPANS {
            join_nearest(&mut kept);
        }
        self.len = kept.len() as u8;
        self.spans[..kept.len()].copy_from_slice(&kept);
    }

    /// The number up to which everything from `start` on arrived; `start` itself when it did not.
    pub fn end_from(&self, start: SeqNum) -> SeqNum {
        let holds = |s: &&(SeqNum, SeqNum)| s.0.is_at_or_before(start) && start.is_before(s.1);
        self.all().iter().find(holds).map_or(start, |s| s.1)
    }

    fn all(&self) -> &[(SeqNum, SeqNum)] {
        &self.spans[..usize::from(self.len)]
    }
}

/// Joins the two spans with the smallest gap between them.
fn join_nearest(spans: &mut ArrayVec<(SeqNum, SeqNum), { SPANS + 1 }>) {
    let mut best = (u32::MAX, 0, 1);
    for (i, a) in spans.iter().enumerate() {
        for (j, b) in spans.iter().enumerate() {
            if i != j && b.0.steps_from(a.1) < best.0 {
                best = (b.0.steps_from(a.1), i, j);
            }
        }
    }
    let (_, left, right) = best;
    spans[left].1 = spans[right].1;
    spans.remove(right);
}
