//! `campaign`: coverage-guided fuzzing, kept in a folder.

mod libfuzzer;
mod screen;

use std::path::Path;

use self::screen::Screen;
use super::args::{Campaign as Arguments, Check, EngineArg};
use super::check::adapters_work;
use super::console;
use super::exit::{self, Failure};
use super::{Session, interrupt};
use crate::campaign::canary::canary;
use crate::campaign::folder::{self, Folder, FolderError, Held, Remembered, State};
use crate::campaign::{Bench, Campaign, INPUT_MAX, Key, Plan, Target, Waived, cells, table};
use crate::model::Model;
use crate::reached::Reached;
use crate::subject::{Factory, registry};

/// How long a campaign takes when nobody says.
const SECONDS: u64 = 60;
/// A campaign of so many executions that kept no more than one input has not climbed.
const CLIMBS_BY: u64 = 1_000;

/// What a campaign works on.
struct Work<'a> {
    arguments: &'a Arguments,
    plan: Plan<'a>,
    /// Name and version of the stacks that the target has.
    names: Vec<String>,
    all: &'a Reached,
}

impl Session<'_> {
    pub(super) fn campaign(&self, arguments: &Arguments) -> Result<u8, Failure> {
        let all = cells::of_suite().map_err(|why| Failure::Own(format!("data/cells.txt: {why}")))?;
        if arguments.cells {
            return print_cells();
        }
        let target = target_of(&arguments.target)?;
        let stacks = self.pair(target, arguments)?;
        let (no_waivers, files) = (arguments.no_waivers, arguments.waivers.clone());
        let waivers = self.waivers(&Check { no_waivers, waivers: files, ..Check::default() })?;
        let waived = Waived::new(stacks, |stack, ip| {
            let d = stack.describe();
            waivers.signatures(&d.name, &d.version, &d.profile.to_string(), ip)
        });
        interrupt::listen();
        let used = &stacks[..stacks_of(target)];
        if !adapters_work(used) {
            return Ok(exit::OWN_FAILURE);
        }
        let jobs =
            arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let mutator = arguments.mutator.into();
        let (seed, waived) = (arguments.seed, &waived);
        let plan = Plan { target, stacks, seed, jobs, input_max: INPUT_MAX, mutator, waived };
        let name = |stack: &&dyn Factory| format!("{} {}", stack.describe().name, stack.describe().version);
        let names = used.iter().map(name).collect();
        Work { arguments, plan, names, all }.run(&self.command)
    }

    /// The stacks that a target runs; what it does not need is the model.
    fn pair<'s>(&'s self, target: Target, arguments: &Arguments) -> Result<[&'s dyn Factory; 2], Failure> {
        let count = stacks_of(target);
        if count < 2 && arguments.against.is_some() || count < 1 && arguments.subject.is_some() {
            let has = ["no stack", "one stack"][count];
            return Err(Failure::Usage(format!("{} runs {has}", target.name())));
        }
        let mut pair: [&dyn Factory; 2] = [&Model::STANDARD; 2];
        if count > 0 {
            pair[0] = self.stack(arguments.subject.as_deref())?;
        }
        if let Some(name) = &arguments.against {
            pair[1] = self.stack(Some(name))?;
        }
        for stack in &pair[..count] {
            let described = stack.describe();
            stack.ready().map_err(|why| Failure::Usage(format!("{}: {why}", described.name)))?;
            if !described.capabilities.virtual_time {
                let why = "a campaign needs a clock that it can move";
                return Err(Failure::Usage(format!("{}: {why}", described.name)));
            }
        }
        Ok(pair)
    }
}

impl Work<'_> {
    fn run(&self, command: &str) -> Result<u8, Failure> {
        let mut campaign = Campaign::default();
        let mut began = 0.0;
        let mut folder = None;
        if let Some(path) = &self.arguments.out {
            let (opened, held) = Folder::open(path)?;
            began = held.state.as_ref().map_or(0.0, |state| state.seconds);
            self.load(&mut campaign, &held, path)?;
            folder = Some(opened);
        }
        for path in &self.arguments.merge {
            self.merge(&mut campaign, &folder::read(path)?, path)?;
        }
        let mut screen = Screen::new(self, folder, began);
        if !self.arguments.replay {
            if self.arguments.engine == EngineArg::Libfuzzer {
                libfuzzer::ready(self)?;
            }
            match canary(self.plan.target) {
                Ok(found) => console::complain(&format!(
                    "canary: the planted bug was found by execution {}, {} cells",
                    found.execution, found.cells
                )),
                Err(why) => return Err(Failure::Own(format!("canary: {why}"))),
            }
            self.fuzz(&mut campaign, &mut screen)?;
        }
        screen.save(&campaign)?;
        console::print(&self.told(&campaign, &screen, command))?;
        Ok(self.code(&campaign))
    }

    fn fuzz(&self, campaign: &mut Campaign, screen: &mut Screen<'_>) -> Result<(), Failure> {
        match self.arguments.engine {
            EngineArg::Builtin => {
                let executions = self.arguments.executions.unwrap_or(u64::MAX);
                campaign.run(&self.plan, executions, screen);
                screen.end()
            }
            EngineArg::Libfuzzer => libfuzzer::run(self, campaign, screen),
        }
    }

    /// Takes what the folder held, and goes on counting where it ended.
    fn load(&self, campaign: &mut Campaign, held: &Held, path: &Path) -> Result<(), Failure> {
        self.fits(held, path)?;
        campaign.take(&self.plan, &held.inputs, 0.0);
        let Some(state) = &held.state else { return Ok(()) };
        campaign.executions = state.executions;
        campaign.last_new = (state.executions, state.seconds);
        for known in &state.findings {
            let is = |key: &&Key| key.0 == known.stack && key.1.to_string() == known.signature;
            let key = campaign.findings.iter().map(|(key, _)| key).find(is).copied();
            match key {
                Some(key) => campaign.findings.remember(&key, known.first, known.count),
                None => console::complain(&format!(
                    "{} does not show any more: {}",
                    known.signature,
                    path.join("findings").join(&known.file).display()
                )),
            }
        }
        Ok(())
    }

    fn merge(&self, campaign: &mut Campaign, held: &Held, path: &Path) -> Result<(), Failure> {
        self.fits(held, path)?;
        let executions = campaign.executions;
        campaign.take(&self.plan, &held.inputs, 0.0);
        campaign.executions = executions;
        Ok(())
    }

    /// Inputs of one target mean nothing to another; another stack's would not be a continuation.
    fn fits(&self, held: &Held, path: &Path) -> Result<(), Failure> {
        let Some(state) = &held.state else { return Ok(()) };
        if state.target == self.plan.target && state.stacks == self.names {
            return Ok(());
        }
        let of = |target: Target, stacks: &[String]| match stacks {
            [] => target.name().to_owned(),
            stacks => format!("{} on {}", target.name(), stacks.join(" and ")),
        };
        let (there, here) = (of(state.target, &state.stacks), of(self.plan.target, &self.names));
        Err(Failure::Usage(format!("{}: it holds a campaign of {there}, not of {here}", path.display())))
    }

    fn state(&self, campaign: &Campaign, seconds: f64, bench: &Bench<'_>) -> State {
        let known = campaign.findings.iter().map(|(key, finding)| Remembered {
            stack: key.0,
            signature: key.1.to_string(),
            first: finding.first,
            count: finding.count,
            file: folder::file_name(key, finding, bench),
        });
        State {
            target: self.plan.target,
            stacks: self.names.clone(),
            executions: campaign.executions,
            seconds,
            findings: known.collect(),
        }
    }

    fn told(&self, campaign: &Campaign, screen: &Screen<'_>, command: &str) -> String {
        let mut out = screen.summary(campaign);
        for (why, count) in &campaign.inconclusive {
            out.push_str(&format!("  {count} inconclusive: {why}\n"));
        }
        for (by, count) in &campaign.apart {
            out.push_str(&format!("  {count} in which the stacks went apart: {}\n", by.name()));
        }
        out.push('\n');
        out.push_str(&table::findings(campaign, screen.bench(), &self.names));
        let Some(dir) = &self.arguments.out else { return out };
        if !campaign.findings.is_empty() {
            let stacks = self.plan.stacks.map(|stack| stack.describe().name);
            let other = if self.plan.target == Target::Worlds {
                format!(" --other {}", stacks[1])
            } else {
                String::new()
            };
            let file = dir.join("findings").join("FILE");
            out.push_str(&format!("\n{command} replay {} --stack {}{other}\n", file.display(), stacks[0]));
        }
        out
    }

    fn code(&self, campaign: &Campaign) -> u8 {
        let level = self.arguments.level.into();
        if interrupt::asked() {
            return interrupt::EXIT_CODE;
        }
        let scripts = stacks_of(self.plan.target) > 0;
        let kept = campaign.corpus.len() + campaign.findings.len();
        if scripts && campaign.executions > CLIMBS_BY && kept < 2 {
            console::complain("the campaign did not climb: nothing new was reached");
            return exit::OWN_FAILURE;
        }
        if self.arguments.replay && campaign.corpus.is_empty() && campaign.findings.is_empty() {
            console::complain("there was nothing to replay");
            return exit::USAGE;
        }
        let found = campaign.findings.iter().any(|(_, finding)| finding.counts_at(level));
        if found { exit::DIFFERENCE } else { exit::FINE }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Failure {
        Failure::Usage(error.to_string())
    }
}

fn target_of(name: &str) -> Result<Target, Failure> {
    Target::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Target::ALL.iter().map(|target| target.name()).collect();
        Failure::Usage(format!("there is no target {name:?}; there are: {}", names.join(", ")))
    })
}

/// How many stacks a target runs.
const fn stacks_of(target: Target) -> usize {
    match target {
        Target::Wire | Target::ScenarioText => 0,
        Target::Segments | Target::Incarnations => 1,
        Target::Worlds | Target::Differential => 2,
    }
}

fn print_cells() -> Result<u8, Failure> {
    let reference = registry::named("reference");
    let reference = reference.ok_or_else(|| Failure::Usage("this build has no reference".to_owned()))?;
    console::print(&cells::render(&cells::measure(reference, 1)))?;
    Ok(exit::FINE)
}
