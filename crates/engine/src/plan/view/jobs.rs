//! What runs the app's jobs: Puma, or containers of their own.

use serde::Serialize;

use super::basis::Basis;
use super::{Notebook, VariableView};
use crate::fact::Fact;
use crate::facts::process::Condition;
use crate::plan::intent::Choice;

/// Queues whose runner is a process of its own, with its command.
const RUNNERS: [(&str, &str); 4] = [
    ("sidekiq", "bundle exec sidekiq"),
    ("good_job", "bundle exec good_job start"),
    ("resque", "bundle exec rake resque:work"),
    ("delayed_job", "bundle exec rake jobs:work"),
];

/// The variable that Rails' own `config/puma.rb` asks for.
pub(in crate::plan) const IN_PUMA: &str = "SOLID_QUEUE_IN_PUMA";

/// How jobs run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct JobsView {
    /// The command of a role of their own.
    pub(super) role: Option<String>,
    /// Whether Puma runs them.
    pub(super) in_puma: bool,
}

pub(super) fn think(
    basis: &Basis<'_>,
    clear: &mut Vec<VariableView>,
    notebook: &mut Notebook,
) -> JobsView {
    let none = JobsView {
        role: None,
        in_puma: false,
    };
    let adapter = basis.app.solid().job_adapter().known();
    let Some(adapter) = adapter else { return none };
    if adapter.value != "solid_queue" {
        return other_queue(&adapter, notebook);
    }
    let plugin = basis.app.puma().solid_queue_plugin().known();
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
        }
    };
    match plugin {
        Some(Fact {
            value: Condition::Always,
            origin,
        }) => {
            let fact = Fact::new("inside Puma", origin);
            notebook.decide("jobs", &fact, "config/puma.rb always loads the plugin");
            if chosen.is_some_and(|chosen| chosen.value == "role") {
                notebook.note(format!(
                    "config/puma.rb runs Solid Queue whatever is set: make it `plugin :solid_queue if ENV[\"{IN_PUMA}\"]` for a role of its own."
                ));
            }
            JobsView {
                in_puma: true,
                ..none
            }
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
            JobsView {
                in_puma: true,
                ..none
            }
        }
        _ => role(
            notebook,
            chosen.as_ref().unwrap_or(&adapter),
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

fn other_queue(adapter: &Fact<String>, notebook: &mut Notebook) -> JobsView {
    let runner = RUNNERS.iter().find(|(name, _)| *name == adapter.value);
    let role = match runner {
        Some((_, command)) => {
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
    }
}
