//! `why`: the lessons.

use core::fmt::Write as _;
use std::time::Instant;

use super::args::Why;
use super::console;
use super::exit::{self, Failure};
use crate::lesson::{self, UNBROKEN, lessons};
use crate::small::{Limits, Properties};

/// The name of the search in which nothing is missing.
const WHOLE: &str = "unbroken";
/// States of its short form.
const SHORT: usize = 300_000;

pub(super) fn why(why: &Why) -> Result<u8, Failure> {
    let Some(name) = &why.lesson else {
        console::print(&list())?;
        return Ok(exit::FINE);
    };
    if name == WHOLE {
        return whole(why.long.unwrap_or(SHORT));
    }
    let told: Vec<_> = lessons().filter(|lesson| name == "all" || lesson.name == name).collect();
    if told.is_empty() {
        return Err(Failure::Usage(format!("there is no lesson {name:?}; `why` lists them")));
    }
    for lesson in told {
        let text = lesson::tell(lesson).map_err(|wrong| Failure::Own(format!("{}: {wrong}", lesson.name)))?;
        console::print(&format!("{text}\n"))?;
    }
    Ok(exit::FINE)
}

fn list() -> String {
    let mut out = String::new();
    for lesson in lessons() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:<24} {}", lesson.name, lesson.title);
    }
    let _ = writeln!(out, "{WHOLE:<24} With every rule in place nothing breaks: a small world, searched");
    out
}

/// A small world with every rule in place.
fn whole(states: usize) -> Result<u8, Failure> {
    let limits = Limits { states, depth: usize::MAX, watch: Properties::ALL };
    let began = Instant::now();
    let counts = lesson::unbroken(&UNBROKEN, limits).map_err(Failure::Own)?;
    let seconds = began.elapsed().as_secs_f64();
    let [a, b, segments] = counts.kept;
    console::print(&format!(
        "two models: open, send, close at both ends; two losses, a copy, two timers each, an old SYN\n\
         {} states, {} transitions, depth {}{}; {} left out for want of room in flight\n\
         {a} different As, {b} different Bs, {segments} different segments\n\
         {seconds:.1} s, {:.0} states per second; {:.0} MB\n\
         no property is broken\n",
        counts.states,
        counts.transitions,
        counts.depth,
        if counts.whole { ", the whole world" } else { "" },
        counts.left_out,
        counts.states as f64 / seconds.max(1e-9),
        counts.octets as f64 / 1e6,
    ))?;
    Ok(exit::FINE)
}
