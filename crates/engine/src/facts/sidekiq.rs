//! Sidekiq, as its own configuration file describes it.

use crate::fact::{Answer, Fact, Why};
use crate::facts::App;
use crate::facts::kamal::Role;
use crate::facts::setting::Setting;

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

impl Sidekiq<'_> {
    /// Seconds that running jobs have to end: `-t`, else the file's `timeout` (sidekiq 8.1
    /// `lib/sidekiq/cli.rb`). Absent is 25.
    pub fn timeout(self, role: &Role<'_>) -> Answer<i64> {
        match option(role, ["-t", "--timeout"]) {
            Answer::Absent(_) => {}
            answer => return answer,
        }
        let root = match self.app.file("config/sidekiq.yml") {
            Ok(source) => Setting::of_file(source),
            Err(answer) => return answer,
        };
        root.and_then(|root| {
            let own = member(&root, "production").and_then(|own| member(&own, "timeout"));
            own.or_else(|| member(&root, "timeout"))
                .and_then(|timeout| timeout.integer())
        })
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
        let file = ["config/sidekiq.yml", "config/sidekiq.yml.erb"]
            .into_iter()
            .find(|file| self.app.tree().has(file));
        let Some(file) = file else { return default() };
        let root = match self.app.file(file) {
            Ok(source) => Setting::of_file(source),
            Err(answer) => return answer,
        };
        let root = match root {
            Answer::Is(root) => root.value,
            Answer::Absent(_) => return default(),
            Answer::Unknown(place, why) => return Answer::Unknown(place, why),
        };
        // What stands below the environment is laid over the rest.
        let own = member(&root, "production");
        let of_production = own.and_then(|own| member(&own, "concurrency"));
        let threads = of_production
            .or_else(|| member(&root, "concurrency"))
            .and_then(|threads| number(&threads))
            .or_else(default);
        let capsules = member(&root, "production")
            .and_then(|own| member(&own, "capsules"))
            .or_else(|| member(&root, "capsules"));
        let mut capsules = match capsules {
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
