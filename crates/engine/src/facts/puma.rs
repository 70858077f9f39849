//! What Puma is told by its configuration file.

use syntax::Span;
use syntax::ruby::{Context, Expression, ExpressionKind, InterpolatedPart};

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::kamal::{Destination, Role};
use crate::facts::process::{self, Process};
use crate::facts::setting::Value;
use crate::tree::{Path, Source};

/// Where Puma reads its configuration, unless the environment has a file of its own.
const FILE: &str = "config/puma.rb";

/// The folder of files for one environment each.
pub(super) const FOLDER: &str = "config/puma";

/// The configuration file of Puma.
#[derive(Clone)]
pub struct Puma<'a> {
    file: Answer<&'a Source>,
}

impl<'a> App<'a> {
    /// What Puma is told in production.
    pub fn puma(&'a self) -> Puma<'a> {
        Puma::in_environment(self, "production")
    }
}

impl<'a> Destination<'a> {
    /// What Puma is told in the environment that Rails runs in, where its command names no file.
    pub fn puma(&self) -> Puma<'a> {
        let app = self.app();
        match self.rails_environment() {
            Answer::Is(environment) => Puma::in_environment(app, environment),
            Answer::Unknown(..) if app.tree().has(FOLDER) => {
                Puma::unknown("the environment may have a file of its own")
            }
            Answer::Absent(_) | Answer::Unknown(..) => app.puma(),
        }
    }
}

impl<'a> Role<'a> {
    /// What Puma is told in its containers: by the file that the command names with `-C`, else by that
    /// of the environment.
    pub fn puma(&self) -> Puma<'a> {
        if self.puma_option().is_none() {
            return self.destination().puma();
        }
        match self.puma_file() {
            Some(path) => Puma::at(self.destination().app(), &path),
            None => Puma::unknown("the command names a file that is none of the app's"),
        }
    }

    /// The file of the app that its command names for Puma.
    pub(super) fn puma_file(&self) -> Option<Path> {
        let named = self.puma_option()?;
        let in_image = process::stage(self).and_then(|stage| process::file_of(stage, &named));
        in_image.or_else(|| Path::new(&named))
    }

    fn puma_option(&self) -> Option<String> {
        match self.process()?.value {
            Process::Web(web) => web.config,
            _ => None,
        }
    }
}

/// The address of a text, and of one with interpolation if that leaves the host alone.
fn beginning(expression: &Expression) -> Option<String> {
    let ExpressionKind::Interpolated(parts) = &expression.kind else {
        return expression.as_str().map(str::to_owned);
    };
    let InterpolatedPart::Text(text) = parts.first()? else {
        return None;
    };
    let has_host = text.starts_with("unix:")
        || text
            .split_once("://")
            .is_some_and(|(_, host)| host.contains([':', '?']));
    has_host.then(|| format!("{text}…"))
}

/// What has to be so for Puma to load a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// The variable has any value at all: in Ruby the text `false` is true.
    Set(String),
}

/// Whether an expression is true in production.
enum Truth {
    Always,
    Never,
    /// As long as the variable has any value.
    WhileSet(String),
}

impl Truth {
    fn of(expression: &Expression) -> Option<Self> {
        Some(match (&expression.kind, Value::of(expression)) {
            (ExpressionKind::Or(left, right), _) => match (Self::of(left)?, Self::of(right)?) {
                (Self::Never, other) | (other, Self::Never) => other,
                (Self::Always, _) | (_, Self::Always) => Self::Always,
                _ => return None,
            },
            (ExpressionKind::False, _) => Self::Never,
            (ExpressionKind::Call { .. }, Some(Value::Text(text))) if text == "false" => {
                Self::Never
            }
            (ExpressionKind::Call { .. }, Some(Value::Text(_))) => Self::Always,
            (
                _,
                Some(Value::Variable {
                    name,
                    default: None,
                }),
            ) => Self::WhileSet(name),
            _ => return None,
        })
    }
}

impl<'a> Puma<'a> {
    /// A file of the environment's own is read in the place of the other one
    /// (puma 8.0 `lib/puma/configuration.rb`, `config_files`).
    fn in_environment(app: &'a App<'a>, environment: &str) -> Self {
        let own = Path::from(FOLDER).join(&format!("{environment}.rb"));
        let own = own.filter(|path| app.tree().has(path));
        Self::at(app, &own.unwrap_or_else(|| FILE.into()))
    }

    fn at(app: &'a App<'a>, path: &Path) -> Self {
        let place = Place::File(path.clone());
        let file = match app.tree().source(path) {
            Some(source) => Answer::Is(Fact::new(source, Origin::at(place, "Puma's file"))),
            None if app.tree().has(path) => Answer::Unknown(place, Why::Unreadable),
            None => Answer::Absent(place),
        };
        Self { file }
    }

    fn unknown(why: &str) -> Self {
        let why = Why::NotRead(why.to_owned());
        Self {
            file: Answer::Unknown(Place::File(FILE.into()), why),
        }
    }

    /// Where it is, or would be.
    pub fn path(&self) -> Path {
        self.file.place().path().map_or(FILE.into(), Path::clone)
    }

    /// The file itself.
    pub fn source(&self) -> Option<&'a Source> {
        self.file::<()>().ok()
    }

    /// The file, or what all questions about it are answered with.
    fn file<T>(&self) -> Result<&'a Source, Answer<T>> {
        match self.file.clone() {
            Answer::Is(source) => Ok(source.value),
            Answer::Absent(place) => Err(Answer::Absent(place)),
            Answer::Unknown(place, why) => Err(Answer::Unknown(place, why)),
        }
    }

    /// `port`, or the port of a `bind` to TCP.
    pub fn port(&self) -> Answer<Value> {
        let source = match self.file() {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        let document = source.ruby();
        for call in document.calls.iter().filter(|call| call.receiver.is_none()) {
            let Some(argument) = call.arguments.first() else {
                continue;
            };
            let argument = document.resolve(argument);
            let value = match call.name.as_str() {
                "port" => Value::of(argument),
                "bind" => match Value::of(argument)
                    .as_ref()
                    .and_then(Value::text_or_default)
                {
                    Some(bind) => port_of_bind(bind).map(|port| Value::Text(port.to_string())),
                    None => None,
                },
                _ => continue,
            };
            let place = Place::text(source.path(), call.span);
            return match value {
                Some(value) if call.within().is_empty() => {
                    Answer::Is(Fact::new(value, Origin::at(place, "Puma's port")))
                }
                Some(_) => Answer::Unknown(place, Why::Conditional),
                None => Answer::Unknown(place, Why::Dynamic),
            };
        }
        Answer::Absent(Place::File(source.path().clone()))
    }

    /// All that `port` and `bind` bind to, as URLs or as far as they are written: never empty.
    /// Absent where neither is called.
    pub fn binds(&self) -> Answer<Vec<String>> {
        let source = match self.file() {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        let document = source.ruby();
        let mut binds: Vec<(String, Span)> = Vec::new();
        for call in document.calls.iter().filter(|call| call.receiver.is_none()) {
            let place = Place::text(source.path(), call.span);
            let argument = |index: usize| {
                call.arguments
                    .get(index)
                    .map(|argument| document.resolve(argument))
            };
            let bind = match call.name.value.as_str() {
                "port" => match argument(1) {
                    None => Some("tcp://0.0.0.0".to_owned()),
                    Some(host) => beginning(host),
                },
                "bind" | "ssl_bind" => argument(0).and_then(beginning),
                "set_default_host" | "clear_binds!" | "bind_to_activated_sockets" => None,
                _ => continue,
            };
            match bind {
                Some(bind) if call.within().is_empty() => binds.push((bind, call.span)),
                Some(_) => return Answer::Unknown(place, Why::Conditional),
                None => return Answer::Unknown(place, Why::Dynamic),
            }
        }
        match binds.first() {
            Some((_, span)) => {
                let origin = Origin::at(Place::text(source.path(), *span), "Puma listens here");
                let binds = binds.iter().map(|(bind, _)| bind.clone()).collect();
                Answer::Is(Fact::new(binds, origin))
            }
            None => Answer::Absent(Place::File(source.path().clone())),
        }
    }

    /// The threads of each worker, as `threads` gives the most of them; 3 where it is not called
    /// (puma 8.0 `lib/puma/configuration.rb` says 5 on MRI, Rails' own file since 7.2 says 3).
    pub fn threads(&self) -> Answer<Value> {
        self.number("threads", "3")
    }

    /// The worker processes; none but Puma itself where `workers` is not called.
    pub fn workers(&self) -> Answer<Value> {
        self.number("workers", "0")
    }

    /// The last argument of a call of that name.
    fn number(&self, name: &'static str, default: &'static str) -> Answer<Value> {
        let source = match self.file() {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        let document = source.ruby();
        let call = document
            .calls_named(name)
            .find(|call| call.receiver.is_none());
        let Some(call) = call else {
            let text = Value::Text(default.to_owned());
            return Answer::Is(Fact::default(text, "Puma's defaults", name));
        };
        let place = Place::text(source.path(), call.span);
        let value = call
            .arguments
            .last()
            .and_then(|argument| Value::of(document.resolve(argument)));
        match value {
            Some(value) if call.within().is_empty() => {
                Answer::Is(Fact::new(value, Origin::at(place, "Puma is told here")))
            }
            Some(_) => Answer::Unknown(place, Why::Conditional),
            None => Answer::Unknown(place, Why::Dynamic),
        }
    }

    /// Whether its configuration calls a method.
    pub fn calls(&self, name: &str) -> bool {
        self.source()
            .is_some_and(|source| source.ruby().calls_named(name).next().is_some())
    }

    /// Whether Puma runs Solid Queue inside itself, and when.
    pub fn solid_queue_plugin(&self) -> Answer<Condition> {
        let source = match self.file() {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        let plugin = source.ruby().calls_named("plugin").find(|call| {
            let name = call.arguments.first().and_then(Expression::as_name);
            name == Some("solid_queue")
        });
        let absent = Answer::Absent(Place::Slot {
            path: source.path().clone(),
            span: Span::default(),
            key: "plugin :solid_queue".to_owned(),
        });
        let Some(call) = plugin else {
            return absent;
        };
        let origin = Origin::at(
            Place::text(source.path(), call.span),
            "Puma's plugin for jobs",
        );
        let condition = match call.within().as_slice() {
            [] => Some(Truth::Always),
            [
                Context::If {
                    condition,
                    negated: false,
                    ..
                },
            ] => Truth::of(condition),
            _ => None,
        };
        match condition {
            Some(Truth::Always) => Answer::Is(Fact::new(Condition::Always, origin)),
            Some(Truth::WhileSet(name)) => Answer::Is(Fact::new(Condition::Set(name), origin)),
            Some(Truth::Never) => absent,
            None => Answer::Unknown(origin.place, Why::Conditional),
        }
    }
}

/// The port of `tcp://0.0.0.0:3000` or `0.0.0.0:3000`.
pub(super) fn port_of_bind(bind: &str) -> Option<u16> {
    let address = bind.strip_prefix("tcp://").unwrap_or(bind);
    address.rsplit_once(':')?.1.split('?').next()?.parse().ok()
}
