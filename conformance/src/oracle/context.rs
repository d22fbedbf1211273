//! What the judge knows apart from the stack: the instant, the set-up, what is declared.

use lastack_core::types::{Duration, Instant};

use crate::subject::{Capabilities, Setup};
use crate::table::Profile;
use crate::verdict::Obligation;

/// What the judge knows apart from the host itself.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Now.
    pub now: Instant,
    /// Index of the scenario's event.
    pub event: usize,
    /// What the stack declares.
    pub profile: &'a Profile,
    /// The set-up.
    pub setup: &'a Setup,
    /// The user timeouts of all connections, by the set-up and by what was set since.
    pub timeouts: Timeouts,
    /// What the stack can do.
    pub capabilities: &'a Capabilities,
    /// The transmit queue has room.
    pub room: bool,
    /// Checks that are switched off, to prove that somebody notices.
    pub broken: Broken,
}

/// User timeouts of several connections, where it is not kept which has which.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Timeouts {
    /// The shortest that any of them may have: from then on it may end.
    pub least: Option<Duration>,
    /// The longest that any of them may have: by then each has ended; `None` where one may have none.
    pub most: Option<Duration>,
}

impl Timeouts {
    /// All have this one.
    pub const fn only(span: Option<Duration>) -> Timeouts {
        Timeouts { least: span, most: span }
    }

    /// One more of them may have this one.
    #[must_use]
    pub fn or(self, span: Option<Duration>) -> Timeouts {
        let least = self.least.into_iter().chain(span).min();
        Timeouts { least, most: self.most.zip(span).map(|(a, b)| a.max(b)) }
    }
}

/// Parts of the oracle that can be switched off on purpose, one at a time, by tests: without a check a finding
/// vanishes, without a tolerance a conforming stack is accused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Broken {
    /// The oracle as it is.
    #[default]
    Nothing,
    /// Check: owed replies are forgotten.
    Debts,
    /// Check: acknowledgment numbers are not compared.
    AckNumbers,
    /// Check: sequence numbers of empty ACKs are not compared.
    SeqNumbers,
    /// Check: fields of a RST are not compared.
    RstFields,
    /// Check: new text may go anywhere.
    SendWindow,
    /// Check: more may be sent than the user queued.
    QueuedText,
    /// Check: a FIN may stand anywhere.
    FinPlace,
    /// Check: anything may be sent unasked.
    ExtraReplies,
    /// Check: a right ACK in answer to a RST goes unnoticed.
    Superfluous,
    /// Check: late replies count as in time.
    Lateness,
    /// Check: outcomes of calls are not compared.
    Outcomes,
    /// Check: the user may be told anything.
    Signals,
    /// Check: a challenge ACK may be left out though none was sent before.
    Throttle,
    /// Check: an empty ACK may answer an empty ACK.
    PacketWar,
    /// Check: the new part of a segment that straddles old and new may be refused.
    NewParts,
    /// Check: this obligation is forgotten.
    Obligation(Obligation),
    /// Tolerance: one segment discharges one reply only.
    Coalescing,
    /// Tolerance: only an empty ACK acknowledges.
    AnySegmentAcks,
    /// Tolerance: an ACK of text is owed at the instant.
    DelayedAcks,
    /// Tolerance: the edge last advertised is all that the stack may hold.
    Edges,
    /// Tolerance: only a new ACK opens the peer's window.
    WindowUpdates,
    /// Tolerance: a window probe is text past the window.
    ProbeOctet,
    /// Tolerance: an empty ACK has SEQ=SND.NXT, whatever was sent again.
    ResentAcks,
    /// Tolerance: an empty ACK with a rewound SEQ is no detail.
    RewoundAcks,
    /// Tolerance: an empty ACK must have something that asks for it.
    FreeAcks,
    /// Tolerance: every acknowledgment is RCV.NXT itself, none is a number on the way to it.
    NumbersOnTheWay,
    /// Tolerance: what is in flight is sent again in one piece.
    RecutText,
    /// Tolerance: what the window lets go leaves at the instant, whatever is in flight.
    Nagle,
    /// Tolerance: what the window lets go leaves at the instant, however little it is.
    SillyWindow,
    /// Tolerance: no challenge ACK may be withheld after another one.
    ThrottledChallenges,
}

impl Broken {
    /// Everything that can be switched off.
    pub fn all() -> impl Iterator<Item = Broken> {
        use Broken as B;
        let checks = [
            B::Debts,
            B::AckNumbers,
            B::SeqNumbers,
            B::RstFields,
            B::SendWindow,
            B::QueuedText,
            B::FinPlace,
            B::ExtraReplies,
            B::Superfluous,
            B::Lateness,
            B::Outcomes,
            B::Signals,
            B::Throttle,
            B::PacketWar,
            B::NewParts,
        ];
        let tolerances = [
            B::Coalescing,
            B::AnySegmentAcks,
            B::DelayedAcks,
            B::Edges,
            B::WindowUpdates,
            B::ProbeOctet,
            B::ResentAcks,
            B::RewoundAcks,
            B::FreeAcks,
            B::NumbersOnTheWay,
            B::RecutText,
            B::Nagle,
            B::SillyWindow,
            B::ThrottledChallenges,
        ];
        checks.into_iter().chain(tolerances).chain(Obligation::ALL.into_iter().map(B::Obligation))
    }
}
