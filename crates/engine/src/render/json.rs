//! Reports as JSON: fields may be added, never removed or renamed.

use serde_json::{Value, json};

use crate::change::Changes;
use crate::finding::{Finding, Fix, Label, Report, Severity};
use crate::posture::Side;
use crate::render::{Redactor, extent, fingerprints};
use crate::tree::{Path, Tree};

/// The version that every JSON document of the program begins with.
pub const VERSION: u32 = 1;

/// A report of `check`; `files` is how many files were read.
pub fn report(report: &Report, tree: &Tree, files: usize) -> Value {
    json!({
        "version": VERSION,
        "findings": findings(&report.findings, tree),
        "summary": {
            "errors": report.count(Severity::Error),
            "warnings": report.count(Severity::Warning),
            "notes": report.count(Severity::Note),
            "files": files,
        },
    })
}

/// The app's posture.
pub fn posture(sides: &[Side], tree: &Tree) -> Vec<Value> {
    let redactor = Redactor::new(tree);
    sides
        .iter()
        .map(|side| {
            json!({
                "subject": side.subject,
                "closed": side.is_closed,
                "text": redactor.mask(&side.text),
                "origin": side.origin.as_ref().map(|of| origin(of, tree)),
            })
        })
        .collect()
}

/// The findings of a report.
pub fn findings(findings: &[Finding], tree: &Tree) -> Vec<Value> {
    let redactor = Redactor::new(tree);
    findings
        .iter()
        .zip(fingerprints(findings, tree))
        .map(|(finding, fingerprint)| one(finding, &fingerprint, tree, &redactor))
        .collect()
}

fn one(finding: &Finding, fingerprint: &str, tree: &Tree, redactor: &Redactor) -> Value {
    let docs = finding.rule.docs();
    let meta = finding.rule.meta;
    let [line, column, end_line, end_column] = extent(&finding.primary.place, tree);
    json!({
        "rule": finding.rule.id(),
        "aliases": meta.aliases,
        "severity": meta.severity.word(),
        "consequence": meta.consequence.word(),
        "layer": meta.layer.word(),
        "confidence": finding.confidence.word(),
        "message": redactor.mask(&finding.message),
        "why": docs.why,
        "verify": docs.verify,
        "path": finding.primary.place.path().map(Path::as_str),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "related": finding.related.iter().map(|label| related(label, tree, redactor)).collect::<Vec<_>>(),
        "help": redactor.mask(&finding.help),
        "fix": finding.fix.as_ref().map(|fix| self::fix(fix, tree, redactor)),
        "fingerprint": fingerprint,
        "destinations": finding.destinations,
        "suppressed": false,
    })
}

fn related(label: &Label, tree: &Tree, redactor: &Redactor) -> Value {
    let [line, column, ..] = extent(&label.place, tree);
    json!({
        "path": label.place.path().map(Path::as_str),
        "line": line,
        "column": column,
        "text": redactor.mask(&label.text),
    })
}

fn fix(fix: &Fix, tree: &Tree, redactor: &Redactor) -> Value {
    json!({
        "title": redactor.mask(&fix.title),
        "safety": fix.safety.word(),
        "changes": changes(&fix.changes, tree, redactor),
    })
}

/// Changes, each with its diff.
pub fn changes(changes: &Changes, tree: &Tree, redactor: &Redactor) -> Vec<Value> {
    let outcomes = changes.outcomes(tree).unwrap_or_default();
    outcomes
        .iter()
        .map(|outcome| {
            let kind = changes
                .0
                .iter()
                .find(|change| *change.path() == outcome.path);
            json!({
                "path": outcome.path.as_str(),
                "kind": kind.map_or("edit", crate::change::Change::kind),
                "diff": redactor.mask(&outcome.diff()),
            })
        })
        .collect()
}

/// One fact, with the chain that it was worked out from.
pub fn fact(row: &crate::facts::listing::Row, tree: &Tree) -> Value {
    let redactor = Redactor::new(tree);
    json!({
        "name": row.name,
        "state": row.state,
        "value": row.value.as_deref().map(|value| redactor.mask(value)),
        "why": row.why,
        "origin": origin(&row.origin, tree),
    })
}

/// An origin, with the chain that led to it.
pub fn origin(of: &crate::fact::Origin, tree: &Tree) -> Value {
    let [line, column, ..] = extent(&of.place, tree);
    let is_text = matches!(of.place, crate::fact::Place::Text { .. });
    json!({
        "place": of.place.describe(tree),
        "path": of.place.path().map(Path::as_str),
        "line": is_text.then_some(line),
        "column": is_text.then_some(column),
        "why": of.why,
        "from": of.from.iter().map(|from| origin(from, tree)).collect::<Vec<_>>(),
    })
}
