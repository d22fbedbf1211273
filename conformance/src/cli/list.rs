//! `list`: what there is to run, and what each cell aims at.

use core::fmt::Write as _;
use core::ops::ControlFlow;

use lastack_core::types::State;

use super::args::List;
use super::console::Page;
use super::exit::{self, Failure};
use super::{Session, check, console, engine};
use crate::driver::Driver;
use crate::reach::ways;
use crate::report::cover::field;
use crate::subject::IpVersion;
use crate::suite::cells::CrossIn;
use crate::suite::metamorphic::compared::{changes, comparisons};
use crate::suite::random::Theme;
use crate::suite::run::{Case, cross_in};
use crate::suite::{cells, histories};
use crate::table::{by_name, rule};
use crate::world::random::Mix;

impl Session<'_> {
    pub(super) fn list(&self, list: &List) -> Result<u8, Failure> {
        if list.filter.is_none() {
            console::print(&self.overview())?;
            return Ok(exit::FINE);
        }
        let filter = check::require_cells(list.filter.as_deref())?;
        let stack = self.stack(list.stack.as_deref())?;
        let mut driver = Driver::new(stack);
        driver.record();
        let mut lister = Lister { run: cross_in(&stack.describe(), IpVersion::V4, 0), driver, last: None };
        let mut page = Page::new();
        let mut count = 0_u64;
        let mut written = Ok(());
        engine::each_name(filter.as_ref(), |name| {
            count += 1;
            written = page.line(&format!("{name:<72} {}", lister.aim(name)));
            if written.is_ok() && !page.is_closed() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        written?;
        page.finish()?;
        if !page.is_closed() {
            console::complain(&format!(
                "{count} scenarios; after each: the level, the rule that it aims at, its source"
            ));
        }
        Ok(exit::FINE)
    }

    /// The suites and the words of their names.
    fn overview(&self) -> String {
        let tails = cells::count() * 3;
        let histories = histories::count();
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "suite        scenarios  names");
        let _ = writeln!(out, "cells        {tails:>9}  WAY:EVENT:TAIL or WAY:EVENT~SET-UP:TAIL");
        let _ = writeln!(out, "histories    {histories:>9}  WAY:EVENT.EVENT.EVENT:TAIL");
        let compared = comparisons().count();
        let _ = writeln!(
            out,
            "comparisons  {compared:>9}  same:CHANGE:WAY:EVENT.EVENT:TAIL, a seventh of them in a check"
        );
        let _ =
            writeln!(out, "random       as asked  random:SEED:INDEX:WAY+THEME, from nothing or from a way");
        let _ = writeln!(out, "worlds       as asked  world:SEED:INDEX:MIX:PARTNER, two stacks and a link");
        let _ = writeln!(out, "\nWAY, how a state is reached:");
        for state in State::ALL {
            let names: Vec<&str> =
                ways().iter().filter(|way| way.state == state).map(|way| way.name).collect();
            field(&mut out, 2, &names.join(" "));
        }
        let kinds = "KIND@EDGE/ACK for a segment, as in FIN-ACK@left-edge/ack-dup; KIND@route-.. between other \
                     addresses, KIND@broken-.. damaged; call-.. for calls; time-.. for waits";
        let _ = writeln!(out, "\nEVENT:");
        field(&mut out, 2, kinds);
        let _ = writeln!(out, "\nTAIL, what follows:");
        field(&mut out, 2, "probes, silent, friendly, and send in histories");
        let _ = writeln!(out, "\nTHEME, what a random history is about:");
        field(&mut out, 2, &Theme::ALL.map(Theme::name).join(" "));
        let _ = writeln!(out, "\nCHANGE, what must not matter:");
        field(&mut out, 2, &changes().collect::<Vec<_>>().join(" "));
        let _ = writeln!(out, "\nMIX, what a world is about:");
        field(&mut out, 2, &Mix::ALL.map(Mix::name).join(" "));
        let command = &self.command;
        let _ = writeln!(out, "\nEach name, with the level, the rule and the source of what it aims at:");
        let _ = writeln!(out, "  {command} list --filter 'established/active:SYN@*'");
        out
    }
}

/// Finds what cells aim at: the first rule that the event under test fires on a stack.
struct Lister<'f> {
    driver: Driver<'f>,
    run: CrossIn,
    /// Name without the tail, and the answer: tails come after the event.
    last: Option<(String, String)>,
}

impl Lister<'_> {
    fn aim(&mut self, name: &str) -> String {
        let (event, _) = name.rsplit_once(':').unwrap_or((name, ""));
        if let Some((known, answer)) = &self.last
            && known == event
        {
            return answer.clone();
        }
        let answer = self.find(name);
        self.last = Some((event.to_owned(), answer.clone()));
        answer
    }

    fn find(&mut self, name: &str) -> String {
        let Ok(case) = Case::from_name(name) else { return String::new() };
        if matches!(case, Case::Random(_)) {
            // It aims at nothing in particular.
            return String::new();
        }
        let (mut scenario, event) = case.scenario(&self.run);
        scenario.events.truncate(event + 1);
        if let Err(why) = self.driver.run(&scenario, case.aim(event)) {
            return format!("unsupported: {why}");
        }
        let Some(trace) = self.driver.trace() else { return String::new() };
        let noted = trace.entries().iter().filter(|entry| entry.event >= event);
        let first = noted.flat_map(|entry| entry.note.split([';', ':', ' '])).find(|word| !word.is_empty());
        let Some(first) = first else { return "-".to_owned() };
        let state = case.aim(event).map(|aim| aim.state);
        let rows = || by_name(first).map(rule);
        let row = rows().find(|row| state.is_some_and(|state| row.states.has(state))).or(rows().next());
        match row {
            Some(row) => format!("{:<6} {first} ({})", row.level.name(), row.cite),
            None => first.to_owned(),
        }
    }
}
