use crate::types::Duration;

/// The clock's granularity G of RFC 6298 2: one microsecond.
const GRANULARITY: u64 = 1;
/// RFC 6298 2.1: the RTO before anything was measured.
const INITIAL: Duration = Duration::from_secs(1);
/// RFC 6298 5.7: the RTO after a SYN had to be sent again.
const AFTER_SYN_TIMEOUT: Duration = Duration::from_secs(3);

/// The estimator of RFC 6298: SRTT, RTTVAR, RTO, and how often it was doubled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rto {
    /// SRTT and RTTVAR, in microseconds; none before the first measurement.
    measured: Option<(u64, u64)>,
    rto: Duration,
    backoff: u32,
    min: Duration,
    max: Duration,
}

impl Rto {
    /// Nothing measured yet. `min` is RFC 6298 2.4's second, `max` 2.5's bound.
    pub fn new(min: Duration, max: Duration) -> Rto {
        Rto { measured: None, rto: INITIAL.max(min).min(max), backoff: 0, min, max }
    }

    /// A measurement R of a segment that was sent once (2.2, 2.3; Karn's rule is the caller's, section 3).
    pub fn sample(&mut self, r: Duration) {
        let r = r.micros();
        let (srtt, rttvar) = match self.measured {
            None => (r, r / 2),
            // RTTVAR is computed with the old SRTT (2.3).
            Some((srtt, rttvar)) => ((7 * srtt + r) / 8, (3 * rttvar + srtt.abs_diff(r)) / 4),
        };
        self.measured = Some((srtt, rttvar));
        self.backoff = 0;
        self.rto = Duration::from_micros(srtt + (4 * rttvar).max(GRANULARITY)).max(self.min).min(self.max);
    }

    /// The timer expired: double (5.5). The doubling holds until the next measurement (section 3).
    pub fn back_off(&mut self) {
        self.backoff = self.backoff.saturating_add(1);
    }

    /// A SYN had to be sent again, and the connection is open now (5.7).
    pub fn syn_was_lost(&mut self) {
        self.backoff = 0;
        self.rto = AFTER_SYN_TIMEOUT.max(self.min).min(self.max);
    }

    /// The RTO as it stands, doubled as often as the timer expired, never above the maximum.
    pub fn timeout(&self) -> Duration {
        self.doubled(self.backoff)
    }

    /// The RTO doubled so many times.
    pub fn doubled(&self, times: u32) -> Duration {
        // 2^32 seconds are past every maximum.
        self.rto.times(1 << times.min(32)).min(self.max)
    }
}

#[cfg(test)]
mod tests;
