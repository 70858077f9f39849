//! What `init` writes: decisions with their origins, the files that follow from them, and what only
//! the user can say.

mod intent;
mod memory;
mod releases;
mod templates;
mod view;

use crate::change::{Change, Changes};
use crate::fact::{Fact, Origin, Place};
use crate::facts::App;
use crate::facts::process;
use crate::finding::Report;
use crate::rules::{self, Selection};
use crate::tree::{Path, Tree};

pub use intent::{Choice, FILE, Intent};
pub use view::Obstacle;

/// One decision: what, from where, and why.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What was decided: `Ruby`, `port`.
    pub subject: &'static str,
    /// How.
    pub value: String,
    /// What it follows from.
    pub origin: Origin,
    /// Why it is decided so, in a sentence.
    pub why: String,
}

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is not there yet.
    New,
    /// It is as init wrote it, and the app has changed since.
    Updated,
    /// It is as it should be.
    Unchanged,
    /// It is the user's, and is overwritten because the user said so.
    Replaced,
    /// It is the user's, and stays.
    Kept,
}

/// One file of a plan.
#[derive(Clone, Debug)]
pub struct PlannedFile {
    /// Where.
    pub path: Path,
    /// All of it.
    pub text: String,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// What happens to it.
    pub state: State,
}

/// What would be written, and why.
#[derive(Debug)]
pub struct Plan {
    /// The app in one line: its name, Rails, database, JavaScript.
    pub summary: String,
    /// Decisions, in the order of the files that they shape.
    pub decisions: Vec<Decision>,
    /// The files, in the order of their paths.
    pub files: Vec<PlannedFile>,
    /// Things to know before deploying, one sentence each.
    pub notes: Vec<String>,
    /// What is written; `config/seaworthy.yml` included.
    pub changes: Changes,
    /// What `check` says of the app afterwards.
    pub audit: Report,
    /// The tree afterwards, which the audit is about.
    pub after: Tree,
}

/// Plans the production files of an app.
///
/// # Errors
///
/// What stands in the way, all of it: a missing lockfile, a database or a package manager that no
/// files are written for.
///
/// # Panics
///
/// If a template is wrong: a mistake in the program that its tests find.
pub fn plan(app: &App<'_>, intent: &Intent) -> Result<Plan, Vec<Obstacle>> {
    // A file that is as init wrote it is output: it must not decide what init writes next.
    let memory = memory::Memory::of(app.tree());
    let mut evidence = app.tree().clone();
    for path in memory.untouched(app.tree()) {
        evidence.remove(&path);
    }
    let evidence = App::new(&evidence);
    let view = view::View::of(&evidence, intent)?;

    let mut files: Vec<PlannedFile> = templates::render(&view)
        .into_iter()
        .filter(|file| intent.only.is_empty() || intent.only.contains(&file.path))
        .map(|file| {
            let state = state(&file, app.tree(), &memory, intent);
            PlannedFile {
                path: file.path,
                text: file.text,
                executable: file.executable,
                state,
            }
        })
        .collect();
    let stays = |path: &str| {
        files
            .iter()
            .any(|file| file.path.as_str() == path && file.state == State::Kept)
    };
    let (dockerfile_stays, deploy_stays) = (stays("Dockerfile"), stays("config/deploy.yml"));
    files.retain(|file| {
        let is_asked_for = intent.only.contains(&file.path);
        file.state != State::New
            || is_asked_for
            || match file.path.as_str() {
                "bin/docker-entrypoint" => !dockerfile_stays || is_entrypoint(app, &file.path),
                ".kamal/secrets" => !deploy_stays || !has_secrets(app),
                _ => true,
            }
    });
    files.sort_by(|one, other| one.path.cmp(&other.path));

    let mut changes = Changes::default();
    for file in &files {
        if matches!(file.state, State::New | State::Updated | State::Replaced) {
            changes.0.push(Change::Create {
                path: file.path.clone(),
                text: file.text.clone(),
                executable: file.executable,
            });
        }
    }
    changes
        .0
        .extend(memory.remember(app.tree(), intent, &files));

    let mut after = app.tree().clone();
    changes
        .apply(&mut after)
        .expect("whole files cannot conflict");
    let audit = rules::check(&App::new(&after), &Selection::default());
    let view::View {
        summary,
        decisions,
        notes,
        ..
    } = view;
    Ok(Plan {
        summary,
        decisions,
        files,
        notes,
        changes,
        audit,
        after,
    })
}

/// Whether the user's Dockerfile starts containers with the script at `path`.
fn is_entrypoint(app: &App<'_>, path: &Path) -> bool {
    let image = app.image("Dockerfile");
    let stages = image.iter().flat_map(|image| image.stages());
    stages
        .filter_map(process::entrypoint)
        .any(|(script, _)| script.value == *path)
}

/// Whether Kamal's secrets are looked up in a file already: of all destinations, or of one.
fn has_secrets(app: &App<'_>) -> bool {
    app.tree()
        .sources()
        .any(|source| source.path().as_str().starts_with(".kamal/secrets"))
}

fn state(
    file: &templates::Rendered,
    tree: &Tree,
    memory: &memory::Memory,
    intent: &Intent,
) -> State {
    match tree.source(&file.path) {
        None if tree.has(&file.path) => State::Kept,
        None => State::New,
        Some(source) if source.text() == file.text && source.is_executable() == file.executable => {
            State::Unchanged
        }
        Some(source) if memory.wrote(source) => State::Updated,
        Some(_) if intent.replace.contains(&file.path) => State::Replaced,
        Some(_) => State::Kept,
    }
}

impl Decision {
    /// A decision that follows from a fact.
    fn of<T: ToString>(subject: &'static str, fact: &Fact<T>, why: impl Into<String>) -> Self {
        Self {
            subject,
            value: fact.value.to_string(),
            origin: fact.origin.clone(),
            why: why.into(),
        }
    }

    /// A decision that follows from no place in the app.
    fn taken(
        subject: &'static str,
        value: impl Into<String>,
        row: &str,
        why: impl Into<String>,
    ) -> Self {
        let place = Place::Table {
            table: "seaworthy's default",
            row: row.to_owned(),
        };
        Self {
            subject,
            value: value.into(),
            origin: Origin::at(place, "decided"),
            why: why.into(),
        }
    }
}
