//! What a stack does in each state, a line an event: what people read and compare.
//!
//! From the plainest way into the state, one event each: segments, calls, timers. A line says what the
//! stack sent, where it says it is then, and how the oracle judges what followed under all three tails.
//! Numbers are relative to the connection's variables just before the event.

mod pick;

use std::collections::{BTreeMap, BTreeSet};

use lastack_core::types::wire;
use lastack_core::types::{Instant, Segment, SeqNum, State};

use super::cells::{Cell, CrossIn};
use super::events::Aim;
use super::run::cross_in;
use super::tails::Tail;
use crate::driver::{self, Driver};
use crate::reach::{Way, is_plainest, ways};
use crate::resolve::View;
use crate::scenario::Event;
use crate::subject::{Factory, IpVersion, Outcome};
use crate::trace::{Direction, Happening, Trace};
use crate::verdict::{Signature, Verdict};

/// One event in one state.
#[derive(Clone, Debug)]
pub struct Line {
    /// The event's name, as in a cell's.
    pub event: String,
    /// What the call came to, and what the stack sent, in the RFC's expressions.
    pub does: String,
    /// Where the stack says it is; `None` where it says nothing.
    pub to: Option<State>,
    /// Whether the text itself fits, or a licence.
    pub fits: Verdict,
    /// What differs in the event, or in what follows from it.
    pub findings: BTreeMap<Signature, Finding>,
    /// Why there is no verdict.
    pub inconclusive: Option<String>,
}

/// A difference and how the event is connected with it.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// The worst seen.
    pub verdict: Verdict,
    /// It is charged to the event itself, not to something later.
    pub own: bool,
}

impl Line {
    /// What the oracle says of the event, and of what followed from it.
    pub fn verdict(&self) -> Verdict {
        self.findings.values().map(|finding| finding.verdict).max().unwrap_or(self.fits)
    }
}

/// All lines of a state.
#[derive(Clone, Debug)]
pub struct Transitions {
    /// `smoltcp 0.14.0 over IPv4`.
    pub stack: String,
    /// The state.
    pub state: State,
    /// The way into it.
    pub way: &'static str,
    /// Line by line.
    pub lines: Vec<Line>,
}

/// Runs every event of the trace in every state, each reached by its plainest way.
pub fn transitions(factory: &dyn Factory, ip: IpVersion) -> Vec<Transitions> {
    let mut driver = Driver::new(factory);
    driver.record();
    let stack = driver.description();
    let ip_words = if ip == IpVersion::V4 { "IPv4" } else { "IPv6" };
    let stack = format!("{} {} over {ip_words}", stack.name, stack.version);
    let run = cross_in(driver.description(), ip, 0);
    let mut all = Vec::new();
    for state in State::ALL {
        let plainest = (0..ways().len()).find(|i| is_plainest(*i) && ways()[*i].state == state);
        let Some(index) = plainest else { continue };
        let way = &ways()[index];
        let mut desk = Desk { driver: &mut driver, run, index, way };
        let lines = pick::aims(way).into_iter().filter_map(|aim| desk.line(aim)).collect();
        all.push(Transitions { stack: stack.clone(), state, way: way.name, lines });
    }
    forget_strangers(&mut all);
    all
}

/// A finding that only shows after the event is left out where it is another line's own: the tail has met
/// it on its way, and the event is not to blame.
fn forget_strangers(all: &mut [Transitions]) {
    let lines = || all.iter().flat_map(|state| &state.lines);
    let own: BTreeSet<Signature> =
        lines().flat_map(|line| &line.findings).filter(|(_, f)| f.own).map(|(s, _)| *s).collect();
    for line in all.iter_mut().flat_map(|state| &mut state.lines) {
        line.findings.retain(|signature, finding| finding.own || !own.contains(signature));
    }
}

/// What is needed for one line.
struct Desk<'d, 'f> {
    driver: &'d mut Driver<'f>,
    run: CrossIn,
    index: usize,
    way: &'static Way,
}

impl Desk<'_, '_> {
    fn play(&mut self, aim: Aim, tail: Option<Tail>) -> (usize, driver::Summary) {
        let cell = Cell { way: self.index as u16, aim, cross: None, tail: tail.unwrap_or(Tail::Probes) };
        let (mut scenario, event) = cell.scenario(&self.run);
        if tail.is_none() {
            scenario.events.truncate(event + self.events(aim).len());
        }
        let at = driver::Aim { event, handle: self.way.handle, state: self.way.state };
        let summary = self
            .driver
            .run(&scenario, Some(at))
            .unwrap_or_else(|why| driver::Summary { inconclusive: Some(why), ..driver::Summary::default() });
        (event, summary)
    }

    fn events(&self, aim: Aim) -> Vec<Event> {
        aim.events(self.way, self.way.setup.recv_buffer, self.run.times)
    }

    fn line(&mut self, aim: Aim) -> Option<Line> {
        let capabilities = &self.driver.description().capabilities;
        let needs = self.way.needs.and(aim.needs());
        if needs.lacking(capabilities).is_some() {
            return None;
        }
        let events = self.events(aim);
        let mut line = Line {
            event: aim.to_string(),
            does: String::new(),
            to: None,
            fits: Verdict::Pass,
            findings: BTreeMap::new(),
            inconclusive: None,
        };
        // The event alone: its reaction, and whether the text itself fits it.
        let (at, summary) = self.play(aim, None);
        self.reaction(&mut line, &events, at);
        if summary.allowed {
            line.fits = Verdict::Allowed;
        }
        let mut judged = false;
        for tail in Tail::OF_CELLS {
            let (at, summary) = self.play(aim, Some(tail));
            let during = at..at + events.len();
            judged |= summary.verdict() != Verdict::Inconclusive;
            line.inconclusive = line.inconclusive.take().or(summary.inconclusive);
            for difference in summary.finding.iter().chain(&summary.conceded) {
                let own = during.contains(&difference.event);
                let finding = line.findings.entry(difference.signature);
                let finding = finding.or_insert(Finding { verdict: difference.verdict, own });
                finding.verdict = finding.verdict.max(difference.verdict);
                finding.own |= own;
            }
        }
        if !judged {
            line.fits = Verdict::Inconclusive;
        }
        Some(line)
    }

    /// What the stack did at the events under test, which begin at `at`.
    fn reaction(&self, line: &mut Line, events: &[Event], at: usize) {
        let (Some(trace), Some(view)) = (self.driver.trace(), self.driver.view_at_aim()) else { return };
        let during = at..at + events.len();
        let begin = trace.entries().iter().find(|e| e.event >= at).map_or(Instant::ZERO, |e| e.at);
        let start = start_of(trace, at).unwrap_or(begin);
        let mut does = Vec::new();
        let mut sent: Vec<(String, Vec<String>)> = Vec::new();
        let mut stimulus = None;
        for entry in trace.entries() {
            if let Happening::Word { handle, state } = entry.what
                && handle == self.way.handle
                && entry.event < during.end
            {
                line.to = Some(state);
            }
            if !during.contains(&entry.event) {
                continue;
            }
            match entry.what {
                Happening::Call { outcome, .. } => does.push(outcome_text(outcome)),
                Happening::Packet { direction, .. } => {
                    let Ok(segment) = wire::parse(trace.packet(entry)) else { continue };
                    if direction == Direction::ToStack {
                        stimulus = Some((segment.header.ack, segment.end()));
                        continue;
                    }
                    let text = relative(&segment, &view, stimulus);
                    let when = entry.at.since(start).to_string();
                    match sent.iter_mut().find(|(same, _)| *same == text) {
                        Some((_, times)) => times.push(when),
                        None => sent.push((text, vec![when])),
                    }
                }
                _ => {}
            }
        }
        does.extend(sent.into_iter().map(|(text, times)| with_times(text, &times)));
        line.does = if does.is_empty() { "nothing".to_owned() } else { does.join(" ") };
    }
}

/// When the event before `at` was over.
fn start_of(trace: &Trace, at: usize) -> Option<Instant> {
    trace.entries().iter().rev().find(|e| e.event < at).map(|e| e.at)
}

fn outcome_text(outcome: Outcome) -> String {
    match outcome {
        Outcome::InState(state) => format!("says {state}"),
        Outcome::Octets(octets) => format!("{octets} octets"),
        other => format!("{other:?}"),
    }
}

/// Times in seconds, left out where the answer came at once.
fn with_times(text: String, times: &[String]) -> String {
    const SHOWN: usize = 7;
    if times.iter().all(|time| time == "0.000") {
        let count = times.len();
        return if count == 1 { text } else { format!("{text} x{count}") };
    }
    let short = |time: &String| time.trim_end_matches('0').trim_end_matches('.').to_owned();
    let mut shown: Vec<String> = times.iter().take(SHOWN).map(short).collect();
    if times.len() > SHOWN {
        shown.push(format!("... {} times", times.len()));
    }
    format!("{text} at {}", shown.join(" "))
}

/// A segment in the RFC's expressions: `<SEQ=SND.NXT><ACK=RCV.NXT+5><CTL=ACK>`.
fn relative(segment: &Segment<'_>, view: &View, stimulus: Option<(SeqNum, SeqNum)>) -> String {
    let h = &segment.header;
    let (seg_ack, seg_end) = stimulus.unwrap_or((view.nxt, view.rcv_nxt));
    let own = [("SND.NXT", view.nxt), ("SND.UNA", view.una), ("SEG.ACK", seg_ack), ("ISS", view.iss)];
    let reset = [("SEG.ACK", seg_ack), ("SND.NXT", view.nxt)];
    let own = if h.flags.rst() && stimulus.is_some() { &reset[..] } else { &own[..] };
    let peer = [("RCV.NXT", view.rcv_nxt), ("SEG.SEQ+SEG.LEN", seg_end)];
    let mut text = format!("<SEQ={}>", expression(h.seq, own));
    if h.flags.ack() {
        text += &format!("<ACK={}>", expression(h.ack, &peer));
    }
    text += &format!("<CTL={}>", h.flags);
    if !segment.text.is_empty() {
        text += &format!("<LEN={}>", segment.text.len());
    }
    if h.window == 0 && !h.flags.rst() {
        text += "<WND=0>";
    }
    text
}

/// The variable that a number is, or is near to.
fn expression(number: SeqNum, variables: &[(&str, SeqNum)]) -> String {
    const NEAR: u32 = 1 << 17;
    if let Some((name, _)) = variables.iter().find(|(_, value)| *value == number) {
        return (*name).to_owned();
    }
    if number.value() == 0 {
        return "0".to_owned();
    }
    match variables.first() {
        Some((name, value)) if number.diff(*value).unsigned_abs() < NEAR => {
            format!("{name}{:+}", number.diff(*value))
        }
        // A number of no meaning to the connection: an ISS just chosen, for one.
        _ => "other".to_owned(),
    }
}

/// A heading, then event, reaction, state, verdict in columns.
impl core::fmt::Display for Transitions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        writeln!(f, "{}: {}, by {}", self.stack, self.state, self.way)?;
        let wide = |text: fn(&Line) -> usize| self.lines.iter().map(text).max().unwrap_or(0);
        let events = wide(|line| line.event.len());
        let does = wide(|line| line.does.len()).min(60);
        for line in &self.lines {
            let to = match line.to {
                Some(state) if state == self.state => "stays".to_owned(),
                Some(state) => state.to_string(),
                None => "?".to_owned(),
            };
            write!(f, "{:events$}  {:does$}  {to:12}  {}", line.event, line.does, line.verdict())?;
            for (signature, finding) in &line.findings {
                // The trigger and relation are those of the line, or follow from it.
                write!(f, " {}:{}", signature.rule, signature.kind.name())?;
                if finding.verdict != line.verdict() {
                    write!(f, " ({})", finding.verdict)?;
                }
            }
            if let Some(why) = line.inconclusive.as_ref().filter(|_| line.verdict() == Verdict::Inconclusive)
            {
                write!(f, " ({why})")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
