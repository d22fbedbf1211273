//! `why`: the lessons.

use core::fmt::Write as _;
use std::time::Instant;

use super::args::Why;
use super::console;
use super::exit::{self, Failure};
use crate::lesson::{self, UNBROKEN, Variant, lessons};
use crate::small::{Limits, Properties, Setup, Stack};

/// The name of the search in which nothing is missing.
const WHOLE: &str = "unbroken";
/// States of its short form.
const SHORT: usize = 300_000;
/// Two references are searched in so many states for each hundred of two models: each is a whole TCP.
const REFERENCES: usize = 20;

pub(super) fn why(why: &Why) -> Result<u8, Failure> {
    let Some(name) = &why.lesson else {
        console::print(&list())?;
        return Ok(exit::FINE);
    };
    let told: Vec<_> = lessons().filter(|lesson| name == "all" || lesson.name == name).collect();
    if told.is_empty() && name != WHOLE {
        return Err(Failure::Usage(format!("there is no lesson {name:?}; `why` lists them")));
    }
    for lesson in told {
        let text = lesson::tell(lesson, why.long.is_some());
        let text = text.map_err(|wrong| Failure::Own(format!("{}: {wrong}", lesson.name)))?;
        console::print(&format!("{text}\n"))?;
    }
    if name == WHOLE || name == "all" {
        unbroken(why.long.unwrap_or(SHORT))?;
    }
    Ok(exit::FINE)
}

fn list() -> String {
    let mut out = String::new();
    for lesson in lessons() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:<28} {}", lesson.name, lesson.title);
    }
    let _ = writeln!(out, "{WHOLE:<28} With every rule in place nothing breaks: a small world, searched");
    out
}

/// A small world with every rule in place, of two models and of two references.
fn unbroken(states: usize) -> Result<(), Failure> {
    console::print(
        "open, send, close at both ends; two losses, a copy, two timers of each end, an old SYN, any order\n",
    )?;
    let models = UNBROKEN.setup(&Variant::default()).map_err(Failure::Own)?;
    search("two models", &models, states)?;
    #[cfg(feature = "reference")]
    search("two references", &UNBROKEN.references(), states / 100 * REFERENCES)?;
    Ok(())
}

fn search<S: Stack>(who: &str, setup: &Setup<S::Config, S>, states: usize) -> Result<(), Failure> {
    let limits = Limits { states, depth: usize::MAX, watch: Properties::ALL };
    let began = Instant::now();
    let counts = lesson::unbroken(setup, limits).map_err(Failure::Own)?;
    let seconds = began.elapsed().as_secs_f64();
    let [a, b, segments] = counts.kept;
    console::print(&format!(
        "\n{who}: no property is broken\n  {} states, {} transitions, depth {}{}; {} left out for want of room\n  \
         {a} different As, {b} different Bs, {segments} different segments\n  \
         {seconds:.1} s, {:.0} states a second, {:.0} MB\n",
        counts.states,
        counts.transitions,
        counts.depth,
        if counts.whole { ", the whole world" } else { ", and more beyond" },
        counts.left_out,
        counts.states as f64 / seconds.max(1e-9),
        counts.octets as f64 / 1e6,
    ))?;
    Ok(())
}
