//! Replies as debts.

use lastack_core::types::{Duration, Instant, SeqNum};

use super::{ACK_DELAY, Run};
use crate::class::SeqClass;
use crate::oracle::arrive::Arrival;
use crate::oracle::context::{Broken, Context};
use crate::oracle::debt::{Debt, Owed};
use crate::oracle::host::Host;
use crate::oracle::step::{Aspects, Step};
use crate::table::{LicenceKind, Reply, Rule};
use crate::verdict::Trigger;

/// The shortest time after which anything is sent again (RFC 6298 2.4).
const RTO_MIN: Duration = Duration::from_secs(1);

impl Run<'_, '_> {
    pub(super) fn reply(&mut self, row: &Rule, step: Step) {
        let h = &self.a.segment.header;
        let free = row.licences.iter().any(|l| l.kind == LicenceKind::RstFieldsFree);
        let nxt = self.tcb().map_or(SeqNum::new(0), |t| t.nxt);
        let end = self.a.segment.end();
        let from_ack = Owed::Rst { seq: h.ack, ack: None, other_seq: None, free, spare: Some(end) };
        let zero = Owed::Rst { seq: SeqNum::new(0), ack: Some(end), other_seq: None, free, spare: None };
        let now = self.ctx.now;
        match row.reply {
            Reply::None | Reply::AckOptional => {}
            Reply::Ack if !may_wait(row) => self.owe(Owed::Ack, step, now),
            Reply::Ack | Reply::AckDelayable => {
                let declared = self.ctx.profile.ack_delay.filter(|_| self.ctx.setup.ack_delay != Some(true));
                let delay = match self.ctx.broken {
                    Broken::DelayedAcks => Duration::ZERO,
                    _ => declared.unwrap_or(ACK_DELAY).min(ACK_DELAY),
                };
                self.owe(Owed::Ack, step, now + delay);
            }
            Reply::Challenge => self.owe(Owed::Challenge, step, now),
            Reply::Syn => self.owe(Owed::Syn, step, now),
            Reply::SynAck => self.owe(Owed::SynAck, step, now),
            Reply::RstFromAck => self.owe(from_ack, step, now),
            Reply::RstZero => self.owe(zero, step, now),
            Reply::RstByAckBit => self.owe(if h.flags.ack() { from_ack } else { zero }, step, now),
            Reply::RstNxt => {
                let owed = Owed::Rst { seq: nxt, ack: None, other_seq: None, free: true, spare: None };
                self.owe(owed, step, now);
            }
            Reply::RstEither => {
                let other_seq = Some(h.ack);
                let owed = Owed::Rst { seq: nxt, ack: None, other_seq, free: true, spare: None };
                self.owe(owed, step, now);
            }
            // Replies of calls and timers.
            Reply::Text | Reply::Fin | Reply::Again | Reply::Probe | Reply::KeepAliveProbe => {}
        }
    }

    pub(super) fn owe(&mut self, owed: Owed, step: Step, due: Instant) {
        let optional = self.o.optional || !self.ctx.room;
        // What the sequence test turns away brings nothing that could be missed.
        let outside = step.open == Aspects::ALL && is_outside(self.reading.class.seq);
        let said = outside && is_said(self.ctx, self.host, &owed, step);
        let debt = Debt { due, optional, said, ..debt(self.ctx, self.a, owed, step) };
        if self.ctx.broken == Broken::Coalescing {
            self.host.debts.push(debt);
        } else {
            self.host.owe(debt);
        }
    }
}

/// A reply that is owed at once to the sender of the segment, if there is room to send it.
pub fn debt(ctx: &Context<'_>, a: &Arrival<'_>, owed: Owed, step: Step) -> Debt {
    Debt {
        owed,
        port: a.port(),
        remote: a.remote(),
        step,
        since: ctx.now,
        due: ctx.now,
        optional: !ctx.room,
        late: false,
        said: false,
    }
}

/// The row's ACK may be delayed like that of text.
fn may_wait(row: &Rule) -> bool {
    row.licences.iter().any(|l| l.kind == LicenceKind::DelayAck500Ms)
}

/// The answer would repeat an ACK that said nothing new either, less than a second ago: a peer sends nothing
/// again so soon (RFC 6298 2.4), and has lost nothing. A SYN may be of another peer.
fn is_said(ctx: &Context<'_>, host: &Host, owed: &Owed, step: Step) -> bool {
    let recent = |at| ctx.now.since(at) < RTO_MIN;
    matches!(owed, Owed::Ack | Owed::Challenge)
        && matches!(step.trigger, Trigger::SynAck | Trigger::Fin | Trigger::Ack)
        && host.repeated.is_some_and(recent)
}

/// An ACK is owed at once to the sender of the segment. `outside`: the sequence test turned the segment away, whatever
/// of it counts all the same.
pub fn owe_ack(
    ctx: &Context<'_>,
    host: &mut Host,
    a: &Arrival<'_>,
    step: Step,
    optional: bool,
    outside: bool,
) {
    let owed = debt(ctx, a, Owed::Ack, step);
    let said = outside && is_said(ctx, host, &owed.owed, step);
    host.owe(Debt { optional: optional || owed.optional, said, ..owed });
}

/// The sequence test turns it away.
pub fn is_outside(class: SeqClass) -> bool {
    matches!(class, SeqClass::Before | SeqClass::Beyond)
}

/// `<SEQ=SEG.ACK><CTL=RST>` is owed at once to the sender of the segment.
pub fn owe_reset(ctx: &Context<'_>, host: &mut Host, a: &Arrival<'_>, step: Step) {
    let (seq, spare) = (a.segment.header.ack, Some(a.segment.end()));
    let owed = Owed::Rst { seq, ack: None, other_seq: None, free: false, spare };
    host.owe(debt(ctx, a, owed, step));
}
