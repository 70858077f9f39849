//! Writes changes: every file whole or not at all, and all of them or none as far as a filesystem
//! allows.
//!
//! All new texts are written and synced beside their targets first; only then are they renamed,
//! one right after the other. A failure in between takes back what was renamed. Whoever is
//! interrupted finds each file old or new. The folder is opened once and every path is resolved
//! below it, so that neither `..` nor a link can lead out of the app.

use std::io::Write;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt, Permissions, PermissionsExt};
use engine::change::{Changes, Outcome};
use engine::tree::Tree;

use crate::error::Error;

/// Makes changes to the app at `root`, of which `tree` is what was read before.
pub(crate) fn apply(root: &Path, tree: &Tree, changes: &Changes) -> Result<Vec<Outcome>, Error> {
    let outcomes = changes.outcomes(tree).map_err(|conflict| {
        Error::new(format!(
            "{} was not changed: {}",
            conflict.path, conflict.why
        ))
    })?;
    let folder = Dir::open_ambient_dir(root, ambient_authority())
        .map_err(|error| Error::io("opening", root, &error))?;
    for outcome in &outcomes {
        refuse_surprises(&folder, outcome)?;
    }
    let staged = match stage(&folder, &outcomes) {
        Ok(staged) => staged,
        Err(failure) => {
            for file in failure.staged {
                file.discard(&folder);
            }
            return Err(failure.error);
        }
    };
    commit(&folder, &outcomes, &staged)?;
    Ok(outcomes)
}

/// Writes one file that is no part of a plan, whole or not at all.
pub(crate) fn write_alone(path: &Path, text: &str) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |error: std::io::Error| Error::io("writing", path, &error);
    let name = path
        .file_name()
        .ok_or_else(|| Error::new(format!("{} is no file's name", path.display())))?;
    let folder = Dir::open_ambient_dir(folder, ambient_authority()).map_err(failed)?;
    let mut file = cap_tempfile::TempFile::new(&folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.replace(name).map_err(failed)
}

/// A text beside its target, ready to be renamed.
struct Staged {
    temporary: String,
    target: String,
}

impl Staged {
    fn discard(&self, folder: &Dir) {
        let _ = folder.remove_file(&self.temporary);
    }
}

struct Failure {
    staged: Vec<Staged>,
    error: Error,
}

/// Refuses targets that are not what was read: links, folders, files that changed in between.
fn refuse_surprises(folder: &Dir, outcome: &Outcome) -> Result<(), Error> {
    let path = outcome.path.as_str();
    let refuse = |why: &str| Err(Error::new(format!("{path} was not written: {why}")));
    match folder.symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => {
            refuse("it is a link, and writing would replace it")
        }
        Ok(metadata) if metadata.is_dir() => refuse("a folder stands there"),
        Ok(_) => match (&outcome.before, folder.read(path)) {
            (Some((before, _)), Ok(now)) if before.as_bytes() == now => Ok(()),
            (_, Err(error)) => refuse(&error.to_string()),
            _ => refuse("it changed while the program was looking at it"),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => match outcome.before {
            Some(_) => refuse("it vanished while the program was looking at it"),
            None => Ok(()),
        },
        Err(error) => refuse(&error.to_string()),
    }
}

fn stage(folder: &Dir, outcomes: &[Outcome]) -> Result<Vec<Staged>, Failure> {
    let mut staged: Vec<Staged> = Vec::new();
    for outcome in outcomes {
        let Some((text, executable)) = &outcome.after else {
            continue;
        };
        let target = outcome.path.as_str();
        let parent = outcome.path.parent();
        let result = (|| {
            if !parent.is_empty() {
                folder.create_dir_all(parent.as_str())?;
            }
            let prefix = if parent.is_empty() {
                String::new()
            } else {
                format!("{}/", parent.as_str())
            };
            discard_leftovers(folder, &outcome.path);
            let temporary = format!(
                "{prefix}.seaworthy-{}-{}",
                std::process::id(),
                outcome.path.name()
            );
            let mode = mode(folder, target, *executable);
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(mode);
            let mut file = folder.open_with(&temporary, &options)?;
            let staged = Staged {
                temporary,
                target: target.to_owned(),
            };
            let written = file
                .write_all(text.as_bytes())
                // The process's mask may have taken bits away that the old file had.
                .and_then(|()| file.set_permissions(Permissions::from_mode(mode)))
                .and_then(|()| file.sync_all());
            if let Err(error) = written {
                staged.discard(folder);
                return Err(error);
            }
            Ok(staged)
        })();
        match result {
            Ok(file) => staged.push(file),
            Err(error) => {
                return Err(Failure {
                    staged,
                    error: Error::io("writing", Path::new(target), &error),
                });
            }
        }
    }
    Ok(staged)
}

/// Removes what a run that was killed left beside a target.
fn discard_leftovers(folder: &Dir, target: &engine::tree::Path) {
    let parent = target.parent();
    let parent = if parent.is_empty() {
        "."
    } else {
        parent.as_str()
    };
    let Ok(entries) = folder.read_dir(parent) else {
        return;
    };
    let ending = format!("-{}", target.name());
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let run = name
            .strip_prefix(".seaworthy-")
            .and_then(|rest| rest.strip_suffix(&ending));
        if run.is_some_and(|run| run.bytes().all(|byte| byte.is_ascii_digit())) {
            let _ = folder.remove_file(format!("{parent}/{name}"));
        }
    }
}

/// The mode of the old file with the executable bits as they are to be; a new file's is usual.
fn mode(folder: &Dir, target: &str, executable: bool) -> u32 {
    let old = folder
        .metadata(target)
        .map_or(0o644, |metadata| metadata.permissions().mode() & 0o7777);
    // Whoever may read may execute.
    if executable {
        old | ((old & 0o444) >> 2)
    } else {
        old & !0o111
    }
}

fn commit(folder: &Dir, outcomes: &[Outcome], staged: &[Staged]) -> Result<(), Error> {
    let mut done: Vec<&str> = Vec::new();
    let mut waiting = staged.iter();
    let mut failed = None;
    for file in waiting.by_ref() {
        if let Err(error) = folder.rename(&file.temporary, folder, &file.target) {
            file.discard(folder);
            failed = Some(Error::io("writing", Path::new(&file.target), &error));
            break;
        }
        done.push(&file.target);
    }
    if failed.is_none() {
        for outcome in outcomes.iter().filter(|outcome| outcome.after.is_none()) {
            if let Err(error) = folder.remove_file(outcome.path.as_str()) {
                failed = Some(Error::io(
                    "removing",
                    Path::new(outcome.path.as_str()),
                    &error,
                ));
                break;
            }
            done.push(outcome.path.as_str());
        }
    }
    let Some(error) = failed else {
        sync(folder, outcomes);
        return Ok(());
    };
    for file in waiting {
        file.discard(folder);
    }
    for outcome in outcomes
        .iter()
        .filter(|outcome| done.contains(&outcome.path.as_str()))
    {
        take_back(folder, outcome);
    }
    Err(error.hint("no file was changed"))
}

/// Puts back what was there before.
fn take_back(folder: &Dir, outcome: &Outcome) {
    let path = outcome.path.as_str();
    match &outcome.before {
        Some((text, executable)) => {
            let back = Outcome {
                path: outcome.path.clone(),
                before: None,
                after: Some((text.clone(), *executable)),
            };
            if let Ok(staged) = stage(folder, &[back]) {
                for file in staged {
                    let _ = folder.rename(&file.temporary, folder, &file.target);
                }
            }
        }
        None => drop(folder.remove_file(path)),
    }
}

/// Makes the renames last through a power cut; a filesystem that cannot is not an error.
fn sync(folder: &Dir, outcomes: &[Outcome]) {
    for outcome in outcomes {
        let parent = outcome.path.parent();
        let opened = if parent.is_empty() {
            folder.try_clone()
        } else {
            folder.open_dir(parent.as_str())
        };
        if let Ok(folder) = opened {
            let _ = folder.into_std_file().sync_all();
        }
    }
}
