//! What the browser gets besides pages.

use std::fmt;

use crate::fact::{Answer, Fact, Place};
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
