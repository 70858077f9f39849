//! Queues: those that jobs are put into, and those that a process takes jobs from.
//!
//! Upstream: rails 8.1 `activejob/lib/active_job/queue_name.rb`; `solid_queue` 1.5
//! `lib/solid_queue/configuration.rb` and `app/models/solid_queue/queue_selector.rb`; sidekiq 8.1
//! `lib/sidekiq/cli.rb`.

use syntax::ruby::{Call, Context};

use crate::fact::Fact;
use crate::facts::App;
use crate::facts::kamal::{Destination, Role};
use crate::facts::process::{Process, Runner};
use crate::facts::setting::Setting;
use crate::tree::Source;

/// Where jobs are looked for.
pub const FOLDER: &str = "app/jobs";

/// The queues that processes take jobs from.
#[derive(Clone, Debug)]
pub struct Worked {
    /// Names, or beginnings of names that end with `*`.
    names: Vec<Fact<String>>,
}

impl Worked {
    /// Whether a queue is one of them.
    pub fn has(&self, queue: &str) -> bool {
        self.names.iter().any(|name| match name.strip_suffix('*') {
            Some(beginning) => queue.starts_with(beginning),
            None => name.value == queue,
        })
    }

    /// The names, as they are written.
    pub fn names(&self) -> &[Fact<String>] {
        &self.names
    }
}

impl<'a> App<'a> {
    /// The queues that classes in `app/jobs` surely put their jobs into, each once.
    pub fn queues_of_jobs(&'a self) -> Vec<Fact<String>> {
        const PREFIX: &str = "config.active_job.queue_name_prefix";
        let rails = self.rails();
        if !rails.settled(PREFIX, || rails.setting(PREFIX)).is_absent() {
            return Vec::new();
        }
        let is_job = |source: &&Source| {
            source.path().parent().as_str() == FOLDER && source.ruby().errors.is_empty()
        };
        let mut queues: Vec<Fact<String>> = Vec::new();
        for source in self.tree().sources().filter(is_job) {
            // A job with a way of its own is run by something else.
            let has_own = |call: &Call| call.name.value.trim_end_matches('=') == "queue_adapter";
            if source.ruby().calls.iter().any(has_own) {
                continue;
            }
            for call in source.ruby().calls_named("queue_as") {
                let in_class = |context: &&Context| matches!(context, Context::Namespace { .. });
                let [name] = &*call.arguments else { continue };
                let Some(name) = name.as_name().filter(|_| call.block.is_none()) else {
                    continue;
                };
                let is_new = queues.iter().all(|known| known.value != name);
                if is_new && call.within().iter().all(in_class) {
                    queues.push(Fact::read(
                        name.to_owned(),
                        source.path(),
                        call.span,
                        "jobs go here",
                    ));
                }
            }
        }
        queues
    }
}

impl Destination<'_> {
    /// The queues that the destination's processes take jobs from; nothing where they cannot all be told.
    pub fn worked_queues(&self) -> Option<Worked> {
        let roles = self.roles();
        let processes: Option<Vec<Fact<Process>>> = roles.iter().map(Role::process).collect();
        let is_known = |process: &Fact<Process>| !matches!(process.value, Process::Other(_));
        if !self.has_settled_roles() || !processes?.iter().all(is_known) {
            return None;
        }
        match self.app().solid().job_adapter().known()?.as_str() {
            "solid_queue" => self.of_solid_queue(&roles),
            "sidekiq" => self.of_sidekiq(&roles),
            _ => None,
        }
    }

    fn of_solid_queue(&self, roles: &[Role<'_>]) -> Option<Worked> {
        let has_options = |role: &Role<'_>| {
            let words = role.command().known();
            let has_option =
                words.is_some_and(|words| words.iter().any(|word| word.starts_with('-')));
            has_option || !role.variable("SOLID_QUEUE_CONFIG").is_absent()
        };
        if roles.iter().any(has_options) {
            return None;
        }
        let workers = self.app().solid().workers().known()?;
        let mut names = Vec::new();
        for worker in workers.items() {
            let queues = worker.get("queues").known()?.value;
            names.extend(listed(&queues, ",")?);
        }
        Some(Worked { names })
    }

    fn of_sidekiq(&self, roles: &[Role<'_>]) -> Option<Worked> {
        let runs_it = |role: &&Role<'_>| {
            role.process()
                .is_some_and(|process| process.value == Process::Jobs(Runner::Sidekiq))
        };
        let runners: Vec<&Role<'_>> = roles.iter().filter(runs_it).collect();
        let is_plain = |role: &&Role<'_>| {
            let words = role.command().known();
            words.is_some_and(|words| !words.iter().any(|word| word.starts_with('-')))
        };
        let configures = |source: &Source| {
            let mut calls = source.ruby().calls.iter();
            calls.any(|call| ["capsule", "queues="].contains(&call.name.value.as_str()))
        };
        let app = self.app();
        if runners.is_empty()
            || !runners.iter().all(is_plain)
            || app.rails().initializers().any(configures)
            // Capsules have queues of their own.
            || !app.sidekiq().setting("capsules").is_absent()
        {
            return None;
        }
        let queues = app.sidekiq().setting("queues").known()?;
        let names = listed(&queues, "\0")?;
        Some(Worked { names })
    }
}

/// The names of a list, or of a text that has several; of `[name, weight]` the name. Nothing where any cannot
/// be told.
fn listed(queues: &Setting<'_>, separator: &str) -> Option<Vec<Fact<String>>> {
    if !queues.is_sequence() {
        let text = queues.text().known()?;
        let names = text
            .split(separator)
            .map(|name| text.clone().map(|_| name.trim().to_owned()));
        return Some(names.collect());
    }
    let name = |item: Setting<'_>| {
        let first = if item.is_sequence() {
            item.items().into_iter().next()?
        } else {
            item
        };
        first.text().known()
    };
    let names: Option<Vec<Fact<String>>> = queues.items().into_iter().map(name).collect();
    names.filter(|_| queues.is_settled())
}
