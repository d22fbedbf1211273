//! What must not matter does not matter: metamorphic checks on smoltcp, and a flaw that each of them notices.

use std::collections::BTreeMap;

use lastack::driver::Driver;
use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{
    Call, Description, Factory, Handle, IpVersion, Outcome, Packets, Polled, Setup, Subject,
};
use lastack::suite::metamorphic::{self, Change, Outcome as Compared};
use lastack::suite::run::cross_in;
use lastack::verdict::Verdict;
use lastack_core::types::wire;
use lastack_core::types::{Duration, Flags, Instant, State};

/// Rule and verdict of what differs, each once, with the changes that showed it.
fn differences(factory: &dyn Factory, every: usize, only: Option<Change>) -> BTreeMap<String, usize> {
    let mut driver = Driver::new(factory);
    let run = cross_in(driver.description(), IpVersion::V4, 0);
    let mut found = BTreeMap::new();
    for (history, changes) in metamorphic::plan().step_by(every) {
        let Some(base) = metamorphic::base(&mut driver, history, &run) else { continue };
        let one = only.map(|change| [change]);
        let changes = one.as_ref().map_or(&changes[..], |one| &one[..]);
        for change in changes {
            if let Compared::Differs(d, _) = metamorphic::compare(&mut driver, &base, *change, &run) {
                assert!(d.verdict >= Verdict::NonStrict, "a difference has a verdict");
                *found.entry(format!("{} {}", d.signature.rule, d.verdict)).or_default() += 1;
            }
        }
    }
    found
}

/// smoltcp 0.14.0 goes the same way under all of them. (Its probe of a closed window is due from the clock's
/// zero on, RFC 9293 3.8.6.1, SHLD-29: that shows on a machine that has just booted.)
#[test]
fn nothing_of_that_matters_to_smoltcp() {
    assert_eq!(differences(&Smoltcp::Immediate, 1, None), BTreeMap::new());
}

/// Every change meets histories that it applies to, and is the same for a stack that does not care.
#[test]
fn every_change_applies_somewhere() {
    let mut driver = Driver::new(&Smoltcp::Immediate);
    let run = cross_in(driver.description(), IpVersion::V4, 0);
    let mut same: BTreeMap<Change, usize> = BTreeMap::new();
    for (history, changes) in metamorphic::plan().step_by(7) {
        let Some(base) = metamorphic::base(&mut driver, history, &run) else { continue };
        for change in changes {
            if metamorphic::compare(&mut driver, &base, change, &run) == Compared::Same {
                *same.entry(change).or_default() += 1;
            }
        }
    }
    for change in Change::ALL {
        let times = same.get(&change).copied().unwrap_or_default();
        assert!(times >= 20, "{} was compared {times} times", change.info().rule);
    }
}

/// For each change a stack to which it matters.
#[test]
fn each_change_notices_the_stack_to_which_it_matters() {
    for change in Change::ALL {
        let flawed = Fickle { care: Some(change) };
        let found = differences(&flawed, 41, Some(change));
        assert!(!found.is_empty(), "{} notices nothing", change.info().rule);
        let sound = differences(&Fickle { care: None }, 41, Some(change));
        assert_eq!(sound, BTreeMap::new(), "{} without the flaw", change.info().rule);
    }
}

/// smoltcp behind a door that offers half the window once what must not matter has happened.
#[derive(Clone, Copy)]
struct Fickle {
    care: Option<Change>,
}

impl Factory for Fickle {
    fn describe(&self) -> Description {
        Smoltcp::Immediate.describe()
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Door {
            inner: Smoltcp::Immediate.make(),
            care: self.care,
            odd: false,
            opens: 0,
            polls: 0,
            delivered: 0,
            born: Instant::ZERO,
            now: Instant::ZERO,
        })
    }
}

struct Door {
    inner: Box<dyn Subject>,
    care: Option<Change>,
    /// What must not matter has happened.
    odd: bool,
    opens: usize,
    polls: usize,
    delivered: usize,
    born: Instant,
    now: Instant,
}

impl Door {
    fn cares(&self, change: Change) -> bool {
        self.care == Some(change)
    }

    /// Whether an arriving packet has what the flaw is about.
    fn notice(&mut self, packet: &[u8]) {
        let Ok(segment) = wire::parse(packet) else { return };
        let h = segment.header;
        let options = h.options.as_octets();
        self.odd |= match self.care {
            Some(Change::Ports) => h.dst.port > 9000,
            Some(Change::IpVersion) => h.src.addr.is_ipv6(),
            Some(Change::Padding) => options.contains(&1),
            Some(Change::UnknownOption) => options.contains(&0x4f),
            Some(Change::ReservedBits) => h.flags.bits() & 0x0f00 != 0,
            Some(Change::EcnBits) => h.flags.bits() & 0x00c0 != 0,
            Some(Change::Push) => !segment.text.is_empty() && !h.flags.has(Flags::PSH),
            _ => false,
        };
    }
}

impl Subject for Door {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        (self.odd, self.opens, self.polls, self.delivered) = (false, 0, 0, 0);
        (self.born, self.now) = (Instant::ZERO, Instant::ZERO);
        self.odd |= self.cares(Change::Isns) && setup.iss.is_some_and(|iss| iss > 0xffff_0000);
        self.inner.reset(setup, seed)
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        let opens = matches!(call, Call::OpenPassive { .. } | Call::OpenActive { .. });
        if opens && handle == 0 {
            self.opens += 1;
            self.odd |= self.cares(Change::Clock) && self.now < self.born + Duration::from_secs(1);
            let after =
                [Change::AfterReset, Change::AfterClose, Change::AfterRefusal, Change::AfterOtherOptions];
            self.odd |= self.opens > 1 && after.into_iter().any(|change| self.cares(change));
        }
        if matches!(call, Call::Receive { .. }) && self.odd && self.cares(Change::Push) {
            return Outcome::WouldBlock;
        }
        self.inner.call(handle, call, received)
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.polls = 0;
        self.delivered += 1;
        self.notice(packet);
        if self.delivered > 1 && self.cares(Change::ManyAPoll) {
            return;
        }
        self.inner.deliver(packet);
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        self.polls += 1;
        self.delivered = 0;
        self.odd |= self.polls > 50 && self.cares(Change::PolledOften);
        self.odd |= room == 1 && self.cares(Change::OneAPoll);
        let mut sent = Packets::default();
        let polled = self.inner.poll(room, &mut sent);
        for packet in sent.iter() {
            match wire::parse(packet) {
                Ok(mut segment) if self.odd && !segment.header.flags.rst() => {
                    segment.header.window /= 2;
                    out.push_with(|octets| wire::emit(&segment, octets).expect("it was a packet before"));
                }
                _ => out.push(packet),
            }
        }
        polled
    }

    fn next_timer(&mut self) -> Option<Instant> {
        self.inner.next_timer()
    }

    fn advance(&mut self, to: Instant) -> Instant {
        if self.now == Instant::ZERO {
            self.born = to;
        }
        self.now = to;
        self.inner.advance(to)
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        self.inner.state(handle)
    }
}
