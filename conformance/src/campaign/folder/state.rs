//! What a folder remembers of its campaign, as a text of lines.
//!
//! ```text
//! lastack campaign 1
//! target segments
//! stack smoltcp 0.14.0
//! executions 120000
//! seconds 1.250
//! found - 4711 0.120 55 SYN-IN-WINDOW.missing-reply.SYN.new.scn SYN-IN-WINDOW:missing-reply:SYN:new
//! ```
//!
//! `found`: which stack (`0`, `1`, `-` for neither), the execution and the second that showed it first, how many
//! executions did, its file, its signature. There are as many `stack` lines as the target has stacks.

use core::fmt;
use core::str::FromStr;

use super::super::Target;

/// The version that is written; others are not read.
const VERSION: u32 = 1;

/// What a folder remembers.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    /// What is fuzzed.
    pub target: Target,
    /// Name and version of its stacks; none of a target without stacks.
    pub stacks: Vec<String>,
    /// Executions in all.
    pub executions: u64,
    /// Seconds in all.
    pub seconds: f64,
    /// Findings.
    pub findings: Vec<Remembered>,
}

/// What is remembered of a finding.
#[derive(Clone, PartialEq, Debug)]
pub struct Remembered {
    /// Which stack.
    pub stack: Option<usize>,
    /// As it prints.
    pub signature: String,
    /// The execution that showed it first, and the second in which that was.
    pub first: (u64, f64),
    /// Executions that showed it.
    pub count: u64,
    /// Its file in `findings/`.
    pub file: String,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "lastack campaign {VERSION}\ntarget {}", self.target.name())?;
        self.stacks.iter().try_for_each(|stack| writeln!(f, "stack {stack}"))?;
        writeln!(f, "executions {}\nseconds {:.3}", self.executions, self.seconds)?;
        for known in &self.findings {
            let Remembered { stack, signature, first, count, file } = known;
            let stack = stack.map_or_else(|| "-".to_owned(), |stack| stack.to_string());
            writeln!(f, "found {stack} {} {:.3} {count} {file} {signature}", first.0, first.1)?;
        }
        Ok(())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<State, String> {
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        match lines.next().and_then(|(_, line)| line.strip_prefix("lastack campaign ")) {
            Some(version) if version == VERSION.to_string() => {}
            Some(version) => {
                return Err(format!("line 1: version {version:?}; this lastack reads version {VERSION}"));
            }
            None => return Err("line 1: it does not begin with `lastack campaign 1`".to_owned()),
        }
        let mut state =
            State { target: Target::Wire, stacks: vec![], executions: 0, seconds: 0.0, findings: vec![] };
        let mut named = false;
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let wrong = |what: &str| format!("line {at}: {rest:?} is no {what}");
            match word {
                "target" => {
                    state.target = Target::from_name(rest).ok_or_else(|| wrong("target"))?;
                    named = true;
                }
                "stack" => state.stacks.push(rest.to_owned()),
                "executions" => state.executions = rest.parse().map_err(|_| wrong("number"))?,
                "seconds" => state.seconds = seconds(rest).ok_or_else(|| wrong("time in seconds"))?,
                "found" => state.findings.push(found(rest).ok_or_else(|| wrong("finding"))?),
                _ => return Err(format!("line {at}: no line of a campaign begins with {word:?}")),
            }
        }
        if !named {
            return Err("it names no target".to_owned());
        }
        Ok(state)
    }
}

fn seconds(text: &str) -> Option<f64> {
    text.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
}

fn found(text: &str) -> Option<Remembered> {
    let mut words = text.splitn(6, ' ');
    let stack = match words.next()? {
        "-" => None,
        number => Some(number.parse().ok().filter(|stack| *stack < 2)?),
    };
    let first = (words.next()?.parse().ok()?, seconds(words.next()?)?);
    let count = words.next()?.parse().ok()?;
    let file = words.next()?.to_owned();
    // It is joined to the folder's path: no way out of it.
    if file.contains(['/', '\\']) || file.starts_with('.') {
        return None;
    }
    Some(Remembered { stack, signature: words.next()?.to_owned(), first, count, file })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
lastack campaign 1
target worlds
stack smoltcp 0.14.0
stack model 9293
executions 120000
seconds 1.250
found 0 4711 0.120 55 A.scn SYN-IN-WINDOW:missing-reply:SYN:new
found - 1 0.000 1 B.scn NO-DEADLOCK:property:time:no-ack
";

    #[test]
    fn a_state_is_read_as_it_is_written() {
        let state: State = TEXT.parse().expect("a state");
        assert_eq!(state.to_string(), TEXT);
        assert_eq!(state.findings[1].stack, None);
    }

    /// Whatever is broken is said with its line, and nothing panics.
    #[test]
    fn broken_states_say_where() {
        let cases = [
            ("", "line 1: it does not begin"),
            ("lastack campaign 2\n", "version \"2\"; this lastack reads version 1"),
            ("lastack campaign 1\n", "it names no target"),
            ("lastack campaign 1\ntarget words\n", "line 2: \"words\" is no target"),
            ("lastack campaign 1\ntarget wire\nexecutions -1\n", "line 3: \"-1\" is no number"),
            ("lastack campaign 1\ntarget wire\nseconds inf\n", "line 3"),
            ("lastack campaign 1\ntarget wire\nfound 0 1 0 1 ../x A\n", "line 3"),
            ("lastack campaign 1\ntarget wire\nfound 7 1 0 1 x A\n", "line 3"),
            ("lastack campaign 1\ntarget wire\nnonsense\n", "begins with \"nonsense\""),
        ];
        for (text, hint) in cases {
            let why = text.parse::<State>().expect_err(text);
            assert!(why.contains(hint), "{why}");
        }
        for end in 0..TEXT.len() {
            let _ = TEXT[..end].parse::<State>();
        }
    }
}
