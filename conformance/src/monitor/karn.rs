//! Karn's algorithm, as far as the wire shows it: an RTO that a timeout has doubled stays so until a segment that
//! was sent once is acknowledged, since nothing else measures a round trip (RFC 6298 3, 5.5).
//!
//! Judged is only what leaves no choice: each timeout sent all that was in flight again in one piece, so that its
//! acknowledgment measures nothing; then new text left with nothing else in flight, nothing arrived, and it was
//! sent again too soon. An option on what arrives may be timestamps or a D-SACK, which tell more, so it excuses.

use lastack_core::types::{Duration, Instant, Segment, SeqNum};

use super::pace::{NEAR_CAP, RTO_MIN};
use crate::ledger::Incarnation;

/// Estimates of a path need not outlive a rest.
const REST: Duration = Duration::from_secs(60);

/// An RTO that was doubled, and nothing measured since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doubled {
    /// How long the last timeout took, before the doubling.
    pub interval: Duration,
    /// The number behind all that was sent again.
    pub end: SeqNum,
    /// When it was sent again.
    at: Instant,
}

impl Doubled {
    /// After this retransmission, unasked and at an open window, `interval` after the transmission before.
    pub fn by_timeout(
        at: Instant,
        interval: Duration,
        segment: &Segment<'_>,
        now: &Incarnation,
    ) -> Option<Doubled> {
        // A SYN's timeouts end with the open (RFC 6298 5.7). A short RTO may be its lower bound, and twice less.
        let sure =
            now.surely_established && !segment.header.flags.syn() && interval.times(2) > RTO_MIN.times(3);
        let whole = segment.end() == now.snd_nxt() && now.acked_surely == now.snd_una();
        (sure && whole && interval.times(2) < NEAR_CAP).then_some(Doubled {
            interval,
            end: segment.end(),
            at,
        })
    }

    /// What remains of it when this arrives.
    pub fn after_arrival(self, segment: &Segment<'_>) -> Option<Doubled> {
        let h = &segment.header;
        let excused = h.flags.rst() || h.flags.syn() || !h.options.as_octets().is_empty();
        (!excused && !h.ack.is_after(self.end)).then_some(self)
    }

    /// What remains of it when this leaves: text beyond, while the rest is in flight, may measure.
    pub fn after_emission(self, segment: &Segment<'_>, now: &Incarnation) -> Option<Doubled> {
        let more = !segment.is_empty() && segment.end().is_after(self.end);
        (!more || now.acked_surely.is_at_or_after(self.end)).then_some(self)
    }

    /// Whether text that began behind it came again too soon: a timer of coarse ticks has its excuse.
    pub fn is_forgotten(self, una: SeqNum, at: Instant, interval: Duration) -> bool {
        let soon = at.since(self.at) < REST.max(self.interval.times(4));
        una == self.end && soon && interval.times(4) < self.interval.times(5)
    }
}
