//! The cell suite on a stack whose clock is real.
//!
//! First every cell that needs no timer runs at one instant, as fast as it goes; then, if asked, those that wait
//! for seconds, very many at once, each on an instance of its own. What would take minutes is left out, and said.
//!
//! Nothing that chance or a busy machine has done is a finding: a difference counts once it has shown again, in
//! half of all tries at least. What does not is listed, and its case is judged by another run.

use core::cmp::Reverse;
use core::ops::ControlFlow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use super::cells::CrossIn;
use super::gather::{Cells, Gather, Played, play};
use super::histories;
use super::pace::{HISTORIES, Pace, paced, waiting};
use super::run::{Case, Options, Progress, cross_in, driver};
use crate::driver::Summary;
use crate::report::{RealTime, Repeats, StackReport};
use crate::subject::{Factory, IpVersion};
use crate::verdict::{Signature, Verdict};

/// Cases that wait at once, where the stack bears so many.
const AT_ONCE: usize = 1000;
/// Cases without a wait at once, for each processor: the stack itself may have to wait for its host.
const AT_ONE_INSTANT: usize = 8;
/// How often a difference is asked to show again.
const REPEATS: u32 = 3;
/// A difference that showed in more scenarios than this is no accident, though it may come and go.
const ACCIDENTS_MAX: usize = 100;

/// One scenario to run.
#[derive(Clone, Copy)]
struct Job {
    case: Case,
    pace: Pace,
}

/// What it came to.
enum Done {
    /// Not run for this reason.
    LeftOut(&'static str),
    /// The stack cannot do what it needs.
    Unsupported,
    Played(Box<Played>),
}

impl Done {
    fn summary(&self) -> Option<&Summary> {
        match self {
            Done::Played(played) => Some(&played.summary),
            _ => None,
        }
    }

    fn signatures(&self) -> impl Iterator<Item = Signature> {
        let summary = self.summary().into_iter();
        summary.flat_map(|s| s.finding.iter().chain(&s.conceded)).map(|difference| difference.signature)
    }
}

/// Runs every cell on a stack. The bool says whether the run was complete.
pub fn run_stack(
    factory: &dyn Factory,
    ip: IpVersion,
    options: &Options<'_>,
    progress: &mut dyn Progress,
) -> (StackReport, bool) {
    let described = factory.describe();
    let mut bench = Bench {
        factory,
        options,
        run: cross_in(&described, ip, options.seed),
        progress,
        total: 0,
        before: 0,
        interrupted: false,
    };
    let accepted = |case: &Case| options.filter.is_none_or(|filter| filter(&case.to_string()));
    let cases: Vec<Case> = Case::all(false).filter(accepted).collect();
    let jobs = |pace| cases.iter().map(move |&case| Job { case, pace }).collect::<Vec<_>>();
    let mut list = jobs(Pace::Instant);
    if options.timers {
        list.extend(jobs(Pace::Short));
    }
    bench.total = list.len() as u64;
    let mut done = bench.run(&list[..cases.len()], at_one_instant());
    if options.timers {
        done.extend(bench.run_longest_first(&list[cases.len()..]));
    }
    let mut real_time = RealTime::default();
    let repeats = bench.confirm(&list, &mut done, &mut real_time);
    let mut gather = Gather::new(&described, ip);
    let complete = !bench.interrupted;
    let run = bench.run;
    collect(&cases, done, &run, options, &mut gather, &mut real_time);
    if options.histories {
        let left = histories::histories().map(Case::History).filter(accepted).count() as u64;
        if left > 0 {
            real_time.left_out.insert(HISTORIES, left);
        }
    }
    for (signature, finding) in &mut gather.report.findings {
        finding.repeats = repeats.get(signature).copied();
    }
    gather.report.real_time = Some(real_time);
    (gather.report, complete)
}

fn at_one_instant() -> usize {
    AT_ONE_INSTANT * thread::available_parallelism().map_or(1, usize::from)
}

/// Puts both paces of each case together, in the order of the cases.
fn collect(
    cases: &[Case],
    done: Vec<Done>,
    run: &CrossIn,
    options: &Options<'_>,
    gather: &mut Gather,
    real_time: &mut RealTime,
) {
    let mut cells = Cells::default();
    let mut done: Vec<Option<Done>> = done.into_iter().map(Some).collect();
    for (at, case) in cases.iter().enumerate() {
        let mut left_out = None;
        let mut ran = false;
        for (pace, at) in [(Pace::Instant, at), (Pace::Short, at + cases.len())] {
            let verdict = match done.get_mut(at).and_then(Option::take) {
                Some(Done::Played(played)) => {
                    let Ok((scenario, _)) = paced(case, run, pace) else { continue };
                    ran = true;
                    gather.take(case, &scenario, *played, options.waived)
                }
                Some(Done::LeftOut(why)) => {
                    left_out = Some(why);
                    Verdict::Unsupported
                }
                Some(Done::Unsupported) => {
                    ran = true;
                    Verdict::Unsupported
                }
                None => continue,
            };
            cells.add(gather, *case, verdict);
        }
        if let Some(why) = left_out.filter(|_| !ran) {
            *real_time.left_out.entry(why).or_insert(0) += 1;
        }
    }
    cells.end(gather);
}

/// Where jobs are done.
struct Bench<'a> {
    factory: &'a dyn Factory,
    options: &'a Options<'a>,
    run: CrossIn,
    progress: &'a mut dyn Progress,
    total: u64,
    before: u64,
    interrupted: bool,
}

impl Bench<'_> {
    /// Does jobs that wait, those that wait longest first: else the run ends with a few of them and nothing beside.
    fn run_longest_first(&mut self, jobs: &[Job]) -> Vec<Done> {
        let run = self.run;
        let mut places: Vec<usize> = (0..jobs.len()).collect();
        places.sort_by_cached_key(|&at| Reverse(waiting(&jobs[at].case, &run, jobs[at].pace)));
        let sorted: Vec<Job> = places.iter().map(|&at| jobs[at]).collect();
        let mut done: Vec<(usize, Done)> = places.into_iter().zip(self.run(&sorted, AT_ONCE)).collect();
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, came)| came).collect()
    }

    /// Does all jobs, so many at once; what comes back stands in their order.
    fn run(&mut self, jobs: &[Job], at_once: usize) -> Vec<Done> {
        let mut done: Vec<Done> = Vec::new();
        done.resize_with(jobs.len(), || Done::LeftOut("interrupted"));
        let threads = at_once.min(self.factory.at_once()).min(jobs.len()).max(1);
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(self.interrupted));
        let (sender, receiver) = mpsc::channel();
        let (factory, options, run) = (self.factory, self.options, self.run);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (sender, next, stop) = (sender.clone(), &next, &stop);
                let worker = move || work(factory, options, &run, jobs, next, stop, &sender);
                // Fewer threads than asked for take longer and change nothing else.
                if thread::Builder::new().spawn_scoped(scope, worker).is_err() {
                    break;
                }
            }
            drop(sender);
            let mut findings = BTreeMap::new();
            for (count, (at, came)) in receiver.iter().enumerate() {
                findings.extend(Done::signatures(&came).map(|signature| (signature, ())));
                done[at] = came;
                let so_far = self.before + count as u64;
                if count % 256 == 0 && self.progress.done(so_far, self.total, findings.len()).is_break() {
                    stop.store(true, Ordering::Relaxed);
                    self.interrupted = true;
                }
            }
        });
        self.before += jobs.len() as u64;
        done
    }

    /// How many of all cases may run at once: without a wait threads only stand in each other's way.
    fn at_once(&self) -> usize {
        if self.options.timers { AT_ONCE } else { at_one_instant() }
    }

    /// Asks every difference to show again; what does not convince is taken out, and its cases are run anew.
    fn confirm(
        &mut self,
        jobs: &[Job],
        done: &mut [Done],
        real_time: &mut RealTime,
    ) -> BTreeMap<Signature, Repeats> {
        let mut shown_by: BTreeMap<Signature, Vec<usize>> = BTreeMap::new();
        for (at, came) in done.iter().enumerate() {
            for signature in came.signatures() {
                shown_by.entry(signature).or_default().push(at);
            }
        }
        let again: Vec<(Signature, usize)> = shown_by
            .iter()
            .flat_map(|(&signature, at)| {
                at.iter().cycle().take(REPEATS as usize).map(move |at| (signature, *at))
            })
            .collect();
        let mut repeats = BTreeMap::new();
        let list: Vec<Job> = again.iter().map(|(_, at)| jobs[*at]).collect();
        let came = self.run(&list, self.at_once());
        for ((signature, _), came) in again.iter().zip(&came) {
            let shown = u32::from(came.signatures().any(|s| s == *signature));
            let count: &mut Repeats = repeats.entry(*signature).or_insert(Repeats { shown: 0, runs: 0 });
            (count.shown, count.runs) = (count.shown + shown, count.runs + 1);
        }
        self.anew(jobs, done, &shown_by, &mut repeats, real_time);
        repeats
    }

    /// The cases of differences that did not show again are judged by another run.
    fn anew(
        &mut self,
        jobs: &[Job],
        done: &mut [Done],
        shown_by: &BTreeMap<Signature, Vec<usize>>,
        repeats: &mut BTreeMap<Signature, Repeats>,
        real_time: &mut RealTime,
    ) {
        let lone = |signature: &Signature| {
            let rare = shown_by.get(signature).is_none_or(|at| at.len() <= ACCIDENTS_MAX);
            rare && repeats.get(signature).is_none_or(|repeats| !repeats.convinces())
        };
        let once_more =
            |signature: &Signature| repeats.get(signature).copied().unwrap_or_default().once_more();
        let mut places: Vec<usize> =
            shown_by.iter().filter(|(s, _)| lone(s)).flat_map(|(_, at)| at.iter().copied()).collect();
        places.sort_unstable();
        places.dedup();
        let list: Vec<Job> = places.iter().map(|at| jobs[*at]).collect();
        let came = self.run(&list, self.at_once());
        let mut confirmed = Vec::new();
        for (at, mut came) in places.into_iter().zip(came) {
            let before: Vec<Signature> = done[at].signatures().filter(lone).collect();
            let again = |s: &Signature| came.signatures().any(|came| came == *s);
            if before.iter().any(|s| again(s) && once_more(s).convinces()) {
                confirmed.extend(before);
                continue;
            }
            for signature in before {
                real_time.unrepeated.insert(signature, jobs[at].case.to_string());
            }
            if let Done::Played(played) = &mut came
                && played.summary.finding.iter().chain(&played.summary.conceded).any(|d| lone(&d.signature))
            {
                let why = "differs from run to run".to_owned();
                played.summary = Summary { inconclusive: Some(why), ..Summary::default() };
            }
            done[at] = came;
        }
        for signature in confirmed {
            real_time.unrepeated.remove(&signature);
            let count = repeats.entry(signature).or_default();
            *count = count.once_more();
        }
    }
}

/// Does jobs until there are no more.
fn work(
    factory: &dyn Factory,
    options: &Options<'_>,
    run: &CrossIn,
    jobs: &[Job],
    next: &AtomicUsize,
    stop: &AtomicBool,
    done: &mpsc::Sender<(usize, Done)>,
) -> ControlFlow<()> {
    let mut driver = driver(factory, options);
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(job) = jobs.get(at).filter(|_| !stop.load(Ordering::Relaxed)) else {
            return ControlFlow::Continue(());
        };
        driver.set_last_wait(job.pace.last_wait());
        let came = match paced(&job.case, run, job.pace) {
            Err(why) => Done::LeftOut(why),
            Ok((scenario, event)) => play(&mut driver, &job.case, &scenario, event)
                .map_or(Done::Unsupported, |played| Done::Played(Box::new(played))),
        };
        if done.send((at, came)).is_err() {
            return ControlFlow::Break(());
        }
    }
}
