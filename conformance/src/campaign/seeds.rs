//! Inputs to begin with: a few of each kind, made from cells, lessons, random histories and worlds.

use lastack_core::types::Flags;

use super::Target;
use super::target::incarnations;
use crate::lesson;
use crate::reach::ways;
use crate::resolve::{self, View};
use crate::scenario::{Anchor, Event, Num, OddOptions, Scenario, SegmentSpec, Size, Trick};
use crate::subject::IpVersion;
use crate::suite::cells::{CrossIn, cells};
use crate::suite::random::{Focus, RandomHistory, Theme};
use crate::table::Profile;
use crate::world::random::{Mix, RandomWorld};

/// An input with a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seed {
    /// A file's name.
    pub name: String,
    /// The input.
    pub input: Vec<u8>,
}

/// Random histories and worlds of each kind.
const OF_EACH: u64 = 3;
/// The most events of a random history or world that is a seed.
const EVENTS_MAX: usize = 24;
/// Of how many that are tried.
const TRIED: u64 = 200;

/// The seeds of a target. `differential` takes those of `segments`.
pub fn seeds(target: Target) -> Vec<Seed> {
    match target {
        Target::Segments | Target::Differential => {
            let scripts = of_cells().chain(of_lessons());
            scripts.chain(histories(&Theme::ALL)).map(|(name, script)| as_bytes(name, &script)).collect()
        }
        Target::Incarnations => {
            let after = of_cells().filter(|(name, _)| name.contains("time-wait"));
            let past = of_lessons().filter(|(_, script)| knows_a_past(script));
            let scripts = histories(&[Theme::Reuse, Theme::Teardown]).chain(after).chain(past);
            scripts.map(|(name, script)| as_bytes(name, &script)).collect()
        }
        Target::Worlds => worlds().map(|(name, script)| as_bytes(name, &script)).collect(),
        Target::Wire => packets().collect(),
        Target::ScenarioText => {
            let scripts = of_lessons().chain(histories(&[Theme::Hostile])).chain(worlds().step_by(3));
            scripts
                .map(|(name, script)| Seed { name: file(&name), input: script.to_string().into_bytes() })
                .collect()
        }
    }
}

fn as_bytes(name: String, script: &Scenario) -> Seed {
    Seed { name: file(&name), input: script.to_bytes() }
}

/// Letters, digits, dots and hyphens.
fn file(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '_' };
    name.chars().map(safe).collect()
}

fn run() -> CrossIn {
    CrossIn::new(IpVersion::V4, &Profile::default())
}

/// A cell of every way into a state, each another one of its way.
fn of_cells() -> impl Iterator<Item = (String, Scenario)> {
    let mut by_way = vec![Vec::new(); ways().len()];
    for cell in cells() {
        by_way[usize::from(cell.way)].push(cell);
    }
    let drawn = by_way.into_iter().enumerate().filter_map(|(way, cells)| {
        // A stride that meets every kind of event, edge and tail over the ways.
        cells.get((way * 7_919) % cells.len().max(1)).copied()
    });
    drawn.map(|cell| (cell.to_string(), cell.scenario(&run()).0))
}

fn of_lessons() -> impl Iterator<Item = (String, Scenario)> {
    lesson::scripts().enumerate().map(|(at, (name, script))| (format!("lesson-{name}-{at}"), script))
}

/// It opens more than once, or has numbers of an earlier connection.
fn knows_a_past(script: &Scenario) -> bool {
    let old = |num: Num| matches!(num.anchor, Anchor::OldSndNxt | Anchor::OldRcvNxt);
    let speaks = |event: &Event| matches!(event, Event::Segment(spec) if old(spec.seq) || old(spec.ack));
    incarnations::opens(&script.events) > 1 || script.events.iter().any(speaks)
}

/// Some short histories of each theme.
fn histories(themes: &[Theme]) -> impl Iterator<Item = (String, Scenario)> {
    themes.iter().flat_map(|theme| {
        let focus = Focus { way: None, theme: *theme };
        let all = (0..TRIED).map(move |index| RandomHistory { seed: 0, index, focus });
        let scripts = all.map(|history| (history.to_string(), history.scenario(&run())));
        scripts.filter(|(_, script)| script.events.len() <= EVENTS_MAX).take(OF_EACH as usize)
    })
}

fn worlds() -> impl Iterator<Item = (String, Scenario)> {
    Mix::ALL.into_iter().flat_map(|mix| {
        let all = (0..TRIED).map(move |index| RandomWorld { seed: 0, index, mix });
        let scripts = all.map(|world| (world.to_string(), world.scenario(IpVersion::V4)));
        // Some mixes have a fault for every packet.
        let most = if mix == Mix::Reorder { usize::MAX } else { EVENTS_MAX };
        scripts.filter(move |(_, script)| script.events.len() <= most).take(OF_EACH as usize)
    })
}

/// Packets of every shape that a script can ask for, over both versions of IP.
fn packets() -> impl Iterator<Item = Seed> {
    [IpVersion::V4, IpVersion::V6].into_iter().flat_map(|ip| {
        shapes().into_iter().enumerate().map(move |(at, spec)| {
            let (mut text, mut packet) = (Vec::new(), Vec::new());
            resolve::packet(&spec, ip, &View::unknown(), &mut text, &mut packet);
            Seed { name: file(&format!("{ip:?}-{at}-{:?}", spec.trick)), input: packet }
        })
    })
}

fn shapes() -> Vec<SegmentSpec> {
    let plain = SegmentSpec::default();
    let mut all = vec![plain, SegmentSpec { text: Size::Octets(5), ..plain }];
    let mut syn = plain;
    (syn.flags, syn.seq) = (Flags::SYN, Num::at(Anchor::Irs));
    (syn.options.mss, syn.options.scale) = (Some(1460), Some(7));
    all.push(syn);
    let odd = [OddOptions::Padding, OddOptions::Unknown, OddOptions::Unaligned, OddOptions::LengthPast];
    all.extend(odd.map(|odd| {
        let mut spec = syn;
        spec.options.odd = odd;
        spec
    }));
    let tricks = [
        Trick::BadChecksum,
        Trick::DataOffset(4),
        Trick::DataOffset(15),
        Trick::CutAt(30),
        Trick::ReservedBits(0x3f),
    ];
    all.extend(tricks.map(|trick| SegmentSpec { trick, text: Size::Octets(3), ..plain }));
    all
}
