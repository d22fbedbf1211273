//! A lesson as text.

use core::fmt::Write as _;

use super::list::{Kind, Lesson};
use super::searches::Search;
use super::world::Variant;
use crate::small::{
    self, Action, Counts, Found, Limits, Machine, Modelled, Properties, Property, Setup, Stack, State,
    retrace, search, segments, tell_to_the_end,
};
use crate::table::{RuleId, by_name, print, rule};

/// No line of prose is longer.
const WIDTH: usize = 100;
/// The worlds of lessons are smaller than this.
const STATES: usize = 2_000_000;

/// One lesson, told; what is measured in its short form or in its long one.
///
/// # Errors
/// The lesson is wrong: a rule that there is not, or nothing breaks, or something breaks with the rule in place.
pub fn tell(lesson: &Lesson, long: bool) -> Result<String, String> {
    let mut out = format!("{}: {}\n\n", lesson.name, lesson.title);
    paragraph(&mut out, "Textbooks", lesson.says);
    match lesson.kind {
        Kind::Search(it) => {
            for name in it.rules {
                for id in by_name(name) {
                    paragraph(&mut out, "Rule", &row(id));
                }
            }
            paragraph(&mut out, "Without it", lesson.without);
            paragraph(&mut out, "Then", lesson.tells);
            told_by_search(&mut out, it)?;
        }
        Kind::Fair(world) => {
            paragraph(&mut out, "In fact", lesson.tells);
            let setup = world.setup(&Variant::default())?;
            let (mut machine, first) = Machine::new(&setup);
            out.push('\n');
            out.push_str(&tell_to_the_end(&mut machine, first, &[]));
        }
        #[cfg(feature = "reference")]
        Kind::Demonstration(scenes) => {
            paragraph(&mut out, "In fact", lesson.tells);
            super::play::play(&mut out, scenes)?;
        }
        #[cfg(feature = "reference")]
        Kind::Measurement(measure) => {
            paragraph(&mut out, "In fact", lesson.tells);
            out.push('\n');
            out.push_str(&measure(long));
        }
    }
    Ok(out)
}

/// A row as one line: name, states, condition, what is sent, done, told, where it leads, whence.
fn row(id: RuleId) -> String {
    let row = rule(id);
    let states: Vec<&str> = row.states.iter().map(|state| state.name()).collect();
    let effects: Vec<&str> = row.effects.iter().map(|effect| effect.name()).collect();
    let when = match print::when(row) {
        when if when.is_empty() => row.event.to_string(),
        when => when,
    };
    let mut parts = vec![format!("{} in {}: {when}", row.name, states.join(", "))];
    parts.push(format!("sends {}", row.reply.name()));
    if !effects.is_empty() {
        parts.push(effects.join(", "));
    }
    parts.push(match row.next {
        crate::table::Next::Stay => "the state stays".to_owned(),
        next => format!("to {next}"),
    });
    format!("{} ({})", parts.join("; "), row.cite)
}

fn told_by_search(out: &mut String, it: &Search) -> Result<(), String> {
    let setup = it.world.setup(&it.without)?;
    let watch = Properties::of(it.breaks);
    let limits = Limits { states: STATES, depth: usize::MAX, watch };
    let (found, mut machine, first) = search(&setup, limits);
    let Found { counts, broken: Some((property, path)) } = found else {
        return Err(format!("{} does not break", it.breaks));
    };
    let shown = match property.is_liveness() {
        true => tell_to_the_end(&mut machine, first, &path),
        false => small::tell(&mut machine, first, &path),
    };
    out.push('\n');
    out.push_str(&shown);
    out.push('\n');
    paragraph(out, "Broken", &format!("{property}: {}", property.asks()));
    let length = match segments(&path) {
        0 => "nothing is lost".to_owned(),
        1 => "one segment".to_owned(),
        n => format!("{n} segments"),
    };
    let states = match counts.states {
        1 => "one state".to_owned(),
        n => format!("{n} states"),
    };
    paragraph(out, "Found", &format!("by a search of {states}; there is no shorter way ({length})"));
    if segments(&path) > it.known {
        return Err(format!("{length}, and {} are known to be enough", it.known));
    }
    with_the_rule(out, it, &path, (machine, first))
}

/// The same world with the rule, searched whole; and the same script in it.
fn with_the_rule(
    out: &mut String,
    it: &Search,
    path: &[Action],
    (mut old, old_first): (Machine<'_, Modelled>, State),
) -> Result<(), String> {
    let setup = it.world.setup(&it.with)?;
    let limits = Limits { states: STATES, depth: usize::MAX, watch: it.watched() };
    let (found, mut machine, first) = search(&setup, limits);
    if let Some((property, path)) = found.broken {
        let shown = tell_to_the_end(&mut machine, first, &path);
        return Err(format!("{property} breaks with the rule in place:\n{shown}"));
    }
    if !found.counts.whole {
        return Err(format!("more than {STATES} states with the rule in place"));
    }
    let same = retrace((&mut old, old_first), (&mut machine, first), path);
    out.push_str("\nThe same with the rule in place:\n\n");
    out.push_str(&tell_to_the_end(&mut machine, first, &same));
    out.push('\n');
    let states = found.counts.states;
    paragraph(
        out,
        "Whole",
        &format!("this world has {states} states with the rule, and none breaks anything"),
    );
    Ok(())
}

/// Prose behind a heading.
pub(super) fn paragraph(out: &mut String, head: &str, text: &str) {
    let lines = crate::trace::ladder::wrap(text, WIDTH - 12);
    for (i, line) in lines.iter().enumerate() {
        let head = if i == 0 { head } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{head:<12}{line}");
    }
}

impl Search {
    /// What must hold with the rule in place: everything, save what the world itself gives up.
    pub fn watched(&self) -> Properties {
        let fixed = crate::model::Edit::Habit(crate::model::Habit::FixedIss);
        let all = Properties::ALL;
        if self.with.edits.contains(&fixed) { all.without(Property::S13) } else { all }
    }
}

/// A search of a small world in which every rule is in place.
///
/// # Errors
/// Something breaks: which property, and how.
pub fn unbroken<S: Stack>(setup: &Setup<S::Config, S>, limits: Limits) -> Result<Counts, String> {
    let (found, mut machine, first) = search(setup, limits);
    match found.broken {
        Some((property, path)) => {
            Err(format!("{property} breaks:\n{}", tell_to_the_end(&mut machine, first, &path)))
        }
        None => Ok(found.counts),
    }
}
