//! What is seen of a campaign while it runs, and its folder kept up to date.

use core::ops::ControlFlow;
use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use super::{SECONDS, Work};
use crate::campaign::folder::{Folder, FolderError};
use crate::campaign::{Bench, Campaign, Key, Watch, table};
use crate::cli::exit::Failure;
use crate::cli::{console, interrupt};

/// How often a line is drawn over itself on a terminal, and how often one is written elsewhere.
const PACE: Duration = Duration::from_millis(200);
const PACE_ELSEWHERE: Duration = Duration::from_secs(10);
/// How often the folder is written: so much is lost when the process is killed. Ctrl-C and SIGTERM lose nothing.
const SAVES: Duration = Duration::from_secs(15);

/// Draws a campaign and saves it.
pub(super) struct Screen<'a> {
    work: &'a Work<'a>,
    bench: Bench<'a>,
    folder: Option<Folder>,
    began: Instant,
    /// Seconds of earlier runs.
    before: f64,
    /// Executions of earlier runs; told by the first round.
    executions_before: Option<u64>,
    until: Option<Duration>,
    drawn: Option<Instant>,
    saved: Instant,
    told: BTreeSet<Key>,
    failed: Option<FolderError>,
}

impl<'a> Screen<'a> {
    pub fn new(work: &'a Work<'a>, folder: Option<Folder>, before: f64) -> Screen<'a> {
        let arguments = work.arguments;
        let seconds = arguments.seconds.or(arguments.executions.is_none().then_some(SECONDS));
        Screen {
            work,
            bench: Bench::new(work.plan.target, work.plan.stacks),
            folder,
            began: Instant::now(),
            before,
            executions_before: None,
            until: seconds.map(Duration::from_secs),
            drawn: None,
            saved: Instant::now(),
            told: BTreeSet::new(),
            failed: None,
        }
    }

    pub fn bench(&self) -> &Bench<'a> {
        &self.bench
    }

    /// How long it may still take; `None` is as long as the executions last.
    pub fn left(&self) -> Option<Duration> {
        self.until
    }

    pub fn save(&mut self, campaign: &Campaign) -> Result<(), FolderError> {
        let state = self.work.state(campaign, self.seconds(), &self.bench);
        match &mut self.folder {
            Some(folder) => folder.save(campaign, &state, &self.bench),
            None => Ok(()),
        }
    }

    /// The line is done with; what could not be saved on the way is said now.
    pub fn end(&mut self) -> Result<(), Failure> {
        self.wipe();
        self.failed.take().map_or(Ok(()), |error| Err(error.into()))
    }

    /// What the campaign came to, above the table.
    pub fn summary(&self, campaign: &Campaign) -> String {
        let target = self.work.plan.target.name();
        let on = match &self.work.names[..] {
            [] => String::new(),
            names => format!(" on {}", names.join(" and ")),
        };
        format!(
            "{target}{on}: {} executions in {:.1} s, {} inputs kept, the last new thing at execution {}\n  {}\n",
            campaign.executions,
            self.seconds(),
            campaign.corpus.len(),
            campaign.last_new.0,
            table::reached(campaign, self.work.all),
        )
    }

    fn line(&self, campaign: &Campaign) -> String {
        let seconds = self.seconds();
        let run = campaign.executions - self.executions_before.unwrap_or(0).min(campaign.executions);
        let (cells, all) = table::cells(campaign.corpus.reached(), self.work.all);
        let counted = campaign.findings.iter().filter(|(_, f)| !f.waived && !f.follows).count();
        format!(
            "{seconds:.0} s  {} executions ({:.0}/s)  corpus {}  reached {} ({:.1} % of all cells)  findings {counted}  \
             last new {:.0} s ago",
            campaign.executions,
            run as f64 / self.began.elapsed().as_secs_f64().max(0.001),
            campaign.corpus.len(),
            campaign.corpus.reached().indices().len(),
            table::percent(cells, all),
            seconds - campaign.last_new.1,
        )
    }

    /// A finding that was not there before gets a line of its own.
    fn tell(&mut self, campaign: &Campaign) {
        for (key, finding) in campaign.findings.iter() {
            if self.told.insert(*key) && !finding.waived && !finding.follows {
                self.wipe();
                let d = &finding.difference;
                console::complain(&format!(
                    "found by execution {}: {} ({}) {}, {} events",
                    finding.first.0, d.verdict, d.level, d.signature, finding.events
                ));
            }
        }
    }

    fn wipe(&mut self) {
        if std::io::stderr().is_terminal() && self.drawn.is_some() {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }

    fn draw(&mut self, campaign: &Campaign) {
        let terminal = std::io::stderr().is_terminal();
        let pace = if terminal { PACE } else { PACE_ELSEWHERE };
        if self.drawn.is_some_and(|drawn| drawn.elapsed() < pace) {
            return;
        }
        // Elsewhere a short campaign says nothing on its way.
        let first = self.drawn.replace(Instant::now()).is_none();
        if terminal {
            let _ = write!(std::io::stderr().lock(), "\r{}\x1b[K", self.line(campaign));
        } else if !first {
            console::complain(&self.line(campaign));
        }
    }
}

impl Watch for Screen<'_> {
    fn round(&mut self, campaign: &Campaign) -> ControlFlow<()> {
        self.executions_before.get_or_insert(campaign.executions);
        self.tell(campaign);
        self.draw(campaign);
        if self.saved.elapsed() >= SAVES {
            self.saved = Instant::now();
            if let Err(error) = self.save(campaign) {
                self.failed = Some(error);
                return ControlFlow::Break(());
            }
        }
        let over = self.until.is_some_and(|until| self.began.elapsed() >= until);
        if over || interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn seconds(&self) -> f64 {
        self.before + self.began.elapsed().as_secs_f64()
    }
}
