//! The report, in the form that is asked for.

use engine::render::{Told, github, gitlab, json, junit, markdown, sarif, text};

use super::Checked;
use crate::arguments::Format;
use crate::error::Error;
use crate::output::Output;

/// Writes what was found.
pub(super) fn print(checked: &[Checked], output: &Output) -> Result<(), Error> {
    let told: Vec<Told<'_>> = checked
        .iter()
        .map(|checked| Told {
            prefix: &checked.subject.prefix,
            folder: &checked.subject.folder,
            report: &checked.report,
            tree: &checked.subject.tree,
            posture: &checked.sides,
        })
        .collect();
    match output.format() {
        Format::Text => print_text(&told, output),
        Format::Json => output.json(&json::report(&told)),
        Format::Sarif => output.json(&sarif::document(&told, env!("CARGO_PKG_VERSION"))),
        Format::Gitlab => output.json(&gitlab::report(&told)),
        Format::Github => output.result(&github::annotations(&told)),
        Format::Junit => output.result(&junit::document(&told)),
        Format::Markdown => output.result(&markdown::summary(&told)),
    }
}

fn print_text(told: &[Told<'_>], output: &Output) -> Result<(), Error> {
    for told in told {
        let findings = &told.report.findings;
        if !told.prefix.is_empty() && !findings.is_empty() {
            output.result(&output.bold(&format!("{}\n", told.prefix)))?;
        }
        output.result(&text::findings(findings, told.tree, output.style()))?;
    }
    if let ([only], false) = (told, output.is_quiet()) {
        output.result(&text::posture(only.posture, only.tree))?;
    }
    output.result(&format!("{}\n", output.bold(&text::summary(told))))
}
