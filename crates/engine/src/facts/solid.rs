//! Jobs, cache and cable: which of them the Solid gems serve, and from which database.

use crate::fact::{Answer, Fact, Why};
use crate::facts::App;
use crate::facts::rails::PRODUCTION;
use crate::facts::setting::Setting;
use syntax::ruby::{Expression, ExpressionKind};

/// The Solid trio.
#[derive(Clone, Copy)]
pub struct Solid<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// Jobs, cache and cable.
    pub fn solid(&'a self) -> Solid<'a> {
        Solid { app: self }
    }
}

impl<'a> Solid<'a> {
    /// What works off jobs in production: `solid_queue`, `sidekiq`, `async`…
    pub fn job_adapter(self) -> Answer<String> {
        self.app.rails().symbol("config.active_job.queue_adapter")
    }

    /// What keeps the cache in production: `solid_cache_store`, `memory_store`…
    pub fn cache_store(self) -> Answer<String> {
        self.app.rails().symbol("config.cache_store")
    }

    /// What carries Action Cable in production: `solid_cable`, `redis`, `async`…
    pub fn cable_adapter(self) -> Answer<String> {
        self.yaml("config/cable.yml", &["production", "adapter"])
    }

    /// The database that jobs are written to; absent is the primary one.
    pub fn queue_database(self) -> Answer<String> {
        self.app
            .rails()
            .setting("config.solid_queue.connects_to")
            .and_then(|value| match writing(value.value) {
                Some(name) => Answer::Is(Fact::read(
                    name.0,
                    &PRODUCTION.into(),
                    name.1,
                    "jobs are written here",
                )),
                None => Answer::Unknown(value.origin.place, Why::Dynamic),
            })
    }

    /// The database that the cache is written to; absent is the primary one.
    pub fn cache_database(self) -> Answer<String> {
        self.yaml("config/cache.yml", &["production", "database"])
    }

    /// The database that cable messages are written to; absent is the primary one.
    pub fn cable_database(self) -> Answer<String> {
        self.yaml(
            "config/cable.yml",
            &["production", "connects_to", "database", "writing"],
        )
    }

    /// The Solid gem that surely writes to a database of that name in production.
    pub fn gem_of(self, database: &str) -> Option<&'static str> {
        let is = |answer: Answer<String>, wanted: &str| {
            answer.known().is_some_and(|known| *known == wanted)
        };
        [
            (
                "solid_queue",
                is(self.job_adapter(), "solid_queue"),
                self.queue_database(),
            ),
            (
                "solid_cache",
                is(self.cache_store(), "solid_cache_store"),
                self.cache_database(),
            ),
            (
                "solid_cable",
                is(self.cable_adapter(), "solid_cable"),
                self.cable_database(),
            ),
        ]
        .into_iter()
        .find(|(_, is_used, written)| *is_used && is(written.clone(), database))
        .map(|(gem, ..)| gem)
    }

    /// The workers of `config/queue.yml`; absent where it has none. A file of comments is read as no file
    /// (`solid_queue` 1.5 `lib/solid_queue/configuration.rb`, `config_from_file`).
    pub(super) fn workers(self) -> Answer<Setting<'a>> {
        match self.app.file("config/queue.yml") {
            Ok(source) => Setting::of_file(source),
            Err(answer) => return answer,
        }
        .and_then(|root| root.dig(&["production", "workers"]))
    }

    /// Threads of the largest worker; 3 where the file says nothing (`solid_queue` 1.5
    /// `lib/solid_queue/configuration.rb`).
    pub fn worker_threads(self) -> Answer<i64> {
        let default = || Answer::Is(Fact::default(3, "Solid Queue's defaults", "threads"));
        self.workers()
            .and_then(|workers| {
                let items = workers.items();
                let each = items.iter().map(|worker| {
                    let threads = worker.get("threads");
                    threads
                        .and_then(|threads| threads.integer())
                        .or_else(default)
                });
                let open = Answer::Unknown(workers.place(), Why::Conditional);
                let is_open = !workers.is_settled();
                let each = each.chain(is_open.then_some(open));
                // The one that cannot be told may be the largest.
                let rank = |threads: &Answer<i64>| match threads {
                    Answer::Is(threads) => threads.value,
                    Answer::Absent(_) => 0,
                    Answer::Unknown(..) => i64::MAX,
                };
                let largest = each.max_by_key(rank);
                largest.unwrap_or(Answer::Absent(workers.origin.place))
            })
            .or_else(default)
    }

    /// Seconds that Solid Queue waits for running jobs when it is told to stop
    /// (`solid_queue` 1.5 `lib/solid_queue.rb`: 5).
    pub fn shutdown_timeout(self) -> Answer<i64> {
        self.app
            .rails()
            .setting("config.solid_queue.shutdown_timeout")
            .and_then(|value| match seconds(value.value) {
                Some(seconds) => Answer::Is(value.map(|_| seconds)),
                None => Answer::Unknown(value.origin.place, Why::Dynamic),
            })
    }

    fn yaml(self, path: &'static str, keys: &[&str]) -> Answer<String> {
        let source = match self.app.file(path) {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        Setting::of_file(source)
            .and_then(|root| root.dig(keys))
            .and_then(|setting| setting.text())
    }
}

/// `30`, `30.seconds` or `2.minutes` in seconds.
fn seconds(expression: &Expression) -> Option<i64> {
    match &expression.kind {
        ExpressionKind::Integer(seconds) => Some(*seconds),
        ExpressionKind::Call {
            receiver: Some(receiver),
            name,
            arguments,
        } if arguments.is_empty() => {
            let ExpressionKind::Integer(number) = &receiver.kind else {
                return None;
            };
            match name.as_str() {
                "second" | "seconds" => Some(*number),
                "minute" | "minutes" => number.checked_mul(60),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The database of `{ database: { writing: :queue } }`.
fn writing(expression: &Expression) -> Option<(String, syntax::Span)> {
    let database = pair(expression, "database")?;
    let writing = pair(database, "writing")?;
    match &writing.kind {
        ExpressionKind::Symbol(name) | ExpressionKind::String(name) => {
            Some((name.clone(), writing.span))
        }
        _ => None,
    }
}

fn pair<'a>(expression: &'a Expression, key: &str) -> Option<&'a Expression> {
    let ExpressionKind::Hash(pairs) = &expression.kind else {
        return None;
    };
    pairs.iter().find_map(|(name, value)| match &name.kind {
        ExpressionKind::Symbol(name) | ExpressionKind::String(name) if name == key => Some(value),
        _ => None,
    })
}
