//! How many connections the app may open to its database server.
//!
//! Upstream: `solid_queue` 1.5 `lib/solid_queue/{configuration,supervisor,worker,dispatcher}.rb`,
//! `solid_cache` `store/execution.rb`, rails 8.1 `connection_adapters/pool_config.rb`, sidekiq 8.1
//! `lib/sidekiq/cli.rb`, `good_job` 4.19 `README.md` (Database connections) and
//! `lib/good_job/{notifier,shared_executor}.rb`.

use super::Notebook;
use super::basis::Basis;
use super::database::Kind;
use super::deploy::DeployView;
use super::jobs::{self, JobsView};
use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::database::Database;
use crate::facts::process::Runner;
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
        number(basis, basis.app.puma().threads()),
        number(basis, basis.app.puma().workers()),
    ) else {
        return;
    };
    let Some(databases) = basis.app.databases().known() else {
        return;
    };
    let running = match Running::of(basis, &deploy.jobs) {
        Ok(running) => running,
        Err((place, why)) => {
            let uncounted = Fact::new("not counted", Origin::at(place, ""));
            let why = format!("how many threads run jobs cannot be told: {why}");
            return notebook.decide("connections", &uncounted, why);
        }
    };
    let pools = Pools {
        basis,
        databases: &databases,
    };
    // Those of GoodJob share Puma's pool where they run in Puma.
    let guests = match running {
        Running::GoodJob(own) if deploy.jobs.in_puma => own + GOOD_JOB_UTILITIES,
        _ => 0,
    };
    let web = pools.sum(&Need {
        primary: threads + guests,
        cache: threads + guests + 1,
        queue: threads,
        cable: threads + guests + 1,
    }) + u64::from(guests > 0);
    let jobs = if guests > 0 { 0 } else { running.need(&pools) };
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
        format!(
            "the server allows {limit} unless it is told otherwise: {threads} threads × {} in Puma{}, old and new side by side",
            workers.max(1),
            running.describe()
        ),
    );
    if peak > limit {
        notebook.note(format!("A deploy may open {peak} connections, and the database server allows {limit}: raise its max_connections, or lower RAILS_MAX_THREADS or WEB_CONCURRENCY."));
    }
    let place = databases.origin.place.describe(basis.app.tree());
    let requests = if guests > 0 { threads } else { 0 };
    if let Some(shortage) = running.shortage(&pools, &place, requests) {
        notebook.note(shortage);
    }
}

/// The pools of production's databases.
struct Pools<'p, 'a> {
    basis: &'p Basis<'a>,
    databases: &'p [Database<'a>],
}

impl Pools<'_, '_> {
    /// The pool of a database, or of the one that stands in for it.
    fn of(&self, name: &str) -> u64 {
        let mut databases = self.databases.iter();
        let database = databases
            .find(|database| database.name().value == name)
            .or(self.databases.first());
        database
            .and_then(|database| number(self.basis, database.pool()))
            .unwrap_or(5)
    }

    /// What one process opens at most.
    fn sum(&self, need: &Need) -> u64 {
        let each = [
            ("primary", need.primary),
            ("cache", need.cache),
            ("queue", need.queue),
            ("cable", need.cable),
        ];
        if self.databases.len() < 2 {
            let all = each.iter().map(|(_, wanted)| wanted).sum();
            return self.of("primary").min(all);
        }
        let is_there = |name: &str| {
            let mut databases = self.databases.iter();
            name == "primary" || databases.any(|database| database.name().value == name)
        };
        each.iter()
            .filter(|(name, _)| is_there(name))
            .map(|(name, wanted)| self.of(name).min(*wanted))
            .sum()
    }
}

/// Threads that GoodJob has besides those that run jobs: the clock's and the listener's.
const GOOD_JOB_UTILITIES: u64 = 2;

/// What runs jobs, with the threads that do so in each process.
enum Running {
    SolidQueue(u64),
    Sidekiq(u64),
    GoodJob(u64),
    /// Nothing, or nothing that is counted.
    Nothing,
}

impl Running {
    /// Where it cannot be counted, the place and the reason.
    fn of(basis: &Basis<'_>, jobs: &JobsView) -> Result<Self, (Place, Why)> {
        let app = basis.app;
        Ok(match jobs.runner {
            Some(Runner::SolidQueue) => {
                let threads = told(app.solid().worker_threads())?;
                let counted = u16::try_from(threads.value).map_err(|_| {
                    let why = Why::NotRead(format!("{} is no number of threads", threads.value));
                    (threads.origin.place, why)
                })?;
                Self::SolidQueue(counted.into())
            }
            Some(Runner::Sidekiq) => {
                let usual = given(jobs::variable(basis, "RAILS_MAX_THREADS"))?;
                Self::Sidekiq(match jobs.threads() {
                    Some(threads) => threads,
                    None => told(app.sidekiq().concurrency(usual))?.value,
                })
            }
            Some(Runner::GoodJob) => {
                let usual = jobs::variable(basis, "GOOD_JOB_MAX_THREADS")
                    .or_else(|| jobs::variable(basis, "RAILS_MAX_THREADS"));
                Self::GoodJob(told(app.good_job().threads(given(usual)?))?.value)
            }
            Some(Runner::DelayedJob) | None => Self::Nothing,
        })
    }

    /// What a process that runs nothing but jobs opens at most.
    fn need(&self, pools: &Pools<'_, '_>) -> u64 {
        match *self {
            // A supervisor and a dispatcher with three each, a scheduler with two, and the workers.
            Self::SolidQueue(own) => {
                let queue = pools.of("queue");
                let workers = pools.sum(&Need {
                    primary: own,
                    cache: own + 1,
                    queue: own + 2,
                    cable: own,
                });
                queue.min(3) * 2 + queue.min(2) + workers
            }
            // Its jobs are in Redis.
            Self::Sidekiq(own) => pools.sum(&Need {
                primary: own,
                cache: own + 1,
                queue: 0,
                cable: own,
            }),
            // The listener's is taken out of the pool.
            Self::GoodJob(own) => {
                pools.sum(&Need {
                    primary: own + GOOD_JOB_UTILITIES,
                    cache: own + 1,
                    queue: 0,
                    cable: own,
                }) + 1
            }
            Self::Nothing => 0,
        }
    }

    /// Where a pool is too small; `requests` are the threads of Puma that share it with jobs.
    fn shortage(&self, pools: &Pools<'_, '_>, place: &str, requests: u64) -> Option<String> {
        let (queue, primary) = (pools.of("queue"), pools.of("primary"));
        match *self {
            Self::SolidQueue(own) if queue < own + 2 => Some(format!(
                "Jobs' workers need {} connections to the queue's database (threads + 2) and {place} gives {queue}: Solid Queue 1.1.1 to 1.4 stops at boot, later ones warn.",
                own + 2,
            )),
            Self::Sidekiq(own) if primary < own => Some(format!(
                "Sidekiq works on {own} jobs at a time and {place} gives it {primary} connections: jobs wait for one, and fail after five seconds."
            )),
            Self::GoodJob(own) if primary < own + GOOD_JOB_UTILITIES + requests => {
                let who = if requests > 0 {
                    "Requests and jobs in Puma"
                } else {
                    "Jobs"
                };
                Some(format!(
                    "{who} need {} connections ({own} jobs at a time, and {GOOD_JOB_UTILITIES} for GoodJob itself) and {place} gives {primary}: what waits for one fails after five seconds.",
                    own + GOOD_JOB_UTILITIES + requests,
                ))
            }
            _ => None,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::SolidQueue(own) => format!(", {own} in a jobs' worker"),
            Self::Sidekiq(own) => format!(", {own} in Sidekiq"),
            Self::GoodJob(own) => format!(", {own} in GoodJob"),
            Self::Nothing => String::new(),
        }
    }
}

/// The fact, or why it cannot be told.
fn told<T>(answer: Answer<T>) -> Result<Fact<T>, (Place, Why)> {
    let place = answer.place().clone();
    let nothing = || (place, Why::NotRead("nothing says so".to_owned()));
    given(answer)?.ok_or_else(nothing)
}

/// The fact, if there is one, or why it cannot be told.
fn given<T>(answer: Answer<T>) -> Result<Option<Fact<T>>, (Place, Why)> {
    match answer {
        Answer::Unknown(place, why) => Err((place, why)),
        answer => Ok(answer.known()),
    }
}

/// A number, or what the variable that it is read from is set to.
fn number(basis: &Basis<'_>, answer: Answer<Value>) -> Option<u64> {
    let value = answer.known()?.value;
    let set = value.variable().map(|name| jobs::variable(basis, name));
    let text = match set {
        Some(Answer::Is(set)) => set.value,
        Some(Answer::Unknown(..)) => return None,
        Some(Answer::Absent(_)) | None => value.text_or_default()?.to_owned(),
    };
    // What is larger counts no threads.
    text.trim().parse::<u16>().ok().map(u64::from)
}
