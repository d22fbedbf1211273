//! The worlds of a check: each stack with the model, which obeys the RFC, so that nothing can be blamed on the
//! peer; and with itself.

use std::time::Instant;

use super::args::Check;
use super::check::judged_by;
use super::console::Bar;
use super::exit::Failure;
use crate::model::Model;
use crate::report::waivers::Waivers;
use crate::report::{StackReport, ip_words};
use crate::scenario::HostId;
use crate::subject::{Factory, IpVersion};
use crate::world::search::{Search, search};

/// Runs them, and adds what they show to the stack's report. The bool says whether all ran.
pub(super) fn pass(
    stack: &dyn Factory,
    ip: IpVersion,
    check: &Check,
    waivers: &Waivers,
    pass: &mut StackReport,
) -> Result<bool, Failure> {
    let described = stack.describe();
    // A world needs a clock that it can move.
    if !described.capabilities.virtual_time {
        return Ok(true);
    }
    let profile = judged_by(described.profile, check)?;
    let waived = waivers.signatures(&described.name, &described.version, &pass.profile, ip);
    let partners: [(&dyn Factory, &[HostId]); 2] = [(&Model::STANDARD, &[HostId::A]), (stack, &HostId::BOTH)];
    let mut complete = true;
    for (partner, hosts) in partners {
        let name = partner.describe().name;
        let plan = Search {
            stacks: [stack, partner],
            ip,
            seed: check.seed,
            worlds: check.worlds,
            mix: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            waived: [&waived, if hosts.len() == 2 { &waived } else { &[] }],
            profiles: [profile, profile.filter(|_| hosts.len() == 2)],
            runs_on: false,
        };
        let label = format!("{} {}, worlds with {name}", described.name, ip_words(ip));
        let mut bar = Bar::new(true, label);
        let began = Instant::now();
        let (worlds, all) = search(&plan, &mut bar);
        worlds.report(hosts, &name, pass);
        if let Some(met) = pass.worlds.last_mut() {
            met.seconds = began.elapsed().as_secs_f64();
        }
        complete &= all;
    }
    Ok(complete)
}
