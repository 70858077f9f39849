//! Diagnoses, for people and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::diagnose::{Diagnoses, Diagnosis, Heard, Rank, Status};
use crate::finding::Finding;
use crate::render::json::{VERSION, fix};
use crate::render::text::{Style, findings_without_why, printable};
use crate::render::{Redactor, extent};
use crate::rules::Rule;
use crate::tree::Tree;

/// How much of a line is shown.
const SHOWN: usize = 200;

/// The diagnoses, the surest first, and what is noise. `tree` has the app's files; it is empty where there is
/// no app.
pub fn text(diagnoses: &Diagnoses, tree: &Tree, style: Style) -> String {
    let redactor = Redactor::new(tree);
    let mut text = String::new();
    for diagnosis in &diagnoses.all {
        text.push_str(&one(diagnosis, tree, &redactor, style));
        text.push('\n');
    }
    for noise in &diagnoses.noise {
        let place = noise.lines.first().map(place).unwrap_or_default();
        let message = printable(&redactor.mask(&noise.message));
        let _ = writeln!(
            text,
            "no failure: {message} ({place}) [{}]\n",
            noise.signature.id()
        );
    }
    text
}

fn one(diagnosis: &Diagnosis, tree: &Tree, redactor: &Redactor, style: Style) -> String {
    let signature = diagnosis.signature;
    let (bold, plain) = if style.colour {
        ("\u{1b}[1m", "\u{1b}[0m")
    } else {
        ("", "")
    };
    let mut text = format!(
        "{bold}{}: {}{plain} [{}]\n",
        diagnosis.rank.word(),
        printable(&redactor.mask(&diagnosis.message)),
        signature.id()
    );
    for heard in &diagnosis.lines {
        let _ = writeln!(text, "  {}: {}", place(heard), shown(heard, redactor));
    }
    if !diagnosis.findings.is_empty() {
        text.push_str("\nThe app's files say so, too:\n\n");
        text.push_str(&findings_without_why(&diagnosis.findings, tree));
    }
    if diagnosis.findings.is_empty() && diagnosis.rank == Rank::Possible {
        text.push_str(&causes(diagnosis));
    }
    let steps = if diagnosis.findings.is_empty() {
        signature.steps()
    } else {
        Vec::new()
    };
    for (title, items) in [
        ("do", steps),
        ("verify", signature.verify()),
        ("next", signature.next()),
    ] {
        for item in items {
            let _ = writeln!(text, "  = {title}: {}", item.replace('\n', " "));
        }
    }
    let _ = writeln!(text, "  = more: seaworthy explain {}", signature.id());
    text
}

/// What may have caused a symptom; what the app's files do not show, where there is an app.
fn causes(diagnosis: &Diagnosis) -> String {
    let rules: Vec<&Rule> = diagnosis.signature.causes().collect();
    if diagnosis.has_app && !rules.is_empty() {
        let ids: Vec<String> = rules.iter().map(|rule| rule.id()).collect();
        return format!("  = not in the app's files: {}\n", ids.join(", "));
    }
    let each: Vec<String> = rules
        .iter()
        .map(|rule| {
            let what = rule.docs().what.replace('\n', " ");
            format!("  = may be: {what} [{}]\n", rule.id())
        })
        .collect();
    each.concat()
}

fn place(heard: &Heard) -> String {
    format!("{}:{}", printable(&heard.path), heard.line)
}

/// A line without its secrets and without what moves a cursor; of a long one, its beginning.
fn shown(heard: &Heard, redactor: &Redactor) -> String {
    let masked = printable(&redactor.mask(heard.text.trim()));
    match masked.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &masked[..end]),
        None => masked,
    }
}

/// The same as JSON: fields may be added, never removed or renamed.
pub fn json(diagnoses: &Diagnoses, tree: &Tree) -> Value {
    let redactor = Redactor::new(tree);
    let each = |all: &[Diagnosis]| -> Vec<Value> {
        all.iter()
            .map(|diagnosis| object(diagnosis, tree, &redactor))
            .collect()
    };
    json!({
        "version": VERSION,
        "status": match diagnoses.status() {
            Status::Failed => "failed",
            Status::Healthy => "healthy",
            Status::Unknown => "unknown",
        },
        "diagnoses": each(&diagnoses.all),
        "noise": each(&diagnoses.noise),
    })
}

fn object(diagnosis: &Diagnosis, tree: &Tree, redactor: &Redactor) -> Value {
    let signature = diagnosis.signature;
    let line = |heard: &Heard| json!({ "path": heard.path, "line": heard.line, "text": shown(heard, redactor) });
    let found = |finding: &Finding| {
        let [line, ..] = extent(&finding.primary.place, tree);
        json!({
            "rule": finding.rule.id(),
            "message": redactor.mask(&finding.message),
            "path": finding.primary.place.path().map(crate::tree::Path::as_str),
            "line": line,
        })
    };
    let mut fixes = diagnosis
        .findings
        .iter()
        .filter_map(|finding| finding.fix.as_ref());
    let fix = fixes.next().map(|fix| self::fix(fix, tree, redactor));
    json!({
        "id": signature.id(),
        "aliases": signature.aliases(),
        "rank": diagnosis.rank.word(),
        "phase": signature.phase.word(),
        "message": redactor.mask(&diagnosis.message),
        "lines": diagnosis.lines.iter().map(line).collect::<Vec<_>>(),
        "rules": signature.causes().map(crate::rules::Rule::id).collect::<Vec<_>>(),
        "findings": diagnosis.findings.iter().map(found).collect::<Vec<_>>(),
        "steps": signature.steps(),
        "fix": fix,
        "verify": signature.verify(),
        "next": signature.next(),
    })
}
