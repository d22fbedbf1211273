//! What ends a scenario or is noted on the way, as differences.

use lastack_core::types::State;

use super::Over;
use super::end::End;
use crate::oracle::Judged;
use crate::subject::{Failure, Subject as _};
use crate::table::Level;
use crate::verdict::{AckRelation, Difference, Kind, Signature, Trigger, Verdict, of_panic};

impl End<'_> {
    /// A stack that has ended or does not answer is a finding; it is made anew for the next scenario.
    pub(super) fn still_there(&mut self) -> Result<(), Over> {
        let Some(failure) = self.subject.failure() else { return Ok(()) };
        let kind = match failure {
            Failure::Panics(_) | Failure::Ends(_) | Failure::Nonsense(_) => Kind::Panic,
            Failure::Hangs(_) | Failure::Floods(_) => Kind::NeverQuiet,
        };
        let want = if matches!(failure, Failure::Panics(_)) { "no panic" } else { "a stack that goes on" };
        let finding = self.own_finding(kind, failure.rule(), want, failure.to_string());
        self.summary.finding = Some(finding);
        Err(Over)
    }

    pub(super) fn judge(&mut self, judged: Judged) -> Result<(), Over> {
        match judged {
            Judged::Fits => Ok(()),
            Judged::Finding(mut difference) => {
                difference.at = self.since_birth(difference.at);
                if let Some(trace) = &mut self.trace {
                    trace
                        .note_last(format_args!("{}: wanted {}", difference.signature.rule, difference.want));
                }
                self.summary.finding = Some(*difference);
                Err(Over)
            }
            Judged::Lost(why) => {
                self.summary.inconclusive = Some(why.to_owned());
                Err(Over)
            }
        }
    }

    pub(super) fn own_finding(&self, kind: Kind, rule: &'static str, want: &str, got: String) -> Difference {
        let words = if rule == "PANIC" { of_panic(&got) } else { "" };
        Difference {
            signature: Signature { kind, trigger: Trigger::Time, relation: AckRelation::Absent, rule, words },
            verdict: Verdict::Fail,
            // No capital keyword says so; yet every rule needs a stack that goes on.
            level: Level::Text,
            cite: "RFC 9293 3.10",
            state: self.oracle.leading().and_then(|h| h.tcbs.last()).map_or(State::Closed, |t| t.state),
            at: self.clock(),
            event: self.event,
            want: want.to_owned(),
            got,
        }
    }

    /// Turns what the monitors caught into differences, one of each in a scenario.
    pub(super) fn collect_breaches(&mut self) {
        for breach in core::mem::take(&mut self.breaches) {
            let info = breach.monitor.info();
            if self.summary.conceded.iter().any(|d| d.signature.rule == info.name) {
                continue;
            }
            let mut difference = self.own_finding(Kind::Monitor, info.name, "", breach.got);
            difference.verdict = info.verdict;
            difference.level = info.level;
            difference.cite = info.cite;
            difference.want = breach.want;
            if let Some(trace) = &mut self.trace {
                trace.note_last(format_args!("{}: wanted {}", info.name, difference.want));
            }
            self.summary.conceded.push(difference);
        }
    }
}
