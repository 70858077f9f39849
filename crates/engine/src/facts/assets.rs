//! What the browser gets besides pages.

use std::fmt;

use syntax::ruby::{Expression, ExpressionKind};

use crate::change::Changes;
use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::App;
use crate::facts::kamal::{Destination, Role};
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

    /// Where Vite is told to build a server that renders Inertia's pages in production: `ssrBuildEnabled`
    /// (`vite_ruby` 3.10 `lib/vite_ruby/config.rb`).
    pub fn rendering_server(self) -> Option<Fact<()>> {
        let inertia = self.app.gems().shipped("inertia_rails");
        let source = self.app.tree().source("config/vite.json")?;
        let document = source.json();
        let named = ["production", "all"]
            .into_iter()
            .find_map(|environment| document.get(environment)?.get("ssrBuildEnabled"))?;
        let is_on = inertia.is_known() && named.as_bool() == Some(true);
        is_on.then(|| Fact::read((), source.path(), named.span, "a server for pages"))
    }

    /// The folder below `public` that Shakapacker's bundle goes to in production, or Webpacker's before it:
    /// `public_output_path`, else `packs` (shakapacker 8.0 `lib/install/config/shakapacker.yml`).
    pub fn packs_folder(self) -> Answer<String> {
        let gems = [
            ("shakapacker", "config/shakapacker.yml"),
            ("webpacker", "config/webpacker.yml"),
        ];
        let found = gems
            .into_iter()
            .map(|(gem, file)| (self.app.gems().shipped(gem), file))
            .find(|(gem, _)| !gem.is_absent());
        let Some((gem, file)) = found else {
            return Answer::Absent(Place::File("Gemfile.lock".into()));
        };
        gem.and_then(|_| match self.app.file(file) {
            Ok(source) => Setting::of_file(source)
                .and_then(|root| root.dig(&["production", "public_output_path"]))
                .and_then(|folder| folder.text()),
            Err(answer) => answer,
        })
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

    /// Whether Rails itself does not serve what is in `public`, and the variable that would make it; absent
    /// where it surely does (rails 8.1 `railties/lib/rails/application/configuration.rb`).
    pub fn served_by_rails(self) -> Answer<Option<String>> {
        const GEMS: [&str; 2] = ["rails_12factor", "rails_serve_static_assets"];
        let by_gem = GEMS
            .iter()
            .any(|gem| !self.app.gems().shipped(gem).is_absent());
        let rails = self.app.rails();
        let setting = rails.settled(SERVED, || rails.setting(SERVED));
        setting.and_then(|setting| {
            let place = setting.origin.place.clone();
            if by_gem {
                return Answer::Absent(place);
            }
            match &setting.value.kind {
                ExpressionKind::False | ExpressionKind::Nil => Answer::Is(setting.map(|_| None)),
                ExpressionKind::True => Answer::Absent(place),
                _ => match if_set(setting.value) {
                    Some(name) => Answer::Is(setting.map(|_| Some(name.to_owned()))),
                    None => Answer::Unknown(place, Why::Dynamic),
                },
            }
        })
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

/// The setting that says whether Rails serves files.
const SERVED: &str = "config.public_file_server.enabled";

/// The variable that an expression asks for and is false without: `ENV["NAME"]`, or whether that is
/// present.
fn if_set(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        ExpressionKind::Env {
            name,
            default: None,
            required: false,
        } => Some(name),
        ExpressionKind::Call {
            receiver: Some(receiver),
            name,
            ..
        } if name == "present?" => if_set(receiver),
        _ => None,
    }
}

impl Destination<'_> {
    /// Whether something in front of Rails may serve files: a web server in the image or in an accessory, or
    /// another host that assets come from.
    pub fn may_serve_files(&self) -> bool {
        const SERVERS: [&str; 4] = ["apache", "caddy", "nginx", "passenger"];
        let is_server = |text: &str| SERVERS.iter().any(|server| text.contains(server));
        let in_image = process::stage_of(self)
            .is_none_or(|stage| SERVERS.iter().any(|server| stage.image().mentions(server)));
        let beside = self.accessories().iter().any(|accessory| {
            accessory
                .image()
                .known()
                .is_none_or(|image| is_server(&image))
        });
        let rails = self.app().rails();
        let elsewhere = ["config.asset_host", "config.action_controller.asset_host"]
            .into_iter()
            .any(|setting| !rails.setting(setting).is_absent());
        in_image || beside || elsewhere
    }
}

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
