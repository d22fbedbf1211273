//! The step of an arrival, before a rule gives it its name.

use lastack_core::types::State;

use super::{Arrival, Packet};
use crate::class::{AckClass, Class};
use crate::oracle::apply::Target;
use crate::oracle::context::Context;
use crate::oracle::host::Host;
use crate::oracle::step::{Aspects, Step};
use crate::table::Level;
use crate::verdict::{AckRelation, Trigger};

/// The step of a packet that must not count: charged to the rule that says so.
pub(super) fn ignored_step(ctx: &Context<'_>, a: &Arrival<'_>, state: State) -> Step {
    let flags = a.segment.header.flags;
    let (rule, level, cite) = if a.packet == Packet::Either {
        ("OPTION-LENGTH", Level::Must, "RFC 9293 3.1; MUST-7")
    } else if flags.syn() && !flags.ack() && !flags.rst() {
        ("SYN-BAD-ADDRESS", Level::Must, "RFC 9293 3.9.2.3; MUST-57 MUST-63; MUST-3")
    } else {
        ("NOT-FOR-US", Level::Text, "RFC 9293 3.9.2.3; MUST-3; RFC 1122 3.2.1.3")
    };
    Step {
        rule,
        level,
        cite,
        state,
        event: ctx.event,
        trigger: Trigger::of_segment(flags),
        relation: AckRelation::Absent,
        plausible: a.packet == Packet::Discard,
        licensed: false,
        open: Aspects::NONE,
    }
}

/// What of a step is the same for every rule that the segment fires.
pub(super) fn step_base(
    ctx: &Context<'_>,
    host: &Host,
    target: Target,
    a: &Arrival<'_>,
    class: &Class,
) -> Step {
    let tcb = target.tcb(host);
    let state = tcb.map_or(State::Closed, |t| t.state);
    use AckClass as C;
    let relation = match class.ack {
        C::None => AckRelation::Absent,
        C::Ancient | C::Old => AckRelation::Below,
        C::Dup => AckRelation::Duplicate,
        C::New | C::NewFin | C::SynAcked => AckRelation::New,
        C::Future => AckRelation::Above,
        C::Bad => match tcb {
            Some(t) if a.segment.header.ack.is_after(t.nxt) => AckRelation::Above,
            _ => AckRelation::Below,
        },
    };
    Step {
        rule: "",
        level: Level::Text,
        cite: "",
        state,
        event: ctx.event,
        trigger: Trigger::of_segment(a.segment.header.flags),
        relation,
        plausible: a.is_plausible(state, tcb),
        licensed: false,
        open: Aspects::NONE,
    }
}
