//! What the browser gets besides pages.

use std::fmt;

use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::App;

/// The app's assets.
#[derive(Clone, Copy)]
pub struct Assets<'a> {
    app: &'a App<'a>,
}

/// What fingerprints and serves assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipeline {
    /// Propshaft, the default since Rails 8.
    Propshaft,
    /// Sprockets.
    Sprockets,
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Propshaft => "Propshaft",
            Self::Sprockets => "Sprockets",
        })
    }
}

impl<'a> App<'a> {
    /// The app's assets.
    pub fn assets(&'a self) -> Assets<'a> {
        Assets { app: self }
    }
}

impl Assets<'_> {
    /// The asset pipeline; absent in an app that has none, like most that are API-only.
    pub fn pipeline(self) -> Answer<Pipeline> {
        let gems = self.app.gems();
        let locked = gems
            .shipped("propshaft")
            .map(|_| Pipeline::Propshaft)
            .or_else(|| gems.shipped("sprockets-rails").map(|_| Pipeline::Sprockets));
        match locked {
            // A gem that is there for another gem serves nothing while the app has no assets.
            Answer::Is(_)
                if self.app.tree().folder("app").is_some()
                    && !self.app.tree().has("app/assets") =>
            {
                Answer::Absent(Place::File("app/assets".into()))
            }
            answer => answer,
        }
    }

    /// The folder below `public` that Vite's bundle goes to in production, where `vite_ruby` builds
    /// it: `publicOutputDir`, else `vite` (`vite_ruby` 3.10 `lib/vite_ruby/config.rb`,
    /// `default.vite.json`).
    pub fn vite_folder(self) -> Answer<String> {
        let vite = self.app.gems().shipped("vite_ruby");
        if !vite.is_known() {
            return vite;
        }
        let default =
            || Fact::default("vite".to_owned(), "Vite Ruby's defaults", "publicOutputDir");
        let source = match self.app.file("config/vite.json") {
            Ok(source) => source,
            Err(Answer::Absent(_)) => return Answer::Is(default()),
            Err(answer) => return answer,
        };
        let document = source.json();
        let named = ["production", "all"]
            .into_iter()
            .find_map(|environment| document.get(environment)?.get("publicOutputDir"));
        match named.map(|named| (named.span, named.as_str())) {
            Some((span, Some(folder))) => {
                let folder = folder.trim_matches('/').to_owned();
                Answer::Is(Fact::read(folder, source.path(), span, "Vite's bundle"))
            }
            Some((span, None)) => Answer::Unknown(
                Place::text(source.path(), span),
                Why::NotRead("it is no text".to_owned()),
            ),
            None if document.errors.is_empty() => Answer::Is(default()),
            None => Answer::Unknown(Place::File(source.path().clone()), Why::Broken),
        }
    }

    /// The folder below `public` that compiled assets go to: `config.assets.prefix`, else
    /// `assets`.
    pub fn folder(self) -> Answer<String> {
        let prefix = self.app.rails().symbol("config.assets.prefix");
        prefix
            .map(|prefix| prefix.trim_matches('/').to_owned())
            .or_else(|| {
                Answer::Is(Fact::default(
                    "assets".to_owned(),
                    "Rails' defaults",
                    "assets.prefix",
                ))
            })
    }
}
