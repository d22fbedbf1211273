//! `trace` and `replay`: one scenario, with everything that happened.

use core::fmt::Write as _;

use super::args::{Check, Replay, Show, Trace};
use super::engine::{self, Outcome};
use super::exit::{self, Failure};
use super::{Session, console, files};
use crate::report::waivers::Waivers;
use crate::report::{counts_at, explain};
use crate::subject::{Description, Factory, IpVersion};
use crate::table::Level;
use crate::trace::ladder::wrap;
use crate::trace::line::{Numbers, lines};
use crate::trace::{ladder, pcapng};
use crate::verdict::Difference;
use crate::world::random::{self, RandomWorld};

impl Session<'_> {
    pub(super) fn trace(&self, trace: &Trace) -> Result<u8, Failure> {
        let stack = self.stack(trace.show.stack.as_deref())?;
        if trace.cell.split(':').next() == Some(random::PREFIX) {
            let named = RandomWorld::from_name(&trace.cell);
            let named = named.map_err(|error| Failure::Usage(format!("{:?}: {error}", trace.cell)))?;
            let scenario = named.scenario(trace.ip.into());
            if trace.script {
                console::print(&scenario.to_string())?;
                return Ok(exit::FINE);
            }
            let partner = random::partner_in(&trace.cell).or(trace.show.other.as_deref());
            return self.show_world(stack, partner, &scenario, &trace.show);
        }
        let ip = trace.ip.into();
        if trace.script {
            console::print(&engine::script_of(&trace.cell, stack, ip, trace.seed)?.to_string())?;
            return Ok(exit::FINE);
        }
        let outcome = engine::run_named(&trace.cell, stack, ip, trace.seed)?;
        self.show(stack, outcome, ip, &trace.show)
    }

    pub(super) fn replay(&self, replay: &Replay) -> Result<u8, Failure> {
        let stack = self.stack(replay.show.stack.as_deref())?;
        let scenario = files::read_scenario(&replay.file)?;
        if scenario.world.is_some() {
            return self.show_world(stack, replay.show.other.as_deref(), &scenario, &replay.show);
        }
        let outcome = engine::run_traced(stack, &scenario, None);
        self.show(stack, outcome, scenario.setup.ip, &replay.show)
    }

    fn show(
        &self,
        stack: &dyn Factory,
        outcome: Result<Outcome, String>,
        ip: IpVersion,
        show: &Show,
    ) -> Result<u8, Failure> {
        let described = stack.describe();
        let label = format!("{} {}", described.name, described.version);
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(reason) => {
                console::print(&format!("unsupported by {label}: {reason}\n"))?;
                return Ok(exit::FINE);
            }
        };
        let numbers = if show.relative { Numbers::Relative } else { Numbers::Absolute };
        let mut out = if show.lines {
            lines(&outcome.trace, numbers).join("\n") + "\n"
        } else {
            let options = ladder::Options { numbers, stack: &label, states: &outcome.states };
            ladder::ladder(&outcome.trace, &options)
        };
        if let Some(path) = &show.pcap {
            files::write(path, &pcapng::capture(&outcome.trace, &label))?;
        }
        let waivers = self.waivers(&Check::default())?;
        let code = judge(&mut out, &outcome, &waivers, &described, ip);
        console::print(&out)?;
        Ok(code)
    }
}

/// What the judge says, beneath the ladder; the exit code as of a run at level text.
fn judge(
    out: &mut String,
    outcome: &Outcome,
    waivers: &Waivers,
    described: &Description,
    ip: IpVersion,
) -> u8 {
    let known = waivers.signatures(&described.name, &described.version, &described.profile.to_string(), ip);
    let mut code = exit::FINE;
    for difference in &outcome.differences {
        let waived = known.iter().any(|pattern| pattern.admits(&difference.signature));
        tell(out, difference, waived);
        if !waived && counts_at(difference.verdict, difference.level, difference.signature.kind, Level::Text)
        {
            code = exit::DIFFERENCE;
        }
    }
    // Writing to a String cannot fail.
    if let Some(reason) = &outcome.inconclusive {
        let _ = write!(out, "\ninconclusive: {reason}\n");
        code = exit::OWN_FAILURE;
    } else if outcome.differences.is_empty() {
        out.push_str(if outcome.allowed {
            "\nallowed: no difference, by a licence or an undeclared choice\n"
        } else {
            "\npass: no difference from the table\n"
        });
    }
    code
}

/// In the words of a report.
pub(super) fn tell(out: &mut String, difference: &Difference, waived: bool) {
    let Difference { signature, verdict, level, cite, state, at, want, got, .. } = difference;
    let waived = if waived { ", waived" } else { "" };
    out.push('\n');
    wrapped(out, "", &format!("{verdict} ({level}{waived}): {signature} in {state} at {at} s"));
    wrapped(out, "  wants  ", want);
    wrapped(out, "  came   ", got);
    wrapped(out, "  rule   ", &explain::in_words(signature, *state, cite));
}

/// A paragraph behind a heading, its further lines beneath its first.
fn wrapped(out: &mut String, head: &str, text: &str) {
    for (i, line) in wrap(text, ladder::WIDTH - head.len()).iter().enumerate() {
        let shown = if i == 0 { head } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{shown:width$}{line}", width = head.len());
    }
}
