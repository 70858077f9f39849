//! A summary in Markdown, for a pull request or a job's summary.

use std::fmt::Write as _;

use crate::finding::Finding;
use crate::render::text::printable;
use crate::render::{Redactor, Told, extent, text};

/// The summary: how many there are, a table for each app, and why the rules that found something
/// bite.
pub fn summary(told: &[Told<'_>]) -> String {
    let mut page = String::new();
    let all: Vec<&Finding> = told.iter().flat_map(|told| &told.report.findings).collect();
    let _ = writeln!(page, "## seaworthy: {}\n", text::summary(told));
    for told in told.iter().filter(|told| !told.report.findings.is_empty()) {
        if !told.prefix.is_empty() {
            let _ = writeln!(page, "### {}\n", cell(told.prefix));
        }
        page.push_str("| | what | where | what to do |\n|---|---|---|---|\n");
        let redactor = Redactor::new(told.tree);
        for finding in &told.report.findings {
            page.push_str(&row(finding, told, &redactor));
        }
        page.push('\n');
    }
    let mut rules: Vec<_> = all.iter().map(|finding| finding.rule).collect();
    rules.sort_by_key(|rule| rule.id());
    rules.dedup_by_key(|rule| rule.id());
    for rule in rules {
        let docs = rule.docs();
        let _ = writeln!(
            page,
            "<details><summary>{}: {}</summary>\n\n{}\n\n`seaworthy explain {0}` tells all of it.\n\n</details>",
            rule.id(),
            docs.what.replace('\n', " "),
            docs.why_in_short(),
        );
    }
    page
}

fn row(finding: &Finding, told: &Told<'_>, redactor: &Redactor) -> String {
    let place = &finding.primary.place;
    let shown = place.path().map_or_else(String::new, |path| {
        let [line, ..] = extent(place, told.tree);
        format!("`{}:{line}`", told.path(path).replace('`', ""))
    });
    let mut by_hand = String::new();
    for line in finding.snippet.iter().flat_map(|lines| lines.lines()) {
        let _ = write!(by_hand, "<br><code>{}</code>", cell(&redactor.mask(line)));
    }
    format!(
        "| {} | {} ({}) | {shown} | {}{by_hand} |\n",
        finding.severity.word(),
        cell(&redactor.mask(&finding.message)),
        finding.rule.id(),
        cell(&redactor.mask(&finding.help)),
    )
}

/// A text that cannot leave its cell, nor begin a tag.
fn cell(text: &str) -> String {
    printable(text).replace('|', "\\|").replace('<', "&lt;")
}
