//! Random histories: calls, segments, waits and set-ups in long random order, from nothing or from a way
//! into some state, with a scripted and adversarial peer on one stack.
//!
//! A history is a name and nothing else: seed, index, and what it is about. Its scenario is made by one
//! function, [`history`], that the search, the `proptest` strategies and `lastack trace` share; so any one
//! of millions can be shown again. Which ways and themes a search takes up more often follows from what
//! its earlier histories reached ([`search`]).

mod ending;
mod feedback;
mod maker;
mod opening;
mod peer;
pub(crate) mod rng;
pub mod search;
pub mod shrink;
#[cfg(feature = "proptest")]
pub mod strategy;
#[cfg(test)]
mod tests;
mod theme;

use core::fmt;

use self::maker::{LISTENER, Maker, Peer, UserSide};
pub use self::rng::Rng;
pub use self::theme::Theme;
use super::NameError;
use super::cells::CrossIn;
use crate::reach::{Needs, Way, way_index, ways};
use crate::scenario::Scenario;

/// The first part of a name.
pub const PREFIX: &str = "random";
/// What a name says of a history that no way leads into.
const NOTHING: &str = "nothing";
/// The fewest moves and, in one history of some thousand, about the most.
const MOVES: (u64, u64) = (2, 40);

/// What a history begins with, and what it is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Focus {
    /// Index into [`ways`]; `None` begins with nothing.
    pub way: Option<u16>,
    /// How likely each kind of move is.
    pub theme: Theme,
}

/// One of many. It prints as `random:SEED:INDEX:WAY+THEME`, e.g. `random:0:17:established/hole+loss`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RandomHistory {
    /// Seed of the search.
    pub seed: u64,
    /// Its place in the search.
    pub index: u64,
    /// What it is about.
    pub focus: Focus,
}

impl Focus {
    /// Any, all as likely as each other; histories that begin with nothing as likely as four ways.
    pub fn draw(rng: &mut Rng) -> Focus {
        let at = rng.below(ways().len() as u64 + 4) as usize;
        let way = u16::try_from(at).ok().filter(|_| at < ways().len());
        Focus { way, theme: rng.pick(&Theme::ALL) }
    }

    /// The way in.
    pub fn way(&self) -> Option<&'static Way> {
        self.way.and_then(|at| ways().get(usize::from(at)))
    }

    /// What the stack must be able to do for it.
    pub fn needs(&self) -> Needs {
        self.way().map_or(Needs::default(), |way| way.needs)
    }
}

impl fmt::Display for Focus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.way().map_or(NOTHING, |way| way.name), self.theme.name())
    }
}

impl RandomHistory {
    /// The script.
    pub fn scenario(&self, run: &CrossIn) -> Scenario {
        let mut scenario = history(Rng::of(self.seed, self.index), self.focus, run);
        scenario.setup.ip = run.ip;
        scenario.seed = self.seed;
        scenario
    }

    /// The history with this name; without the last part, what it is about is drawn too.
    ///
    /// # Errors
    /// Which part of the name means nothing.
    pub fn from_name(name: &str) -> Result<RandomHistory, NameError> {
        let parts: Vec<&str> = name.split(':').collect();
        let number = |text: &str| text.parse::<u64>().map_err(|_| NameError::Number(text.into()));
        let (seed, index, focus) = match parts[..] {
            [PREFIX, seed, index] => (number(seed)?, number(index)?, None),
            [PREFIX, seed, index, focus] => (number(seed)?, number(index)?, Some(focus)),
            _ => return Err(NameError::Parts { got: parts.len() }),
        };
        let focus = match focus {
            Some(text) => focus_from(text)?,
            None => Focus::draw(&mut Rng::of(!seed, index)),
        };
        Ok(RandomHistory { seed, index, focus })
    }
}

fn focus_from(text: &str) -> Result<Focus, NameError> {
    let unknown = || NameError::Theme(text.into());
    let (way, theme) = text.split_once('+').ok_or_else(unknown)?;
    let theme = Theme::from_name(theme).ok_or_else(unknown)?;
    if way == NOTHING {
        return Ok(Focus { way: None, theme });
    }
    let index = way_index(way).and_then(|index| u16::try_from(index).ok());
    Ok(Focus { way: Some(index.ok_or_else(|| NameError::Way(way.into()))?), theme })
}

impl fmt::Display for RandomHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}:{}:{}:{}", self.seed, self.index, self.focus)
    }
}

/// A random history: the one function that makes them.
pub fn history(rng: Rng, focus: Focus, run: &CrossIn) -> Scenario {
    let mut maker = begin(rng, focus, run);
    let (least, most) = MOVES;
    let mut moves = least;
    // Each further move is a little less likely: on the average about ten.
    while moves < most && maker.rng.chance(7, 8) {
        moves += 1;
    }
    for _ in 0..moves {
        maker.step();
    }
    maker.end();
    maker.scenario
}

fn begin<'a>(rng: Rng, focus: Focus, run: &'a CrossIn) -> Maker<'a> {
    let user = UserSide { handle: LISTENER, listener: None, unaccepted: false };
    let scenario = Scenario::default();
    let (theme, peer) = (focus.theme, Peer::new());
    let mut maker = Maker { rng, run, theme, scenario, user, peer, full: false };
    let Some(way) = focus.way() else {
        maker.set_up();
        maker.open_first();
        return maker;
    };
    maker.scenario.setup = way.setup;
    maker.scenario.events.extend_from_slice(&way.script);
    maker.vary_way(way);
    maker.peer = Peer::of(way);
    let unaccepted = way.listener == Some(way.handle);
    maker.user = UserSide { handle: way.handle, listener: way.listener, unaccepted };
    maker
}
