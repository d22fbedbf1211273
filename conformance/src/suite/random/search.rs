//! Many random histories on one stack, on several threads. What comes out depends on seed and number, never
//! on the threads: histories are planned in rounds, and a round's outcomes are gathered in the order of its
//! histories before the next one is planned.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError, mpsc};

use super::feedback::Feedback;
use super::shrink::shrink;
use super::{PREFIX, RandomHistory};
use crate::driver::Driver;
use crate::report::{Searched, StackReport};
use crate::scenario::Scenario;
use crate::subject::{Factory, IpVersion};
use crate::suite::cause::{cause, may_follow};
use crate::suite::cells::CrossIn;
use crate::suite::gather;
use crate::suite::run::{Progress, cross_in};
use crate::table::Profile;
use crate::verdict::{Difference, Signature, SignaturePattern, Verdict};

/// Histories of the first round; each further one is twice as long, up to the last of these.
const ROUNDS: (u64, u64) = (512, 8_192);
/// Histories that a thread takes at a time.
const PIECE: usize = 128;

/// What is searched, and how far.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// The stack.
    pub factory: &'a dyn Factory,
    /// Over which IP version.
    pub ip: IpVersion,
    /// In place of the declared profile.
    pub profile: Option<Profile>,
    /// Seed of all histories.
    pub seed: u64,
    /// How many.
    pub histories: u64,
    /// Threads that run them.
    pub threads: usize,
    /// Only histories whose name this accepts.
    pub filter: Option<&'a (dyn Fn(&str) -> bool + Sync)>,
    /// Accepted signatures of this stack.
    pub waived: &'a [SignaturePattern],
}

/// What one history came to.
struct Told {
    history: RandomHistory,
    verdict: Verdict,
    reached: Vec<&'static str>,
    differences: Vec<Difference>,
    /// A known difference came before the others: what those show may only follow from it.
    follows: bool,
    inconclusive: Option<String>,
    /// Events of its scenario.
    events: usize,
    /// A difference ended it before its second half.
    early: bool,
}

/// The first histories of a search, whatever the stack does: those of its first round.
pub fn first_round(seed: u64) -> Vec<RandomHistory> {
    Feedback::new(Default::default()).plan(seed, 0, ROUNDS.0)
}

/// Runs the histories and adds what they show to the report; shrinks what only they show. The bool says
/// whether all ran.
pub fn search(search: &Search<'_>, report: &mut StackReport, progress: &mut dyn Progress) -> bool {
    let run = cross_in(&search.factory.describe(), search.ip, search.seed);
    let mut gathered = Gathered { feedback: Feedback::new(run.lacks), searched: Searched::default() };
    let complete = run_rounds(search, &run, &mut gathered, report, progress);
    shrink_findings(search, report);
    set_apart(search, &mut gathered.searched, report);
    // What also shows by itself does not need the other one.
    gathered.searched.follow.retain(|signature, _| !report.findings.contains_key(signature));
    gathered.searched.reached = gathered.feedback.reached;
    report.random = Some(gathered.searched);
    complete
}

struct Gathered {
    feedback: Feedback,
    searched: Searched,
}

type Piece = (usize, Vec<RandomHistory>);
type Done = (usize, std::thread::Result<Vec<Told>>);

fn run_rounds(
    search: &Search<'_>,
    run: &CrossIn,
    gathered: &mut Gathered,
    report: &mut StackReport,
    progress: &mut dyn Progress,
) -> bool {
    let (todo, pieces) = mpsc::channel::<Piece>();
    let pieces = Mutex::new(pieces);
    std::thread::scope(|scope| {
        let (done, results) = mpsc::channel::<Done>();
        for _ in 0..search.threads.max(1) {
            let (pieces, done) = (&pieces, done.clone());
            scope.spawn(move || work(search, run, pieces, &done));
        }
        let todo = todo;
        let (mut from, mut length) = (0, ROUNDS.0);
        while from < search.histories {
            if progress.done(from, search.histories, report.findings.len()).is_break() {
                return false;
            }
            let to = (from + length).min(search.histories);
            let mut plan = gathered.feedback.plan(search.seed, from, to);
            plan.retain(|history| search.filter.is_none_or(|wanted| wanted(&history.to_string())));
            for told in round(&todo, &results, &plan) {
                gathered.take(&told, run, search.waived, report);
            }
            gathered.feedback.fade();
            (from, length) = (to, (length * 2).min(ROUNDS.1));
        }
        true
    })
}

/// One round: its outcomes in the order of its histories.
fn round(
    todo: &mpsc::Sender<Piece>,
    results: &mpsc::Receiver<Done>,
    plan: &[RandomHistory],
) -> impl Iterator<Item = Told> {
    let mut sent = 0;
    for (at, piece) in plan.chunks(PIECE).enumerate() {
        // Nobody listens only after a panic, which the results below tell of.
        let _ = todo.send((at, piece.to_vec()));
        sent += 1;
    }
    let mut outcomes: Vec<Done> = results.iter().take(sent).collect();
    outcomes.sort_by_key(|(at, _)| *at);
    outcomes.into_iter().flat_map(|(_, told)| told.unwrap_or_else(|panic| resume_unwind(panic)))
}

/// A thread: a stack of its own, and pieces as long as there are some.
fn work(
    search: &Search<'_>,
    run: &CrossIn,
    pieces: &Mutex<mpsc::Receiver<Piece>>,
    done: &mpsc::Sender<Done>,
) {
    let mut driver = driver(search);
    driver.keep_reached();
    loop {
        let next = pieces.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((at, piece)) = next else { return };
        let all = AssertUnwindSafe(|| piece.iter().map(|h| tell(&mut driver, *h, run, search)).collect());
        if done.send((at, catch_unwind(all))).is_err() {
            return;
        }
    }
}

fn driver<'a>(search: &Search<'a>) -> Driver<'a> {
    let mut driver = Driver::new(search.factory);
    if let Some(profile) = search.profile {
        driver.set_profile(profile);
    }
    driver
}

fn tell(driver: &mut Driver<'_>, history: RandomHistory, run: &CrossIn, search: &Search<'_>) -> Told {
    let scenario = history.scenario(run);
    let events = scenario.events.len();
    let unsupported = Told {
        history,
        verdict: Verdict::Unsupported,
        reached: Vec::new(),
        differences: Vec::new(),
        follows: false,
        inconclusive: None,
        events,
        early: false,
    };
    let Ok(summary) = driver.run(&scenario, None) else { return unsupported };
    let early = summary.finding.as_ref().is_some_and(|found| found.event * 2 < events);
    let follows = gather::follows_known(&summary, search.waived);
    let verdict = if follows { Verdict::Waived } else { gather::verdict_of(&summary, search.waived) };
    let differences = summary.finding.into_iter().chain(summary.conceded).collect();
    let reached = driver.fired();
    Told { verdict, reached, differences, follows, inconclusive: summary.inconclusive, early, ..unsupported }
}

impl Gathered {
    fn take(&mut self, told: &Told, run: &CrossIn, waived: &[SignaturePattern], report: &mut StackReport) {
        let known = |signature: &Signature| waived.iter().any(|pattern| pattern.admits(signature));
        self.searched.histories += 1;
        self.searched.counts.add(told.verdict);
        if let Some(why) = told.inconclusive.as_ref().filter(|_| told.verdict == Verdict::Inconclusive) {
            *self.searched.inconclusive.entry(why.clone()).or_insert(0) += 1;
        }
        let signatures = told.differences.iter().map(|difference| difference.signature);
        self.feedback.learn(told.history.focus, &told.reached, signatures, told.early);
        for difference in &told.differences {
            if told.follows && !known(&difference.signature) {
                *self.searched.follow.entry(difference.signature).or_insert(0) += 1;
                continue;
            }
            let shown = || (told.history.to_string(), told.history.scenario(run));
            gather::add(&mut report.findings, difference, told.events, shown);
        }
    }
}

/// Findings whose example is a random history get the fewest events that show the same.
fn shrink_findings(search: &Search<'_>, report: &mut StackReport) {
    let mut driver = driver(search);
    for (signature, finding) in &mut report.findings {
        if !finding.cell.starts_with(PREFIX) {
            continue;
        }
        let verdict = finding.verdict;
        let mut shows = |scenario: &Scenario| difference_of(&mut driver, scenario, signature, verdict);
        finding.scenario = shrink(finding.scenario.clone(), |scenario| shows(scenario).is_some());
        if let Some(example) = shows(&finding.scenario) {
            finding.example = example;
        }
    }
}

/// What follows from something accepted, as its least script shows, is no finding.
fn set_apart(search: &Search<'_>, searched: &mut Searched, report: &mut StackReport) {
    let mut driver = driver(search);
    let known = |signature: &Signature| search.waived.iter().any(|pattern| pattern.admits(signature));
    report.findings.retain(|signature, finding| {
        let random = finding.cell.starts_with(PREFIX);
        let fails = finding.verdict == Verdict::Fail;
        let news = random && fails && may_follow(signature.kind) && !known(signature);
        let follows = news && cause(&mut driver, &finding.scenario, search.waived).is_some();
        if follows {
            searched.counts.fail = searched.counts.fail.saturating_sub(finding.count);
            searched.counts.waived += finding.count;
            *searched.follow.entry(*signature).or_insert(0) += finding.count;
        }
        !follows
    });
}

/// The difference with this signature, at least so grave.
pub fn difference_of(
    driver: &mut Driver<'_>,
    scenario: &Scenario,
    signature: &Signature,
    verdict: Verdict,
) -> Option<Difference> {
    let summary = driver.run(scenario, None).ok()?;
    let mut all = summary.finding.into_iter().chain(summary.conceded);
    all.find(|d| d.signature == *signature && d.verdict >= verdict)
}
