//! XML in the form of `JUnit`, as most CI services read it: a suite for each app, a case for each finding.
//!
//! A rule that found nothing is no case: nobody could say how many rules there were to look.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use crate::finding::{Finding, Severity};
use crate::render::text::printable;
use crate::render::{Redactor, Told};

/// The document. Errors and warnings are failures, notes are not.
///
/// # Panics
///
/// Never: what XML cannot hold is taken out of the texts before.
pub fn document(told: &[Told<'_>]) -> String {
    let mut document = Document::new("seaworthy");
    for told in told {
        let name = if told.prefix.is_empty() {
            "check"
        } else {
            told.prefix
        };
        let redactor = Redactor::new(told.tree);
        let mut suite = TestSuite::new(name);
        let findings = told.report.findings.iter();
        suite.add_test_cases(findings.map(|finding| case(finding, told, &redactor)));
        let suppressed = told.report.suppressed.iter();
        suite.add_test_cases(suppressed.map(|finding| {
            TestCase::new(title(finding, told, &redactor), TestCaseStatus::skipped())
        }));
        document.add_test_suite(suite);
    }
    document
        .to_string()
        .expect("a report of plain texts can be written")
}

fn case(finding: &Finding, told: &Told<'_>, redactor: &Redactor) -> TestCase {
    let status = match finding.severity {
        Severity::Note => TestCaseStatus::success(),
        Severity::Error | Severity::Warning => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type(finding.severity.word())
                .set_message(printable(&redactor.mask(&finding.message)))
                .set_description(printable(&redactor.mask(&finding.help)));
            status
        }
    };
    let mut case = TestCase::new(title(finding, told, redactor), status);
    case.set_classname(finding.rule.id());
    case
}

fn title(finding: &Finding, told: &Told<'_>, redactor: &Redactor) -> String {
    let place = &finding.primary.place;
    let message = printable(&redactor.mask(&finding.message));
    match place.path() {
        Some(path) => {
            let [line, ..] = super::extent(place, told.tree);
            format!("{}:{line}: {message}", told.path(path))
        }
        None => message,
    }
}
