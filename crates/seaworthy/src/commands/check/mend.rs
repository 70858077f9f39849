//! `--fix` and `--diff`

use std::collections::BTreeMap;

use engine::change::{Changes, Conflict, Outcome};
use engine::finding::Safety;
use engine::render::{Redactor, text};
use engine::tree::{Path as AppPath, Tree};
use engine::{App, Selection};

use super::known::baseline;
use super::report;
use super::subject::Subject;
use crate::arguments::Check;
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, apply};

/// Applies the fixes of the findings, and writes them.
pub(super) fn fix(
    subject: &mut Subject,
    check: &Check,
    selection: &Selection,
    output: &Output,
) -> Result<(), Error> {
    refuse_standard_input(check)?;
    let root = subject.root.clone();
    fix_with(subject, check, selection, |tree, changes, titles| {
        apply::apply(&root, tree, changes)?;
        for title in titles {
            output.note(&format!("fixed: {title}"));
        }
        Ok(())
    })
}

/// Shows what the fixes would write, and writes nothing.
pub(super) fn show_fixes(
    subjects: &mut [Subject],
    check: &Check,
    selection: &Selection,
    output: &Output,
) -> Result<Verdict, Error> {
    refuse_standard_input(check)?;
    let mut verdict = Verdict::Fine;
    for subject in subjects {
        let mut before: BTreeMap<AppPath, Option<(String, bool)>> = BTreeMap::new();
        fix_with(subject, check, selection, |tree, changes, _| {
            let outcomes = changes
                .outcomes(tree)
                .map_err(|conflict| conflicting(&conflict))?;
            for outcome in outcomes {
                before.entry(outcome.path).or_insert(outcome.before);
            }
            Ok(())
        })?;
        let redactor = Redactor::new(&subject.tree);
        for (path, before) in before {
            let after = subject.tree.source(&path);
            let after = after.map(|source| (source.text().to_owned(), source.is_executable()));
            let outcome = Outcome {
                path,
                before,
                after,
            };
            output.result(&text::printable_lines(&redactor.mask(&outcome.diff())))?;
            verdict = Verdict::Negative;
        }
    }
    Ok(verdict)
}

fn refuse_standard_input(check: &Check) -> Result<(), Error> {
    if check.stdin_path.is_none() {
        return Ok(());
    }
    Err(Error::new("fixes cannot be written to standard input").hint("name the file instead"))
}

fn conflicting(conflict: &Conflict) -> Error {
    Error::new(format!("{}: {}", conflict.path, conflict.why))
}

/// Applies the fixes of the findings until no more can be: a fix may uncover another finding. Each
/// round is handed to `write` before the subject has it.
fn fix_with(
    subject: &mut Subject,
    check: &Check,
    selection: &Selection,
    mut write: impl FnMut(&Tree, &Changes, &[String]) -> Result<(), Error>,
) -> Result<(), Error> {
    let worst = if check.r#unsafe {
        Safety::Unsafe
    } else {
        Safety::Safe
    };
    let known = baseline(subject, check)?;
    // Fixes that undid each other would go on for ever; the engine's tests hold that none do.
    for _ in 0..10 {
        let mut changes = Changes::default();
        let mut titles = Vec::new();
        let mut report = report(&App::new(&subject.tree), subject, &[], selection);
        if let Some(known) = &known {
            known.suppress(&mut report, &subject.tree, selection);
        }
        for finding in report.findings {
            let Some(fix) = finding.fix.filter(|fix| fix.safety <= worst) else {
                continue;
            };
            let mut together = changes.clone();
            together.extend(fix.changes);
            // A fix that touches the same bytes waits for the next round.
            if together.outcomes(&subject.tree).is_ok() {
                changes = together;
                titles.push(fix.title);
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        write(&subject.tree, &changes, &titles)?;
        changes
            .apply(&mut subject.tree)
            .map_err(|conflict| conflicting(&conflict))?;
    }
    Ok(())
}
