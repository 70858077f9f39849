//! What everything else depends on; without it there is no plan.

use std::fmt;

use super::Notebook;
use super::context::Context;
use crate::fact::{Answer, Fact, Origin, Why};
use crate::facts::App;
use crate::facts::database::Adapter;
use crate::facts::javascript::PackageManager;
use crate::plan::intent::{Choice, Intent};
use crate::plan::releases;
use crate::version::{at_least, numbers};

/// Where Rails' own Dockerfiles put the app, and what its documentation takes for granted.
pub(super) const WORKDIR: &str = "/rails";

/// Something that stands in the way of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// What is, in a sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Obstacle {
    pub(in crate::plan) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// The distribution that the image starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distribution {
    /// Debian 12.
    Bookworm,
    /// Debian 13.
    Trixie,
    /// Alpine, whose C library is musl.
    Alpine,
}

impl Distribution {
    /// Its name in the tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
            Self::Alpine => "alpine",
        }
    }
}

/// The Kamal that is written for.
#[derive(Clone, Debug)]
pub(super) enum Kamal {
    /// Kamal 1, whose proxy is Traefik.
    One,
    /// Kamal 2; the locked version, or none where the newest is taken for granted.
    Two(Option<Fact<String>>),
}

impl Kamal {
    /// Whether it knows what came with `since`.
    pub(super) fn has(&self, since: [u64; 2]) -> bool {
        match self {
            Self::One => false,
            Self::Two(locked) => locked
                .as_ref()
                .is_none_or(|version| at_least(version, since)),
        }
    }

    pub(super) fn is_one(&self) -> bool {
        matches!(self, Self::One)
    }
}

/// What everything else depends on.
pub(super) struct Basis<'a> {
    pub(super) app: &'a App<'a>,
    pub(super) intent: &'a Intent,
    /// The service's name, by which the app goes everywhere else.
    pub(super) name: String,
    pub(super) service: Fact<String>,
    pub(super) ruby: Fact<String>,
    pub(super) distribution: Fact<Distribution>,
    /// What the tag of the Ruby image ends with.
    pub(super) tag: &'static str,
    pub(super) adapter: Fact<Adapter>,
    pub(super) manager: Option<Fact<PackageManager>>,
    pub(super) servers: Vec<String>,
    pub(super) workdir: Fact<String>,
    /// What Docker builds from, where that is a folder above the app.
    pub(super) context: Option<Context>,
    pub(super) kamal: Kamal,
}

impl<'a> Basis<'a> {
    pub(super) fn of(app: &'a App<'a>, intent: &'a Intent) -> Result<Self, Vec<Obstacle>> {
        let mut obstacles = intent.obstacles(app);
        lockfile_obstacles(app, &mut obstacles);
        let adapter = adapter(app, &mut obstacles);
        let manager = manager(app, &mut obstacles);
        let servers = servers(intent);
        let adapter_is_sqlite = adapter
            .as_ref()
            .is_some_and(|adapter| adapter.value == Adapter::Sqlite);
        let sharing = std::iter::once(None)
            .chain(intent.destinations().map(Some))
            .map(|destination| match destination {
                None => servers.len(),
                Some(name) => self::servers(&intent.of_destination(name)).len(),
            })
            .max()
            .unwrap_or_default();
        if sharing > 1 && adapter_is_sqlite {
            obstacles.push(Obstacle::new(
                format!("the app keeps its data in SQLite, and {sharing} servers are to run it"),
                "a SQLite file belongs to one server: choose one, or move to PostgreSQL first",
            ));
        }
        if adapter_is_sqlite {
            sqlite_obstacles(app, &mut obstacles);
        }
        let context = Context::of(app, intent, &mut obstacles);
        let kamal = kamal(app, intent, &mut obstacles);
        if kamal.is_one() && intent.is_yes(Choice::Traefik) {
            obstacles.push(Obstacle::new(
                "Traefik is Kamal 1's own proxy already",
                "leave --traefik away: it is for Traefik in front of Kamal 2's proxy",
            ));
        }
        if kamal.is_one() && intent.destinations().next().is_some() {
            obstacles.push(Obstacle::new(
                "destinations are written for Kamal 2 alone, and Kamal 1 was chosen",
                "give each destination an app folder of its own, or move to Kamal 2",
            ));
        }
        let service = intent
            .one(Choice::Service)
            .unwrap_or_else(|| match app.rails().name() {
                Answer::Is(name) => name,
                Answer::Absent(place) | Answer::Unknown(place, _) => {
                    Fact::new("app".to_owned(), Origin::at(place, "nothing names the app"))
                }
            });
        let ruby =
            app.ruby().version().known().unwrap_or_else(|| {
                Fact::default(releases::RUBY.to_owned(), releases::TABLE, "Ruby")
            });
        let (distribution, tag) = distribution(intent, &ruby);
        match adapter {
            Some(adapter) if obstacles.is_empty() => Ok(Self {
                app,
                intent,
                name: service.value.clone(),
                service,
                ruby,
                distribution,
                tag,
                adapter,
                manager,
                servers,
                workdir: workdir(intent, context.as_ref()),
                context,
                kamal,
            }),
            _ => Err(obstacles),
        }
    }

    /// The gem's locked version, where a production bundle has it.
    pub(super) fn gem(&self, name: &str) -> Option<Fact<String>> {
        self.app.gems().shipped(name).known()
    }

    /// The first of these gems that a production bundle has, with its name as the value.
    pub(super) fn first_gem(&self, names: &[&'static str]) -> Option<Fact<&'static str>> {
        names
            .iter()
            .find_map(|name| Some(self.gem(name)?.map(|_| *name)))
    }

    /// The encrypted credentials that production reads, and the file that their key is in.
    pub(super) fn credentials(&self) -> Option<(&'static str, &'static str)> {
        const FILES: [(&str, &str); 2] = [
            (
                "config/credentials/production.yml.enc",
                "config/credentials/production.key",
            ),
            ("config/credentials.yml.enc", "config/master.key"),
        ];
        FILES
            .into_iter()
            .find(|(credentials, _)| self.app.tree().has(credentials))
    }

    pub(super) fn is_alpine(&self) -> bool {
        self.distribution.value == Distribution::Alpine
    }

    /// Whether `config/database.yml` reads `DATABASE_HOST` and its siblings, as init's own does.
    pub(super) fn uses_fields(&self) -> bool {
        let database = self
            .app
            .databases()
            .known()
            .and_then(|databases| databases.value.into_iter().next());
        let host = database.and_then(|database| database.host().known());
        let is_chosen = self
            .intent
            .one(Choice::DatabaseEnv)
            .is_some_and(|chosen| chosen.value == "fields");
        is_chosen && host.is_some_and(|host| host.value.variable() == Some("DATABASE_HOST"))
    }

    /// The architectures of the servers.
    pub(super) fn arches(&self) -> Vec<String> {
        self.intent
            .all(Choice::Arch)
            .map_or_else(|| vec!["amd64".to_owned()], |arches| arches.value)
    }

    /// The platforms that RubyGems calls these architectures.
    pub(super) fn gem_platforms(&self) -> Vec<&'static str> {
        let is_alpine = self.is_alpine();
        self.arches()
            .iter()
            .map(|arch| match (arch.as_str(), is_alpine) {
                ("arm64", false) => "aarch64-linux",
                ("arm64", true) => "aarch64-linux-musl",
                (_, false) => "x86_64-linux",
                (_, true) => "x86_64-linux-musl",
            })
            .collect()
    }

    /// Whether Thruster stands in front of Puma: a Dockerfile that stays starts it; else it is in the
    /// bundle, and the user does not say otherwise.
    pub(super) fn thruster(&self) -> Option<Fact<String>> {
        let stays = !self
            .intent
            .replace
            .iter()
            .any(|path| path.as_str() == "Dockerfile");
        let own = self
            .app
            .image("Dockerfile")
            .filter(|_| stays)
            .and_then(|image| image.final_stage(None)?.command().known());
        let is_wanted = match own {
            Some(words) => words.value.iter().any(|word| word.ends_with("thrust")),
            None => self
                .intent
                .yes_or_no(Choice::Thruster)
                .is_none_or(|wanted| wanted.value),
        };
        self.gem("thruster").filter(|_| is_wanted)
    }

    /// What a version of Kamal that is newer than the locked one would add.
    pub(super) fn say_what_is_missed(&self, since: [u64; 2], what: &str, notebook: &mut Notebook) {
        if let Kamal::Two(Some(locked)) = &self.kamal {
            let [major, minor] = since;
            notebook.note(format!(
                "Kamal {major}.{minor} could {what}; {locked} is locked: `bundle update kamal --conservative`."
            ));
        }
    }

    pub(super) fn summary(&self) -> String {
        let rails = self.app.rails().version().known();
        let rails = rails.map_or_else(
            || "Rails".to_owned(),
            |rails| format!("Rails {}", rails.value),
        );
        let javascript = match &self.manager {
            Some(manager) => format!("JavaScript with {}", manager.value),
            None if self.app.javascript().importmap().is_known() => "import maps".to_owned(),
            None => "no JavaScript".to_owned(),
        };
        let databases = self
            .app
            .databases()
            .known()
            .map_or(1, |databases| databases.len());
        let adapter = self.adapter.value;
        let databases = if databases > 1 {
            format!("{databases} databases on {adapter}")
        } else {
            adapter.to_string()
        };
        format!("{}: {rails}, {databases}, {javascript}", self.name)
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bookworm => "Debian 12 (bookworm)",
            Self::Trixie => "Debian 13 (trixie)",
            Self::Alpine => "Alpine",
        })
    }
}

/// The servers that were named, or a placeholder for one.
pub(super) fn servers(intent: &Intent) -> Vec<String> {
    intent.all(Choice::Servers).map_or_else(
        || vec!["<server-address>".to_owned()],
        |servers| servers.value,
    )
}

fn adapter(app: &App<'_>, obstacles: &mut Vec<Obstacle>) -> Option<Fact<Adapter>> {
    match app.adapter() {
        Answer::Is(adapter) => Some(adapter),
        Answer::Absent(place) | Answer::Unknown(place, Why::Dynamic) => {
            obstacles.push(Obstacle::new(
                format!(
                    "{} does not tell which database production uses",
                    place.describe(app.tree())
                ),
                "give `production` an `adapter` in config/database.yml: postgresql, mysql2, trilogy or sqlite3",
            ));
            None
        }
        Answer::Unknown(place, why) => {
            obstacles.push(Obstacle::new(
                format!(
                    "{}: which database production uses cannot be told, as {why}",
                    place.describe(app.tree())
                ),
                "give `production` an `adapter` of its own, one of postgresql, mysql2, trilogy and sqlite3",
            ));
            None
        }
    }
}

fn manager(app: &App<'_>, obstacles: &mut Vec<Obstacle>) -> Option<Fact<PackageManager>> {
    match app.javascript().package_manager() {
        Answer::Is(manager) => Some(manager),
        Answer::Absent(_) => None,
        Answer::Unknown(place, why) => {
            obstacles.push(Obstacle::new(
                format!("{}: {why}, so the package manager cannot be told", place.describe(app.tree())),
                "name it in package.json, as in \"packageManager\": \"yarn@1.22.22\", or remove the lockfile that is not used",
            ));
            None
        }
    }
}

fn lockfile_obstacles(app: &App<'_>, obstacles: &mut Vec<Obstacle>) {
    let Some(source) = app.tree().source("Gemfile.lock") else {
        obstacles.push(Obstacle::new(
            "there is no Gemfile.lock that could be read, so nothing tells which gems the image needs",
            "run `bundle lock` and commit the file",
        ));
        return;
    };
    if let Some(error) = source.lockfile().errors.first() {
        let line = source.position(error.span.start).line;
        obstacles.push(Obstacle::new(
            format!("Gemfile.lock:{line}: {}", error.message),
            "finish the merge, or write the file anew with `bundle lock`",
        ));
    }
}

/// SQLite files that no volume keeps: with every deploy they would be gone.
fn sqlite_obstacles(app: &App<'_>, obstacles: &mut Vec<Obstacle>) {
    let databases = app.databases().known();
    for database in databases.iter().flat_map(|databases| databases.iter()) {
        let file = match database.database() {
            Answer::Is(file) => file,
            Answer::Absent(place) if database.url().is_absent() => {
                obstacles.push(Obstacle::new(
                    format!(
                        "{}: production has no `database`, so SQLite has no file to open",
                        place.describe(app.tree())
                    ),
                    "give it one on the volume: `database: storage/production.sqlite3`",
                ));
                continue;
            }
            Answer::Absent(_) | Answer::Unknown(..) => continue,
        };
        let Some(path) = file.value.text_or_default() else {
            continue;
        };
        if !path.starts_with("storage/") && !path.contains("/storage/") {
            obstacles.push(Obstacle::new(
                format!(
                    "{}: the SQLite database {path} is outside of `storage`, which is the folder that outlives a deploy",
                    file.origin.place.describe(app.tree())
                ),
                "move it: `storage/production.sqlite3`",
            ));
        }
    }
}

/// The Kamal to write for: the one that was chosen, else the locked one.
fn kamal(app: &App<'_>, intent: &Intent, obstacles: &mut Vec<Obstacle>) -> Kamal {
    let locked = app.gems().locked("kamal").known();
    let chosen = intent.one(Choice::Kamal);
    match (chosen.as_ref().map(|chosen| chosen.value.as_str()), locked) {
        (Some("1"), _) => Kamal::One,
        (chosen, Some(version)) if !at_least(&version, [2, 0]) => {
            if chosen.is_none() {
                obstacles.push(Obstacle::new(
                    format!("Gemfile.lock has Kamal {}", version.value),
                    "run `bundle update kamal --conservative` for Kamal 2, or say --kamal 1 for what that version reads",
                ));
            }
            Kamal::Two(None)
        }
        (_, locked) => Kamal::Two(locked),
    }
}

/// The distribution that `ruby:VERSION-slim` is built on, and what the tag ends with.
fn distribution(intent: &Intent, ruby: &Fact<String>) -> (Fact<Distribution>, &'static str) {
    let chosen = intent.one(Choice::Base);
    match chosen.as_ref().map(|chosen| chosen.value.as_str()) {
        Some("alpine") => {
            let fact = chosen.map(|base| base.map(|_| Distribution::Alpine));
            (fact.expect("it was chosen"), "alpine")
        }
        Some("bookworm") => {
            let fact = chosen.map(|base| base.map(|_| Distribution::Bookworm));
            (fact.expect("it was chosen"), "slim-bookworm")
        }
        Some("trixie") => {
            let fact = chosen.map(|base| base.map(|_| Distribution::Trixie));
            (fact.expect("it was chosen"), "slim-trixie")
        }
        _ => {
            let distribution = if releases::is_built_on_trixie(numbers(ruby)) {
                Distribution::Trixie
            } else {
                Distribution::Bookworm
            };
            let origin = ruby.origin.clone();
            (Fact::new(distribution, origin), "slim")
        }
    }
}

/// The folder that was chosen or that the app's own files speak of, else Rails' usual one, and below
/// it the app's place among what is beside it.
fn workdir(intent: &Intent, context: Option<&Context>) -> Fact<String> {
    intent
        .one(Choice::Workdir)
        .unwrap_or_else(|| match context {
            Some(context) => context.gems[0]
                .folder
                .clone()
                .map(|_| context.default_workdir()),
            None => Fact::default(WORKDIR.to_owned(), "Rails' defaults", "WORKDIR"),
        })
}
