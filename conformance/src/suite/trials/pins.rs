//! What a stack is known to do, as a file that people read in a diff: a trial a line.
//!
//! `established/SYN@middle fail inconclusive=2 SYN-IN-WINDOW:missing-reply:SYN:no-ack`

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::verdict::Verdict;

const VERDICTS: [Verdict; 7] = [
    Verdict::Pass,
    Verdict::Allowed,
    Verdict::NonStrict,
    Verdict::Fail,
    Verdict::Unsupported,
    Verdict::Waived,
    Verdict::Inconclusive,
];
const INCONCLUSIVE: &str = "inconclusive=";

/// What a trial comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pin {
    /// The worst of its scenarios.
    pub verdict: Verdict,
    /// Scenarios without a verdict.
    pub inconclusive: u64,
    /// Signatures in print.
    pub signatures: BTreeSet<String>,
}

impl Pin {
    /// `fail with 3 signatures`.
    pub fn summary(&self) -> String {
        let mut text = format!("{} with {} signatures", self.verdict, self.signatures.len());
        if self.inconclusive > 0 {
            text += &format!(", {} scenarios without a verdict", self.inconclusive);
        }
        text
    }
}

/// Verdict, scenarios without one, signatures: what follows the trial's name in its line.
impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verdict.name())?;
        if self.inconclusive > 0 {
            write!(f, " {INCONCLUSIVE}{}", self.inconclusive)?;
        }
        self.signatures.iter().try_for_each(|signature| write!(f, " {signature}"))
    }
}

/// Every trial's pin, by its name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pins {
    pins: BTreeMap<String, Pin>,
}

/// Why a file of pins cannot be read.
#[derive(Debug)]
pub struct PinError {
    file: String,
    line: usize,
    why: String,
}

impl fmt::Display for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.why)
    }
}

impl std::error::Error for PinError {}

impl Pins {
    /// The pins of a file; none when there is no such file yet.
    ///
    /// # Errors
    /// The first line that cannot be read.
    pub fn read(path: &Path) -> Result<Pins, PinError> {
        let error = |line, why| PinError { file: path.display().to_string(), line, why };
        match std::fs::read_to_string(path) {
            Ok(text) => Pins::parse(&text).map_err(|(line, why)| error(line, why)),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(Pins::default()),
            Err(why) => Err(error(0, why.to_string())),
        }
    }

    /// The pins in a text, or the number of the first line that cannot be read and the reason.
    ///
    /// # Errors
    /// Line and reason.
    pub fn parse(text: &str) -> Result<Pins, (usize, String)> {
        let mut pins = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace().peekable();
            let Some(name) = words.next() else { continue };
            let verdict = words.next().and_then(|word| VERDICTS.into_iter().find(|v| v.name() == word));
            let Some(verdict) = verdict else {
                return Err((number, format!("no verdict follows the trial {name}")));
            };
            let mut inconclusive = 0;
            if let Some(count) = words.peek().and_then(|word| word.strip_prefix(INCONCLUSIVE)) {
                let Ok(count) = count.parse() else {
                    return Err((number, format!("{INCONCLUSIVE}{count} is no number")));
                };
                inconclusive = count;
                words.next();
            }
            let pin = Pin { verdict, inconclusive, signatures: words.map(str::to_owned).collect() };
            if pins.insert(name.to_owned(), pin).is_some() {
                return Err((number, format!("the trial {name} is pinned twice")));
            }
        }
        Ok(Pins { pins })
    }

    /// What a trial is pinned as.
    pub fn get(&self, name: &str) -> Option<&Pin> {
        self.pins.get(name)
    }

    /// Every trial and its pin, by name.
    pub fn each(&self) -> impl Iterator<Item = (&str, &Pin)> {
        self.pins.iter().map(|(name, pin)| (name.as_str(), pin))
    }

    /// Pins a trial.
    pub fn set(&mut self, name: &str, pin: Pin) {
        self.pins.insert(name.to_owned(), pin);
    }

    /// Forgets the trials that `is_one` does not know; returns their names.
    pub fn keep(&mut self, is_one: impl Fn(&str) -> bool) -> Vec<String> {
        let stale: Vec<String> = self.pins.keys().filter(|name| !is_one(name)).cloned().collect();
        self.pins.retain(|name, _| is_one(name));
        stale
    }

    /// The file; `stack` is name and version.
    pub fn print(&self, stack: &str) -> String {
        let mut text = HEADER.replace("{stack}", stack);
        for (name, pin) in &self.pins {
            text += &format!("{name} {pin}\n");
        }
        text
    }

    /// Writes the file.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, path: &Path, stack: &str) -> std::io::Result<()> {
        std::fs::write(path, self.print(stack))
    }
}

const HEADER: &str = "\
# What {stack} does in the cell suite of lastack: trial, worst verdict, signatures.
# A signature is RULE:kind:event:acknowledgment; `lastack explain RULE` says what the rule wants.
#
# Never edit a line by hand. `LASTACK_UPDATE=1 cargo test --test conformance` writes the file; read the diff,
# and commit it when every changed line is meant.

";
