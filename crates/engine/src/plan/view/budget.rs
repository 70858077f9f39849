//! How many connections the app may open to its database server.
//!
//! Upstream: `solid_queue` 1.5 `lib/solid_queue/{configuration,supervisor,worker,dispatcher}.rb`,
//! `solid_cache` `store/execution.rb`, rails 8.1 `connection_adapters/pool_config.rb`.

use super::Notebook;
use super::basis::Basis;
use super::database::Kind;
use super::deploy::DeployView;
use crate::fact::{Answer, Fact, Origin};
use crate::facts::database::Database;
use crate::facts::setting::Value;

/// What one process opens at most, database by database.
struct Need {
    /// Threads that ask the first database.
    primary: u64,
    cache: u64,
    queue: u64,
    cable: u64,
}

/// Computes the budget, shows it, and says where a pool is too small for what uses it.
pub(super) fn think(basis: &Basis<'_>, deploy: &DeployView, notebook: &mut Notebook) {
    let Some(kind) = Kind::of(basis.adapter.value) else {
        return;
    };
    let (Some(threads), Some(workers)) = (
        number(basis.app.puma().threads()),
        number(basis.app.puma().workers()),
    ) else {
        return;
    };
    let Some(databases) = basis.app.databases().known() else {
        return;
    };
    let queue_threads = basis
        .app
        .solid()
        .worker_threads()
        .known()
        .map_or(3, |threads| u64::try_from(threads.value).unwrap_or(3));
    let has_queue = deploy.jobs.in_puma || deploy.jobs.role.as_deref() == Some("bin/jobs");
    let pool = |name: &str| {
        let database = databases
            .iter()
            .find(|database| database.name().value == name)
            .or(databases.first());
        database.and_then(pool_of).unwrap_or(5)
    };
    let is_separate = databases.len() > 1;
    let sum = |need: &Need| {
        let each = [
            ("primary", need.primary),
            ("cache", need.cache),
            ("queue", need.queue),
            ("cable", need.cable),
        ];
        if is_separate {
            each.iter()
                .filter(|(name, _)| {
                    *name == "primary"
                        || databases
                            .iter()
                            .any(|database| database.name().value == *name)
                })
                .map(|(name, wanted)| pool(name).min(*wanted))
                .sum::<u64>()
        } else {
            pool("primary").min(each.iter().map(|(_, wanted)| wanted).sum())
        }
    };
    let web = sum(&Need {
        primary: threads,
        cache: threads + 1,
        queue: threads,
        cable: threads + 1,
    });
    // A supervisor and a dispatcher with three each, a scheduler with two, and the workers.
    let jobs = if has_queue {
        pool("queue").min(3) * 2
            + pool("queue").min(2)
            + sum(&Need {
                primary: queue_threads,
                cache: queue_threads + 1,
                queue: queue_threads + 2,
                cable: queue_threads,
            })
    } else {
        0
    };
    let servers = u64::try_from(deploy.servers.len()).unwrap_or(1);
    let job_hosts = u64::from(deploy.jobs.role.is_some());
    let in_puma = u64::from(deploy.jobs.in_puma);
    let steady = servers * (workers.max(1) * web + in_puma * jobs) + job_hosts * jobs + 4;
    // While a deploy goes on, old and new containers run beside each other.
    let peak = steady * 2 - 4;
    let limit: u64 = match kind {
        Kind::PostgreSql => 97,
        Kind::MySql => 150,
    };
    let origin = Origin::at(databases.origin.place.clone(), "the pools");
    notebook.decide(
        "connections",
        &Fact::new(format!("at most {steady}, {peak} during a deploy"), origin),
        format!("the server allows {limit} unless it is told otherwise: {threads} threads × {} in Puma{}, old and new side by side", workers.max(1), if has_queue { format!(", {queue_threads} in a jobs' worker") } else { String::new() }),
    );
    if peak > limit {
        notebook.note(format!("A deploy may open {peak} connections, and the database server allows {limit}: raise its max_connections, or lower RAILS_MAX_THREADS or WEB_CONCURRENCY."));
    }
    if has_queue && pool("queue") < queue_threads + 2 {
        let place = databases.origin.place.describe(basis.app.tree());
        notebook.note(format!(
            "Jobs' workers need {} connections to the queue's database (threads + 2) and {place} gives {}: Solid Queue 1.1.1 to 1.4 stops at boot, later ones warn.",
            queue_threads + 2,
            pool("queue")
        ));
    }
}

fn pool_of(database: &Database<'_>) -> Option<u64> {
    number(database.pool())
}

fn number(answer: Answer<Value>) -> Option<u64> {
    answer.known()?.value.text_or_default()?.trim().parse().ok()
}
