//! `seaworthy check --watch`

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use engine::Selection;
use notify::{Event, EventKind, RecursiveMode, Watcher};

use crate::arguments::{Check, Global};
use crate::error::Error;
use crate::output::Output;
use crate::{Verdict, disk};

/// Editors write a file in several steps, and git many files at once.
const QUIET: Duration = Duration::from_millis(100);

/// Folders that change all the time and have nothing to say.
const NOISE: [&str; 6] = [".git", "log", "node_modules", "storage", "tmp", "target"];

/// Looks, and looks again whenever something changed, until the program is stopped.
pub(super) fn run(
    global: &Global,
    check: &Check,
    selection: &Selection,
    output: &Output,
) -> Result<Verdict, Error> {
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Whoever does not listen any more is about to end.
        let _ = sender.send(event);
    })
    .map_err(|error| unwatched(&error))?;
    let roots = roots(global, check)?;
    loop {
        // There may be new folders.
        for root in &roots {
            watch(&mut watcher, root)?;
        }
        if std::io::stdout().is_terminal() {
            output.result("\u{1b}[2J\u{1b}[H")?;
        }
        // A file that is half written is no reason to stop.
        if let Err(error) = super::once(global, check, selection, output) {
            if error.is_broken_pipe() {
                return Err(error);
            }
            output.error(&error);
        }
        output.note("watching; Ctrl-C ends it");
        loop {
            let Ok(event) = events.recv() else {
                return Ok(Verdict::Fine);
            };
            if event.is_ok_and(|event| is_news(&event)) {
                break;
            }
        }
        loop {
            match events.recv_timeout(QUIET) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Ok(Verdict::Fine),
            }
        }
    }
}

/// What is watched: the app, or the paths that were named.
fn roots(global: &Global, check: &Check) -> Result<Vec<PathBuf>, Error> {
    if check.paths.is_empty() {
        return Ok(vec![disk::the_app(global.directory.as_deref())?]);
    }
    let start = global.directory.as_deref().unwrap_or(Path::new("."));
    Ok(check.paths.iter().map(|path| start.join(path)).collect())
}

/// Watches a folder and what is below it, but for what only makes noise: each folder of those would
/// take one of the system's watches.
fn watch(watcher: &mut impl Watcher, root: &Path) -> Result<(), Error> {
    if !root.is_dir() {
        let folder = root.parent().unwrap_or(Path::new("."));
        return watcher
            .watch(folder, RecursiveMode::NonRecursive)
            .map_err(|error| unwatched(&error));
    }
    let mut walk = ignore::WalkBuilder::new(root);
    walk.standard_filters(false).filter_entry(|entry| {
        let name = entry.file_name().to_str().unwrap_or_default();
        entry.depth() == 0 || !NOISE.contains(&name)
    });
    let folders = walk.build().filter_map(Result::ok);
    for folder in folders.filter(|entry| entry.path().is_dir()) {
        watcher
            .watch(folder.path(), RecursiveMode::NonRecursive)
            .map_err(|error| unwatched(&error))?;
    }
    Ok(())
}

/// Whether a file may be another one now; that somebody read it is no news.
fn is_news(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(_))
}

fn unwatched(error: &notify::Error) -> Error {
    Error::new(format!("the files cannot be watched: {error}"))
        .hint("Linux allows so many watches: sysctl fs.inotify.max_user_watches")
}
