//! The report as JUnit XML: a suite a stack, a case for each state and kind of event, and one for each
//! finding. What fails is a finding that fails and is not waived; so the number of failures is the number
//! of findings, not of cells.

use quick_junit::{NonSuccessKind, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::{Counts, Finding, Report, StackReport, text};
use crate::verdict::{Signature, Verdict};

/// The XML. No times and no ids: the same run gives the same octets.
///
/// # Errors
/// None is known; the writer may refuse what it cannot put into XML.
pub fn render(report: &Report, command: &str) -> Result<String, SerializeError> {
    let mut out = quick_junit::Report::new("lastack");
    for stack in &report.stacks {
        out.add_test_suite(suite(stack, command));
    }
    out.to_string()
}

fn suite(stack: &StackReport, command: &str) -> TestSuite {
    let mut suite = TestSuite::new(stack.label());
    for ((state, kind), counts) in &stack.matrix {
        let mut case = TestCase::new(format!("{state} {kind}"), status_of(counts));
        case.set_classname(format!("{}.cells", stack.folder()));
        let figures: Vec<String> = figures(counts);
        case.set_system_out(figures.join(", "));
        suite.add_test_case(case);
    }
    for (signature, finding) in &stack.findings {
        suite.add_test_case(case(stack, signature, finding, command));
    }
    suite
}

/// Cells never fail here, their findings do; those that were not checked at all are skipped.
fn status_of(counts: &Counts) -> TestCaseStatus {
    if counts.unsupported + counts.inconclusive == counts.total() {
        TestCaseStatus::skipped()
    } else {
        TestCaseStatus::success()
    }
}

fn figures(counts: &Counts) -> Vec<String> {
    let some = counts.each().into_iter().filter(|(_, count)| *count > 0);
    some.map(|(verdict, count)| format!("{count} {verdict}")).collect()
}

fn case(stack: &StackReport, signature: &Signature, finding: &Finding, command: &str) -> TestCase {
    let mut status = match (&finding.waived, finding.verdict) {
        (Some(_), _) => TestCaseStatus::skipped(),
        (None, Verdict::Fail) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        (None, _) => TestCaseStatus::success(),
    };
    match &finding.waived {
        Some(accepted) => {
            status.set_message(format!("{}: {}", accepted.title, accepted.reason));
        }
        None => {
            let (want, got) = (&finding.example.want, &finding.example.got);
            status.set_message(format!("wants {want}; came {got}"));
            status.set_type(signature.kind.name());
            status.set_description(text::finding(stack, signature, finding, command));
        }
    }
    let mut case = TestCase::new(signature.to_string(), status);
    case.set_classname(format!("{}.findings", stack.folder()));
    case
}
