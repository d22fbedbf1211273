//! The network between the two hosts of a world: what becomes of every packet.
//!
//! What flows: [`Link::send`] takes a packet of one host and the instant; the packet's own fault (by the
//! script, at most one) and the link's causes (a queue that is full, an MTU) decide whether and when it and
//! its copies arrive; [`Link::next`] is the next arrival, [`Link::take`] hands it out. What was decided is
//! told as a [`Fate`], for the trace.
//!
//! Both hosts believe that they are the same address, as every stack under test does: on its way a packet's
//! two addresses change places. The sums of both checksums do not depend on their order, so a packet is as
//! right or wrong as it was sent.

use core::fmt;
use std::collections::BTreeMap;

use lastack_core::types::{Duration, Instant};

use crate::scenario::{Fault, HostId, LinkSetup};

mod packet;

/// RFC 9293 3.4.2: two minutes.
pub const MSL: Duration = Duration::from_secs(120);
/// How long a packet waits for others to overtake it.
const OVERTAKEN_MAX: Duration = Duration::from_secs(1);
/// Packets under way; what is sent beyond is lost, and the world notices that it never ends.
const FLIGHTS_MAX: usize = 10_000;

/// What becomes of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It arrives, at this instant if nothing else is said.
    Passes,
    /// By the script.
    Fault(Fault),
    /// The queue before the link is full.
    QueueFull,
    /// It is larger than the link's MTU.
    TooLarge,
    /// It would travel longer than a packet lives.
    Expires,
    /// It is for nobody on this link.
    NoSuchHost,
    /// A loop of answers has to end.
    EndsLoop,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Passes => Ok(()),
            Fate::Fault(Fault::Drop) => f.write_str("lost"),
            Fate::Fault(fault) => fault.fmt(f),
            Fate::QueueFull => f.write_str("lost: queue full"),
            Fate::TooLarge => f.write_str("lost: larger than the MTU"),
            Fate::Expires => f.write_str("lost: older than the MSL"),
            Fate::NoSuchHost => f.write_str("lost: no such host"),
            Fate::EndsLoop => f.write_str("lost, to end a loop of answers"),
        }
    }
}

impl Fate {
    /// Nothing of it arrives.
    pub const fn is_lost(self) -> bool {
        !matches!(self, Fate::Passes | Fate::Fault(_)) || matches!(self, Fate::Fault(Fault::Drop))
    }
}

/// A packet on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flight<T> {
    /// Its sender.
    pub from: HostId,
    /// Its number among the sender's packets, from 1.
    pub number: u32,
    /// When it was sent.
    pub sent: Instant,
    /// When it arrives.
    pub at: Instant,
    /// Its octets, as the receiver will see them.
    pub packet: Vec<u8>,
    /// It is not what was sent, and its checksum does not tell.
    pub forged: bool,
    /// What the world wants to know of it when it arrives.
    pub mark: T,
    /// So many packets of the same sender are still to overtake it.
    behind: u8,
}

/// Both directions.
#[derive(Clone, Debug)]
pub struct Link<T> {
    setup: LinkSetup,
    lifetime: Duration,
    faults: Vec<(HostId, u16, Fault)>,
    /// Packets that each host has sent.
    sent: [u32; 2],
    /// From when each direction is free.
    free: [Instant; 2],
    /// In the order in which they arrive; of two that arrive at one instant the one that was launched first.
    flights: BTreeMap<(Instant, u64), Flight<T>>,
    /// Flights that wait to be overtaken.
    waiting: usize,
    /// Used packets, whose room is taken again.
    pool: Vec<Vec<u8>>,
    order: u64,
    struck: u32,
    too_large: u32,
}

impl<T: Clone> Link<T> {
    /// Nothing under way.
    pub fn new() -> Link<T> {
        Link {
            setup: LinkSetup::default(),
            lifetime: MSL,
            faults: Vec::new(),
            sent: [0; 2],
            free: [Instant::ZERO; 2],
            flights: BTreeMap::new(),
            waiting: 0,
            pool: Vec::new(),
            order: 0,
            struck: 0,
            too_large: 0,
        }
    }

    /// Begins anew; no packet lives longer than `lifetime`. Of two faults for one packet the first counts.
    pub fn reset(
        &mut self,
        setup: LinkSetup,
        lifetime: Duration,
        faults: impl Iterator<Item = (HostId, u16, Fault)>,
    ) {
        self.setup = setup;
        self.lifetime = lifetime;
        self.faults.clear();
        self.faults.extend(faults);
        self.sent = [0; 2];
        self.free = [Instant::ZERO; 2];
        let flights = core::mem::take(&mut self.flights);
        self.pool.extend(flights.into_values().map(|flight| flight.packet));
        self.waiting = 0;
        self.order = 0;
        self.struck = 0;
        self.too_large = 0;
    }

    /// How many packets each host has sent.
    pub fn sent(&self) -> [u32; 2] {
        self.sent
    }

    /// How many faults have struck.
    pub fn struck(&self) -> u32 {
        self.struck
    }

    /// It loses what it is to carry, and never ceases to: packets larger than its MTU, or all of them, because
    /// none lives long enough.
    pub fn loses_for_ever(&self) -> bool {
        self.too_large > 0 || self.setup.latency > self.lifetime
    }

    /// How many faults name packets that were never sent.
    pub fn missed(&self) -> u32 {
        let never = |(host, number, _): &&(HostId, u16, Fault)| {
            *number == 0 || u32::from(*number) > self.sent[host.index()]
        };
        self.faults.iter().filter(never).count() as u32
    }

    /// Packets under way.
    pub fn in_flight(&self) -> usize {
        self.flights.len()
    }

    /// When the next one arrives.
    pub fn next(&self) -> Instant {
        self.flights.first_key_value().map_or(Instant::NEVER, |((at, _), _)| *at)
    }

    /// A host sends a packet.
    pub fn send(&mut self, now: Instant, from: HostId, octets: &[u8], mark: &T) -> Fate {
        self.sent[from.index()] += 1;
        let number = self.sent[from.index()];
        let mut packet = self.pool.pop().unwrap_or_default();
        packet.clear();
        packet.extend_from_slice(octets);
        if !packet::swap_addresses(&mut packet) {
            self.pool.push(packet);
            return Fate::NoSuchHost;
        }
        if self.setup.mtu > 0 && packet.len() > usize::from(self.setup.mtu) {
            self.pool.push(packet);
            self.too_large += 1;
            return Fate::TooLarge;
        }
        let Some(enters) = self.enter(now, from) else {
            self.pool.push(packet);
            return Fate::QueueFull;
        };
        let at = enters + self.setup.latency;
        if at.since(now) > self.lifetime {
            self.pool.push(packet);
            return Fate::Expires;
        }
        let fault = self.faults.iter().find(|(h, n, _)| *h == from && u32::from(*n) == number);
        let fault = fault.map(|(_, _, fault)| *fault);
        self.struck += u32::from(fault.is_some());
        let flight =
            Flight { from, number, sent: now, at, packet, forged: false, mark: mark.clone(), behind: 0 };
        match fault {
            None => self.launch(flight),
            Some(fault) => self.strike(flight, fault),
        }
        if fault != Some(Fault::Drop) {
            self.overtake(from, number, at);
        }
        fault.map_or(Fate::Passes, Fate::Fault)
    }

    /// A host sends a packet that the world does not want to arrive.
    pub fn lose(&mut self, from: HostId) -> Fate {
        self.sent[from.index()] += 1;
        Fate::EndsLoop
    }

    /// When a packet enters the link, if the queue before it has room.
    fn enter(&mut self, now: Instant, from: HostId) -> Option<Instant> {
        let free = &mut self.free[from.index()];
        let enters = (*free).max(now);
        if self.setup.spacing > Duration::ZERO {
            let waiting = enters.since(now).micros().div_ceil(self.setup.spacing.micros());
            if self.setup.queue > 0 && waiting > u64::from(self.setup.queue) {
                return None;
            }
        }
        *free = enters + self.setup.spacing;
        Some(enters)
    }

    fn strike(&mut self, mut flight: Flight<T>, fault: Fault) {
        match fault {
            Fault::Drop => {
                self.pool.push(flight.packet);
                return;
            }
            Fault::Delay(span) => flight.at += span.min(self.lifetime),
            Fault::Behind(0) => {}
            Fault::Behind(packets) => {
                flight.behind = packets;
                flight.at += OVERTAKEN_MAX;
            }
            Fault::Copies(copies) => {
                for _ in 0..copies {
                    self.launch(flight.clone());
                }
            }
            Fault::Again(span) => {
                let later = flight.at + span.min(self.lifetime);
                self.launch(flight.clone());
                flight.at = later;
            }
            Fault::Flip { bit, mended } => {
                flight.forged = packet::flip(&mut flight.packet, bit, mended);
            }
            Fault::Cut(octets) => flight.packet.truncate(usize::from(octets)),
        }
        self.launch(flight);
    }

    fn launch(&mut self, flight: Flight<T>) {
        if self.flights.len() < FLIGHTS_MAX {
            self.order += 1;
            self.waiting += usize::from(flight.behind > 0);
            self.flights.insert((flight.at, self.order), flight);
        }
    }

    /// Packet `number` of a host arrives at `at`: those that wait to be overtaken follow it when it was the
    /// last that they waited for.
    fn overtake(&mut self, from: HostId, number: u32, at: Instant) {
        if self.waiting == 0 {
            return;
        }
        let mut freed = Vec::new();
        for (key, flight) in &mut self.flights {
            if flight.from == from && flight.behind > 0 && flight.number != number {
                flight.behind -= 1;
                if flight.behind == 0 {
                    freed.push(*key);
                }
            }
        }
        for key in freed {
            let Some(mut flight) = self.flights.remove(&key) else { continue };
            self.waiting -= 1;
            flight.at = flight.at.min(at);
            self.order += 1;
            self.flights.insert((flight.at, self.order), flight);
        }
    }

    /// The next packet that has arrived by `now`.
    pub fn take(&mut self, now: Instant) -> Option<Flight<T>> {
        let next = self.flights.first_entry().filter(|entry| entry.key().0 <= now)?;
        let flight = next.remove();
        self.waiting -= usize::from(flight.behind > 0);
        Some(flight)
    }

    /// Gives a packet's room back.
    pub fn give_back(&mut self, packet: Vec<u8>) {
        self.pool.push(packet);
    }
}

impl<T: Clone> Default for Link<T> {
    fn default() -> Self {
        Link::new()
    }
}

#[cfg(test)]
mod tests;
