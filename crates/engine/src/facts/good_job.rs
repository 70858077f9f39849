//! GoodJob: where it runs jobs, and with how many threads.
//!
//! Upstream: `good_job` 4.19 `lib/good_job/{configuration,multi_scheduler}.rb`. Rails' configuration
//! wins over variables, and an initializer has the last word in it.

use std::fmt;

use syntax::ruby::{Expression, ExpressionKind};

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::kamal::Role;
use crate::facts::setting::Value;

/// Where GoodJob's own documentation puts its settings.
const INITIALIZER: &str = "config/initializers/good_job.rb";

/// `GoodJob`.
#[derive(Clone, Copy)]
pub struct GoodJob<'a> {
    app: &'a App<'a>,
}

/// What runs jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A process of its own.
    External,
    /// Threads of the web server, or of any process of the app's.
    Async,
    /// Whatever asks for the job, at once.
    Inline,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::External => "a process of its own",
            Self::Async => "the web server",
            Self::Inline => "the request",
        })
    }
}

impl<'a> App<'a> {
    /// `GoodJob`.
    pub fn good_job(&'a self) -> GoodJob<'a> {
        GoodJob { app: self }
    }
}

/// How a setting may be written, and its key where all are set at once.
struct Name {
    paths: [&'static str; 2],
    key: &'static str,
}

const MODE: Name = Name {
    paths: [
        "config.good_job.execution_mode",
        "Rails.application.config.good_job.execution_mode",
    ],
    key: "execution_mode",
};

const MAX_THREADS: Name = Name {
    paths: [
        "config.good_job.max_threads",
        "Rails.application.config.good_job.max_threads",
    ],
    key: "max_threads",
};

const QUEUES: Name = Name {
    paths: [
        "config.good_job.queues",
        "Rails.application.config.good_job.queues",
    ],
    key: "queues",
};

const SHUTDOWN_TIMEOUT: Name = Name {
    paths: [
        "config.good_job.shutdown_timeout",
        "Rails.application.config.good_job.shutdown_timeout",
    ],
    key: "shutdown_timeout",
};

const ALL: [&str; 2] = ["config.good_job", "Rails.application.config.good_job"];

impl GoodJob<'_> {
    /// Seconds that running jobs have to end; absent is as long as they take.
    pub fn shutdown_timeout(self, role: &Role<'_>) -> Answer<i64> {
        let text = self.text(&SHUTDOWN_TIMEOUT);
        text.or_else(|| role.variable("GOOD_JOB_SHUTDOWN_TIMEOUT"))
            .and_then(|text| match text.parse() {
                Ok(seconds) => Answer::Is(text.map(|_| seconds)),
                Err(_) => Answer::Unknown(text.origin.place, Why::Dynamic),
            })
    }

    /// What runs jobs in production, as Rails' configuration has it; where it is absent,
    /// `GOOD_JOB_EXECUTION_MODE` decides, and without that a process of its own.
    pub fn mode(self) -> Answer<Mode> {
        self.text(&MODE).and_then(Mode::of)
    }

    /// Threads that run jobs in one process, those of all its pools: `variable` is what
    /// `GOOD_JOB_MAX_THREADS` gives, or `RAILS_MAX_THREADS`.
    pub fn threads(self, variable: Option<Fact<String>>) -> Answer<u64> {
        let most = self
            .text(&MAX_THREADS)
            .or_else(|| {
                let default = || Fact::default("5".to_owned(), "GoodJob's defaults", "max_threads");
                Answer::Is(variable.unwrap_or_else(default))
            })
            .and_then(|most| match most.parse::<u16>() {
                Ok(number) => Answer::Is(most.map(|_| u64::from(number))),
                Err(_) => Answer::Unknown(most.origin.place, Why::Dynamic),
            });
        let queues = match self.text(&QUEUES) {
            Answer::Is(queues) => queues,
            Answer::Absent(_) => return most,
            Answer::Unknown(place, why) => return Answer::Unknown(place, why),
        };
        // `urgent:2;*` is a pool of two threads, and one of as many as are usual.
        let most = most.known();
        let mut is_usual = true;
        let sum = queues.split(';').try_fold(0_u64, |sum, pool| {
            let own = pool.split(':').nth(1).map(str::trim);
            let threads = match own.filter(|own| !own.is_empty()) {
                Some(own) => {
                    is_usual = false;
                    own.parse::<u16>().ok()?.into()
                }
                None => most.as_ref()?.value,
            };
            sum.checked_add(threads)
        });
        match (sum, most) {
            (Some(sum), Some(most)) if is_usual => Answer::Is(most.map(|_| sum)),
            (Some(sum), _) => Answer::Is(queues.map(|_| sum)),
            (None, _) => Answer::Unknown(queues.origin.place, Why::Dynamic),
        }
    }

    /// A setting as a text: the initializer's, which runs last, else the environment's or the app's.
    fn text(self, name: &Name) -> Answer<String> {
        let rails = self.app.rails();
        let by_itself = || {
            let [path, long] = name.paths;
            [path, long]
                .into_iter()
                .map(|path| rails.in_file(INITIALIZER, path))
                .find(|answer| !answer.is_absent())
                .unwrap_or_else(|| rails.setting(path))
        };
        let with_all = || {
            let [path, long] = ALL;
            let all = [path, long]
                .into_iter()
                .map(|path| rails.in_file(INITIALIZER, path))
                .find(|answer| !answer.is_absent())
                .unwrap_or_else(|| rails.setting(path));
            all.and_then(|all| match (&all.value.kind, all.value.get(name.key)) {
                (_, Some(value)) => {
                    let place = Place::text(
                        all.origin.place.path().unwrap_or(&INITIALIZER.into()),
                        value.span,
                    );
                    Answer::Is(Fact::new(value, Origin::at(place, "set here")))
                }
                (ExpressionKind::Hash(_), None) => Answer::Absent(all.origin.place),
                _ => Answer::Unknown(all.origin.place, Why::Dynamic),
            })
        };
        by_itself()
            .or_else(with_all)
            .and_then(|value| match said(value.value) {
                Some(text) => Answer::Is(value.map(|_| text)),
                None => Answer::Unknown(value.origin.place, Why::Dynamic),
            })
    }
}

impl Mode {
    fn named(name: &str) -> Option<Self> {
        match name {
            "external" => Some(Self::External),
            "async" | "async_server" | "async_all" => Some(Self::Async),
            "inline" => Some(Self::Inline),
            _ => None,
        }
    }

    /// The mode of that name.
    pub fn of(name: Fact<String>) -> Answer<Self> {
        match Self::named(&name) {
            Some(mode) => Answer::Is(name.map(|_| mode)),
            None => {
                let why = Why::NotRead(format!("`{}` is no mode of GoodJob's", name.value));
                Answer::Unknown(name.origin.place, why)
            }
        }
    }
}

/// A symbol, text or number, or the default of the variable that it is read from.
fn said(expression: &Expression) -> Option<String> {
    let plain = match &expression.kind {
        ExpressionKind::Call {
            receiver: Some(receiver),
            name,
            arguments,
        } if arguments.is_empty() && matches!(name.as_str(), "to_sym" | "to_i" | "to_s") => {
            receiver
        }
        _ => expression,
    };
    Value::of(plain)?.text_or_default().map(str::to_owned)
}
