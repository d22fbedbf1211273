//! The stack's own words about its states.

use lastack_core::types::State;

use super::context::Context;
use super::host::Host;
use super::step::{Aspects, Step};
use super::{Oracle, end};
use crate::subject::Handle;
use crate::table::{Effect, by_name, rule};
use crate::verdict::Obligation;

/// The first time the stack's own word about a state fitted no reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Diverged {
    pub(super) step: Step,
    pub(super) word: State,
    pub(super) expected: State,
}

/// The state of each handle, as far as the stack says.
pub(super) type Words = arrayvec::ArrayVec<(Handle, State), 8>;

/// A state that follows the peer's FIN.
fn shows_fin(state: State) -> bool {
    matches!(state, State::CloseWait | State::Closing | State::LastAck | State::TimeWait)
}

/// The state of a handle's connection in this reading.
fn state_of(host: &Host, handle: Handle) -> State {
    host.by_handle(handle).map_or(State::Closed, |i| host.tcbs[i].state)
}

/// The words fit the reading. STATE-AT-CLOSE-FREE: 3.10.4 has CLOSE-WAIT until the FIN is sent, Fig. 5 has LAST-ACK
/// at once.
pub(super) fn fits(host: &Host, words: &[(Handle, State)]) -> bool {
    let before_fin = |handle, word| {
        let tcb = host.by_handle(handle).map(|i| &host.tcbs[i]);
        word == State::CloseWait && tcb.is_some_and(|t| t.state == State::LastAck && !t.fin_sent)
    };
    words.iter().all(|(handle, word)| state_of(host, *handle) == *word || before_fin(*handle, *word))
}

/// The rule leaves the FIN of its segment out.
fn cuts_fin(step: &Step) -> bool {
    by_name(step.rule).any(|id| rule(id).effects.contains(&Effect::TrimFin))
}

impl Oracle {
    /// The stack's own word about the state of each handle: it names a later finding, and accuses nobody.
    pub fn words(&mut self, ctx: &Context<'_>, words: &[(Handle, State)]) {
        self.says_states |= !words.is_empty();
        if let Some(diverged) = self.diverged {
            // Word and table meet again: what goes wrong from here on has its own cause.
            let meets =
                |(handle, word): &(Handle, State)| self.hosts.iter().any(|h| state_of(h, *handle) == *word);
            if words.is_empty() || ctx.event == diverged.step.event || !words.iter().all(meets) {
                return;
            }
            self.diverged = None;
        }
        let fits = |h: &Host| fits(h, words);
        if !self.readings().any(fits) {
            self.pass_time(ctx);
        }
        self.told = Some((ctx.now, words.iter().copied().take(8).collect()));
        // If all are wrong now, the one that was right so far tells best where it went wrong.
        let best = (0..self.hosts.len()).min_by_key(|i| self.hosts[*i].disputed);
        let mut supported = false;
        for host in &mut self.hosts {
            host.disputed = !fits(host);
            host.was_disputed |= host.disputed;
            if !host.disputed {
                host.confirm(Aspects::STATE);
                supported = true;
            }
        }
        if supported {
            return;
        }
        let Some(host) = best.and_then(|i| self.hosts.get(i)) else { return };
        let other = words.iter().find(|(handle, word)| state_of(host, *handle) != *word);
        let Some((expected, word)) = other.map(|(handle, word)| (state_of(host, *handle), *word)) else {
            return;
        };
        let fired_now = host.path.last().is_some_and(|s| s.event == ctx.event);
        let owes_fin = words.iter().any(|(handle, word)| {
            let tcb = host.by_handle(*handle).map(|i| &host.tcbs[i]);
            tcb.is_some_and(|t| t.fin_wanted && !t.fin_sent)
                && matches!(word, State::FinWait2 | State::TimeWait | State::Closed)
        });
        let step = if owes_fin {
            // It takes a FIN for acknowledged that it never sent.
            Some(end::step(ctx, Obligation::Fin, expected))
        } else if fired_now || host.path.iter().any(|s| s.open.has(Aspects::STATE)) {
            let open = |s: &&Step| s.event == ctx.event && s.open.has(Aspects::STATE);
            // URG leads nowhere.
            let last = host.path.iter().rev().find(|s| s.event == ctx.event && s.rule != "URG").copied();
            let cut = host.path.iter().rev().find(|s| s.event == ctx.event && cuts_fin(s));
            let cut = cut.filter(|_| shows_fin(word) && !shows_fin(expected)).copied();
            let changed = host.path.iter().find(open).copied();
            cut.or(changed).or(last).or_else(|| host.suspect(ctx.event, Aspects::STATE))
        } else {
            // Every rule has shown its effect: only the clock moved.
            let by_time = || end::by_time(ctx, expected);
            Some(end::of_time(ctx, expected, word).map_or_else(by_time, |o| end::step(ctx, o, expected)))
        };
        if let Some(step) = step {
            self.diverged = Some(Diverged { step, word, expected });
        }
    }
}
