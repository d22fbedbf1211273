//! The second outcomes that the RFCs license for a segment.

use lastack_core::types::{Duration, Flags};

use super::readings::half_duplex_choices;
use super::{Arrival, Reading, facts, ignore};
use crate::class::{AckClass, Class, SeqClass};
use crate::oracle::apply::{self, Overrides, Target};
use crate::oracle::context::{Broken, Context};
use crate::oracle::host::{Host, Successors};
use crate::oracle::step::{Cost, Mismatch, Step, Want};
use crate::oracle::tcb::Origin;
use crate::subject::ListenerKind;
use crate::table::walk::{Walk, walk};
use crate::table::{Choice, Effect, Level, LicenceKind, Protection, Switches, TimeWaitRst, rule};
use crate::verdict::Kind;

/// The second outcomes that the fired rows license for this segment.
pub(super) fn licensed(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    walked: &Walk,
    reading: &Reading,
    switches: Switches,
    a: &Arrival<'_>,
    base: Step,
    out: &mut Successors,
) {
    let state = base.state;
    let second = Second { ctx, host, target, walked, reading, switches, a, base };
    for id in &walked.fired {
        let row = rule(*id);
        let base = Step { rule: row.name, level: apply::level_of(ctx, row), cite: row.cite, ..base };
        for licence in row.licences {
            if licence.states.has(state) || licence.states.has(walked.next) {
                second.outcomes(licence.kind, base, out);
            }
        }
    }
}

/// One walk and what it walked with.
struct Second<'r> {
    ctx: &'r Context<'r>,
    host: &'r Host,
    target: Target,
    walked: &'r Walk,
    reading: &'r Reading,
    switches: Switches,
    a: &'r Arrival<'r>,
    /// The step before a rule gave it its name.
    base: Step,
}

impl Second<'_> {
    /// What one licence adds; `base` is the step of its row.
    fn outcomes(&self, kind: LicenceKind, base: Step, out: &mut Successors) {
        let (ctx, host, a, class) = (self.ctx, self.host, self.a, self.reading.class);
        match kind {
            LicenceKind::AckFieldFirst | LicenceKind::Fig7Either => self.only_ack(kind, out),
            LicenceKind::TrimOrRefuse => self.trim_or_refuse(base, out),
            LicenceKind::OverlapRstEither => self.ignore(base, false, out),
            LicenceKind::Rfc1337 if ctx.profile.time_wait_rst != TimeWaitRst::Close => {
                self.ignore(base, false, out);
            }
            LicenceKind::ThrottledSyn if !class.flags.syn() || ctx.profile.syn == Protection::Classic => {}
            LicenceKind::AckAtZeroWindow => self.refuse_at_zero(base, out),
            LicenceKind::ThrottledChallenge | LicenceKind::ThrottledSyn => {
                let sent_one = self.challenged_lately();
                if sent_one && ctx.broken != Broken::ThrottledChallenges || ctx.broken == Broken::Throttle {
                    self.same(Overrides { optional: true, ..Overrides::NONE }, out);
                }
            }
            LicenceKind::Rfc6191Silent if class.flags.syn() && !class.flags.ack() => {
                self.ignore(base, false, out);
            }
            LicenceKind::TwReopen => {
                let listener = host.listener(a.port()).is_some();
                if class.flags.syn() && !class.flags.ack() && listener && ctx.profile.reopen != Choice::No {
                    apply::reopen(ctx, host, self.target, a, base, out);
                }
            }
            LicenceKind::SilentTwAck | LicenceKind::SilentBacklogFull => {
                if kind == LicenceKind::SilentTwAck && !class.flags.fin() {
                    self.same(Overrides { optional: true, ..Overrides::NONE }, out);
                } else if kind == LicenceKind::SilentBacklogFull && backlog_full(ctx, host, a) {
                    self.ignore(base, false, out);
                }
            }
            LicenceKind::SecondFinFree => self.second_fin(base, out),
            LicenceKind::RstOrAck => {
                if matches!(class.ack, AckClass::Ancient | AckClass::Future | AckClass::Old) {
                    self.ignore(base, true, out);
                }
            }
            LicenceKind::ReturnToTimeWait => {
                apply::return_to_time_wait(ctx, host, self.target, base, out);
            }
            // The others are part of how replies are matched, or of calls and timers.
            _ => {}
        }
    }

    /// The acknowledgment counts before the rest is refused.
    fn only_ack(&self, kind: LicenceKind, out: &mut Successors) {
        let class = self.reading.class;
        let good = matches!(class.ack, AckClass::New | AckClass::NewFin)
            || class.ack == AckClass::Dup && self.base.state.is_synchronized();
        if class.flags.rst() || !good {
            return;
        }
        let irs = Some(self.a.segment.header.seq);
        let crossing = class.flags.syn()
            && self.target.tcb(self.host).is_some_and(|t| t.origin == Origin::Active && t.irs == irs);
        if kind == LicenceKind::Fig7Either && !crossing {
            return;
        }
        let only_ack =
            Class { flags: Flags::ACK, seq: SeqClass::Exact, overrun: false, text: false, ..class };
        self.again(only_ack, Overrides { add_ack: true, no_text: true, ..Overrides::NONE }, out);
        if kind == LicenceKind::Fig7Either {
            self.again(only_ack, Overrides { no_text: true, ..Overrides::NONE }, out);
        }
    }

    /// What lies outside the window is trimmed off, or the segment refused.
    fn trim_or_refuse(&self, base: Step, out: &mut Successors) {
        let class = self.reading.class;
        // What lies wholly inside has nothing to be trimmed off.
        if !class.overrun && !matches!(class.seq, SeqClass::LeftOverlap | SeqClass::Spans) {
            return;
        }
        if class.seq == SeqClass::Spans {
            let inside = Class { seq: SeqClass::Exact, overrun: true, ..class };
            let facts = facts(self.host, self.target, self.a);
            let second = walk(self.base.state, facts, self.switches, &inside);
            // The ACK of text may be delayed; what is only refused is answered at once.
            let takes = second.fired.iter().any(|id| rule(*id).effects.contains(&Effect::TakeText));
            self.apply(&second, Overrides { add_ack: !takes, ..Overrides::NONE }, out);
        } else if class.flags.syn() && class.seq == SeqClass::LeftOverlap {
            // The SYN is left of the window: trimmed, the segment goes on without it.
            let flags = class.flags.without(Flags::SYN);
            let trimmed = Class { flags, seq: SeqClass::Exact, ..class };
            // New text behind it may find nobody who reads (SHLD-3).
            for half in half_duplex_choices(self.ctx.profile.half_duplex, self.target.tcb(self.host), self.a)
            {
                let switches = Switches { half_duplex: *half, ..self.switches };
                let second = walk(self.base.state, facts(self.host, self.target, self.a), switches, &trimmed);
                self.apply(&second, Overrides::NONE, out);
                if second.fired.iter().any(|id| rule(*id).effects.contains(&Effect::SecondFin)) {
                    self.apply(&second, Overrides { second_fin_stays: true, ..Overrides::NONE }, out);
                }
            }
            self.ignore(base, true, out);
            if self.ctx.profile.syn != Protection::Classic && self.challenged_lately() {
                // The answer is a challenge ACK like that to any SYN, and may be withheld like one.
                self.ignore(base, false, out);
            }
        } else {
            let refused =
                Class { flags: class.flags.without(Flags::FIN), text: false, overrun: false, ..class };
            let before = out.len();
            self.again(refused, Overrides { add_ack: true, no_text: true, ..Overrides::NONE }, out);
            // Refused whole: its acknowledgment does not count either.
            self.ignore(base, true, out);
            if class.seq == SeqClass::LeftOverlap && self.ctx.broken != Broken::NewParts {
                self.new_part_refused(base, &mut out.list[before..]);
            }
        }
    }

    /// The segment straddles the boundary between old and new, and of such the new part is processed: a peer that
    /// sends its segments again as they were never gets past one that refuses.
    fn new_part_refused(&self, base: Step, refusing: &mut [Box<Host>]) {
        let to = self.a.segment.end();
        let cite = "RFC 9293 3.10.7.4, first and fifth";
        let step = Step { rule: "NEW-PART-TAKEN", cite, level: Level::Text, ..base };
        for host in refusing {
            let want = Want::AckNumber { from: to, to };
            host.note(Mismatch { kind: Kind::RcvNxt, want, step, soft: true });
        }
    }

    /// A challenge ACK left within the time over which their number is limited (RFC 5961 7).
    fn challenged_lately(&self) -> bool {
        let recent = |at| self.ctx.now.since(at) <= Duration::from_secs(5);
        self.host.challenged.is_some_and(recent)
    }

    /// At a zero window no segment is acceptable; of the special allowance only that for RST and URG is a MUST.
    fn refuse_at_zero(&self, base: Step, out: &mut Successors) {
        let before = out.len();
        self.ignore(base, true, out);
        let new = matches!(self.reading.class.ack, AckClass::New | AckClass::NewFin);
        for refused in out.list[before..].iter_mut().filter(|_| new) {
            let want = Want::Acknowledged(self.a.segment.header.ack);
            let step = Step { level: Level::Should, ..base };
            refused.note(Mismatch { kind: Kind::SndUna, want, step, soft: true });
        }
    }

    /// A FIN after the FIN: counted or not, answered or not.
    fn second_fin(&self, base: Step, out: &mut Successors) {
        self.same(Overrides { second_fin_stays: true, ..Overrides::NONE }, out);
        self.same(Overrides { second_fin_stays: true, optional: true, ..Overrides::NONE }, out);
        self.same(Overrides { optional: true, ..Overrides::NONE }, out);
        self.ignore(base, true, out);
        self.ignore(base, false, out);
    }

    /// The segment as if it were of another class.
    fn again(&self, class: Class, o: Overrides, out: &mut Successors) {
        let facts = facts(self.host, self.target, self.a);
        let second = walk(self.base.state, facts, self.switches, &class);
        self.apply(&second, o, out);
    }

    /// The same rules, with another outcome.
    fn same(&self, o: Overrides, out: &mut Successors) {
        self.apply(self.walked, o, out);
    }

    fn apply(&self, walked: &Walk, o: Overrides, out: &mut Successors) {
        let (ctx, host, target) = (self.ctx, self.host, self.target);
        apply::apply(ctx, host, target, walked, self.reading, self.a, self.base, Cost::Allowed, o, out);
    }

    fn ignore(&self, base: Step, answer: bool, out: &mut Successors) {
        ignore(self.host, base, answer, self.ctx, self.a, out);
    }
}

/// As many wait at the listener as its queue holds.
pub fn backlog_full(ctx: &Context<'_>, host: &Host, a: &Arrival<'_>) -> bool {
    match ctx.capabilities.listener {
        ListenerKind::BecomesConnection => false,
        ListenerKind::Forks { backlog } => {
            let waiting = host.tcbs.iter().filter(|t| t.port == a.port() && !t.accepted_by_user).count();
            waiting >= usize::from(backlog)
        }
    }
}
