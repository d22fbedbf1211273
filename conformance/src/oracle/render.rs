//! A mismatch in words, and how heavy it weighs.

use core::fmt::Write as _;

use lastack_core::types::Duration;

use super::context::Context;
use super::debt::Owed;
use super::send::Departure;
use super::step::{Aspects, Mismatch, Want};
use crate::table::Level;
use crate::verdict::{Difference, Kind, Signature, Trigger, Verdict};

/// A MUST broken is a fail. Lower-case text broken is one where state, RCV.NXT, SND.UNA, the stream or a
/// signal differs, or where a required reply is missing or wrong for a segment that a conforming peer, a
/// bad network or a restart can send. Everything else is a detail.
pub fn verdict_of(m: &Mismatch) -> Verdict {
    if m.soft {
        return Verdict::NonStrict;
    }
    match m.step.level {
        Level::Must => Verdict::Fail,
        Level::Info | Level::May | Level::Should => Verdict::NonStrict,
        Level::Text => match m.kind {
            Kind::WrongState | Kind::RcvNxt | Kind::SndUna | Kind::Stream | Kind::WrongSignal => {
                Verdict::Fail
            }
            Kind::Panic | Kind::NeverQuiet | Kind::Obligation | Kind::Monitor => Verdict::Fail,
            // Without its reply the change of state did not happen either: that is for another reading.
            Kind::MissingReply | Kind::WrongReply if m.step.open.has(Aspects::MOVES) => Verdict::Fail,
            Kind::MissingReply | Kind::WrongReply | Kind::WrongNumber if m.step.plausible => Verdict::Fail,
            // A RST that nothing asked for kills a connection, unless the stack gave it up itself.
            Kind::ExtraReply if m.want == Want::NoRst => Verdict::Fail,
            _ => Verdict::NonStrict,
        },
    }
}

/// The difference as a finding carries it.
pub fn difference(
    ctx: &Context<'_>,
    m: &Mismatch,
    d: Option<&Departure<'_>>,
    verdict: Verdict,
) -> Difference {
    Difference {
        signature: Signature {
            kind: m.kind,
            trigger: m.step.trigger,
            relation: m.step.relation,
            rule: m.step.rule,
            words: "",
        },
        verdict,
        level: m.step.level,
        cite: m.step.cite,
        state: m.step.state,
        at: ctx.now,
        event: m.step.event,
        want: want(&m.want),
        got: got(m, d),
    }
}

fn want(want: &Want) -> String {
    match want {
        Want::Owed(owed, nxt, rcv) => owed_text(owed, *nxt, *rcv),
        Want::Silence => "nothing".into(),
        Want::NoRst => "no RST: the connection lives".into(),
        Want::AckNumber { from, to } if from == to => format!("<ACK={to}> (RCV.NXT)"),
        Want::AckNumber { from, to } => format!("<ACK={to}> (RCV.NXT), on the way to it from {from}"),
        Want::SeqNumber { una, nxt } if una == nxt => format!("<SEQ={nxt}> (SND.NXT)"),
        Want::SeqNumber { una, nxt } => format!("<SEQ={nxt}> (SND.NXT) or <SEQ={una}> (SND.UNA)"),
        Want::WithinWindow { edge } => format!("no new text past {edge} (SND.UNA+SND.WND)"),
        Want::QueuedText { end } => format!("no text past {end}, the last octet that SEND took"),
        Want::NoFinYet => "no FIN: the user has not closed, or text is to come before it".into(),
        Want::AckBit => "a segment with the ACK bit".into(),
        Want::Flags(flags) => format!("<CTL={flags}> or nothing"),
        Want::OpenWindow { at_least } => format!("an open window: {at_least} octets or more are free"),
        Want::Outcome(want, _) => (*want).into(),
        Want::Signal(_) => "no such word to the user: nothing has ended the connection".into(),
        Want::InTime(obligation, since) => format!("{} within {since} s", promise(*obligation)),
        Want::Ended(obligation, span) => format!("{} after {span} s", promise(*obligation)),
        Want::Lasts(_, span) if *span == Duration::ZERO => "TIME-WAIT, for 2 MSL".into(),
        Want::Lasts(_, span) => format!("TIME-WAIT, for {span} s (2 MSL)"),
        Want::AtOnce => "the same at the instant of its cause".into(),
        Want::Moved => "the next state of the rule".into(),
        Want::Acknowledged(ack) => format!("SND.UNA={ack}: valid ACKs should count at a zero window too"),
    }
}

fn promise(obligation: crate::verdict::Obligation) -> &'static str {
    use crate::verdict::Obligation as O;
    match obligation {
        O::Retransmit => "a retransmission of what is unacknowledged",
        O::Probe => "a probe of the closed window",
        O::Progress => "text that may leave",
        O::Fin => "the FIN that CLOSE asked for",
        O::WindowUpdate => "a window update",
        O::TimeWait => "the end of TIME-WAIT",
        O::GiveUp => "the end of the attempt",
        O::UserTimeout => "the user timeout",
        O::Silence => "silence",
    }
}

fn owed_text(
    owed: &Owed,
    nxt: Option<lastack_core::types::SeqNum>,
    rcv: Option<lastack_core::types::SeqNum>,
) -> String {
    let number = |n: Option<lastack_core::types::SeqNum>, name: &str| {
        n.map_or_else(|| name.to_owned(), |n| format!("{n}"))
    };
    match owed {
        Owed::Ack => format!("<SEQ={}><ACK={}><CTL=ACK>", number(nxt, "SND.NXT"), number(rcv, "RCV.NXT")),
        Owed::Challenge => {
            format!("<SEQ={}><ACK={}><CTL=ACK> (challenge)", number(nxt, "SND.NXT"), number(rcv, "RCV.NXT"))
        }
        Owed::Syn => "<SEQ=ISS><CTL=SYN>".into(),
        Owed::SynAck => format!("<SEQ=ISS><ACK={}><CTL=SYN,ACK>", number(rcv, "RCV.NXT")),
        Owed::Rst { seq, ack: Some(ack), .. } => format!("<SEQ={seq}><ACK={ack}><CTL=RST,ACK>"),
        Owed::Rst { seq, ack: None, .. } => format!("<SEQ={seq}><CTL=RST>"),
        Owed::Unwanted { .. } => "nothing".into(),
    }
}

fn got(m: &Mismatch, d: Option<&Departure<'_>>) -> String {
    let mut text = String::new();
    match (&m.want, d) {
        (Want::Outcome(_, Some(outcome)), _) => {
            let _ = write!(text, "{outcome:?}");
        }
        (Want::Signal(signal), _) => {
            let _ = write!(text, "the user is told: {signal:?}");
        }
        (Want::Moved, _) => text.push_str("no answer, and the old state"),
        (Want::Acknowledged(_), _) => text.push_str("the segment is refused whole, its ACK with it"),
        (Want::InTime(_, since), _) => {
            let _ = write!(text, "nothing of it for {since} s");
        }
        (Want::AtOnce, Some(d)) => {
            let _ = write!(text, "{}, later", d.segment);
        }
        (_, Some(d)) => {
            let _ = write!(text, "{}<WND={}>", d.segment, d.segment.header.window);
        }
        (_, None) => text.push_str("nothing"),
    }
    if m.step.trigger == Trigger::Time && m.kind == Kind::ExtraReply {
        text.push_str(", unasked");
    }
    text
}
