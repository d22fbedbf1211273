//! Many random worlds of two stacks, on several threads. What comes out depends on seed and number, never on
//! the threads: each thread takes every so-manieth piece, and outcomes are gathered in the order of the worlds.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use lastack_core::types::State;

use super::random::{Mix, RandomWorld};
use super::{Course, World};
use crate::property::{Breach, Deceived};
use crate::report::{Finding, Met, StackReport};
use crate::scenario::{HostId, Scenario};
use crate::subject::{Factory, IpVersion};
use crate::suite::random::Rng;
use crate::suite::random::shrink::shrink;
use crate::suite::run::Progress;
use crate::table::Profile;
use crate::verdict::{AckRelation, Difference, Kind, Signature, SignaturePattern, Trigger, Verdict};

/// Worlds without a verdict, or with somebody left waiting, whose names are kept.
const NAMES_MAX: usize = 1_000;
/// Worlds that a thread takes at a time.
const PIECE: u64 = 64;

/// What is searched, and how far.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// Host A and host B.
    pub stacks: [&'a dyn Factory; 2],
    /// Over which IP version.
    pub ip: IpVersion,
    /// Seed of all worlds.
    pub seed: u64,
    /// How many.
    pub worlds: u64,
    /// Only this mix.
    pub mix: Option<Mix>,
    /// Threads that run them.
    pub threads: usize,
    /// Accepted signatures of each stack.
    pub waived: [&'a [SignaturePattern]; 2],
    /// In place of what each stack declares.
    pub profiles: [Option<Profile>; 2],
    /// After its first finding a world runs on, to see who is left waiting.
    pub runs_on: bool,
}

impl<'a> Search<'a> {
    /// A world of the two stacks, as they are to be judged.
    pub fn world(&self) -> World<'a> {
        let mut world = World::new(self.stacks[0], self.stacks[1]);
        for (host, profile) in HostId::BOTH.into_iter().zip(self.profiles) {
            if let Some(profile) = profile {
                world.set_profile(host, profile);
            }
        }
        world
    }
}

/// Who is charged with a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Charged {
    /// The stack at this host.
    Host(HostId),
    /// The pair: neither broke a rule before.
    Pair,
}

/// One finding: a signature, who is charged, and the least world that shows it.
#[derive(Clone, Debug)]
pub struct Found {
    /// What.
    pub difference: Difference,
    /// Who.
    pub charged: Charged,
    /// In how many worlds it came first.
    pub count: u64,
    /// In how many of those somebody was left waiting in the end.
    pub stuck: u64,
    /// The world that showed it first.
    pub name: RandomWorld,
    /// The least scenario that shows it.
    pub scenario: Scenario,
    /// States in which it showed.
    pub states: Vec<State>,
    /// It is accepted.
    pub waived: bool,
}

/// What a search came to.
#[derive(Clone, Debug, Default)]
pub struct Worlds {
    /// Worlds that ran.
    pub worlds: u64,
    /// Of them, those in which no rule and no property was broken.
    pub clean: u64,
    /// Of them, those in which somebody was deceived, and how: their properties were not asked for.
    pub deceived: BTreeMap<Deceived, u64>,
    /// Worlds without a verdict, by reason.
    pub inconclusive: BTreeMap<String, u64>,
    /// Names of the first of them.
    pub inconclusive_names: Vec<RandomWorld>,
    /// Worlds that a stack cannot have, by reason.
    pub unsupported: BTreeMap<String, u64>,
    /// Worlds in which somebody was left waiting in the end, by the property that says so.
    pub stuck: BTreeMap<&'static str, u64>,
    /// Names of the first of them.
    pub stuck_names: Vec<RandomWorld>,
    /// Worlds in which a loop of answers had to be ended by a loss.
    pub loops: u64,
    /// Packets in all.
    pub packets: u64,
    /// Faults that struck.
    pub struck: u64,
    /// Findings, by who is charged and signature.
    pub findings: BTreeMap<(Charged, Signature), Found>,
}

/// What one world came to.
struct Told {
    name: RandomWorld,
    course: Result<Course, String>,
}

/// A property that does not hold, as a difference.
pub fn difference_of(breach: &Breach, at: lastack_core::types::Instant) -> Difference {
    let info = breach.property.info();
    let signature = Signature {
        kind: Kind::Property,
        trigger: Trigger::Time,
        relation: AckRelation::Absent,
        rule: info.name,
        words: "",
    };
    Difference {
        signature,
        verdict: Verdict::Fail,
        level: info.level,
        cite: info.cite,
        state: State::Established,
        at,
        event: 0,
        want: breach.want.clone(),
        got: format!("at {}: {}", breach.host, breach.got),
    }
}

/// The worst that a world showed, and who is charged.
pub fn worst(course: &Course) -> Vec<(Charged, Difference)> {
    let mut all = Vec::new();
    if let Some((host, first)) = &course.first {
        all.push((Charged::Host(*host), first.clone()));
    } else if let Some((breach, at)) = &course.breach {
        all.push((Charged::Pair, difference_of(breach, *at)));
    }
    for (host, summary) in HostId::BOTH.into_iter().zip(&course.ends) {
        let details = summary.conceded.iter().filter(|d| d.verdict == Verdict::NonStrict);
        all.extend(details.map(|d| (Charged::Host(host), d.clone())));
    }
    all
}

/// Runs the worlds; what they show is shrunk. The bool says whether all ran.
pub fn search(search: &Search<'_>, progress: &mut (dyn Progress + Send)) -> (Worlds, bool) {
    let next = AtomicU64::new(0);
    let stopped = AtomicBool::new(false);
    let gathered = Mutex::new((Vec::<(u64, Vec<Told>)>::new(), 0_u64, progress));
    std::thread::scope(|scope| {
        for _ in 0..search.threads.max(1) {
            scope.spawn(|| {
                let mut world = search.world();
                if search.runs_on {
                    world.run_on();
                }
                loop {
                    let piece = next.fetch_add(1, Ordering::Relaxed);
                    let (from, to) = (piece * PIECE, ((piece + 1) * PIECE).min(search.worlds));
                    if from >= search.worlds || stopped.load(Ordering::Relaxed) {
                        return;
                    }
                    let told = (from..to).map(|index| tell(&mut world, search, index)).collect();
                    let mut all = gathered.lock().unwrap_or_else(PoisonError::into_inner);
                    all.0.push((piece, told));
                    all.1 += to - from;
                    let done = all.1;
                    if all.2.done(done, search.worlds, 0).is_break() {
                        stopped.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let (mut pieces, _, _) = gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
    pieces.sort_by_key(|(piece, _)| *piece);
    let mut worlds = Worlds::default();
    for told in pieces.into_iter().flat_map(|(_, told)| told) {
        worlds.take(told, search);
    }
    worlds.shrink_findings(search);
    (worlds, !stopped.load(Ordering::Relaxed))
}

/// The world at a place of a search.
pub fn world_at(seed: u64, index: u64, mix: Option<Mix>) -> RandomWorld {
    // Not the numbers that make the world itself.
    let drawn = Rng::of(!seed, index).pick(&Mix::ALL);
    RandomWorld { seed, index, mix: mix.unwrap_or(drawn) }
}

/// One finding more among those of a stack; worlds come last, so what a shorter script shows stays.
fn add(report: &mut StackReport, found: Found, partner: &str) {
    let Found { difference, count, name, scenario, states, .. } = found;
    let Difference { signature, verdict, level, cite, .. } = difference;
    match report.findings.entry(signature) {
        Entry::Occupied(mut known) => known.get_mut().count += count,
        Entry::Vacant(slot) => {
            let cell = format!("{name}:{partner}");
            slot.insert(Finding {
                verdict,
                level,
                cite,
                states,
                count,
                example: difference,
                cell,
                scenario,
                waived: None,
                repeats: None,
            });
        }
    }
}

fn tell(world: &mut World<'_>, search: &Search<'_>, index: u64) -> Told {
    let name = world_at(search.seed, index, search.mix);
    let mut course = world.run(&name.scenario(search.ip));
    if let Ok(course) = &mut course {
        course.lives.clear();
    }
    Told { name, course }
}

impl Worlds {
    /// Adds what a stack did to its report. `hosts` are the hosts where it is the subject: where its partner
    /// is charged, and that is a stack of ours, the world has no verdict.
    pub fn report(self, hosts: &[HostId], partner: &str, report: &mut StackReport) {
        let mut met = Met {
            partner: partner.to_owned(),
            worlds: self.worlds,
            clean: self.clean,
            without_properties: self.deceived.values().sum(),
            inconclusive: self.inconclusive,
            partner_broke: 0,
            seconds: 0.0,
        };
        for found in self.findings.into_values() {
            match found.charged {
                Charged::Host(host) if !hosts.contains(&host) => {
                    if found.difference.verdict == Verdict::Fail {
                        met.partner_broke += found.count;
                    }
                }
                _ => add(report, found, partner),
            }
        }
        report.worlds.push(met);
    }

    fn take(&mut self, told: Told, search: &Search<'_>) {
        let course = match told.course {
            Ok(course) => course,
            Err(why) => {
                *self.unsupported.entry(why).or_insert(0) += 1;
                return;
            }
        };
        self.worlds += 1;
        self.packets += u64::from(course.packets[0]) + u64::from(course.packets[1]);
        self.struck += u64::from(course.struck);
        self.loops += u64::from(course.loops > 0);
        self.clean += u64::from(course.is_clean());
        if let Some(how) = course.deceived {
            *self.deceived.entry(how).or_insert(0) += 1;
        }
        if let Some(stuck) = &course.stuck {
            *self.stuck.entry(stuck.property.name()).or_insert(0) += 1;
            if self.stuck_names.len() < NAMES_MAX {
                self.stuck_names.push(told.name);
            }
        }
        if let Some(why) = &course.inconclusive {
            *self.inconclusive.entry(why.clone()).or_insert(0) += 1;
            if self.inconclusive_names.len() < NAMES_MAX {
                self.inconclusive_names.push(told.name);
            }
        }
        for (charged, difference) in worst(&course) {
            let waived = match charged {
                Charged::Host(host) => {
                    search.waived[host.index()].iter().any(|p| p.admits(&difference.signature))
                }
                Charged::Pair => {
                    search.waived.iter().any(|w| w.iter().any(|p| p.admits(&difference.signature)))
                }
            };
            let key = (charged, difference.signature);
            let stuck = u64::from(course.stuck.is_some());
            let found = self.findings.entry(key).or_insert_with(|| Found {
                difference: difference.clone(),
                charged,
                count: 0,
                stuck: 0,
                name: told.name,
                scenario: Scenario::default(),
                states: Vec::new(),
                waived,
            });
            found.count += 1;
            found.stuck += stuck;
            if difference.verdict > found.difference.verdict {
                (found.difference, found.name) = (difference.clone(), told.name);
            }
            if let Err(at) = found.states.binary_search(&difference.state) {
                found.states.insert(at, difference.state);
            }
        }
    }

    fn shrink_findings(&mut self, search: &Search<'_>) {
        let mut world = search.world();
        for ((charged, signature), found) in &mut self.findings {
            let scenario = found.name.scenario(search.ip);
            let verdict = found.difference.verdict;
            let mut shows = |scenario: &Scenario| {
                let course = world.run(scenario).ok()?;
                let mut all = worst(&course).into_iter();
                all.find(|(c, d)| c == charged && d.signature == *signature && d.verdict >= verdict)
            };
            found.scenario =
                if found.waived { scenario } else { shrink(scenario, |scenario| shows(scenario).is_some()) };
            if let Some((_, difference)) = shows(&found.scenario) {
                found.difference = difference;
            }
        }
    }
}
