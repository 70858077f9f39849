//! `seaworthy` without arguments: what this app is, what is missing, what is wrong, what is next.

use std::fmt::Write as _;

use engine::finding::Severity;
use engine::plan::{self, Intent, State};
use engine::render::{Told, text};
use engine::{App, Selection};
use serde_json::json;

use crate::arguments::Global;
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, disk};

pub(crate) fn run(global: &Global, output: &Output) -> Result<Verdict, Error> {
    let root = disk::the_app(global.directory.as_deref())?;
    let tree = disk::read(&root);
    let app = App::new(&tree);
    let report = engine::check(
        &app,
        &Selection {
            destination: global.destination.clone(),
            ..Selection::default()
        },
    );
    let planned = plan::plan(&app, &Intent::remembered(&app));
    let (summary, missing) = match &planned {
        Ok(plan) => {
            let new = plan.files.iter().filter(|file| file.state == State::New);
            (
                plan.summary.clone(),
                new.map(|file| file.path.to_string()).collect(),
            )
        }
        Err(obstacles) => (obstacles[0].message.clone(), Vec::new()),
    };
    let next = next(&missing, &report);
    if output.is_json() {
        output.json(&json!({
            "version": engine::render::json::VERSION,
            "summary": summary,
            "missing": missing,
            "errors": report.count(Severity::Error),
            "warnings": report.count(Severity::Warning),
            "notes": report.count(Severity::Note),
            "next": next,
        }))?;
    } else {
        let mut shown = output.bold(&format!("{summary}\n"));
        if !missing.is_empty() {
            let _ = writeln!(shown, "Missing: {}", missing.join(", "));
        }
        for finding in &report.findings {
            let place = finding.primary.place.describe(&tree);
            let _ = writeln!(
                shown,
                "{}: {place}: {}",
                finding.severity.word(),
                finding.message
            );
        }
        let _ = writeln!(shown, "{}", text::summary(&[Told::of(&report, &tree)]));
        let _ = writeln!(shown, "Next: {next}");
        output.result(&shown)?;
    }
    Ok(if report.count(Severity::Error) > 0 {
        Verdict::Negative
    } else {
        Verdict::Fine
    })
}

fn next(missing: &[String], report: &engine::finding::Report) -> &'static str {
    if !missing.is_empty() {
        "seaworthy init --diff"
    } else if report.findings.iter().any(|finding| finding.fix.is_some()) {
        "seaworthy check --fix"
    } else if !report.findings.is_empty() {
        "seaworthy check"
    } else {
        "kamal deploy"
    }
}
