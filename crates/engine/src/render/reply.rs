//! Answers to questions, for people and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::ask::{Reply, Topic};
use crate::change::Outcome;
use crate::facts::listing::Row;
use crate::finding::{Finding, Safety};
use crate::plan::FILE;
use crate::render::Redactor;
use crate::render::json::{self, VERSION};
use crate::render::text::{
    Style, findings_without_why, list, paragraphs, printable, printable_lines,
};
use crate::tree::{Path, Tree};

/// An answer. `tree` has the app's files; it is empty where there is no app. `others` are topics that fit the
/// question, too.
pub fn text(reply: &Reply, others: &[&Topic], tree: &Tree, style: Style) -> String {
    let redactor = Redactor::new(tree);
    let bold = |text: &str| {
        if style.colour {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    };
    let mut text = format!("{} [{}]\n", bold(reply.topic.title()), reply.topic.name());
    let state = match reply.is_so {
        Some(true) => "Already so. ",
        Some(false) => "",
        None => "There is no Rails app here, so this is what holds for any. ",
    };
    let short = format!("{state}{}", reply.short);
    let _ = writeln!(text, "\n{}", paragraphs(&short, style.width));
    let why = match reply.why.as_str() {
        "" => String::new(),
        why => paragraphs(why, style.width) + "\n",
    };
    let mut section = |title: &str, body: String| {
        if !body.is_empty() {
            let _ = write!(text, "\n{}\n{body}", bold(title));
        }
    };
    section("Now", now(&reply.now, tree, &redactor));
    if let Some(estimate) = &reply.estimate {
        section(
            "Expected of the image that init writes",
            self::estimate(estimate),
        );
    }
    section("Found", findings_without_why(&found(reply), tree));
    section(
        "In the way",
        list(
            reply
                .obstacles
                .iter()
                .map(|obstacle| format!("{}: {}", obstacle.message, obstacle.help)),
            style.width,
        ),
    );
    section("Change", changes(reply, tree, &redactor));
    section("Do", list(reply.steps.iter().cloned(), style.width));
    section("Why", why);
    section("Verify", list(reply.verify.iter().cloned(), style.width));
    section("Next", list(reply.next.iter().cloned(), style.width));
    let others = others
        .iter()
        .map(|topic| format!("{}: seaworthy ask {}", topic.title(), topic.name()));
    section("See also", list(others, style.width));
    text
}

/// The findings; a fix that is among the changes is shown there.
fn found(reply: &Reply) -> Vec<Finding> {
    let mut findings = reply.findings.clone();
    for finding in &mut findings {
        finding.fix.take_if(|fix| fix.safety == Safety::Safe);
    }
    findings
}

fn now(rows: &[Row], tree: &Tree, redactor: &Redactor) -> String {
    let width = rows
        .iter()
        .map(|row| row.name.len())
        .max()
        .unwrap_or_default();
    rows.iter().fold(String::new(), |text, row| {
        let value = match (&row.value, row.state) {
            (Some(value), _) => redactor.mask(value),
            (None, "unknown") => format!("(unknown: {})", row.why),
            (None, _) => "(absent)".to_owned(),
        };
        let place = row.origin.place.describe(tree);
        text + &printable(&format!("  {:<width$}  {value}  [{place}]", row.name)) + "\n"
    })
}

fn estimate(estimate: &crate::plan::Estimate) -> String {
    let megabytes = |bytes: u64| format!("{} MB", (bytes + 500_000) / 1_000_000);
    let mut text = String::new();
    for component in &estimate.components {
        let advice = component.advice.as_deref().unwrap_or_default();
        let line = format!(
            "  {:>7}  {:<28} {advice}",
            megabytes(component.bytes),
            component.name
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let _ = writeln!(
        text,
        "  {:>7}  in all before compression",
        megabytes(estimate.bytes())
    );
    text
}

/// Edits as diffs; of files that are new or go, their names.
fn changes(reply: &Reply, tree: &Tree, redactor: &Redactor) -> String {
    let mut text = String::new();
    let outcomes = reply.changes.outcomes(tree).unwrap_or_default();
    let (whole, edits): (Vec<&Outcome>, Vec<&Outcome>) = outcomes.iter().partition(|outcome| {
        let is_memory = outcome.path.as_str() == FILE;
        is_memory || outcome.before.is_none() || outcome.after.is_none()
    });
    for outcome in whole {
        let what = match (&outcome.before, &outcome.after) {
            (Some(_), Some(_)) => "remembers what was written".to_owned(),
            (None, Some((after, _))) => format!("new, {} lines", after.lines().count()),
            (_, None) => "removed".to_owned(),
        };
        let _ = writeln!(text, "  {:<26} {what}", outcome.path.as_str());
    }
    for outcome in edits {
        text.push_str(&printable_lines(&redactor.mask(&outcome.diff())));
        text.push('\n');
    }
    if !text.is_empty() {
        let name = reply.topic.name();
        let _ = writeln!(
            text,
            "  seaworthy ask {name} --apply writes this, seaworthy ask {name} --diff shows all of it"
        );
    }
    for path in &reply.kept {
        let _ = writeln!(
            text,
            "  {path} is yours and stays: seaworthy init --diff --replace {path} shows the one that init writes"
        );
    }
    text
}

/// All that would be written, as one diff.
pub fn diff(reply: &Reply, tree: &Tree) -> String {
    let redactor = Redactor::new(tree);
    let outcomes = reply.changes.outcomes(tree).unwrap_or_default();
    outcomes.iter().fold(String::new(), |text, outcome| {
        text + &printable_lines(&redactor.mask(&outcome.diff()))
    })
}

/// The same as JSON: fields may be added, never removed or renamed.
pub fn json(reply: &Reply, others: &[&Topic], tree: &Tree) -> Value {
    let redactor = Redactor::new(tree);
    let about = |topic: &Topic| json!({ "topic": topic.name(), "title": topic.title() });
    let obstacles = reply
        .obstacles
        .iter()
        .map(|obstacle| json!({ "message": obstacle.message, "help": obstacle.help }));
    let kept: Vec<&str> = reply.kept.iter().map(Path::as_str).collect();
    json!({
        "version": VERSION,
        "topic": reply.topic.name(),
        "title": reply.topic.title(),
        "already_so": reply.is_so,
        "answer": reply.short,
        "now": reply.now.iter().map(|row| json::fact(row, tree)).collect::<Vec<_>>(),
        "findings": json::findings(&reply.findings, tree),
        "obstacles": obstacles.collect::<Vec<_>>(),
        "changes": json::changes(&reply.changes, tree, &redactor),
        "kept": kept,
        "estimate": reply.estimate.as_ref().map(json::estimate),
        "steps": reply.steps,
        "why": reply.why,
        "verify": reply.verify,
        "next": reply.next,
        "sources": reply.topic.sources(),
        "others": others.iter().map(|topic| about(topic)).collect::<Vec<_>>(),
    })
}
