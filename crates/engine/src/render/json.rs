//! Reports as JSON: fields may be added, never removed or renamed.

use serde_json::{Value, json};

use crate::change::Changes;
use crate::finding::{Finding, Fix, Label, Severity, Suppressed};
use crate::posture::Side;
use crate::render::{Redactor, Told, extent, files, fingerprints};
use crate::tree::{Path, Tree};

/// The version that every JSON document of the program begins with.
pub const VERSION: u32 = 1;

/// A report of `check`. What is of one of several apps says of which.
pub fn report(told: &[Told<'_>]) -> Value {
    let with_app = |told: &Told<'_>, values: Vec<Value>| {
        let prefix = told.prefix.to_owned();
        values.into_iter().map(move |mut value| {
            if !prefix.is_empty() {
                value["app"] = prefix.clone().into();
            }
            value
        })
    };
    let all = |values: &dyn Fn(&Told<'_>) -> Vec<Value>| -> Vec<Value> {
        let each = told.iter();
        each.flat_map(|told| with_app(told, values(told))).collect()
    };
    let count = |severity| -> usize { told.iter().map(|told| told.report.count(severity)).sum() };
    json!({
        "version": VERSION,
        "findings": all(&|told| findings(&told.report.findings, told.tree)),
        "suppressed": all(&|told| findings(&told.report.suppressed, told.tree)),
        "summary": {
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "notes": count(Severity::Note),
            "files": files(told),
        },
        "posture": all(&|told| posture(told.posture, told.tree)),
    })
}

fn posture(sides: &[Side], tree: &Tree) -> Vec<Value> {
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

/// Findings, as a report has them.
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
    let suppressed = match &finding.suppressed {
        Some(Suppressed::Allowed { reason, place }) => {
            let reason = reason.as_ref().map(|reason| redactor.mask(reason));
            (reason, Some(place.describe(tree)))
        }
        Some(Suppressed::Baseline) => (None, Some("the baseline".to_owned())),
        None => (None, None),
    };
    json!({
        "rule": finding.rule.id(),
        "aliases": meta.aliases,
        "severity": finding.severity.word(),
        "consequence": finding.consequence.word(),
        "layer": finding.layer.word(),
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
        "snippet": finding.snippet.as_ref().map(|lines| redactor.mask(lines)),
        "fix": finding.fix.as_ref().map(|fix| self::fix(fix, tree, redactor)),
        "fingerprint": fingerprint,
        "destinations": finding.destinations,
        "suppressed": finding.suppressed.is_some(),
        "reason": suppressed.0,
        "allowed_by": suppressed.1,
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

/// A fix, with the diffs of what it changes.
pub(super) fn fix(fix: &Fix, tree: &Tree, redactor: &Redactor) -> Value {
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

/// How large an image will be, by its parts.
pub fn estimate(estimate: &crate::plan::Estimate) -> Value {
    let components: Vec<_> = estimate
        .components
        .iter()
        .map(|component| {
            json!({
                "name": component.name,
                "bytes": component.bytes,
                "advice": component.advice,
            })
        })
        .collect();
    json!({
        "bytes": estimate.bytes(),
        "budget": estimate.budget(),
        "components": components,
        "not_counted": estimate.not_counted,
    })
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
