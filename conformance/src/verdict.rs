//! What a check comes to: verdicts, the closed list of kinds of difference, and signatures.
//!
//! A [`Difference`] is one thing that a stack did and no reading of the RFC allows (or that only a weak
//! word asks otherwise). Its [`Signature`] is what makes two differences the same finding.

mod words;

use core::fmt;
use core::str::FromStr;

use lastack_core::types::{Flags, Instant, State};

use crate::table::{CallKind, Level};

pub use self::words::of_panic;

/// What a check comes to, best first. (RFC 9293 has no such words; design: fail is a MUST broken, or
/// lower-case text broken in substance.)
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// The row itself.
    Pass,
    /// A licence, or an undeclared choice.
    Allowed,
    /// A SHOULD, or lower-case text in a detail.
    NonStrict,
    /// A MUST, or lower-case text in substance.
    Fail,
    /// The subject declares that it cannot.
    Unsupported,
    /// A finding that is accepted, with a reason.
    Waived,
    /// Not reached, with a reason.
    Inconclusive,
}

impl Verdict {
    /// In print and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Allowed => "allowed",
            Verdict::NonStrict => "non-strict",
            Verdict::Fail => "fail",
            Verdict::Unsupported => "unsupported",
            Verdict::Waived => "waived",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a stack owes in time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Obligation {
    /// What is unacknowledged is sent again.
    Retransmit,
    /// A closed window with something waiting is probed.
    Probe,
    /// What may leave, leaves.
    Progress,
    /// CLOSE owes a FIN once the queue has drained.
    Fin,
    /// A reader that frees space owes an update, or a true answer to the next probe.
    WindowUpdate,
    /// TIME-WAIT lasts 2 MSL.
    TimeWait,
    /// SYN-SENT and SYN-RECEIVED end after R2.
    GiveUp,
    /// The user timeout fires, and not on a healthy connection.
    UserTimeout,
    /// Silence after CLOSED.
    Silence,
}

impl Obligation {
    /// All nine.
    pub const ALL: [Obligation; 9] = [
        Obligation::Retransmit,
        Obligation::Probe,
        Obligation::Progress,
        Obligation::Fin,
        Obligation::WindowUpdate,
        Obligation::TimeWait,
        Obligation::GiveUp,
        Obligation::UserTimeout,
        Obligation::Silence,
    ];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Obligation::Retransmit => "OWES-RETRANSMISSION",
            Obligation::Probe => "OWES-PROBE",
            Obligation::Progress => "OWES-PROGRESS",
            Obligation::Fin => "OWES-FIN",
            Obligation::WindowUpdate => "OWES-WINDOW-UPDATE",
            Obligation::TimeWait => "OWES-TIME-WAIT",
            Obligation::GiveUp => "OWES-GIVING-UP",
            Obligation::UserTimeout => "OWES-USER-TIMEOUT",
            Obligation::Silence => "OWES-SILENCE",
        }
    }

    /// Where the RFCs ask for it.
    pub const fn cite(self) -> &'static str {
        match self {
            Obligation::Retransmit => "RFC 9293 3.8.1, 3.10.8; RFC 6298 2.4, 5.4 to 5.6; MUST-18 MUST-19",
            Obligation::Probe => "RFC 9293 3.8.6.1; MUST-35 MUST-36 SHLD-29",
            Obligation::Progress => "RFC 9293 3.7.4, 3.8.6.2.1, 3.10.2; MUST-60",
            Obligation::Fin => "RFC 9293 3.6, 3.10.4",
            Obligation::WindowUpdate => "RFC 9293 3.8.6.2.2; MUST-39",
            Obligation::TimeWait => "RFC 9293 3.6.1; MUST-13",
            Obligation::GiveUp => "RFC 9293 3.8.3; MUST-20 MUST-22 MUST-23",
            Obligation::UserTimeout => "RFC 9293 3.8.3, 3.10.8; MUST-20 MUST-21",
            Obligation::Silence => "RFC 9293 3.10.7.1",
        }
    }
}

/// Kinds of difference: a closed list, the most telling first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// The stack panicked.
    Panic,
    /// The stack was never quiet at one instant, or sent without end.
    NeverQuiet,
    /// What it does shows that it is in another state.
    WrongState,
    /// RCV.NXT differs: text or FIN taken or not.
    RcvNxt,
    /// SND.UNA differs: an acknowledgment taken or not.
    SndUna,
    /// The octets differ, or are delivered twice, or not.
    Stream,
    /// The user was told otherwise.
    WrongSignal,
    /// A reply that is owed did not come.
    MissingReply,
    /// Another kind of segment came.
    WrongReply,
    /// The right kind of segment with a wrong number.
    WrongNumber,
    /// A segment came that nothing asked for.
    ExtraReply,
    /// A right ACK where the RFC wants silence.
    Superfluous,
    /// Something owed in time: see the rule.
    Obligation,
    /// A standing check of the trace: see the rule.
    Monitor,
    /// The same script, changed in a way that must not matter, goes another way: see the rule.
    Unlike,
    /// Of two stacks in a world, both by the rules as far as seen: see the property.
    Property,
}

impl Kind {
    /// All of them, the most telling first.
    pub const ALL: [Kind; 16] = [
        Kind::Panic,
        Kind::NeverQuiet,
        Kind::WrongState,
        Kind::RcvNxt,
        Kind::SndUna,
        Kind::Stream,
        Kind::WrongSignal,
        Kind::MissingReply,
        Kind::WrongReply,
        Kind::WrongNumber,
        Kind::ExtraReply,
        Kind::Superfluous,
        Kind::Obligation,
        Kind::Monitor,
        Kind::Unlike,
        Kind::Property,
    ];

    /// In print and in signatures.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Panic => "panic",
            Kind::NeverQuiet => "never-quiet",
            Kind::WrongState => "wrong-state",
            Kind::RcvNxt => "rcv-nxt",
            Kind::SndUna => "snd-una",
            Kind::Stream => "stream",
            Kind::WrongSignal => "wrong-signal",
            Kind::MissingReply => "missing-reply",
            Kind::WrongReply => "wrong-reply",
            Kind::WrongNumber => "wrong-number",
            Kind::ExtraReply => "extra-reply",
            Kind::Superfluous => "superfluous",
            Kind::Obligation => "obligation",
            Kind::Monitor => "monitor",
            Kind::Unlike => "unlike",
            Kind::Property => "property",
        }
    }
}

/// What kind of event the difference answers to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Trigger {
    Syn,
    SynAck,
    Rst,
    NoAckBit,
    Fin,
    Ack,
    Open,
    Send,
    Receive,
    Close,
    Abort,
    Status,
    Time,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Trigger; 13] = [
        Trigger::Syn,
        Trigger::SynAck,
        Trigger::Rst,
        Trigger::NoAckBit,
        Trigger::Fin,
        Trigger::Ack,
        Trigger::Open,
        Trigger::Send,
        Trigger::Receive,
        Trigger::Close,
        Trigger::Abort,
        Trigger::Status,
        Trigger::Time,
    ];

    /// Of a segment, by its control bits.
    pub const fn of_segment(flags: Flags) -> Trigger {
        if flags.rst() {
            Trigger::Rst
        } else if flags.syn() {
            if flags.ack() { Trigger::SynAck } else { Trigger::Syn }
        } else if !flags.ack() {
            Trigger::NoAckBit
        } else if flags.fin() {
            Trigger::Fin
        } else {
            Trigger::Ack
        }
    }

    /// Of a call.
    pub const fn of_call(call: CallKind) -> Trigger {
        match call {
            CallKind::OpenPassive | CallKind::OpenActive | CallKind::Open => Trigger::Open,
            CallKind::Send => Trigger::Send,
            CallKind::Receive => Trigger::Receive,
            CallKind::Close => Trigger::Close,
            CallKind::Abort => Trigger::Abort,
            CallKind::Status => Trigger::Status,
        }
    }

    /// In print and in signatures.
    pub const fn name(self) -> &'static str {
        match self {
            Trigger::Syn => "SYN",
            Trigger::SynAck => "SYN,ACK",
            Trigger::Rst => "RST",
            Trigger::NoAckBit => "no-ACK",
            Trigger::Fin => "FIN",
            Trigger::Ack => "ACK",
            Trigger::Open => "OPEN",
            Trigger::Send => "SEND",
            Trigger::Receive => "RECEIVE",
            Trigger::Close => "CLOSE",
            Trigger::Abort => "ABORT",
            Trigger::Status => "STATUS",
            Trigger::Time => "time",
        }
    }
}

/// Where the event's acknowledgment lay.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum AckRelation {
    Absent,
    Below,
    Duplicate,
    New,
    Above,
}

impl AckRelation {
    /// All of them.
    pub const ALL: [AckRelation; 5] = [
        AckRelation::Absent,
        AckRelation::Below,
        AckRelation::Duplicate,
        AckRelation::New,
        AckRelation::Above,
    ];

    /// In print and in signatures.
    pub const fn name(self) -> &'static str {
        match self {
            AckRelation::Absent => "no-ack",
            AckRelation::Below => "below",
            AckRelation::Duplicate => "duplicate",
            AckRelation::New => "new",
            AckRelation::Above => "above",
        }
    }
}

/// What makes two differences one finding: as near as one can come to one bug, one finding. States are
/// merged; findings are shown in families of one kind, trigger and relation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Signature {
    /// Kind of difference.
    pub kind: Kind,
    /// Kind of event.
    pub trigger: Trigger,
    /// Its acknowledgment.
    pub relation: AckRelation,
    /// Name of the rule, obligation or monitor that it is charged to.
    pub rule: &'static str,
    /// Of a panic: what it said ([`of_panic`]). Otherwise empty.
    pub words: &'static str,
}

/// `RULE:kind:trigger:relation`, of a panic with what it said behind another colon.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}:{}", self.rule, self.kind.name(), self.trigger.name(), self.relation.name())?;
        if self.words.is_empty() { Ok(()) } else { write!(f, ":{}", self.words) }
    }
}

/// A signature as it stands in a waiver file: `*` in place of a field admits every value of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SignaturePattern {
    /// Name of the rule, obligation or monitor.
    pub rule: Option<String>,
    /// Kind of difference.
    pub kind: Option<Kind>,
    /// Kind of event.
    pub trigger: Option<Trigger>,
    /// Its acknowledgment.
    pub relation: Option<AckRelation>,
    /// What a panic said; a pattern of four fields admits every word.
    pub words: Option<String>,
}

impl SignaturePattern {
    /// Whether this signature is one of them.
    pub fn admits(&self, signature: &Signature) -> bool {
        self.rule.as_ref().is_none_or(|rule| rule == signature.rule)
            && self.kind.is_none_or(|kind| kind == signature.kind)
            && self.trigger.is_none_or(|trigger| trigger == signature.trigger)
            && self.relation.is_none_or(|relation| relation == signature.relation)
            && self.words.as_ref().is_none_or(|words| words == signature.words)
    }
}

impl FromStr for SignaturePattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        fn field<T>(word: &str, what: &str, find: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
            match word {
                "*" => Ok(None),
                _ => find(word).map(Some).ok_or_else(|| format!("there is no {what} {word:?}")),
            }
        }
        let parts: Vec<&str> = text.split(':').collect();
        let (rule, kind, trigger, relation, words) = match parts[..] {
            [rule, kind, trigger, relation] => (rule, kind, trigger, relation, "*"),
            [rule, "panic", trigger, relation, words] => (rule, "panic", trigger, relation, words),
            _ => return Err(format!("a signature is RULE:kind:event:acknowledgment, this is {text:?}")),
        };
        let pattern = SignaturePattern {
            rule: field(rule, "rule", |word| (!word.is_empty()).then(|| word.to_owned()))?,
            kind: field(kind, "kind", |word| Kind::ALL.into_iter().find(|k| k.name() == word))?,
            trigger: field(trigger, "event", |word| Trigger::ALL.into_iter().find(|t| t.name() == word))?,
            relation: field(relation, "acknowledgment", |word| {
                AckRelation::ALL.into_iter().find(|r| r.name() == word)
            })?,
            words: (words != "*").then(|| words.to_owned()),
        };
        if pattern.rule.is_none() && pattern.kind.is_none() {
            return Err(format!("{text:?} names neither a rule nor a kind: it would waive too much"));
        }
        Ok(pattern)
    }
}

/// One thing that a stack did and no reading of the RFC allows.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// What makes it the same as others.
    pub signature: Signature,
    /// `Fail` or `NonStrict`.
    pub verdict: Verdict,
    /// How strongly the RFC asks for what was not done.
    pub level: Level,
    /// Sections and requirement ids.
    pub cite: &'static str,
    /// The connection's state when the event came.
    pub state: State,
    /// When it showed.
    pub at: Instant,
    /// Index of the scenario's event that it is charged to.
    pub event: usize,
    /// What the table wants, in the RFC's expressions.
    pub want: String,
    /// What came: every differing field, the most telling first.
    pub got: String,
}
