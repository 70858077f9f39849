//! What the browser gets besides pages.

use std::fmt;

use syntax::ruby::Expression;

use crate::change::Changes;
use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::App;
use crate::facts::kamal::Role;
use crate::facts::process;
use crate::facts::setting::Setting;

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

impl<'a> Assets<'a> {
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

    /// Where Sprockets keeps its manifest; absent is beside the assets, under a name of its own for
    /// each build (sprockets 4.3 `lib/sprockets/manifest_utils.rb`).
    pub fn manifest(self) -> Answer<&'a Expression> {
        let rails = self.app.rails();
        rails.settled(MANIFEST, || rails.setting(MANIFEST))
    }

    /// Whether git has files below a folder of `public`, so that they are there without a build.
    pub fn are_tracked(self, folder: &str) -> bool {
        let index = self.app.tree().index();
        index.is_some_and(|index| index.has_below(&format!("public/{folder}")))
    }

    /// Whether something besides the pipeline may build files for the browser: a package of
    /// JavaScript, or a step that names `public`.
    pub fn may_be_built_otherwise(self, role: &Role<'_>) -> bool {
        let tree = self.app.tree();
        let has_package = [
            "package.json",
            "client/package.json",
            "frontend/package.json",
        ]
        .iter()
        .any(|path| tree.has(path));
        let is_named = process::stage(role).is_none_or(|stage| stage.image().mentions("public"));
        has_package || is_named
    }
}

/// The setting that gives Sprockets' manifest a place.
pub const MANIFEST: &str = "config.assets.manifest";

/// A folder of the image whose files Kamal keeps for both versions while one takes over.
#[derive(Clone, Debug)]
pub struct Bridge<'a> {
    /// The folder.
    pub folder: Fact<String>,
    /// What follows it: options of the mount, with their colon.
    options: String,
    setting: Setting<'a>,
}

impl<'a> Role<'a> {
    /// `asset_path`, the role's own or that of all (kamal 2.12 `lib/kamal/configuration/role.rb`).
    /// Only roles with a proxy have it.
    pub fn bridge(&self) -> Option<Bridge<'a>> {
        self.proxy()?;
        let root = self.destination().root();
        let own = self.get("asset_path");
        let setting = own.or_else(|| root.get("asset_path")).known()?.value;
        let text = setting.text().known()?;
        let (folder, options) = match text.find(':') {
            Some(colon) => text.split_at(colon),
            None => (text.as_str(), ""),
        };
        let folder = folder.trim_end_matches('/').to_owned();
        let options = options.to_owned();
        (!folder.is_empty()).then(|| Bridge {
            folder: text.map(|_| folder).labelled("Kamal copies this folder"),
            options,
            setting,
        })
    }
}

impl Bridge<'_> {
    /// Names another folder.
    pub fn set(&self, folder: &str) -> Option<Changes> {
        self.setting.replace(&format!("{folder}{}", self.options))
    }
}
