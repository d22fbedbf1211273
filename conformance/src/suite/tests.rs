use std::collections::BTreeSet;

use lastack_core::types::{Flags, State};

use super::NameError;
use super::cells::{Cell, CrossIn, cells, count};
use super::cross::Cross;
use super::events::Aim;
use super::histories::{self, History, Step};
use super::segments::{Edge, Kind, SegmentAim};
use super::tails::Tail;
use crate::reach::{Origin, RecvSituation, ways};
use crate::scenario::build::*;
use crate::scenario::{Anchor, Event};
use crate::subject::IpVersion;
use crate::table::Profile;

fn run() -> CrossIn {
    CrossIn::new(IpVersion::V4, &Profile::default())
}

fn segments() -> impl Iterator<Item = (Cell, SegmentAim)> {
    cells().filter(|cell| cell.tail == Tail::Probes).filter_map(|cell| match cell.aim {
        Aim::Segment(aim) => Some((cell, aim)),
        _ => None,
    })
}

#[test]
fn sizes() {
    eprintln!("{} ways, {} cells, {} histories", ways().len(), count(), histories::count());
    let mut by_state = std::collections::BTreeMap::new();
    for cell in cells() {
        *by_state.entry(cell.way().map(|w| w.state)).or_insert(0) += 1;
    }
    eprintln!("{by_state:?}");
    let mut m = std::collections::BTreeMap::new();
    for (cell, aim) in segments() {
        *m.entry(format!("k {}", aim.kind.name())).or_insert(0) += 1;
        *m.entry(format!("e {}", aim.edge.name())).or_insert(0) += 1;
        *m.entry(format!("a {}", aim.ack)).or_insert(0) += 1;
        *m.entry(format!("w {}", cell.way().unwrap().name)).or_insert(0) += 1;
    }
    eprintln!("{m:#?}");
}
