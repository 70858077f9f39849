//! Annotations of GitHub Actions: a workflow command for each finding.
//!
//! Upstream: GitHub docs, *Workflow commands for GitHub Actions*, `error`, `warning`, `notice`.

use crate::finding::{Finding, Severity};
use crate::render::text::printable;
use crate::render::{Redactor, Told, extent};

/// A line for each finding, which the runner makes an annotation of.
pub fn annotations(told: &[Told<'_>]) -> String {
    told.iter()
        .flat_map(|told| {
            let redactor = Redactor::new(told.tree);
            let findings = told.report.findings.iter();
            findings.map(move |finding| annotation(finding, told, &redactor))
        })
        .collect()
}

fn annotation(finding: &Finding, told: &Told<'_>, redactor: &Redactor) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let [line, column, end_line, end_column] = extent(&finding.primary.place, told.tree);
    let mut properties = Vec::new();
    if let Some(path) = finding.primary.place.path() {
        properties.push(format!("file={}", property(&told.path(path))));
        properties.push(format!("line={line},endLine={end_line}"));
        // Columns are taken on one line only.
        if line == end_line {
            properties.push(format!("col={column},endColumn={end_column}"));
        }
    }
    properties.push(format!("title={}", property(&finding.rule.id())));
    let lines: Vec<String> = [&finding.message, &finding.help]
        .into_iter()
        .filter(|line| !line.is_empty())
        .map(|line| data(&printable(&redactor.mask(line))))
        .collect();
    format!(
        "::{command} {}::{}\n",
        properties.join(","),
        lines.join("%0A")
    )
}

/// A text on one line in which nothing is a code of the runner's.
fn data(text: &str) -> String {
    text.replace('%', "%25")
}

/// The same for a property, which more would end.
fn property(text: &str) -> String {
    data(&printable(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}
