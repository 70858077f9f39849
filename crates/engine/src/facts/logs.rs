//! Logs: where Rails writes its own, and how much Docker keeps of what a container says.

use syntax::ruby::{Context, Expression, ExpressionKind};

use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::kamal::Role;
use crate::facts::process;
use crate::facts::rails::{APPLICATION, PRODUCTION};
use crate::facts::setting::Setting;
use crate::facts::{App, setting};
use crate::tree::Source;

/// Rails' log.
#[derive(Clone, Copy)]
pub struct Logs<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// Rails' log.
    pub fn logs(&'a self) -> Logs<'a> {
        Logs { app: self }
    }
}

/// Where Rails writes its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output, or something else that is no file of the app's.
    Elsewhere,
    /// A file of the app's.
    File(String),
    /// Standard output while a variable is set, else the usual file.
    FileUnless(String),
}

/// What sets up loggers of its own.
const GEMS: [&str; 4] = [
    "rails_12factor",
    "rails_semantic_logger",
    "rails_stdout_logging",
    "sematext-logsene",
];

/// The setting.
const LOGGER: &str = "config.logger";

impl<'a> Logs<'a> {
    /// Where Rails writes its log in production, as far as its configuration says. Absent is the
    /// usual file (rails 8.1 `railties/lib/rails/application/bootstrap.rb`).
    pub fn target(self) -> Answer<Target> {
        let rails = self.app.rails();
        if let Some(place) = self.another_way() {
            let why = Why::NotRead("something else has a say in it".to_owned());
            return Answer::Unknown(place, why);
        }
        let unless = self.unless_variable();
        if let Some(unless) = unless {
            return Answer::Is(unless);
        }
        rails
            .settled(LOGGER, || rails.setting(LOGGER))
            .and_then(|logger| match file_of(logger.value) {
                Some(file) => Answer::Is(logger.map(|_| Target::File(file))),
                None => Answer::Is(logger.map(|_| Target::Elsewhere)),
            })
    }

    /// The settings that Rails reads for production.
    fn settings(self) -> impl Iterator<Item = &'a Source> {
        let tree = self.app.tree();
        [APPLICATION, PRODUCTION, "config.ru"]
            .into_iter()
            .filter_map(|path| tree.source(path))
            .chain(self.app.rails().initializers())
    }

    /// What gives Rails a logger otherwise than `config.logger`: a gem, or a call.
    fn another_way(self) -> Option<Place> {
        let gems = GEMS.into_iter().map(|gem| self.app.gems().shipped(gem));
        let by_gem = gems
            .filter(|gem| !gem.is_absent())
            .map(|gem| gem.place().clone());
        let calls = self.settings().flat_map(|source| {
            let calls = source.ruby().calls.iter();
            calls.filter_map(move |call| {
                let path = call.path().unwrap_or_default();
                let is_other = call.name.value == "logger=" && path != LOGGER
                    || call.name.value.starts_with("broadcast")
                    || path.starts_with("config.paths.")
                    || path == "config.default_log_file"
                    || path.starts_with("config.semantic_logger")
                    || path.starts_with("config.rails_semantic_logger");
                is_other.then(|| Place::text(source.path(), call.span))
            })
        });
        by_gem.chain(calls).next()
    }

    /// The form of Rails up to 7.0: `if ENV["RAILS_LOG_TO_STDOUT"].present?`.
    fn unless_variable(self) -> Option<Fact<Target>> {
        let source = self.app.tree().source(PRODUCTION)?;
        let mut settings = source.ruby().settings(LOGGER);
        let (call, None) = (settings.next()?, settings.next()) else {
            return None;
        };
        let conditions: Vec<&Context> = call
            .within()
            .into_iter()
            .filter(|context| !matches!(context, Context::Block { .. }))
            .collect();
        let [
            Context::If {
                condition,
                negated: false,
                ..
            },
        ] = conditions.as_slice()
        else {
            return None;
        };
        let ExpressionKind::Call {
            receiver: Some(receiver),
            name,
            ..
        } = &condition.kind
        else {
            return None;
        };
        let ExpressionKind::Env {
            name: variable,
            default: None,
            ..
        } = &receiver.kind
        else {
            return None;
        };
        (name == "present?").then(|| {
            let why = format!("standard output only if {variable} is set");
            Fact::read(
                Target::FileUnless(variable.clone()),
                source.path(),
                call.span,
                why,
            )
        })
    }
}

/// The file that an expression opens a log at: `ActiveSupport::Logger.new("log/production.log")`, or
/// what is built around it.
fn file_of(expression: &Expression) -> Option<String> {
    let ExpressionKind::Call {
        receiver,
        name,
        arguments,
    } = &expression.kind
    else {
        return None;
    };
    let is_logger = receiver.as_ref().is_some_and(|receiver| {
        matches!(&receiver.kind, ExpressionKind::Constant(name)
            if ["Logger", "::Logger", "ActiveSupport::Logger", "ActiveSupport::TaggedLogging"].contains(&name.as_str()))
    });
    let first = arguments.first();
    if is_logger && ["new", "logger"].contains(&name.as_str()) {
        let first = first?;
        let path = setting::below_root(first).or_else(|| first.as_str().map(str::to_owned));
        // A logger around another one.
        return path.or_else(|| file_of(first));
    }
    receiver.as_ref().and_then(|receiver| file_of(receiver))
}

impl<'a> Role<'a> {
    /// What Docker is told about the logs of its containers: the role's own on top of that of all
    /// (kamal 2.12 `lib/kamal/configuration/role.rb`).
    pub fn logging(&self) -> Answer<Setting<'a>> {
        let own = self.get("logging");
        match (self.destination().root().get("logging"), own) {
            (Answer::Is(all), Answer::Is(own)) => {
                let origin = own.origin;
                Answer::Is(Fact::new(all.value.under(own.value), origin))
            }
            (Answer::Absent(_), own) => own,
            (all, Answer::Absent(_)) => all,
            (Answer::Unknown(place, why), _) | (_, Answer::Unknown(place, why)) => {
                Answer::Unknown(place, why)
            }
        }
    }

    /// Whether a file that Rails logs to is something else in the image: the build or the entrypoint
    /// makes it a link, or a volume is mounted there.
    pub fn redirects_log(&self, file: &str) -> bool {
        let Some(stage) = process::stage(self) else {
            return true;
        };
        let by_build = ["/dev/stdout", "/proc/1/fd", "production.log"];
        let by_build = by_build.iter().any(|text| stage.image().mentions(text));
        let by_entrypoint = self.destination().entrypoint_mentions("production.log");
        let is_mounted = match (self.mounts(), self.path(file)) {
            (Some(mounts), Some(path)) => mounts.iter().any(|mount| mount.has(&path)),
            _ => true,
        };
        by_build || by_entrypoint || is_mounted
    }
}
