//! `differential`: one scenario, two stacks. Each is judged by the table alone; that they do not do the same is no
//! finding. It is told, with what explains it.

use lastack_core::types::{Duration, State};

use super::one_stack;
use crate::campaign::Ran;
use crate::driver::{Driver, Summary};
use crate::reached::Reached;
use crate::scenario::Scenario;
use crate::subject::Factory;
use crate::suite::metamorphic::normal::{Grain, Normal};

/// How two stacks went apart on one scenario: the first thing in which they differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Apart {
    /// Index of the event.
    pub event: usize,
    /// What each did.
    pub did: [String; 2],
    /// In which state both were.
    pub state: Option<State>,
    /// What explains it.
    pub by: By,
}

/// What explains that two stacks go apart, the first that fits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum By {
    /// One of them is wrong, and what is wrong is found.
    Finding,
    /// A licence, or a choice that one of them has not declared.
    Licence,
    /// They declare different things.
    Profile,
    /// Sizes, windows, times, numbers of segments: what the rules bound and do not fix.
    Detail,
    /// Nothing: states or what the user is told differ, and both pass. The judge may be blind there.
    Nothing,
}

impl By {
    /// All, in the order in which they are asked for.
    pub const ALL: [By; 5] = [By::Finding, By::Licence, By::Profile, By::Detail, By::Nothing];

    /// In print.
    pub const fn name(self) -> &'static str {
        match self {
            By::Finding => "a finding",
            By::Licence => "a licence or an undeclared choice",
            By::Profile => "another profile",
            By::Detail => "a detail that no rule fixes",
            By::Nothing => "nothing",
        }
    }
}

pub fn drivers(stacks: [&dyn Factory; 2]) -> [Driver<'_>; 2] {
    stacks.map(|stack| {
        let mut driver = one_stack::driver(stack);
        driver.record();
        driver
    })
}

pub fn run(drivers: &mut [Driver<'_>; 2], scenario: &Scenario, reached: &mut Reached) -> Ran {
    let mut ran = Ran { events: scenario.events.len().max(1), ..Ran::default() };
    let mut summaries: [Summary; 2] = Default::default();
    for (driver, summary) in drivers.iter_mut().zip(&mut summaries) {
        match driver.run(scenario, None) {
            Ok(run) => *summary = run,
            // What one of them cannot do is no scenario for both.
            Err(why) => return Ran { inconclusive: Some(why), ..ran },
        }
        one_stack::note(driver, reached);
    }
    ran.apart = apart(drivers, &summaries);
    for (stack, summary) in summaries.into_iter().enumerate() {
        one_stack::take(&mut ran, stack, summary);
    }
    ran
}

fn apart(drivers: &[Driver<'_>; 2], summaries: &[Summary; 2]) -> Option<Apart> {
    let [one, other] = drivers;
    let normal = |driver: &Driver<'_>| driver.trace().map(|trace| Normal::of(trace, 0, Grain::Fine));
    let unlike = normal(one)?.first_difference(&normal(other)?, Duration::ZERO)?;
    let by = if summaries.iter().any(|s| s.finding.is_some() || !s.conceded.is_empty()) {
        By::Finding
    } else if summaries.iter().any(|s| s.inconclusive.is_some()) {
        return None;
    } else if summaries.iter().any(|s| s.allowed) {
        By::Licence
    } else if one.description().profile != other.description().profile {
        By::Profile
    } else if unlike.substance {
        By::Nothing
    } else {
        By::Detail
    };
    Some(Apart { event: unlike.event, did: [unlike.want, unlike.got], state: unlike.state, by })
}
