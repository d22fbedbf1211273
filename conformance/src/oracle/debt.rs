//! What the stack owes: a segment, to whom, until when.

use lastack_core::types::{Endpoint, Instant, SeqNum};

use super::step::Step;

/// A segment that is owed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Owed {
    /// `<ACK=RCV.NXT>`, on any segment.
    Ack,
    /// The same, as a challenge.
    Challenge,
    /// `<SEQ=ISS><CTL=SYN>`.
    Syn,
    /// `<SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>`.
    SynAck,
    /// A RST with this SEQ, with or without ACK as given. `spare` is an ACK that says nothing wrong where
    /// none is wanted.
    Rst { seq: SeqNum, ack: Option<SeqNum>, other_seq: Option<SeqNum>, free: bool, spare: Option<SeqNum> },
    /// Nothing; but a RST with this SEQ would be the doing of the call that the debt is charged to.
    Unwanted { seq: SeqNum },
}

impl Owed {
    /// Some RST.
    pub(super) fn is_rst(&self) -> bool {
        matches!(self, Owed::Rst { .. } | Owed::Unwanted { .. })
    }

    /// Both are discharged by the same segments.
    pub(super) fn is_kin(&self, other: &Owed) -> bool {
        let ack = |o: &Owed| matches!(o, Owed::Ack | Owed::Challenge);
        self == other || ack(self) && ack(other)
    }
}

/// Something owed, to whom, since when, by which rule.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Debt {
    /// What.
    pub owed: Owed,
    /// The stack's port.
    pub port: u16,
    /// To whom.
    pub remote: Endpoint,
    /// Charged to.
    pub step: Step,
    /// Since when.
    pub since: Instant,
    /// It may come until then without remark.
    pub due: Instant,
    /// It may be left out.
    pub optional: bool,
    /// It was missed at its instant; until 0.5 s it is late, then missing.
    pub late: bool,
    /// The peer was told the same less than a second ago, sooner than it can send anything again.
    pub said: bool,
}

impl Debt {
    /// Owed alike, whatever rule it is charged to.
    pub(super) fn is_like(&self, other: &Debt) -> bool {
        (self.port, self.remote, self.due, self.optional, self.late, self.said)
            == (other.port, other.remote, other.due, other.optional, other.late, other.said)
            && self.owed.is_kin(&other.owed)
    }
}
