//! The cell suite: state x situation x event, each with three tails.

use core::fmt;
use std::sync::LazyLock;

use lastack_core::types::Duration;

use super::cross::{Cross, cross_for, fix_peer_isn};
use super::events::{Aim, Times, aims};
use super::tails::Tail;
use super::{NameError, parts};
use crate::reach::{Needs, Way, way_index, ways};
use crate::scenario::Scenario;
use crate::subject::IpVersion;
use crate::table::Profile;

/// One thing to check. It prints as its name, `WAY:EVENT:TAIL`, with `~SET-UP` behind the event where the
/// set-up is not the way's own: `established/in-flight:SYN@middle/ack-none:probes`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cell {
    /// Index into [`ways`].
    pub way: u16,
    /// The event under test.
    pub aim: Aim,
    /// Another set-up than the way's.
    pub cross: Option<Cross>,
    /// What follows.
    pub tail: Tail,
}

/// What the runner decides for all scenarios of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CrossIn {
    /// IP version.
    pub ip: IpVersion,
    /// The stack's ISS, where it can be set; a cell's own set-up comes first.
    pub iss: Option<u32>,
    /// Whether the stack lets its ISS be set: else it is never asked to.
    pub can_set_iss: bool,
    /// The peer's ISN; `None` leaves it to the driver.
    pub peer_isn: Option<u32>,
    /// Seed of the stack's chance.
    pub seed: u64,
    /// Times of the profile.
    pub times: Times,
    /// What the stack cannot do; random histories leave it out.
    pub lacks: Needs,
}

impl CrossIn {
    /// Nothing chosen but the IP version; times from the profile. An MSL that is not declared is RFC 9293's
    /// two minutes, an R2 that is not declared three minutes (RFC 9293 3.8.3, for a SYN).
    pub fn new(ip: IpVersion, profile: &Profile) -> CrossIn {
        let two_msl = profile.msl.unwrap_or(Duration::from_secs(120)).times(2);
        let r2 = profile.r2.unwrap_or(Duration::from_secs(180));
        CrossIn {
            ip,
            iss: None,
            can_set_iss: false,
            peer_isn: None,
            seed: 0,
            times: Times { two_msl, r2 },
            lacks: Needs::default(),
        }
    }

    /// Puts into `scenario` what this run decides.
    pub(super) fn apply(&self, way: &Way, scenario: &mut Scenario, iss: Option<u32>) {
        scenario.setup.ip = self.ip;
        scenario.setup.iss = iss.or(self.iss).filter(|_| self.can_set_iss);
        scenario.seed = self.seed;
        if let Some(isn) = self.peer_isn {
            fix_peer_isn(way, &mut scenario.events, isn);
        }
    }
}

impl Cell {
    /// The way into the situation.
    pub fn way(&self) -> Option<&'static Way> {
        ways().get(usize::from(self.way))
    }

    /// What the stack must be able to do.
    pub fn needs(&self) -> Needs {
        let Some(way) = self.way() else { return Needs::default() };
        let cross = self.cross.map_or(Needs::default(), |cross| cross.needs(way));
        way.needs.and(self.aim.needs()).and(cross)
    }

    /// The script, and the place of the event under test in it.
    pub fn scenario(&self, run: &CrossIn) -> (Scenario, usize) {
        let Some(way) = self.way() else { return (Scenario::default(), 0) };
        let buffer = self.cross.map_or(way.setup.recv_buffer, |cross| cross.buffer_for(way));
        let mut events = way.script.clone();
        let aim_index = events.len();
        events.extend(self.aim.events(way, buffer, run.times));
        events.extend(self.tail.events(way, buffer, self.aim.before(way), run.times));
        let mut scenario = Scenario { setup: way.setup, seed: run.seed, world: None, events };
        if let Some(cross) = self.cross {
            cross.apply(way, &mut scenario);
        }
        run.apply(way, &mut scenario, self.cross.map(Cross::iss));
        (scenario, aim_index)
    }

    /// How many events the event under test has.
    pub(super) fn events_at_aim(&self, run: &CrossIn) -> usize {
        let Some(way) = self.way() else { return 0 };
        let buffer = self.cross.map_or(way.setup.recv_buffer, |cross| cross.buffer_for(way));
        self.aim.events(way, buffer, run.times).len()
    }

    /// The trial that this cell is part of: state and kind with edge, kind with `route` or `broken`, the first
    /// call, or `time`; e.g. `established/SYN@middle`, `listen/SYN@route`, `time-wait/call-close`.
    pub fn trial(&self) -> String {
        let state = self.way().map_or("?", Way::state_name);
        let event = match self.aim {
            Aim::Segment(aim) => format!("{}@{}", aim.kind.name(), aim.edge.name()),
            Aim::Address(kind, _) => format!("{}@route", kind.name()),
            Aim::Broken(kind, _) => format!("{}@broken", kind.name()),
            Aim::Call(_) => self.aim.to_string().split('-').take(2).collect::<Vec<_>>().join("-"),
            Aim::Time(_) => "time".into(),
        };
        format!("{state}/{event}")
    }

    /// The cell with this name.
    ///
    /// # Errors
    /// Which part of the name means nothing.
    pub fn from_name(name: &str) -> Result<Cell, NameError> {
        let [way, event, tail] = parts(name)?;
        let (event, cross) = match event.split_once('~') {
            Some((event, cross)) => (event, Some(cross)),
            None => (event, None),
        };
        let index = way_index(way).and_then(|index| u16::try_from(index).ok());
        let cross = match cross {
            Some(name) => Some(Cross::from_name(name).ok_or_else(|| NameError::Cross(name.into()))?),
            None => None,
        };
        Ok(Cell {
            way: index.ok_or_else(|| NameError::Way(way.into()))?,
            aim: Aim::from_name(event).ok_or_else(|| NameError::Event(event.into()))?,
            cross,
            tail: Tail::from_name(tail).ok_or_else(|| NameError::Tail(tail.into()))?,
        })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.way().map_or("?", |way| way.name), self.aim)?;
        if let Some(cross) = self.cross {
            write!(f, "~{cross}")?;
        }
        write!(f, ":{}", self.tail.name())
    }
}

/// Segments, and then calls and waits, by way; made once. They are lists apart because each has a handful
/// of calls and hundreds of segments, and both shall meet every set-up.
static AIMS: LazyLock<Vec<[Vec<Aim>; 2]>> = LazyLock::new(|| (0..ways().len()).map(aims).collect());

/// All cells with all tails, in a fixed order: way by way, event by event.
pub fn cells() -> impl Iterator<Item = Cell> {
    let lists = AIMS.iter().enumerate().flat_map(|(way, lists)| lists.iter().map(move |list| (way, list)));
    lists.flat_map(|(way, list)| {
        list.iter().enumerate().flat_map(move |(place, &aim)| {
            let cross = cross_for(way, place, list.len()).filter(|cross| fits(way, aim, *cross));
            [None].into_iter().chain(cross.map(Some)).flat_map(move |cross| {
                let way = u16::try_from(way).unwrap_or(u16::MAX);
                Tail::OF_CELLS.into_iter().map(move |tail| Cell { way, aim, cross, tail })
            })
        })
    })
}

/// How many cells there are, tails not counted.
pub fn count() -> usize {
    static COUNT: LazyLock<usize> = LazyLock::new(|| cells().count() / Tail::OF_CELLS.len());
    *COUNT
}

/// An event that one segment must fill or span the window for makes no sense with a larger buffer.
fn fits(way: usize, aim: Aim, cross: Cross) -> bool {
    use super::edges::Edge::{Fill, Overrun, Spans};
    let one_segment = matches!(aim, Aim::Segment(aim) if matches!(aim.edge, Fill | Overrun | Spans));
    let buffer = ways().get(way).map_or(0, |way| cross.buffer_for(way));
    !one_segment || buffer <= 1_460
}
