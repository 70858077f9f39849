//! What `init` writes: decisions with their origins, the files that follow from them, and what only
//! the user can say.

mod foundation;
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
use crate::tree::{Path, Source, Tree};

pub use intent::{
    ALLOW, Choice, FILE, HOOKS, Intent, LABEL_SCHEMA, SECRET_STORES, STRICT_LABELS,
    TRUSTED_REGISTRIES, Values,
};
pub use view::{Component, Estimate, LeftOut, Obstacle};

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
    /// It is the user's, and gets lines that it lacks; nothing else in it changes.
    Extended,
    /// It is the user's, who edited what init offered.
    Edited,
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
    /// Whether the user has declined this very text before.
    pub is_declined: bool,
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
    /// How large the image will be.
    pub estimate: Estimate,
    /// What recipes have and these files have not, each with the reason.
    pub left_out: Vec<LeftOut>,
    /// The commands that come next, in order, each with what it is for.
    pub next: Vec<Step>,
    /// What is written; `config/seaworthy.yml` included.
    pub changes: Changes,
    /// What `check` says of the app afterwards.
    pub audit: Report,
    /// The tree afterwards, which the audit is about.
    pub after: Tree,
}

/// A command to run, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The command.
    pub command: String,
    /// What it shows or does.
    pub what: &'static str,
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
    let (mut files, mut notes) = lay_foundation(&mut evidence, app.tree(), &memory, intent);
    let evidence = App::new(&evidence);
    let intent = &intent.completed(&evidence);
    let view = view::View::of(&evidence, intent)?;

    let templated = templates::render(&view).into_iter().map(|file| {
        let state = state(&file, app.tree(), &memory, intent);
        planned(file, state, &memory, intent)
    });
    files.extend(templated);
    let left_aside: Vec<PlannedFile> = files
        .extract_if(.., |file| {
            !intent.only.is_empty() && !intent.only.contains(&file.path)
        })
        .collect();
    leave_out_companions(&mut files, app, intent);
    files.sort_by(|one, other| one.path.cmp(&other.path));

    notes.extend(left_to_this_machine(&files, app));
    notes.extend(named_and_missing(&files, &left_aside));
    let mut changes = Changes::default();
    for file in &files {
        if !matches!(file.state, State::Unchanged | State::Kept) {
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
    let next = next(&view, &files, &after);
    let view::View {
        summary,
        decisions,
        notes: thoughts,
        estimate,
        left_out,
        ..
    } = view;
    notes.extend(thoughts);
    Ok(Plan {
        summary,
        decisions,
        files,
        notes,
        estimate,
        left_out,
        next,
        changes,
        audit,
        after,
    })
}

/// Changes the user's own files first, as far as they agreed: what is written for the deploy follows
/// from them.
fn lay_foundation(
    evidence: &mut Tree,
    tree: &Tree,
    memory: &memory::Memory,
    intent: &Intent,
) -> (Vec<PlannedFile>, Vec<String>) {
    let mut files = Vec::new();
    let mut notes = Vec::new();
    for look in foundation::LOOKS {
        let Some(edited) = look(&App::new(evidence), intent) else {
            continue;
        };
        let is_asked_for = intent.only.is_empty() || intent.only.contains(&edited.path);
        let state = if intent.edited.contains_key(&edited.path) {
            State::Edited
        } else if intent.replace.contains(&edited.path) {
            State::Replaced
        } else if edited.is_chosen && is_asked_for && !intent.keep.contains(&edited.path) {
            if edited.only_adds {
                State::Extended
            } else {
                State::Replaced
            }
        } else {
            notes.push(format!(
                "{} stays without {}: `seaworthy init --diff --replace {}` shows it, `--yes` instead of `--diff` takes it.",
                edited.path, edited.what, edited.path
            ));
            State::Kept
        };
        let executable = tree.source(&edited.path).is_some_and(Source::is_executable);
        let rendered = templates::Rendered {
            path: edited.path,
            text: edited.text,
            executable,
        };
        let file = planned(rendered, state, memory, intent);
        if state != State::Kept {
            evidence.insert(
                Source::new(file.path.clone(), file.text.clone()).with_executable(executable),
            );
        }
        files.push(file);
    }
    if intent.only.is_empty() {
        notes.extend(foundation::left_undone(&App::new(evidence), intent));
    }
    (files, notes)
}

/// What git would leave out of the repository, and so of every deploy from a clone.
fn left_to_this_machine(files: &[PlannedFile], app: &App<'_>) -> Option<String> {
    let written = files
        .iter()
        .filter(|file| !matches!(file.state, State::Unchanged | State::Kept));
    let ignored: Vec<&str> = written
        .map(|file| file.path.as_str())
        .filter(|path| app.is_ignored_by_git(path) && !app.is_tracked(path))
        .collect();
    (!ignored.is_empty()).then(|| {
        format!(
            "git ignores {}: `git add --force {}` commits {} nevertheless.",
            ignored.join(", "),
            ignored.join(" "),
            if ignored.len() == 1 { "it" } else { "them" }
        )
    })
}

/// What the written files name and nobody has: the user asked for some of the files alone.
fn named_and_missing(files: &[PlannedFile], left_aside: &[PlannedFile]) -> Vec<String> {
    let written = files.iter().filter(|file| file.state != State::Kept);
    let lacking = |file: &PlannedFile| {
        let missing = left_aside.iter().filter(|other| other.state == State::New);
        let named: Vec<&str> = missing
            .map(|other| other.path.as_str())
            .filter(|path| file.text.contains(path))
            .collect();
        (!named.is_empty()).then(|| {
            format!(
                "{} names what is not there: `seaworthy init {}` writes {}.",
                file.path,
                named.join(" "),
                if named.len() == 1 { "it" } else { "them" }
            )
        })
    };
    written.filter_map(lacking).collect()
}

fn planned(
    file: templates::Rendered,
    state: State,
    memory: &memory::Memory,
    intent: &Intent,
) -> PlannedFile {
    let is_declined = state == State::Kept && memory.was_declined(&file.path, &file.text);
    let text = match intent.edited.get(&file.path) {
        Some(edited) if state == State::Edited => edited.clone(),
        _ => file.text,
    };
    PlannedFile {
        path: file.path,
        text,
        executable: file.executable,
        state,
        is_declined,
    }
}

/// Files that only serve another one are not written beside the user's own.
fn leave_out_companions(files: &mut Vec<PlannedFile>, app: &App<'_>, intent: &Intent) {
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
                "bin/thrust" => !dockerfile_stays,
                "bin/jobs" | "config/mysql/grants.sql" => !deploy_stays,
                _ => true,
            }
    });
}

/// What to run after writing: to see that it works here, and then to bring it to the servers.
fn next(view: &view::View, files: &[PlannedFile], after: &Tree) -> Vec<Step> {
    let step = |command: &str, what| Step {
        command: command.to_owned(),
        what,
    };
    let is_new = |file: &&PlannedFile| !matches!(file.state, State::Kept | State::Unchanged);
    let mut steps = Vec::new();
    let scripts: Vec<&str> = files
        .iter()
        .filter(is_new)
        .filter(|file| file.executable)
        .map(|file| file.path.as_str())
        .collect();
    if !scripts.is_empty() {
        steps.push(Step {
            command: format!("git add --chmod=+x {}", scripts.join(" ")),
            what: "executable in git's index as well, which is what Kamal builds from",
        });
    }
    let deploys = after.has("config/deploy.yml");
    if view.deploy.is_kamal_1 && deploys {
        steps.push(step(
            "kamal envify",
            "writes .env out of .env.erb; git must ignore .env",
        ));
    }
    if after.has("Dockerfile") {
        steps.push(Step {
            command: match &view.context {
                Some(context) => format!("docker build --check --file Dockerfile {}", context.path),
                None => "docker build --check .".to_owned(),
            },
            what: "what Docker says of the Dockerfile, in a second",
        });
    }
    if !deploys {
        return steps;
    }
    steps.push(step(
        "kamal config",
        "what Kamal makes of config/deploy.yml, without touching a server",
    ));
    steps.push(step(
        "git commit",
        match view.context {
            Some(_) => {
                "what Kamal names the version by; with a build context it builds your working copy"
            }
            None => "Kamal builds what is committed, and nothing else",
        },
    ));
    steps.push(step(
        "kamal setup",
        "the first deploy: Docker, accessories, then the app",
    ));
    for destination in &view.destinations {
        steps.push(Step {
            command: format!("kamal setup -d {}", destination.name),
            what: "the same for this destination",
        });
    }
    steps.push(step(
        "kamal app logs",
        "what the app says; afterwards `kamal deploy` brings each new version",
    ));
    steps
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
        Some(_) if intent.edited.contains_key(&file.path) => State::Edited,
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
