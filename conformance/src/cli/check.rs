//! `check`: every cell against every stack.

use core::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use globset::GlobBuilder;

use super::args::{Check, Format};
use super::console::{self, Bar};
use super::engine::{self, Filter};
use super::exit::{self, Failure};
use super::{Session, files, interrupt, worlds};
use crate::report::waivers::{self, Review, Unneeded, Waivers};
use crate::report::{Report, StackReport, ip_words, markdown, text};
use crate::subject::selfcheck::self_check;
use crate::subject::{Description, Factory, IpVersion};
use crate::suite::random;
use crate::suite::random::search::Search;
use crate::suite::run::{Options, run_stack};
use crate::table::Profile;

impl Session<'_> {
    pub(super) fn check(&self, check: &Check) -> Result<u8, Failure> {
        let stacks = self.present(&check.stacks)?;
        let waivers = self.waivers(check)?;
        let filter = require_cells(check.filter.as_deref())?;
        interrupt::listen();
        if !adapters_work(&stacks) {
            return Ok(exit::OWN_FAILURE);
        }
        let mut report = run(&stacks, check, filter.as_ref(), &waivers)?;
        let whole = check.filter.is_none() && check.ip.is_none() && !check.no_timers;
        let complete = whole && !report.interrupted;
        let review = waivers.apply(&mut report, complete, &self.left_out(&stacks));
        self.print(&report, &review, check)?;
        if let Some(path) = &check.write_waivers {
            files::write(path, waivers::write(&report).as_bytes())?;
        }
        if report.interrupted {
            return Ok(interrupt::EXIT_CODE);
        }
        Ok(exit::code(&report, check.level.into(), &waivers, &review.stale))
    }

    fn chosen(&self, names: &[String]) -> Result<Vec<&dyn Factory>, Failure> {
        if names.is_empty() {
            // No stack at all must not pass for nothing found.
            self.stack(None)?;
            return Ok(self.stacks.to_vec());
        }
        names.iter().map(|name| self.stack(Some(name))).collect()
    }

    /// Those that can be had here and now; of the others it is said why not.
    fn present(&self, names: &[String]) -> Result<Vec<&dyn Factory>, Failure> {
        let chosen = self.chosen(names)?;
        let mut present = Vec::new();
        for stack in chosen {
            match stack.ready() {
                Ok(()) => present.push(stack),
                Err(why) => console::complain(&format!("{} is skipped: {why}", stack.describe().name)),
            }
        }
        if present.is_empty() {
            return Err(Failure::Own("no stack is left to check".to_owned()));
        }
        Ok(present)
    }

    /// Stacks that are known and not checked.
    fn left_out(&self, chosen: &[&dyn Factory]) -> Vec<Description> {
        let all = self.known().map(|stack| stack.describe());
        let is_chosen = |d: &Description| chosen.iter().any(|stack| stack.describe().name == d.name);
        all.filter(|description| !is_chosen(description)).collect()
    }

    pub(super) fn waivers(&self, check: &Check) -> Result<Waivers, Failure> {
        let mut all = Waivers::default();
        if check.no_waivers {
            return Ok(all);
        }
        // A user's own words come before ours.
        for path in &check.waivers {
            all.extend(files::read_waivers(path)?);
        }
        all.extend(waivers::embedded().map_err(Failure::Own)?);
        Ok(all)
    }

    fn print(&self, report: &Report, review: &Review, check: &Check) -> Result<(), Failure> {
        let out = check.out.as_ref().map(|dir| dir.display().to_string());
        let options = text::Options {
            colour: console::colour(),
            command: &self.command,
            out: out.as_deref(),
            level: check.level.into(),
            full: check.full,
        };
        // The folder comes first: what is printed names its files.
        if let Some(dir) = &check.out {
            files::write_folder(dir, report, &options)?;
        }
        let printed = match check.format {
            Format::Text => text::render(report, &options),
            Format::Json => files::render_json(report)?,
            Format::Junit => files::render_junit(report, &self.command)?,
            Format::Markdown => markdown::render(report),
        };
        console::print(&printed)?;
        for Unneeded { place, stack, what } in &review.stale {
            console::complain(&format!("{place}: stale waiver: {stack} does not show {what:?} any more"));
        }
        for Unneeded { place, stack, what } in &review.unseen {
            console::complain(&format!("{place}: remark: {stack} does not show {what} any more"));
        }
        Ok(())
    }
}

fn run(
    stacks: &[&dyn Factory],
    check: &Check,
    filter: Option<&Filter>,
    waivers: &Waivers,
) -> Result<Report, Failure> {
    let began = Instant::now();
    let mut jobs: Vec<(&dyn Factory, IpVersion)> = Vec::new();
    for stack in stacks {
        jobs.extend(versions(*stack, check)?.into_iter().map(|ip| (*stack, ip)));
    }
    let mut report = Report { seed: check.seed, ..Report::default() };
    for (pass, (stack, ip)) in run_jobs(&jobs, check, filter, waivers).into_iter().zip(&jobs) {
        let (mut pass, complete) = pass?;
        report.interrupted |= !complete;
        let virtual_time = stack.describe().capabilities.virtual_time;
        if !report.interrupted && check.histories > 0 && virtual_time {
            report.interrupted |= !search_pass(*stack, *ip, check, filter, waivers, &mut pass)?;
        }
        if !report.interrupted && check.worlds > 0 && filter.is_none() {
            report.interrupted |= !worlds::pass(*stack, *ip, check, waivers, &mut pass)?;
        }
        report.stacks.push(pass);
    }
    report.seconds = began.elapsed().as_secs_f64();
    Ok(report)
}

/// A pass and whether all of it ran.
type Pass = Result<(StackReport, bool), Failure>;

/// Runs the jobs on as many threads as there are processors; what comes back stands in the order of the jobs,
/// so that nothing printed depends on which was faster.
fn run_jobs(
    jobs: &[(&dyn Factory, IpVersion)],
    check: &Check,
    filter: Option<&Filter>,
    waivers: &Waivers,
) -> Vec<Pass> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let next = AtomicUsize::new(0);
    let work = &|worker: usize| {
        let mut done: Vec<(usize, Pass)> = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((stack, ip)) = jobs.get(at) else { return done };
            done.push((at, run_pass(*stack, *ip, check, filter, waivers, worker == 0)));
        }
    };
    let mut passes: Vec<(usize, Pass)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|worker| scope.spawn(move || work(worker))).collect();
        let panicked = |_| vec![(0, Err(Failure::Own("a worker thread panicked".to_owned())))];
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(panicked)).collect()
    });
    passes.sort_by_key(|(at, _)| *at);
    passes.into_iter().map(|(_, pass)| pass).collect()
}

/// One stack over one IP version. The bool says whether all of it ran.
fn run_pass(
    stack: &dyn Factory,
    ip: IpVersion,
    check: &Check,
    filter: Option<&Filter>,
    waivers: &Waivers,
    shown: bool,
) -> Pass {
    let described = stack.describe();
    let profile = judged_by(described.profile, check)?;
    let words = profile.unwrap_or(described.profile).to_string();
    let options = Options {
        filter: filter.map(|filter| &**filter as &(dyn Fn(&str) -> bool + Sync)),
        seed: check.seed,
        timers: !check.no_timers,
        profile,
        comparisons: true,
        waived: &waivers.signatures(&described.name, &described.version, &words, ip),
        ..Options::default()
    };
    let mut bar = Bar::new(shown, format!("{} {}", described.name, ip_words(ip)));
    let began = Instant::now();
    let (mut pass, complete) = run_stack(stack, ip, &options, &mut bar);
    pass.seconds = began.elapsed().as_secs_f64();
    Ok((pass, complete))
}

/// The random histories of a pass, on all processors. The bool says whether all of them ran.
fn search_pass(
    stack: &dyn Factory,
    ip: IpVersion,
    check: &Check,
    filter: Option<&Filter>,
    waivers: &Waivers,
    pass: &mut StackReport,
) -> Result<bool, Failure> {
    let described = stack.describe();
    let search = Search {
        factory: stack,
        ip,
        profile: judged_by(described.profile, check)?,
        seed: check.seed,
        histories: check.histories,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        filter: filter.map(|filter| &**filter as &(dyn Fn(&str) -> bool + Sync)),
        waived: &waivers.signatures(&described.name, &described.version, &pass.profile, ip),
    };
    let mut bar = Bar::new(true, format!("{} {}, random histories", described.name, ip_words(ip)));
    let began = Instant::now();
    let complete = random::search::search(&search, pass, &mut bar);
    if let Some(random) = &mut pass.random {
        random.seconds = began.elapsed().as_secs_f64();
    }
    Ok(complete)
}

/// The IP versions that a stack has and the arguments ask for.
fn versions(stack: &dyn Factory, check: &Check) -> Result<Vec<IpVersion>, Failure> {
    let described = stack.describe();
    let offered =
        [(IpVersion::V4, described.capabilities.ipv4), (IpVersion::V6, described.capabilities.ipv6)];
    let asked = |ip: &IpVersion| check.ip.is_none_or(|only| IpVersion::from(only) == *ip);
    let versions: Vec<IpVersion> =
        offered.into_iter().filter(|(_, offered)| *offered).map(|(ip, _)| ip).filter(asked).collect();
    if versions.is_empty() {
        return Err(Failure::Usage(format!("{} does not offer the IP version asked for", described.name)));
    }
    Ok(versions)
}

pub(super) fn judged_by(declared: Profile, check: &Check) -> Result<Option<Profile>, Failure> {
    let Some(text) = &check.profile else { return Ok(None) };
    let profile = declared.with_text(text).map_err(|what| Failure::Usage(format!("--profile: {what}")))?;
    Ok(Some(profile))
}

/// `*` crosses any separator: a cell's name is one word.
fn filter(glob: &str) -> Result<Filter, Failure> {
    let built = GlobBuilder::new(glob).literal_separator(false).backslash_escape(true).build();
    let matcher = built
        .map_err(|error| Failure::Usage(format!("--filter {glob:?}: {}", error.kind())))?
        .compile_matcher();
    Ok(Box::new(move |name: &str| matcher.is_match(name)))
}

/// A filter that matches nothing checks nothing, and says so.
pub(super) fn require_cells(glob: Option<&str>) -> Result<Option<Filter>, Failure> {
    let matcher = glob.map(filter).transpose()?;
    let mut found = false;
    engine::each_name(matcher.as_ref(), |_| {
        found = true;
        ControlFlow::Break(())
    });
    match (found, glob) {
        (true, _) => Ok(matcher),
        (false, Some(glob)) => Err(Failure::Usage(no_match(glob))),
        (false, None) => Err(Failure::Own("there are no cells to run".to_owned())),
    }
}

/// What to say of a filter without a match: how names look, or that the stars were forgotten.
fn no_match(glob: &str) -> String {
    let core = glob.trim_matches('*');
    let (mut first, mut near, mut all) = (None, false, 0_u64);
    engine::each_name(None, |name| {
        all += 1;
        near |= name.contains(core);
        first.get_or_insert_with(|| name.to_owned());
        ControlFlow::Continue(())
    });
    let hint = match (near, first) {
        (true, _) => format!("; did you mean '*{core}*'?"),
        (false, Some(first)) => format!("; a name looks like {first}"),
        (false, None) => String::new(),
    };
    format!("--filter {glob:?} matches none of {all} names{hint}")
}

/// The self-check of every adapter; what it finds is printed. False when one of them cannot be used.
pub(super) fn adapters_work(stacks: &[&dyn Factory]) -> bool {
    let mut usable = true;
    for stack in stacks {
        let described = stack.describe();
        for (ip, problem) in self_check(*stack) {
            usable &= !problem.is_fatal();
            let kind = if problem.is_fatal() { "the adapter does not work" } else { "remark" };
            console::complain(&format!("{} over {}: {kind}: {problem}", described.name, ip_words(ip)));
        }
    }
    usable
}
