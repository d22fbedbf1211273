//! `world`: two stacks, a faulty link between them, and their users.

use core::fmt::Write as _;
use std::time::Instant;

use super::args::{Check, Show, World as Arguments};
use super::console::{self, Bar};
use super::exit::{self, Failure};
use super::{Session, files, interrupt};
use crate::report::{counts_at, file_name, ip_words};
use crate::scenario::{HostId, Scenario};
use crate::subject::{Factory, IpVersion};
use crate::table::Level;
use crate::trace::duet::duet;
use crate::trace::line::{Numbers, lines};
use crate::trace::pcapng::capture_world;
use crate::verdict::Verdict;
use crate::world::deadlock::{Deadlock, causes};
use crate::world::random::Mix;
use crate::world::search::{Charged, Found, Search, Worlds, search, worst};
use crate::world::{Course, World};

impl Session<'_> {
    pub(super) fn world(&self, arguments: &Arguments) -> Result<u8, Failure> {
        let a = self.stack(arguments.stacks.first().map(String::as_str))?;
        let b = match arguments.stacks.get(1) {
            Some(name) => self.stack(Some(name))?,
            None => a,
        };
        let ip: IpVersion = arguments.ip.into();
        let mix = arguments.mix.as_deref().map(mix_of).transpose()?;
        let waivers = self.waivers(&Check { no_waivers: arguments.no_waivers, ..Check::default() })?;
        let waived = [a, b].map(|stack| {
            let d = stack.describe();
            waivers.signatures(&d.name, &d.version, &d.profile.to_string(), ip)
        });
        interrupt::listen();
        let plan = Search {
            stacks: [a, b],
            ip,
            seed: arguments.seed,
            worlds: arguments.worlds,
            mix,
            threads: arguments
                .threads
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
            waived: [&waived[0], &waived[1]],
            profiles: [None; 2],
            runs_on: arguments.run_on,
        };
        let label = format!("{} and {} {}, worlds", a.describe().name, b.describe().name, ip_words(ip));
        let mut bar = Bar::new(true, label);
        let began = Instant::now();
        let (worlds, complete) = search(&plan, &mut bar);
        drop(bar);
        let seconds = began.elapsed().as_secs_f64();
        console::print(&self.told(&worlds, &plan, seconds))?;
        let stuck = &worlds.stuck_names[..arguments.deadlocks.min(worlds.stuck_names.len())];
        console::print(&deadlocks(&causes(&plan, stuck)))?;
        if let Some(dir) = &arguments.out {
            write_out(dir, &worlds, &plan)?;
        }
        if !complete {
            return Ok(interrupt::EXIT_CODE);
        }
        let counts = |f: &&Found| {
            let d = &f.difference;
            !f.waived && counts_at(d.verdict, d.level, d.signature.kind, Level::Text)
        };
        Ok(match (worlds.worlds, worlds.findings.values().find(counts)) {
            (0, _) => exit::OWN_FAILURE,
            (_, Some(_)) => exit::DIFFERENCE,
            _ => exit::FINE,
        })
    }

    /// One world, with everything that happened.
    pub(super) fn show_world(
        &self,
        stack: &dyn Factory,
        partner: Option<&str>,
        scenario: &Scenario,
        show: &Show,
    ) -> Result<u8, Failure> {
        let other = match partner {
            Some(name) => self.stack(Some(name))?,
            None => stack,
        };
        let labels = [stack, other].map(|s| s.describe()).map(|d| format!("{} {}", d.name, d.version));
        let mut world = World::new(stack, other);
        world.record();
        world.run_on();
        let course = match world.run(scenario) {
            Ok(course) => course,
            Err(reason) => {
                console::print(&format!("unsupported: {reason}\n"))?;
                return Ok(exit::FINE);
            }
        };
        let trace = world.trace().cloned().unwrap_or_default();
        let numbers = if show.relative { Numbers::Relative } else { Numbers::Absolute };
        let names = [&*labels[0], &*labels[1]];
        let mut out =
            if show.lines { lines(&trace, numbers).join("\n") + "\n" } else { duet(&trace, numbers, names) };
        if let Some(path) = &show.pcap {
            files::write(path, &capture_world(&trace, names))?;
        }
        let code = verdict(&mut out, &course, &labels);
        console::print(&out)?;
        Ok(code)
    }

    fn told(&self, worlds: &Worlds, plan: &Search<'_>, seconds: f64) -> String {
        let mut out = String::new();
        let names = plan.stacks.map(|stack| stack.describe().name);
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{} and {} over {}: {} worlds, {:.0} a second; {} clean, {} packets, {} faults",
            names[0],
            names[1],
            ip_words(plan.ip),
            worlds.worlds,
            worlds.worlds as f64 / seconds.max(0.001),
            worlds.clean,
            worlds.packets,
            worlds.struck,
        );
        for (how, count) in &worlds.deceived {
            let _ =
                writeln!(out, "  {count} without the pair's properties from some point on: {}", how.name());
        }
        if worlds.loops > 0 {
            let _ = writeln!(out, "  {} with a loop of answers that only a loss could end", worlds.loops);
        }
        for (why, count) in &worlds.unsupported {
            let _ = writeln!(out, "  {count} unsupported: {why}");
        }
        for (why, count) in &worlds.inconclusive {
            let _ = writeln!(out, "  {count} inconclusive: {why}");
        }
        if !worlds.inconclusive_names.is_empty() {
            let first: Vec<String> =
                worlds.inconclusive_names.iter().take(8).map(ToString::to_string).collect();
            let _ = writeln!(out, "    the first of them: {}", first.join(" "));
        }
        for (property, count) in &worlds.stuck {
            let _ = writeln!(out, "  {count} in which somebody was left waiting: {property}");
        }
        let mut found: Vec<&Found> = worlds.findings.values().collect();
        found.sort_by_key(|f| {
            (f.waived, core::cmp::Reverse(f.difference.verdict), core::cmp::Reverse(f.count))
        });
        for found in found {
            self.tell_found(&mut out, found, plan, &names);
        }
        out
    }

    fn tell_found(&self, out: &mut String, found: &Found, plan: &Search<'_>, names: &[String; 2]) {
        let d = &found.difference;
        let who = match found.charged {
            Charged::Host(host) => format!("{} (host {host})", names[host.index()]),
            Charged::Pair => "the pair".to_owned(),
        };
        let waived = if found.waived { ", waived" } else { "" };
        let states: Vec<&str> = found.states.iter().map(|s| s.name()).collect();
        let _ = writeln!(
            out,
            "\n{} ({}{waived}): {} by {who}, {} worlds ({} left somebody waiting), in {}",
            d.verdict,
            d.level,
            d.signature,
            found.count,
            found.stuck,
            states.join(" ")
        );
        if found.waived {
            return;
        }
        let _ = writeln!(out, "  wants  {}\n  came   {}\n  rule   {}", d.want, d.got, d.cite);
        let _ = writeln!(out, "  first  {} ({} events when shrunk)", found.name, found.scenario.events.len());
        if d.verdict == Verdict::Fail {
            for line in found.scenario.to_string().lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
        let _ = writeln!(
            out,
            "  {} trace {} {}--stack {} --other {}",
            self.command,
            found.name,
            if plan.ip == IpVersion::V6 { "--ip 6 " } else { "" },
            names[0],
            names[1]
        );
    }
}

/// Who is left waiting, and why.
fn deadlocks(causes: &[Deadlock]) -> String {
    let mut out = String::new();
    for cause in causes {
        let d = &cause.difference;
        let who = match cause.charged {
            Charged::Host(host) => format!("host {host}"),
            Charged::Pair => "the pair".to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "\nleft waiting ({}), {} times: {} ({}) {} by {who} in {}, {} events, {}",
            cause.stuck.property.name(),
            cause.count,
            d.verdict,
            d.level,
            d.signature,
            d.state,
            cause.scenario.events.len(),
            cause.name
        );
        let _ = writeln!(out, "  wants  {}\n  came   {}", d.want, d.got);
        for line in cause.scenario.to_string().lines() {
            let _ = writeln!(out, "    {line}");
        }
    }
    out
}

/// What the world came to, beneath its ladder; the exit code as of a run at level text.
fn verdict(out: &mut String, course: &Course, labels: &[String; 2]) -> u8 {
    let mut code = exit::FINE;
    for (charged, difference) in worst(course) {
        let who = match charged {
            Charged::Host(host) => format!("{host}: {}", labels[host.index()]),
            Charged::Pair => "the pair".to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = write!(out, "\ncharged to {who}");
        super::show::tell(out, &difference, false);
        if counts_at(difference.verdict, difference.level, difference.signature.kind, Level::Text) {
            code = exit::DIFFERENCE;
        }
    }
    if let Some(reason) = &course.inconclusive {
        let _ = write!(out, "\ninconclusive: {reason}\n");
        code = exit::OWN_FAILURE;
    }
    if let Some(how) = course.deceived {
        let _ = write!(out, "\nthe properties of the pair say nothing: {}\n", how.name());
    }
    if let Some(stuck) = &course.stuck {
        let name = stuck.property.name();
        let _ = write!(out, "\nleft waiting in the end ({name}, host {}): {}\n", stuck.host, stuck.got);
    }
    if course.is_clean() && code == exit::FINE {
        out.push_str("\npass: no rule and no property is broken\n");
    }
    code
}

fn mix_of(name: &str) -> Result<Mix, Failure> {
    Mix::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Mix::ALL.iter().map(|mix| mix.name()).collect();
        Failure::Usage(format!("there is no mix {name:?}; there are: {}", names.join(", ")))
    })
}

fn write_out(dir: &std::path::Path, worlds: &Worlds, plan: &Search<'_>) -> Result<(), Failure> {
    std::fs::create_dir_all(dir).map_err(|error| Failure::Usage(format!("{}: {error}", dir.display())))?;
    let names = plan.stacks.map(|stack| stack.describe().name);
    for ((charged, signature), found) in &worlds.findings {
        let who = match charged {
            Charged::Host(HostId::A) => "a",
            Charged::Host(HostId::B) => "b",
            Charged::Pair => "pair",
        };
        let file = format!("{}-{}-{who}-{}", names[0], names[1], file_name(signature));
        let text = format!(
            "# {} by {who}: host A is {}, host B is {}\n{}",
            signature, names[0], names[1], found.scenario
        );
        files::write(&dir.join(file), text.as_bytes())?;
    }
    Ok(())
}
