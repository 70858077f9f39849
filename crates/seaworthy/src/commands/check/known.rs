//! The baseline of an app: findings that are known.

use std::io::ErrorKind;
use std::path::PathBuf;

use engine::Selection;
use engine::baseline::{BASELINE, Baseline};
use engine::render::text;

use super::Checked;
use super::subject::Subject;
use crate::arguments::Check;
use crate::error::Error;
use crate::output::Output;
use crate::{apply, disk};

/// The file of a subject's baseline: the one that was named, else the app's own.
fn baseline_file(subject: &Subject, check: &Check) -> PathBuf {
    match &check.baseline {
        Some(named) => named.clone(),
        None => subject.root.join(BASELINE),
    }
}

/// What a subject's baseline knows, if it has one.
pub(super) fn baseline(subject: &Subject, check: &Check) -> Result<Option<Baseline>, Error> {
    let file = baseline_file(subject, check);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && check.baseline.is_none() => {
            return Ok(None);
        }
        Err(error) => return Err(Error::io("reading", &file, &error)),
    };
    Baseline::parse(&text).map(Some).map_err(|error| {
        Error::new(format!("{} is no baseline: {error}", file.display()))
            .hint("`seaworthy check --write-baseline` writes it anew")
    })
}

/// Refuses to write a baseline that would forget what was not looked at, or overwrite another's.
pub(super) fn refuse_parts(
    subjects: &[Subject],
    check: &Check,
    selection: &Selection,
) -> Result<(), Error> {
    let is_all = selection.select.is_empty()
        && selection.ignore.is_empty()
        && selection.destination.is_none()
        && subjects.iter().all(|subject| subject.only.is_empty());
    if !is_all {
        return Err(Error::new("a baseline is of all that is found in an app")
            .hint("leave --select, --ignore, -d and names of files out"));
    }
    if check.baseline.is_some() && subjects.len() > 1 {
        return Err(Error::new("several apps cannot share one baseline")
            .hint("leave --baseline out: each has its own in its config"));
    }
    let is_app = |subject: &Subject| disk::is_app(&subject.root);
    if check.baseline.is_none() && !subjects.iter().all(is_app) {
        return Err(
            Error::new("a Dockerfile outside of an app has no baseline of its own")
                .hint("say where it is to be: --baseline FILE"),
        );
    }
    Ok(())
}

/// Remembers all that was found in a subject.
pub(super) fn write_baseline(
    checked: &Checked,
    check: &Check,
    output: &Output,
) -> Result<(), Error> {
    let subject = &checked.subject;
    let baseline = Baseline::of(&checked.report, &subject.tree);
    let file = baseline_file(subject, check);
    apply::write_alone(&file, &baseline.text())?;
    output.note(&format!(
        "{}: {} known from now on",
        file.display(),
        text::counted(baseline.entries().len(), "finding")
    ));
    Ok(())
}
