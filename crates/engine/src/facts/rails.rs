//! Rails itself, and what production is configured to do.

use syntax::ruby::{Call, Context, Expression, ExpressionKind};

use crate::change::Changes;
use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::{self, App};
use crate::tree::Source;
use crate::version::at_least;

/// Settings of every environment.
pub const APPLICATION: &str = "config/application.rb";
/// Settings of production, which win.
pub const PRODUCTION: &str = "config/environments/production.rb";

/// Where Rails reads configuration that comes after that of the environment.
const INITIALIZERS: &str = "config/initializers";

/// Ways that configuration is written to, outside of the app's class and `configure`.
const CONFIGURATIONS: [&str; 3] = [
    "Rails.application.config.",
    "Rails.configuration.",
    "Rails.application.configuration.",
];

/// Calls that change nothing.
pub(super) const ASKS: [&str; 8] = [
    "[]", "any?", "blank?", "dig", "empty?", "fetch", "include?", "present?",
];

/// The app's Rails.
#[derive(Clone, Copy)]
pub struct Rails<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// Rails itself, and what production is configured to do.
    pub fn rails(&'a self) -> Rails<'a> {
        Rails { app: self }
    }
}

impl<'a> Rails<'a> {
    /// The locked version of Rails; of railties where the app picks its frameworks.
    pub fn version(self) -> Answer<String> {
        self.app
            .gems()
            .locked("rails")
            .or_else(|| self.app.gems().locked("railties"))
    }

    /// Whether Rails brings `rails/health#show`, as it does since 7.1.
    pub fn has_health_controller(self) -> bool {
        let version = self.version().known();
        version.is_some_and(|version| at_least(&version, [7, 1]))
    }

    /// Whether the app surely has the defaults of Rails 7.0 or newer.
    pub fn has_defaults_of_7(self) -> bool {
        let source = self.app.tree().source(APPLICATION);
        source.is_some_and(|source| {
            let calls = source.ruby().calls_named("config.load_defaults");
            let mut versions = calls.map(|call| {
                let written = call.span.of(source.text());
                written.rsplit([' ', '(']).next().unwrap_or_default()
            });
            versions
                .next()
                .is_some_and(|version| at_least(version, [7, 0]))
        })
    }

    /// The app's name as Rails' generators write it into file names: `module HarbourBoard` is
    /// `harbour_board`.
    pub fn name(self) -> Answer<String> {
        let source = match self.app.file(APPLICATION) {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        let module = source.ruby().calls.iter().find_map(|call| {
            call.within().into_iter().find_map(|context| match context {
                Context::Namespace { name, span } if !name.contains("::") => {
                    Some((name.clone(), *span))
                }
                _ => None,
            })
        });
        match module {
            Some((name, span)) => {
                let place = Place::text(source.path(), syntax::Span::at(span.start as usize));
                Answer::Is(Fact::new(
                    underscore(&name),
                    Origin::at(place, "the app's module"),
                ))
            }
            None => Answer::Absent(Place::File(source.path().clone())),
        }
    }

    /// Whether the app serves an API only: no views, no assets, no sessions.
    pub fn is_api_only(self) -> Answer<bool> {
        self.boolean("config.api_only")
    }

    /// The value of a setting in production: what `production.rb` says, else `application.rb`.
    pub fn setting(self, path: &'static str) -> Answer<&'a Expression> {
        self.in_file(PRODUCTION, path)
            .or_else(|| match self.in_file(APPLICATION, path) {
                // A setting that is missing belongs into production.rb.
                Answer::Absent(_) => Answer::Absent(slot(PRODUCTION, path)),
                answer => answer,
            })
    }

    /// The files that are read after the environment's.
    pub(super) fn initializers(self) -> impl Iterator<Item = &'a Source> {
        self.app
            .tree()
            .sources()
            .filter(|source| source.path().parent().as_str() == INITIALIZERS)
    }

    /// All files of Ruby that configure Rails as it boots in production.
    pub(super) fn configuring(self) -> impl Iterator<Item = &'a Source> {
        let tree = self.app.tree();
        [APPLICATION, PRODUCTION, "config/environment.rb"]
            .into_iter()
            .filter_map(|path| tree.source(path))
            .chain(self.initializers())
    }

    /// Whether a file that configures Rails has one of these texts in it.
    pub fn configures_any(self, texts: &[&str]) -> bool {
        let mut sources = self.configuring();
        sources.any(|source| texts.iter().any(|text| source.text().contains(text)))
    }

    /// Whether there are initializers in folders below, which are not read here.
    pub(super) fn has_other_initializers(self) -> bool {
        let listed = self.app.tree().folder(INITIALIZERS).unwrap_or_default();
        listed.iter().any(|listed| listed.is_folder)
    }

    /// What a setting answers, unless files that are read after `production.rb` or by it may have
    /// a say.
    pub(super) fn settled<T>(self, path: &str, answer: impl FnOnce() -> Answer<T>) -> Answer<T> {
        let name = path.trim_start_matches("config.");
        let last = name.rsplit('.').next().unwrap_or(name);
        for source in self.initializers() {
            let touches = source.ruby().calls.iter().find(|call| {
                let receiver = call.receiver.as_deref().unwrap_or_default();
                if !call.name.value.starts_with(last) && !receiver.contains(last) {
                    return false;
                }
                let whole = call.path().unwrap_or_default();
                let own = ["config.", "app.config."].into_iter().chain(CONFIGURATIONS);
                own.filter_map(|prefix| whole.strip_prefix(prefix)?.strip_prefix(name))
                    .any(|rest| match rest {
                        "" => call.operator.is_some(),
                        rest => rest.starts_with('.') && !ASKS.contains(&call.name.value.as_str()),
                    })
            });
            if let Some(call) = touches {
                let place = Place::text(source.path(), call.span);
                let why = Why::NotRead("an initializer has a say".to_owned());
                return Answer::Unknown(place, why);
            }
        }
        let production = self.app.tree().source(PRODUCTION);
        let other = production.and_then(|source| {
            let mut calls = source.ruby().calls.iter();
            let call = calls.find(|call| {
                ["require_relative", "load", "eval", "instance_eval"]
                    .contains(&call.name.value.as_str())
            })?;
            Some((source, call))
        });
        let Some((source, call)) = other else {
            return answer();
        };
        // What is read before all else has no say in what the file sets by itself.
        let is_first = call.name.value == "require_relative" && call.within().is_empty();
        match answer() {
            Answer::Is(answer)
                if is_first
                    && answer.origin.place.path() == Some(source.path())
                    && answer.origin.place.span().start > call.span.end =>
            {
                Answer::Is(answer)
            }
            _ => Answer::Unknown(
                Place::text(source.path(), call.span),
                Why::NotRead("another file is read there".to_owned()),
            ),
        }
    }

    /// The value of a setting that is `true` or `false` in production.
    pub fn boolean(self, path: &'static str) -> Answer<bool> {
        self.setting(path).and_then(|value| match value.value.kind {
            ExpressionKind::True => Answer::Is(value.map(|_| true)),
            ExpressionKind::False | ExpressionKind::Nil => Answer::Is(value.map(|_| false)),
            _ => Answer::Unknown(value.origin.place, Why::Dynamic),
        })
    }

    /// The value of a setting that is a symbol in production, or a list that begins with one.
    pub fn symbol(self, path: &'static str) -> Answer<String> {
        self.setting(path).and_then(|value| {
            let first = match &value.value.kind {
                ExpressionKind::Array(items) => items.first().map(|item| &item.kind),
                kind => Some(kind),
            };
            match first {
                Some(ExpressionKind::Symbol(name) | ExpressionKind::String(name)) => {
                    Answer::Is(value.map(|_| name.clone()))
                }
                _ => Answer::Unknown(value.origin.place, Why::Dynamic),
            }
        })
    }

    /// Gives a setting in `production.rb` a value, where it has none there: the comment that says
    /// so becomes code, or a line is added behind that of the setting `beside`, or at the end.
    pub fn set(self, path: &'static str, value: &str, beside: &'static str) -> Option<Changes> {
        let source = self.app.tree().source(PRODUCTION)?;
        let (text, document) = (source.text(), source.ruby());
        if !self.in_file(PRODUCTION, path).is_absent() {
            return None;
        }
        let line = format!("{path} = {value}");
        let comment = document
            .comment_matching(text, |comment| comment == line)
            .and_then(|comment| document.uncomment(text, comment));
        let beside = || {
            let call = document.settings(beside).last()?;
            document.insert_after(text, call, &line)
        };
        let at_end = || {
            let configure = document
                .calls
                .iter()
                .find(|call| call.name.value == "configure")?;
            document.insert_at_end(text, &configure.block?, &line)
        };
        let edit = comment.or_else(beside).or_else(at_end)?;
        Some(Changes::edit(source.path(), vec![edit]))
    }

    /// The value of a setting in one file.
    pub(super) fn in_file(self, file: &'static str, path: &'static str) -> Answer<&'a Expression> {
        let source: &'a Source = match self.app.file(file) {
            Ok(source) => source,
            Err(Answer::Absent(_)) => return Answer::Absent(slot(file, path)),
            Err(answer) => return answer,
        };
        facts::setting(source, path).and_then(|call: Fact<&'a Call>| match call.value.value() {
            Some(value) => Answer::Is(call.map(|_| source.ruby().resolve(value))),
            None => Answer::Unknown(call.origin.place, Why::Broken),
        })
    }
}

fn slot(file: &'static str, path: &'static str) -> Place {
    Place::Slot {
        path: file.into(),
        span: syntax::Span::default(),
        key: path.to_owned(),
    }
}

/// As `ActiveSupport::Inflector#underscore` does for the names of apps.
fn underscore(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut result = String::new();
    for (index, &character) in characters.iter().enumerate() {
        let previous = index.checked_sub(1).map(|before| characters[before]);
        let next = characters.get(index + 1);
        let begins_word = character.is_uppercase()
            && previous.is_some_and(|previous| {
                !previous.is_uppercase() || next.is_some_and(|next| next.is_lowercase())
            });
        if begins_word {
            result.push('_');
        }
        result.extend(character.to_lowercase());
    }
    result
}

#[cfg(test)]
mod tests {
    use super::underscore;

    #[test]
    fn names_are_underscored_as_rails_does() {
        for (module, name) in [
            ("Harbour", "harbour"),
            ("HarbourBoard", "harbour_board"),
            ("HTTPProxy", "http_proxy"),
        ] {
            assert_eq!(underscore(module), name);
        }
    }
}
