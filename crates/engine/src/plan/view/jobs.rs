//! What runs the app's jobs: Puma, or containers of their own.

use serde::Serialize;

use super::basis::Basis;
use super::{Notebook, VariableView};
use crate::fact::{Answer, Fact, Place};
use crate::facts::good_job::Mode;
use crate::facts::kamal::Destination;
use crate::facts::process::{self, Runner};
use crate::facts::puma::Condition;
use crate::plan::intent::Choice;

/// Queues whose runner is a process of its own, with its command.
const RUNNERS: [(&str, &str, Option<Runner>); 4] = [
    ("sidekiq", "bundle exec sidekiq", Some(Runner::Sidekiq)),
    (
        "good_job",
        "bundle exec good_job start",
        Some(Runner::GoodJob),
    ),
    ("resque", "bundle exec rake resque:work", None),
    (
        "delayed_job",
        "bundle exec rake jobs:work",
        Some(Runner::DelayedJob),
    ),
];

/// What else runs in a process of its own: the gem, which is its program as well, and how it is started.
const BESIDE: [(&str, &str); 3] = [
    ("clockwork", "bundle exec clockwork config/clock.rb"),
    ("karafka", "bundle exec karafka server"),
    ("rpush", "bundle exec rpush start --foreground"),
];

/// The variable that decides what runs `GoodJob`'s jobs, where Rails' configuration does not
/// (`good_job` 4.19 `lib/good_job/configuration.rb`, `execution_mode`).
const GOOD_JOB_MODE: &str = "GOOD_JOB_EXECUTION_MODE";

/// The variable that Rails' own `config/puma.rb` asks for.
pub(in crate::plan) const IN_PUMA: &str = "SOLID_QUEUE_IN_PUMA";

/// How jobs run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct JobsView {
    /// The command of a role of their own.
    pub(super) role: Option<String>,
    /// Whether Puma runs them.
    pub(super) in_puma: bool,
    /// What they run in, where its threads can be counted.
    #[serde(skip)]
    pub(super) runner: Option<Runner>,
}

impl JobsView {
    /// The threads that Sidekiq's command names.
    pub(super) fn threads(&self) -> Option<u64> {
        let mut words = self.role.as_deref()?.split_whitespace();
        words.find(|word| ["-c", "--concurrency"].contains(word))?;
        words.next()?.parse().ok()
    }
}

pub(super) fn think(
    basis: &Basis<'_>,
    clear: &mut Vec<VariableView>,
    notebook: &mut Notebook,
) -> JobsView {
    beside(basis, notebook);
    let none = JobsView {
        role: None,
        in_puma: false,
        runner: None,
    };
    let adapter = basis.app.solid().job_adapter().known();
    // Its own classes need no adapter of Active Job's.
    let sidekiq = basis.app.gems().shipped("sidekiq").known();
    let sidekiq = sidekiq.map(|version| version.map(|_| "sidekiq".to_owned()));
    let is_queue = |adapter: &str| !["async", "inline", "test"].contains(&adapter);
    let (adapter, beside) = match (adapter, sidekiq) {
        (Some(adapter), beside) if is_queue(&adapter) => (adapter, beside),
        (_, Some(sidekiq)) => (sidekiq, None),
        (Some(adapter), None) => (adapter, None),
        (None, None) => return none,
    };
    if beside.is_some() && adapter.value != "sidekiq" {
        notebook.note(format!(
            "Active Job's jobs go to `{}`, and Sidekiq is locked beside it: if the app has jobs of Sidekiq's own, give config/deploy.yml a role that runs `bundle exec sidekiq`.",
            adapter.value
        ));
    }
    match adapter.value.as_str() {
        "solid_queue" => solid_queue(basis, &adapter, clear, notebook),
        "good_job" => good_job(basis, &adapter, clear, notebook),
        _ => other_queue(basis, &adapter, notebook),
    }
}

fn solid_queue(
    basis: &Basis<'_>,
    adapter: &Fact<String>,
    clear: &mut Vec<VariableView>,
    notebook: &mut Notebook,
) -> JobsView {
    let in_puma_view = JobsView {
        role: None,
        in_puma: true,
        runner: Some(Runner::SolidQueue),
    };
    let puma = basis.app.puma();
    let plugin = puma.solid_queue_plugin().known();
    let chosen = basis.intent.one(Choice::Jobs);
    let one_server = basis.servers.len() == 1;
    let wants_puma = chosen
        .as_ref()
        .map_or(one_server, |chosen| chosen.value == "puma");
    let role = |notebook: &mut Notebook, fact: &Fact<String>, why: &str| {
        notebook.decide("jobs", &fact.clone().map(|_| "a role of their own"), why);
        JobsView {
            role: Some("bin/jobs".to_owned()),
            in_puma: false,
            runner: Some(Runner::SolidQueue),
        }
    };
    match plugin {
        Some(Fact {
            value: Condition::Always,
            origin,
        }) => {
            let fact = Fact::new("inside Puma", origin);
            notebook.decide(
                "jobs",
                &fact,
                format!("{} always loads the plugin", puma.path()),
            );
            if chosen.is_some_and(|chosen| chosen.value == "role") {
                notebook.note(format!(
                    "{} runs Solid Queue whatever is set: make it `plugin :solid_queue if ENV[\"{IN_PUMA}\"]` for a role of its own.",
                    puma.path()
                ));
            }
            in_puma_view
        }
        Some(Fact {
            value: Condition::Set(variable),
            origin,
        }) if wants_puma => {
            let fact = match chosen {
                Some(chosen) => chosen.map(|_| "inside Puma".to_owned()),
                None => Fact::new("inside Puma".to_owned(), origin),
            };
            notebook.decide(
                "jobs",
                &fact,
                if one_server {
                    "one server: a process of its own would cost memory and gain nothing"
                } else {
                    "every web server runs them, as you said"
                },
            );
            clear.push(in_puma(variable));
            in_puma_view
        }
        _ => role(
            notebook,
            chosen.as_ref().unwrap_or(adapter),
            "the same image runs `bin/jobs` beside the web servers",
        ),
    }
}

fn in_puma(variable: String) -> VariableView {
    VariableView {
        comment: "Puma runs Solid Queue inside itself while this is set, even to `false`."
            .to_owned(),
        name: variable,
        value: "true".to_owned(),
    }
}

/// `GoodJob` works in threads of the web server, or in a process of its own: the app's configuration
/// says which.
fn good_job(
    basis: &Basis<'_>,
    adapter: &Fact<String>,
    clear: &mut Vec<VariableView>,
    notebook: &mut Notebook,
) -> JobsView {
    let configured = basis.app.good_job().mode();
    let mode = configured
        .clone()
        .or_else(|| variable(basis, GOOD_JOB_MODE).and_then(Mode::of));
    let chosen = basis.intent.one(Choice::Jobs);
    let wants = |value: &str| chosen.as_ref().is_some_and(|chosen| chosen.value == value);
    let in_puma = JobsView {
        role: None,
        in_puma: true,
        runner: Some(Runner::GoodJob),
    };
    match &mode {
        Answer::Is(mode) if mode.value == Mode::Async && wants("role") => {
            notebook.note(format!(
                "{} lets Puma run jobs beside the role of their own: make the mode `:external`.",
                mode.origin.place.describe(basis.app.tree())
            ));
        }
        Answer::Is(mode) if mode.value == Mode::Async => {
            let fact = mode.clone().map(|_| "inside Puma");
            notebook.decide(
                "jobs",
                &fact,
                "GoodJob's mode has threads of the web server run them, so a role would only cost memory",
            );
            return in_puma;
        }
        Answer::Is(mode) if mode.value == Mode::Inline && !wants("role") => {
            let fact = mode.clone().map(|_| "inside the request");
            notebook.decide(
                "jobs",
                &fact,
                "GoodJob's mode runs each at once, where it is asked for: nothing is left for a role",
            );
            return JobsView {
                role: None,
                in_puma: false,
                runner: None,
            };
        }
        Answer::Unknown(place, why) => {
            notebook.note(format!(
                "{}: {why}, so a role of their own runs jobs; where the mode is `:async`, Puma runs them as well.",
                place.describe(basis.app.tree())
            ));
        }
        // Rails' configuration wins over the variable.
        _ if wants("puma") && configured.is_absent() => {
            if let Some(chosen) = chosen {
                notebook.decide(
                    "jobs",
                    &chosen.map(|_| "inside Puma"),
                    "threads of the web server run them, as you said",
                );
            }
            clear.push(VariableView {
                name: GOOD_JOB_MODE.to_owned(),
                value: "async".to_owned(),
                comment: "Puma runs GoodJob's jobs in threads of its own.".to_owned(),
            });
            return in_puma;
        }
        Answer::Is(mode) if wants("puma") => {
            notebook.note(format!(
                "{} keeps GoodJob's jobs out of Puma: make the mode `:async` for that.",
                mode.origin.place.describe(basis.app.tree())
            ));
        }
        _ => {}
    }
    other_queue(basis, adapter, notebook)
}

/// A variable of the web server's containers, as those files set it that stay the user's.
pub(super) fn variable(basis: &Basis<'_>, name: &str) -> Answer<String> {
    let stays = |path: &str| {
        let is_replaced = basis
            .intent
            .replace
            .iter()
            .any(|replaced| replaced.as_str() == path);
        basis.app.tree().has(path) && !is_replaced
    };
    let destinations = basis.app.destinations();
    let base = destinations
        .iter()
        .find(|destination| destination.name().is_none())
        .filter(|_| stays("config/deploy.yml"));
    let role = base.and_then(|base| {
        let primary = base.primary_role()?;
        let mut roles = base.roles().into_iter();
        roles.find(|role| role.name().value == primary.value)
    });
    if let Some(role) = role {
        return process::role_variable(&role, name);
    }
    let image = basis
        .app
        .image("Dockerfile")
        .filter(|_| stays("Dockerfile"));
    match image.and_then(|image| image.final_stage(None)) {
        Some(stage) => stage.variable(name),
        None => Answer::Absent(Place::File("Dockerfile".into())),
    }
}

/// Says so of what runs beside the app and beside its jobs, and is in no role.
fn beside(basis: &Basis<'_>, notebook: &mut Notebook) {
    let processes = basis.app.processes("Procfile");
    for (name, usual) in BESIDE {
        let Some(gem) = basis.gem(name) else {
            continue;
        };
        let runs = |words: &[String]| {
            let mut words = words.iter();
            words.any(|word| word.rsplit('/').next() == Some(name))
        };
        let destinations = basis.app.destinations();
        let mut roles = destinations.iter().flat_map(Destination::roles);
        if roles.any(|role| process::arguments(&role).is_some_and(|words| runs(&words.value))) {
            continue;
        }
        let named = processes.iter().find(|process| {
            let words = process.value.1.split_whitespace();
            runs(&words.map(str::to_owned).collect::<Vec<String>>())
        });
        let (command, place) = match named {
            Some(process) => (process.value.1.as_str(), &process.origin.place),
            None => (usual, &gem.origin.place),
        };
        notebook.note(format!(
            "{}: {name} runs in a process of its own, and no role of config/deploy.yml is one: add a role with `cmd: {command}`.",
            place.describe(basis.app.tree())
        ));
    }
}

/// Sidekiq's command as the Procfile has it, where that alone says which queues there are.
fn sidekiq_of_procfile(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<Fact<String>> {
    if !basis.app.sidekiq().names_no_queues() {
        return None;
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_.,/".contains(c);
    let mut found: Vec<Fact<String>> = basis
        .app
        .processes("Procfile")
        .into_iter()
        .map(|process| process.map(|(_, command)| command))
        .filter(|command| {
            command.starts_with("bundle exec sidekiq") && command.chars().all(is_plain)
        })
        .collect();
    let names_queues = |command: &Fact<String>| {
        let mut words = command.split_whitespace();
        words.any(|word| word.starts_with("-q") || word.starts_with("--queue"))
    };
    let first = found.iter().find(|command| names_queues(command))?;
    if found.len() > 1 {
        notebook.note(format!(
            "{}: the Procfile has several processes of Sidekiq with queues of their own, and config/deploy.yml one role: give each a role.",
            first.origin.place.describe(basis.app.tree())
        ));
        return None;
    }
    found.pop()
}

fn other_queue(basis: &Basis<'_>, adapter: &Fact<String>, notebook: &mut Notebook) -> JobsView {
    let runner = RUNNERS.iter().find(|(name, ..)| *name == adapter.value);
    let of_procfile = match adapter.value.as_str() {
        "sidekiq" => sidekiq_of_procfile(basis, notebook),
        _ => None,
    };
    let role = match runner {
        Some(_) if let Some(command) = of_procfile => {
            notebook.decide(
                "jobs",
                &command.clone().map(|command| format!("a role that runs `{command}`")),
                "config/sidekiq.yml names no queues, so that `bundle exec sidekiq` alone would leave those of the Procfile alone",
            );
            Some(command.value)
        }
        Some((_, command, _)) => {
            notebook.decide(
                "jobs",
                adapter,
                format!("a role of its own runs `{command}` with the same image"),
            );
            Some((*command).to_owned())
        }
        None => {
            if adapter.value == "async" {
                notebook.note("Jobs go to `async`: they live in the memory of the web container, and are lost with every deploy.");
            } else if !matches!(adapter.value.as_str(), "inline" | "test") {
                notebook.note(format!(
                    "Jobs go to `{}`; init writes nothing that runs them.",
                    adapter.value
                ));
            }
            None
        }
    };
    JobsView {
        role,
        in_puma: false,
        runner: runner.and_then(|(.., runner)| *runner),
    }
}
