//! What happened, in one trace of both hosts.

use super::World;
use crate::link::Fate;
use crate::scenario::HostId;

impl World<'_> {
    /// What an end has recorded since the last time goes into the world's trace.
    pub(super) fn collect(&mut self, id: HostId) {
        if let (Some(all), Some(own)) = (&mut self.trace, self.hosts[id.index()].end.trace()) {
            all.absorb(id, own);
        }
    }

    /// What becomes of the packet that a host sent last.
    pub(super) fn show_departure(&mut self, id: HostId, fate: Fate) {
        let number = self.link.sent()[id.index()];
        if let Some(trace) = &mut self.trace {
            trace.depart(id, number, fate.is_lost(), &fate.to_string());
        }
    }

    /// The packet that was recorded last at this host as arriving.
    pub(super) fn show_arrival(&mut self, id: HostId, number: u32) {
        if let Some(trace) = &mut self.trace {
            trace.arrive(id, number);
        }
    }
}
