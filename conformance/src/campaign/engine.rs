//! The engine that is built in: rounds of executions on several threads, each round planned from one corpus.
//!
//! ```text
//! Corpus --pick, mutate--> input --Bench--> Ran, Reached --what the corpus wants--> Corpus, Findings
//! ```
//!
//! What comes out depends on seed and number, never on the threads: the input of an execution follows from its
//! number and from the corpus as the round found it, and what a round brought is gathered in the order of its
//! executions before the next one begins.

use core::ops::ControlFlow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock, mpsc};

use super::cause::cause;
use super::corpus::Corpus;
use super::findings::{Finding, Findings, Key, Waived, shown};
use super::minimise::{difference, minimise};
use super::{Bench, By, Mutator, Target, mutate};
use crate::reached::{Reached, SPACE};
use crate::subject::Factory;
use crate::suite::cause::may_follow;
use crate::suite::random::Rng;
use crate::verdict::Difference;

/// Executions of the first round; each further one is twice as long, up to the last of these.
const ROUNDS: (u64, u64) = (64, 8_192);
/// Executions that a thread takes at a time.
const PIECE: u64 = 128;
/// The longest input, in octets: some sixty events.
pub const INPUT_MAX: usize = 2_560;

/// What is fuzzed, and how.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// The function.
    pub target: Target,
    /// Its stacks.
    pub stacks: [&'a dyn Factory; 2],
    /// Seed of all inputs.
    pub seed: u64,
    /// Threads that run them.
    pub jobs: usize,
    /// The longest input, in octets.
    pub input_max: usize,
    /// How inputs are changed.
    pub mutator: Mutator,
    /// Accepted signatures.
    pub waived: &'a Waived,
}

/// A campaign as it stands between two rounds.
#[derive(Clone, Debug, Default)]
pub struct Campaign {
    /// The inputs that are kept.
    pub corpus: Corpus,
    /// What broke.
    pub findings: Findings,
    /// Executions so far.
    pub executions: u64,
    /// The last execution that reached something new, and the second in which that was.
    pub last_new: (u64, f64),
    /// Executions without a verdict, by reason.
    pub inconclusive: BTreeMap<String, u64>,
    /// Executions in which two stacks went apart, by what explains it. Accuses nobody.
    pub apart: BTreeMap<By, u64>,
}

/// Watches a campaign.
pub trait Watch {
    /// After every round; `Break` ends the campaign.
    fn round(&mut self, campaign: &Campaign) -> ControlFlow<()>;
    /// The second of the campaign that it is.
    fn seconds(&self) -> f64;
}

/// What some executions brought.
#[derive(Default)]
struct Brought {
    /// Inputs that the corpus wants, with their executions and what they reached.
    telling: Vec<(u64, Vec<u8>, Vec<u32>)>,
    /// How many executions reached each thing.
    hits: Vec<(u32, u32)>,
    /// What was shown, by how many executions.
    counts: BTreeMap<Key, u64>,
    /// Findings that are new, or shorter than known ones.
    found: Vec<(u64, Key, Finding)>,
    inconclusive: BTreeMap<String, u64>,
    apart: BTreeMap<By, u64>,
}

/// Which piece of a round, its first execution, and the one after its last.
type Piece = (usize, u64, u64);
type Done = (usize, std::thread::Result<Brought>);

impl Campaign {
    /// Runs inputs that come from elsewhere, and keeps what they are good for.
    pub fn take(&mut self, plan: &Plan<'_>, inputs: &[Vec<u8>], seconds: f64) {
        let mut bench = Bench::new(plan.target, plan.stacks);
        let mut tally = Tally::new();
        for input in inputs {
            let mut brought = Brought::default();
            self.try_input(&mut bench, plan, self.executions, input, &mut tally, &mut brought);
            tally.give(&mut brought);
            self.executions += 1;
            self.gather(&mut bench, plan, brought, seconds);
        }
        self.corpus.weigh();
    }

    /// Fuzzes until so many executions are reached in all, or nobody wants more.
    pub fn run(&mut self, plan: &Plan<'_>, executions: u64, watch: &mut dyn Watch) {
        let mut bench = Bench::new(plan.target, plan.stacks);
        let (todo, pieces) = mpsc::channel::<Piece>();
        let pieces = Mutex::new(pieces);
        self.corpus.weigh();
        let shared = RwLock::new(core::mem::take(self));
        std::thread::scope(|scope| {
            let (done, results) = mpsc::channel::<Done>();
            for _ in 0..plan.jobs.max(1) {
                let (shared, pieces, done) = (&shared, &pieces, done.clone());
                scope.spawn(move || work(plan, shared, pieces, &done));
            }
            // Moved in, so that the threads end when this one is done.
            let todo = todo;
            let mut length = ROUNDS.0;
            loop {
                let mut own = shared.write().unwrap_or_else(PoisonError::into_inner);
                if own.executions >= executions || watch.round(&own).is_break() {
                    return;
                }
                let from = own.executions;
                let to = (from + length).min(executions);
                drop(own);
                let brought = round(&todo, &results, from, to);
                own = shared.write().unwrap_or_else(PoisonError::into_inner);
                for brought in brought {
                    own.gather(&mut bench, plan, brought, watch.seconds());
                }
                own.executions = to;
                own.corpus.weigh();
                length = (length * 2).min(ROUNDS.1);
            }
        });
        *self = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    }

    /// The input of an execution: one of the corpus, changed.
    fn input(&self, plan: &Plan<'_>, execution: u64, input: &mut Vec<u8>) {
        let mut rng = Rng::of(plan.seed, execution);
        input.clear();
        input.extend_from_slice(self.corpus.pick(&mut rng));
        let other = self.corpus.pick(&mut rng);
        mutate(plan.target, plan.mutator, input, Some(other), plan.input_max, rng.next());
    }

    fn try_input(
        &self,
        bench: &mut Bench<'_>,
        plan: &Plan<'_>,
        execution: u64,
        input: &[u8],
        tally: &mut Tally,
        brought: &mut Brought,
    ) {
        tally.reached.clear();
        let ran = bench.run(input, &mut tally.reached);
        tally.count();
        let indices = tally.reached.indices();
        if self.corpus.wants(input.len(), indices) {
            brought.telling.push((execution, input.to_vec(), indices.to_vec()));
        }
        if let Some(apart) = &ran.apart {
            *brought.apart.entry(apart.by).or_insert(0) += 1;
        }
        for (found, waived, follows) in shown(bench, input, &ran, plan.waived) {
            let key = (found.stack, found.difference.signature);
            *brought.counts.entry(key).or_insert(0) += 1;
            if self.findings.wants(&key, input.len(), follows) {
                let (input, events) = (input.to_vec(), ran.events);
                let first = (execution, 0.0);
                let difference = found.difference;
                let finding = Finding {
                    difference,
                    input,
                    events,
                    count: 0,
                    first,
                    waived,
                    follows,
                    cause: None,
                    doubts: 0,
                };
                brought.found.push((execution, key, finding));
            }
        }
        if let Some(why) = ran.inconclusive {
            *brought.inconclusive.entry(why).or_insert(0) += 1;
        }
    }

    /// Takes what a piece brought: of what is wanted still, the shortest.
    fn gather(&mut self, bench: &mut Bench<'_>, plan: &Plan<'_>, brought: Brought, seconds: f64) {
        for (execution, input, reached) in &brought.telling {
            if self.corpus.add(input, reached) > 0 {
                self.last_new = (*execution, seconds);
            }
        }
        for (index, executions) in &brought.hits {
            self.corpus.count(*index, *executions);
        }
        for (execution, key, mut finding) in brought.found {
            if self.findings.wants(&key, finding.input.len(), finding.follows) {
                finding.first.1 = seconds;
                self.last_new = (execution, seconds);
                self.findings.add(key, least(bench, plan, &key, finding));
            }
        }
        for (key, count) in &brought.counts {
            self.findings.count(key, *count);
        }
        for (why, count) in brought.inconclusive {
            *self.inconclusive.entry(why).or_insert(0) += count;
        }
        for (by, count) in brought.apart {
            *self.apart.entry(by).or_insert(0) += count;
        }
    }
}

/// The finding with the least input that shows it.
fn least(bench: &mut Bench<'_>, plan: &Plan<'_>, key: &Key, finding: Finding) -> Finding {
    let grave = (finding.difference.verdict, finding.follows);
    let input = minimise(bench, plan.target, &finding.input, key, grave, plan.waived);
    let shown: Option<Difference> = difference(bench, &input, key, finding.follows, plan.waived);
    let Some(shown) = shown else { return finding };
    let events = bench.scenario(&input).map_or(finding.events, |scenario| scenario.events.len());
    let news = !finding.waived && !finding.follows && may_follow(key.1.kind);
    let cause = if news { cause(bench, &input, key, plan.waived) } else { None };
    let follows = finding.follows || cause.is_some();
    Finding { difference: shown, input, events, follows, cause, ..finding }
}

/// One round: what its pieces brought, in the order of their executions.
fn round(
    todo: &mpsc::Sender<Piece>,
    results: &mpsc::Receiver<Done>,
    from: u64,
    to: u64,
) -> impl Iterator<Item = Brought> {
    let mut sent = 0;
    for start in (from..to).step_by(PIECE as usize) {
        // Nobody listens only after a panic, which the results below tell of.
        let _ = todo.send((sent, start, (start + PIECE).min(to)));
        sent += 1;
    }
    let mut all: Vec<Done> = results.iter().take(sent).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, brought)| brought.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
}

/// A thread: a bench of its own, and pieces as long as there are some.
fn work(
    plan: &Plan<'_>,
    shared: &RwLock<Campaign>,
    pieces: &Mutex<mpsc::Receiver<Piece>>,
    done: &mpsc::Sender<Done>,
) {
    let mut bench = Bench::new(plan.target, plan.stacks);
    let mut tally = Tally::new();
    let mut input = Vec::new();
    loop {
        let next = pieces.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((at, from, to)) = next else { return };
        let run = std::panic::AssertUnwindSafe(|| {
            let campaign = shared.read().unwrap_or_else(PoisonError::into_inner);
            let mut brought = Brought::default();
            for execution in from..to {
                campaign.input(plan, execution, &mut input);
                campaign.try_input(&mut bench, plan, execution, &input, &mut tally, &mut brought);
            }
            tally.give(&mut brought);
            brought
        });
        if done.send((at, std::panic::catch_unwind(run))).is_err() {
            return;
        }
    }
}

/// How many executions of a piece reached each thing.
struct Tally {
    reached: Reached,
    hits: Vec<u32>,
    touched: Reached,
}

impl Tally {
    fn new() -> Tally {
        Tally { reached: Reached::new(), hits: vec![0; SPACE], touched: Reached::new() }
    }

    fn count(&mut self) {
        for index in self.reached.indices() {
            self.hits[*index as usize] += 1;
        }
        self.touched.add(&self.reached);
    }

    fn give(&mut self, brought: &mut Brought) {
        let hits = &mut self.hits;
        let take = |index: &u32| (*index, core::mem::take(&mut hits[*index as usize]));
        brought.hits.extend(self.touched.indices().iter().map(take));
        self.touched.clear();
    }
}
