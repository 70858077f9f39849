//! Sidekiq, as its own configuration file describes it.

use syntax::ruby::{Call, Context};

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::kamal::Role;
use crate::facts::process::{Process, Runner};
use crate::facts::servers::url_to_itself;
use crate::facts::setting::{Setting, Value};
use crate::tree::Source;

/// The variable that Sidekiq itself asks for its Redis.
const USUAL: &str = "REDIS_URL";

/// Sidekiq.
#[derive(Clone, Copy)]
pub struct Sidekiq<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// Sidekiq.
    pub fn sidekiq(&'a self) -> Sidekiq<'a> {
        Sidekiq { app: self }
    }
}

impl<'a> Sidekiq<'a> {
    /// Seconds that running jobs have to end: `-t`, else the file's `timeout` (sidekiq 8.1
    /// `lib/sidekiq/cli.rb`). Absent is 25.
    pub fn timeout(self, role: &Role<'_>) -> Answer<i64> {
        match option(role, ["-t", "--timeout"]) {
            Answer::Absent(_) => {}
            answer => return answer,
        }
        self.setting("timeout")
            .and_then(|timeout| timeout.integer())
    }

    /// Whether its file surely names no queues, so that `default` alone is worked on.
    pub fn names_no_queues(self) -> bool {
        self.setting("queues").is_absent()
    }

    /// A key of its file; what stands below the environment is laid over the rest (sidekiq 8.1
    /// `lib/sidekiq/cli.rb`, `parse_config`).
    pub(super) fn setting(self, key: &str) -> Answer<Setting<'a>> {
        let file = ["config/sidekiq.yml", "config/sidekiq.yml.erb"]
            .into_iter()
            .find(|file| self.app.tree().has(file));
        let root = match self.app.file(file.unwrap_or("config/sidekiq.yml")) {
            Ok(source) => Setting::of_file(source),
            Err(answer) => return answer,
        };
        root.and_then(|root| {
            let own = member(&root, "production").and_then(|own| member(&own, key));
            own.or_else(|| member(&root, key))
        })
    }

    /// What lets Sidekiq look for Redis in a role's own container: no variable with an address, and no other
    /// place where one is given (sidekiq 8.1 `lib/sidekiq/redis_connection.rb`). Absent where it has one; the
    /// value is the variable that it asks for.
    pub fn without_server(self, role: &Role<'_>) -> Answer<String> {
        let settings: Vec<(&Source, &Call)> = self
            .app
            .rails()
            .configuring()
            .flat_map(redis_settings)
            .collect();
        let Some((source, call)) = settings.first() else {
            for name in ["REDIS_PROVIDER", USUAL] {
                match role.variable(name) {
                    Answer::Is(set) => return Answer::Absent(set.origin.place),
                    Answer::Unknown(place, why) => return Answer::Unknown(place, why),
                    Answer::Absent(_) => {}
                }
            }
            let place = role.name().origin.place.clone();
            if self.app.rails().has_other_initializers() {
                return Answer::Unknown(place, Why::NotRead("folders of initializers".to_owned()));
            }
            // A file that is not read may tell the server.
            let tree = self.app.tree();
            let may_tell = |file: &str| {
                let name = file.rsplit('/').next().unwrap_or(file);
                let is_code = ["app/", "config/", "lib/"]
                    .iter()
                    .any(|folder| file.starts_with(folder));
                let is_meant = ["redis", "sidekiq"].iter().any(|word| name.contains(word));
                is_code
                    && is_meant
                    && name.strip_suffix(".rb").is_some()
                    && tree.source(file).is_none()
            };
            if tree
                .index()
                .is_some_and(|index| index.files().any(may_tell))
            {
                return Answer::Unknown(place, Why::NotRead("a file called by Redis".to_owned()));
            }
            return Answer::Is(Fact::new(
                USUAL.to_owned(),
                Origin::at(place, "no REDIS_URL for this role"),
            ));
        };
        let place = Place::text(source.path(), call.span);
        let is_plain = |context: &&Context| matches!(context, Context::Block { .. });
        if !call.within().iter().all(is_plain) {
            return Answer::Unknown(place, Why::Conditional);
        }
        let url = call.value().and_then(|value| value.get("url"));
        let Some(value) = url.and_then(|url| Value::of(source.ruby().resolve(url))) else {
            return Answer::Unknown(place, Why::Dynamic);
        };
        let named = value.variable().unwrap_or(USUAL).to_owned();
        match role.resolved(Answer::Is(Fact::new(
            value,
            Origin::at(place.clone(), "Sidekiq's Redis"),
        ))) {
            Answer::Is(url) if url_to_itself(&url).is_some() => Answer::Is(url.map(|_| named)),
            Answer::Is(url) => Answer::Absent(url.origin.place),
            // `url: nil` is the default.
            Answer::Absent(place) => {
                let why = format!("{named} is not set for this role");
                Answer::Is(Fact::new(named, Origin::at(place, why)))
            }
            Answer::Unknown(place, why) => Answer::Unknown(place, why),
        }
    }

    /// Jobs that one process of a role works on at a time: `-c`, else as the file has it.
    pub fn threads(self, role: &Role<'_>) -> Answer<u64> {
        match option(role, ["-c", "--concurrency"]) {
            Answer::Absent(_) => {}
            answer => return answer.map(i64::unsigned_abs),
        }
        match role.variable("RAILS_MAX_THREADS") {
            Answer::Is(given) => self.concurrency(Some(given)),
            Answer::Absent(_) => self.concurrency(None),
            Answer::Unknown(place, why) => Answer::Unknown(place, why),
        }
    }

    /// Jobs that one process works on at a time: those of the default capsule and of all others.
    ///
    /// Upstream: sidekiq 8.1 `lib/sidekiq/cli.rb` (`setup_options`, `parse_config`); where nothing is
    /// said, `lib/sidekiq/config.rb` has 5, and before 7.0 `lib/sidekiq.rb` had 10. `variable` is what
    /// `RAILS_MAX_THREADS` gives, which wins over that.
    pub fn concurrency(self, variable: Option<Fact<String>>) -> Answer<u64> {
        let default = || {
            if let Some(given) = variable {
                return match given.parse::<u16>() {
                    Ok(threads) => Answer::Is(given.map(|_| u64::from(threads))),
                    Err(_) => Answer::Unknown(given.origin.place, Why::Dynamic),
                };
            }
            let locked = self.app.gems().locked("sidekiq").known();
            let major = locked.and_then(|version| version.split('.').next()?.parse::<u64>().ok());
            let threads = if major.is_some_and(|major| major < 7) {
                10
            } else {
                5
            };
            Answer::Is(Fact::default(threads, "Sidekiq's defaults", "concurrency"))
        };
        let threads = self
            .setting("concurrency")
            .and_then(|threads| number(&threads))
            .or_else(default);
        let mut capsules = match self.setting("capsules") {
            Answer::Is(capsules) => capsules.value.members().into_iter(),
            Answer::Absent(_) => return threads,
            Answer::Unknown(place, why) => return Answer::Unknown(place, why),
        };
        threads.and_then(|threads| {
            let sum = capsules.try_fold(threads.value, |sum, capsule| {
                let own = member(&capsule.value, "concurrency");
                let own = own.and_then(|own| number(&own)).known()?;
                sum.checked_add(own.value)
            });
            match sum {
                Some(sum) => Answer::Is(threads.map(|_| sum)),
                None => Answer::Unknown(threads.origin.place, Why::Dynamic),
            }
        })
    }
}

impl Role<'_> {
    /// What of it talks to Sidekiq's Redis: it runs Sidekiq, or queues jobs with it.
    pub fn uses_sidekiq(&self) -> Option<Fact<()>> {
        let app = self.destination().app();
        let process = self.process()?;
        if process.value == Process::Jobs(Runner::Sidekiq) {
            return Some(process.map(|_| ()).labelled("it runs Sidekiq"));
        }
        let adapter = app.solid().job_adapter().known()?;
        (*adapter == "sidekiq").then(|| adapter.map(|_| ()).labelled("jobs are queued with it"))
    }
}

/// Where a file says which Redis Sidekiq is to use: `config.redis = …`.
fn redis_settings(source: &Source) -> impl Iterator<Item = (&Source, &Call)> {
    let calls = source.ruby().calls.iter();
    calls
        .filter(|call| call.name.value == "redis=")
        .map(move |call| (source, call))
}

/// What a role's command gives an option of Sidekiq's; unknown where it names another file.
fn option(role: &Role<'_>, names: [&str; 2]) -> Answer<i64> {
    role.command().and_then(|words| {
        let place = words.origin.place.clone();
        let at = words.iter().position(|word| names.contains(&word.as_str()));
        let given = at.map(|at| words.get(at + 1).and_then(|word| word.parse().ok()));
        match given {
            Some(Some(number)) => Answer::Is(words.map(|_| number)),
            Some(None) => Answer::Unknown(place, Why::Dynamic),
            None if words.iter().any(|word| word == "-C" || word == "--config") => {
                Answer::Unknown(place, Why::NotRead("another file is read".to_owned()))
            }
            None => Answer::Absent(place),
        }
    })
}

/// A key that may be written as a symbol, as Sidekiq's documentation does.
fn member<'a>(setting: &Setting<'a>, key: &str) -> Answer<Setting<'a>> {
    if !setting.is_mapping() {
        return Answer::Absent(setting.slot(key));
    }
    setting.get(&format!(":{key}")).or_else(|| setting.get(key))
}

/// A number, or the default of the variable that it is read from: init sets none of them.
fn number(setting: &Setting<'_>) -> Answer<u64> {
    setting.value().and_then(|value| {
        let number = value.value.text_or_default().map(str::parse::<u16>);
        match number {
            Some(Ok(number)) => Answer::Is(value.map(|_| u64::from(number))),
            _ => Answer::Unknown(value.origin.place, Why::Dynamic),
        }
    })
}
