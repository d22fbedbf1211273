//! Random worlds: set-ups, users, faults, causes and incarnations, by one function that the search, the
//! `proptest` strategies and `lastack trace` share.
//!
//! A world is a name and nothing else: `world:SEED:INDEX:MIX`. Faults are drawn for the first packets of each
//! host only: after them the link is faultless, so that whoever is left waiting has no excuse.

use core::fmt;

use lastack_core::types::Duration;

use crate::scenario::build::{call, room};
use crate::scenario::{
    App, Ends, Event, Fault, HostId, LinkSetup, Opens, Scenario, ScriptCall, WorldEvent, WorldSetup,
};
use crate::subject::{IpVersion, Setup};
use crate::suite::NameError;
use crate::suite::random::Rng;

/// The first part of a name.
pub const PREFIX: &str = "world";

/// The most SENDs of one user.
const SENDS_MAX: u32 = 1_000;

/// What a world is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Mix {
    /// Loss, duplication, delay and overtaking together, each up to 30 %, with any set-up and any users.
    #[default]
    Storm,
    /// Small buffers and packets, 1,500 octets one way and 700 the other, on a link that only reorders.
    Reorder,
    /// The same with 10 % loss and 10 % duplication.
    Loss,
    /// Buffers from one octet to beyond 64 KiB, slow readers, with few faults.
    Windows,
    /// The same sockets again and again, while old packets still travel; ABORT and crashes.
    Lives,
    /// A slow link with a bounded queue, a small MTU, full transmit queues, nobody who listens yet, flipped
    /// bits.
    Causes,
}

impl Mix {
    /// All of them.
    pub const ALL: [Mix; 6] = [Mix::Storm, Mix::Reorder, Mix::Loss, Mix::Windows, Mix::Lives, Mix::Causes];

    /// In names.
    pub const fn name(self) -> &'static str {
        match self {
            Mix::Storm => "storm",
            Mix::Reorder => "reorder",
            Mix::Loss => "loss",
            Mix::Windows => "windows",
            Mix::Lives => "lives",
            Mix::Causes => "causes",
        }
    }

    /// The mix with this name.
    pub fn from_name(name: &str) -> Option<Mix> {
        Mix::ALL.into_iter().find(|mix| mix.name() == name)
    }
}

/// One of many. It prints as `world:SEED:INDEX:MIX`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RandomWorld {
    /// Seed of the search.
    pub seed: u64,
    /// Its place in the search.
    pub index: u64,
    /// What it is about.
    pub mix: Mix,
}

impl RandomWorld {
    /// The script.
    pub fn scenario(&self, ip: IpVersion) -> Scenario {
        let mut scenario = draw(Rng::of(self.seed, self.index), self.mix);
        scenario.setup.ip = ip;
        scenario.seed = self.seed ^ self.index;
        scenario
    }

    /// The world with this name.
    ///
    /// # Errors
    /// Which part of the name means nothing.
    pub fn from_name(name: &str) -> Result<RandomWorld, NameError> {
        let parts: Vec<&str> = name.split(':').collect();
        let number = |text: &str| text.parse::<u64>().map_err(|_| NameError::Number(text.into()));
        // Whom the stack met may stand behind it.
        let ([PREFIX, seed, index, mix] | [PREFIX, seed, index, mix, _]) = parts[..] else {
            return Err(NameError::Parts { got: parts.len() });
        };
        let mix = Mix::from_name(mix).ok_or_else(|| NameError::Theme(mix.into()))?;
        Ok(RandomWorld { seed: number(seed)?, index: number(index)?, mix })
    }
}

/// The partner that a name of a report has behind it: `world:SEED:INDEX:MIX:STACK`.
pub fn partner_in(name: &str) -> Option<&str> {
    name.split(':').nth(4)
}

impl fmt::Display for RandomWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}:{}:{}:{}", self.seed, self.index, self.mix.name())
    }
}

/// A random world about something.
pub fn draw(rng: Rng, mix: Mix) -> Scenario {
    let world = Some(WorldSetup::default());
    let mut maker = Maker { rng, scenario: Scenario { world, ..Scenario::default() } };
    match mix {
        Mix::Storm => maker.storm(),
        Mix::Reorder => maker.small(0, 0, true),
        Mix::Loss => maker.small(10, 10, false),
        Mix::Windows => maker.windows(),
        Mix::Lives => maker.lives(),
        Mix::Causes => maker.causes(),
    }
    maker.scenario
}

/// How often what happens, in percent, and to how many packets of each host.
#[derive(Clone, Copy, Default)]
struct Rates {
    loss: u64,
    copies: u64,
    delay: u64,
    behind: u64,
    again: u64,
    flip: u64,
    packets: u64,
}

struct Maker {
    rng: Rng,
    scenario: Scenario,
}

impl Maker {
    fn push(&mut self, event: Event) {
        self.scenario.events.push(event);
    }

    fn world(&mut self, event: WorldEvent) {
        self.push(Event::World(event));
    }

    fn app(&mut self, host: HostId, app: App) {
        self.world(WorldEvent::App { host, app });
    }

    fn wait_millis(&mut self, millis: u64) {
        self.push(Event::Wait(Duration::from_millis(millis)));
    }

    fn link(&mut self) -> &mut LinkSetup {
        &mut self.scenario.world.get_or_insert_default().link
    }

    fn millis(&mut self, most: u64) -> Duration {
        Duration::from_micros(self.rng.below(most * 1000 + 1))
    }

    // ------------------------------------------------------------ what the mixes have in common

    fn setup(&mut self, of: HostId, buffers: &[u32]) {
        let (mtus, isns) =
            ([1500, 1500, 1500, 576, 240, 296, 9000], [0, u32::MAX - 20, u32::MAX - 3000, 1 << 31]);
        let switch = [None, None, Some(true), Some(false)];
        let setup = Setup {
            recv_buffer: self.rng.pick(buffers),
            send_buffer: self.rng.pick(buffers).max(1),
            nagle: self.rng.pick(&switch),
            ack_delay: self.rng.pick(&switch),
            mtu: self.rng.pick(&mtus),
            iss: self.rng.chance(1, 3).then(|| self.rng.pick(&isns)),
            ..Setup::default()
        };
        match of {
            HostId::A => self.scenario.setup = setup,
            HostId::B => self.scenario.world.get_or_insert_default().other = setup,
        }
    }

    fn any_latency(&mut self) {
        self.link().latency = Duration::ZERO;
        let millis = self.rng.pick(&[0, 0, 1, 10, 50, 200]);
        self.link().latency = Duration::from_millis(millis);
    }

    fn faults(&mut self, rates: Rates) {
        for host in HostId::BOTH {
            for packet in 1..=rates.packets {
                let Some(fault) = self.fault(&rates) else { continue };
                self.world(WorldEvent::Fault { host, packet: packet as u16, fault });
            }
        }
    }

    fn fault(&mut self, rates: &Rates) -> Option<Fault> {
        if self.rng.chance(rates.loss, 100) {
            return Some(Fault::Drop);
        }
        if self.rng.chance(rates.copies, 100) {
            return Some(Fault::Copies(1 + u8::from(self.rng.chance(1, 4))));
        }
        if self.rng.chance(rates.behind, 100) {
            return Some(Fault::Behind(1 + self.rng.below(3) as u8));
        }
        if self.rng.chance(rates.delay, 100) {
            return Some(Fault::Delay(self.millis(300)));
        }
        if self.rng.chance(rates.again, 100) {
            let most = self.rng.pick(&[500, 3_000, 30_000, 110_000]);
            return Some(Fault::Again(self.millis(most)));
        }
        if self.rng.chance(rates.flip, 100) {
            return Some(match self.rng.below(4) {
                0 => Fault::Cut(self.rng.below(60) as u16),
                1 => Fault::Flip { bit: self.rng.below(400) as u16, mended: true },
                _ => Fault::Flip { bit: self.rng.below(400) as u16, mended: false },
            });
        }
        None
    }

    /// No more than some dozen segments or windows full, so that a world of one-octet windows ends.
    fn amount(&mut self, from: HostId) -> u32 {
        let other = self.scenario.world.unwrap_or_default().other;
        let (own, peer) = match from {
            HostId::A => (self.scenario.setup, other),
            HostId::B => (other, self.scenario.setup),
        };
        let mss = u32::from(own.mtu.min(peer.mtu)).saturating_sub(40).max(1);
        let step = own.send_buffer.min(peer.recv_buffer).min(mss).max(1);
        let most = step.saturating_mul(1 + self.rng.below(24) as u32);
        match self.rng.below(6) {
            0 => 0,
            1 => self.rng.below(10) as u32,
            _ => 1 + self.rng.below(u64::from(most)) as u32,
        }
    }

    fn user(&mut self, host: HostId, opens: Opens) -> App {
        let ends = match self.rng.below(12) {
            0..6 => Ends::Close,
            6 | 7 => Ends::Half,
            8 | 9 => Ends::Last,
            10 => Ends::Abort,
            _ => Ends::Never,
        };
        let writes = self.amount(host);
        let chunk = if self.rng.chance(1, 3) { 1 + self.rng.below(400) as u32 } else { 0 };
        let every = if self.rng.chance(1, 4) { self.millis(50) } else { Duration::ZERO };
        let slow = self.rng.chance(1, 5);
        let reads = if slow { 1 + self.rng.below(300) as u32 } else { App::default().reads };
        let pause = if slow { self.millis(200) } else { Duration::ZERO };
        // Few sends of a slow writer, not too many of a hasty one: the world has to end.
        let sends = if every > Duration::ZERO { 60 } else { SENDS_MAX };
        let writes =
            if chunk > 0 || every > Duration::ZERO { writes.min(sends * chunk.max(1)) } else { writes };
        App { opens, writes, chunk, every, reads, pause, ends }
    }

    /// Two users: one opens and the other listens, or both open.
    fn users(&mut self) {
        let (a, b) = match self.rng.below(8) {
            0 => (Opens::Connect, Opens::Connect),
            1..5 => (Opens::Connect, Opens::Listen),
            _ => (Opens::Listen, Opens::Connect),
        };
        let (a, b) = (self.user(HostId::A, a), self.user(HostId::B, b));
        // Whoever listens is there first.
        if a.opens == Opens::Listen {
            self.app(HostId::A, a);
            self.app(HostId::B, b);
        } else {
            self.app(HostId::B, b);
            self.app(HostId::A, a);
        }
    }

    // ------------------------------------------------------------ the mixes

    fn storm(&mut self) {
        const BUFFERS: &[u32] = &[100, 600, 1000, 4096, 4096, 8192, 20_000, 65_535];
        self.setup(HostId::A, BUFFERS);
        self.setup(HostId::B, BUFFERS);
        self.any_latency();
        self.users();
        let rates = Rates {
            loss: self.rng.below(31),
            copies: self.rng.below(31),
            delay: self.rng.below(31),
            behind: self.rng.below(31),
            again: self.rng.below(6),
            flip: 0,
            packets: 5 + self.rng.below(40),
        };
        self.faults(rates);
    }

    fn small(&mut self, loss: u64, copies: u64, reorders: bool) {
        let setup = Setup { recv_buffer: 600, send_buffer: 600, mtu: 240, ..Setup::default() };
        self.scenario.setup = setup;
        self.scenario.world.get_or_insert_default().other = setup;
        self.link().latency = Duration::from_millis(10);
        self.app(HostId::B, App { opens: Opens::Listen, writes: 700, ..App::default() });
        self.app(HostId::A, App { writes: 1500, ..App::default() });
        let rates = Rates { loss, copies, packets: 40, ..Rates::default() };
        if !reorders {
            return self.faults(rates);
        }
        for host in HostId::BOTH {
            for packet in 1..=40 {
                let fault = Fault::Delay(self.millis(60));
                self.world(WorldEvent::Fault { host, packet, fault });
            }
        }
    }

    fn windows(&mut self) {
        const BUFFERS: &[u32] =
            &[1, 2, 3, 10, 100, 535, 536, 1460, 4096, 65_535, 65_536, 70_000, 131_071, 200_000, 1_000_000];
        self.setup(HostId::A, BUFFERS);
        self.setup(HostId::B, BUFFERS);
        self.any_latency();
        self.users();
        let rates = Rates {
            loss: self.rng.below(15),
            delay: self.rng.below(15),
            packets: self.rng.below(30),
            ..Rates::default()
        };
        self.faults(rates);
    }

    fn lives(&mut self) {
        const BUFFERS: &[u32] = &[600, 4096, 20_000];
        self.setup(HostId::A, BUFFERS);
        self.setup(HostId::B, BUFFERS);
        self.any_latency();
        self.users();
        for _ in 0..1 + self.rng.below(3) {
            self.between_lives();
            self.users();
        }
        let rates = Rates {
            loss: self.rng.below(20),
            copies: self.rng.below(10),
            delay: self.rng.below(20),
            behind: self.rng.below(10),
            again: self.rng.below(31),
            flip: 0,
            packets: 10 + self.rng.below(40),
        };
        self.faults(rates);
    }

    fn between_lives(&mut self) {
        let first = 1 + (self.rng.below(3) as u8);
        match self.rng.below(6) {
            0 => self.push(call(first, ScriptCall::Abort)),
            1 => self.world(WorldEvent::Call { handle: first, call: ScriptCall::Abort }),
            2 | 3 => {
                let host = self.rng.pick(&HostId::BOTH);
                let iss = self.rng.chance(1, 3).then(|| self.rng.below(1 << 20) as u32);
                self.wait_millis_below(2_000);
                self.world(WorldEvent::Crash { host, iss });
            }
            _ => {}
        }
        match self.rng.below(4) {
            0 => self.wait_millis_below(100),
            1 => self.wait_millis_below(5_000),
            2 => self.wait_millis_below(60_000),
            _ => self.wait_millis_below(300_000),
        }
    }

    fn wait_millis_below(&mut self, most: u64) {
        let millis = self.rng.below(most);
        self.wait_millis(millis);
    }

    fn causes(&mut self) {
        const BUFFERS: &[u32] = &[600, 4096, 20_000, 65_535];
        self.setup(HostId::A, BUFFERS);
        self.setup(HostId::B, BUFFERS);
        self.any_latency();
        if self.rng.chance(1, 2) {
            let spacing = self.millis(20);
            let queue = 1 + self.rng.below(8) as u8;
            (self.link().spacing, self.link().queue) = (spacing, queue);
        }
        if self.rng.chance(1, 10) {
            self.link().mtu = self.rng.below(1500) as u16 + 60;
        }
        if self.rng.chance(1, 4) {
            // Nobody listens yet.
            let early = self.user(HostId::A, Opens::Connect);
            self.app(HostId::A, early);
            self.wait_millis_below(3_000);
        }
        self.users();
        for _ in 0..self.rng.below(4) {
            self.wait_millis_below(500);
            let packets = self.rng.pick(&[0, 0, 1]);
            let b = self.rng.chance(1, 2);
            let set = |packets| if b { Event::World(WorldEvent::Room(packets)) } else { room(packets) };
            self.push(set(packets));
            self.wait_millis_below(4_000);
            self.push(set(u8::MAX));
        }
        let flip = self.rng.below(10);
        let packets = self.rng.below(30);
        let loss = self.rng.below(10);
        self.faults(Rates { flip, loss, packets, ..Rates::default() });
    }
}
