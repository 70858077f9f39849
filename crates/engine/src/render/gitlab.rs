//! GitLab's report of code quality.
//!
//! Upstream: GitLab docs, *Code Quality*, *Import code quality results*: an array of issues.

use serde_json::{Value, json};

use crate::finding::Severity;
use crate::render::{Redactor, Told, extent, fingerprints};

/// The report of all findings that are about a file.
pub fn report(told: &[Told<'_>]) -> Value {
    let issues = told.iter().flat_map(|told| {
        let redactor = Redactor::new(told.tree);
        let findings = &told.report.findings;
        let numbered = findings.iter().zip(fingerprints(findings, told.tree));
        numbered.filter_map(move |(finding, fingerprint)| {
            let path = told.path(finding.primary.place.path()?);
            let [line, _, end_line, _] = extent(&finding.primary.place, told.tree);
            Some(json!({
                "description": redactor.mask(&finding.message),
                "check_name": finding.rule.id(),
                // Two apps may have the same line.
                "fingerprint": format!("{}{fingerprint}", prefix(told)),
                "severity": match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Note => "info",
                },
                "location": { "path": path, "lines": { "begin": line, "end": end_line } },
            }))
        })
    });
    issues.collect()
}

fn prefix(told: &Told<'_>) -> String {
    match told.prefix {
        "" => String::new(),
        app => format!("{app}:"),
    }
}
