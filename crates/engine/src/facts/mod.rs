//! Documents to an [`App`]: answers that carry their origin.
//!
//! Every subject is a handle that looks when it is asked. Nothing here finds fault; rules do.

pub mod accessory;
pub mod accounts;
pub mod assets;
pub mod backups;
pub mod boot;
pub mod build;
pub mod bundler;
pub mod cable;
pub mod claims;
pub mod compose;
pub mod credentials;
pub mod database;
pub mod dockerfile;
pub mod effective;
pub mod environment;
pub mod errors;
pub mod extensions;
pub mod gems;
pub mod git;
pub mod good_job;
pub mod healthcheck;
pub mod installs;
pub mod javascript;
pub mod kamal;
pub mod kamal_keys;
pub mod labels;
pub mod languages;
pub mod libraries;
pub mod listing;
pub mod literals;
pub mod logs;
pub mod mail;
pub mod middleware;
pub mod mounts;
pub mod multiline;
pub mod ownership;
pub mod patches;
pub mod placeholders;
pub mod ports;
pub mod process;
pub mod procfile;
pub mod provided;
pub mod proxy;
pub mod puma;
pub mod queues;
pub mod rails;
pub mod ran;
pub mod recurring;
pub mod redis;
pub mod reference;
pub mod routes;
pub mod ruby;
pub mod scripts;
pub mod secrets;
pub mod servers;
pub mod setting;
pub mod shells;
pub mod sidekiq;
pub mod solid;
pub mod steps;
pub mod storage;
pub mod stores;
pub mod support;
pub mod variables;
pub mod workflows;
pub mod written;

use std::sync::OnceLock;

use syntax::dockerignore::Dockerignore;
use syntax::ruby::{Call, Context};

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::database::Adapter;
use crate::tree::{Path, Source, Tree};

/// A Rails app, as its files describe it.
#[derive(Debug)]
pub struct App<'t> {
    tree: &'t Tree,
    shipped: OnceLock<gems::Shipped>,
    /// Whether a gem may put variables into the environment.
    loads_variables: OnceLock<bool>,
    /// The variables that Rails fetches as it boots.
    fetched: OnceLock<Vec<Fact<String>>>,
    /// The parts of the credentials that Rails asks for as it boots.
    asked: OnceLock<Vec<Fact<String>>>,
    /// The files of destinations.
    deploys: OnceLock<Vec<Path>>,
    /// What git ignores.
    ignored: OnceLock<Option<Dockerignore>>,
    /// What the jobs of workflows run of Kamal's, job by job.
    kamal_commands: OnceLock<Vec<Vec<Fact<workflows::Command>>>>,
}

impl<'t> App<'t> {
    /// The app whose files are in `tree`.
    pub fn new(tree: &'t Tree) -> Self {
        Self {
            tree,
            shipped: OnceLock::new(),
            loads_variables: OnceLock::new(),
            fetched: OnceLock::new(),
            asked: OnceLock::new(),
            deploys: OnceLock::new(),
            ignored: OnceLock::new(),
            kamal_commands: OnceLock::new(),
        }
    }

    /// The files.
    pub fn tree(&self) -> &'t Tree {
        self.tree
    }

    /// The image that the Dockerfile at `path` builds; `None` if there is no such text.
    pub fn image(&self, path: &str) -> Option<dockerfile::Image<'t>> {
        self.tree
            .source(Path::new(path)?.as_str())
            .map(dockerfile::Image::of)
    }

    /// A file that must be there to ask it anything: its source, or the answer that there is none.
    fn file<T>(&self, path: &'static str) -> Result<&'t Source, Answer<T>> {
        self.tree.source(path).ok_or_else(|| self.no_file(path))
    }

    /// What a file that has no text answers: it is absent, or it could not be read.
    fn no_file<T>(&self, path: &'static str) -> Answer<T> {
        let place = Place::File(path.into());
        if self.tree.has(path) {
            Answer::Unknown(place, Why::Unreadable)
        } else {
            Answer::Absent(place)
        }
    }
}

/// Files that facts read where they are there. What only has to exist is looked up in its folder.
const FILES: &[&str] = &[
    ".bun-version",
    ".dockerignore",
    ".env.erb",
    ".env.example",
    ".gitignore",
    ".kamal/secrets",
    ".kamal/secrets-common",
    ".mise.toml",
    ".node-version",
    ".npmrc",
    ".nvmrc",
    ".ruby-version",
    ".tool-versions",
    ".yarnrc.yml",
    "Dockerfile",
    "Gemfile",
    "Gemfile.lock",
    "Makefile",
    "Procfile",
    "Procfile.dev",
    "Rakefile",
    "app/mailers/application_mailer.rb",
    "bin/dev",
    "bin/docker-entrypoint",
    "bin/jobs",
    "bin/setup",
    "bin/thrust",
    "config.ru",
    "config/application.rb",
    "config/cable.yml",
    "config/cache.yml",
    "config/database.yml",
    "config/deploy.yml",
    "config/environment.rb",
    "config/environments/production.rb",
    "config/initializers/good_job.rb",
    "config/mysql/grants.sql",
    "config/puma.rb",
    "config/queue.yml",
    "config/recurring.yml",
    "config/routes.rb",
    "config/seaworthy.yml",
    "config/shakapacker.yml",
    "config/sidekiq.yml",
    "config/sidekiq.yml.erb",
    "config/storage.yml",
    "config/vite.json",
    "config/webpacker.yml",
    "db/seeds.rb",
    "docker-compose.yml",
    "mise.toml",
    "package.json",
    "pnpm-workspace.yaml",
];

/// Folders whose names facts look at.
const FOLDERS: &[&str] = &[
    "",
    ".devcontainer",
    ".github/workflows",
    ".kamal",
    ".kamal/hooks",
    ".yarn",
    "app",
    "app/assets",
    "app/channels",
    "app/jobs",
    "app/mailers",
    "app/uploaders",
    "bin",
    "client",
    "client/.yarn",
    "config",
    "config/credentials",
    "config/environments",
    "config/initializers",
    puma::FOLDER,
    "config/routes",
    "db",
    "db/migrate",
    "frontend",
    "frontend/.yarn",
    "lib/tasks",
    "public",
    "vendor",
];

/// What the engine still needs to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Files.
    pub files: Vec<Path>,
    /// Listings of folders.
    pub folders: Vec<Path>,
}

impl Wants {
    /// Whether everything was answered.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty()
    }
}

/// What `tree` has not answered yet. Answers can lead to further wants: ask again until nothing
/// is wanted.
pub fn wants(tree: &Tree) -> Wants {
    let folders: Vec<Path> = FOLDERS
        .iter()
        .copied()
        .map(Path::from)
        .chain(named_folders(tree))
        .filter(|folder| tree.folder(folder).is_none())
        .collect();
    let mut files: Vec<Path> = FILES.iter().copied().map(Path::from).collect();
    files.extend(named_by_folders(tree));
    files.extend(named_by_files(tree));
    files.sort();
    files.dedup();
    files.retain(|file| tree.entry(file).is_none());
    Wants { files, folders }
}

/// Destinations, secrets and lockfiles: their names vary, so the folders tell them.
fn named_by_folders(tree: &Tree) -> Vec<Path> {
    let in_folder = |folder: &'static str| {
        tree.folder(folder)
            .unwrap_or_default()
            .iter()
            .filter(|listed| !listed.is_folder)
            .filter_map(move |listed| Path::from(folder).join(&listed.name))
    };
    let deploys = in_folder("config").filter(|path| kamal::destination_name(path.name()).is_some());
    let secrets = in_folder(".kamal").filter(|path| path.name().starts_with("secrets"));
    let dockerfiles = ["", ".devcontainer"]
        .into_iter()
        .flat_map(in_folder)
        .filter(|path| {
            dockerfile::is_dockerfile(path.name()) || path.name().ends_with(".dockerignore")
        });
    let hooks = in_folder(".kamal/hooks");
    let ruby = [
        "app/uploaders",
        "config/initializers",
        puma::FOLDER,
        queues::FOLDER,
        routes::FOLDER,
    ]
    .into_iter()
    .flat_map(in_folder)
    .filter(|path| path.name().strip_suffix(".rb").is_some());
    let tasks = in_folder("lib/tasks").filter(|path| path.name().strip_suffix(".rake").is_some());
    let workflows = in_folder(workflows::FOLDER).filter(|path| workflows::is_workflow(path.name()));
    let composes = compose::FOLDERS
        .into_iter()
        .flat_map(in_folder)
        .filter(|path| compose::is_compose(path.name()));
    let clients = ["client", "frontend"]
        .into_iter()
        .flat_map(in_folder)
        .filter(|path| {
            path.name() == "package.json" || javascript::VITE_CONFIGS.contains(&path.name())
        });
    deploys
        .chain(secrets)
        .chain(dockerfiles)
        .chain(hooks)
        .chain(ruby)
        .chain(tasks)
        .chain(workflows)
        .chain(composes)
        .chain(clients)
        .collect()
}

/// Folders that other files name: those of error pages, and those that the build copies from.
fn named_folders(tree: &Tree) -> Vec<Path> {
    let app = App::new(tree);
    let mut folders: Vec<Path> = Vec::new();
    for destination in app.destinations() {
        let pages = destination.error_pages_folder();
        folders.extend(pages.and_then(|folder| Path::new(&folder)));
        folders.extend(
            destination
                .build()
                .iter()
                .flat_map(build::Build::copied_folders),
        );
    }
    folders.retain(|folder| !FOLDERS.contains(&folder.as_str()));
    folders.sort();
    folders.dedup();
    folders
}

/// Files that other files name: what Kamal builds, the entrypoint, the Ruby version's file.
fn named_by_files(tree: &Tree) -> Vec<Path> {
    let app = App::new(tree);
    let mut files: Vec<Path> = Vec::new();
    for destination in app.destinations() {
        let dockerfile = destination.dockerfile().and_then(|path| Path::new(&path));
        files.extend(dockerfile.clone());
        let ignore = dockerfile
            .as_ref()
            .map(|path| format!("{path}.dockerignore"));
        files.extend(ignore.and_then(|path| Path::new(&path)));
        let image = dockerfile.and_then(|path| app.image(&path));
        let stages = image.iter().flat_map(|image| image.stages());
        files.extend(stages.filter_map(|stage| Some(process::entrypoint(stage)?.0.value)));
        let roles = destination.roles();
        let puma = roles
            .iter()
            .filter(|role| process::may_name_puma_file(role));
        files.extend(puma.filter_map(kamal::Role::puma_file));
        let programs = roles.iter().flat_map(process::programs);
        // Programs of other files are not the app's to be read: `node_modules/.bin/vite`.
        let is_own = |path: &Path| path.parent().as_str() == "bin";
        files.extend(programs.map(|program| program.value).filter(is_own));
        let secrets = destination
            .root()
            .get("secrets_path")
            .and_then(|path| path.text());
        if let Some(path) = secrets.known() {
            let names = secrets::file_names(&path, destination.option());
            files.extend(names.iter().filter_map(|name| Path::new(name)));
        }
    }
    files.extend(app.ruby().version_file().and_then(|file| Path::new(&file)));
    if tree.has("yarn.lock") && app.javascript().wants_yarn_lock() {
        files.push("yarn.lock".into());
    }
    let databases = app.databases().known();
    let on_servers = databases.iter().flat_map(|databases| databases.iter());
    let on_servers = on_servers.filter(|database| {
        let adapter = database.adapter().known();
        adapter.is_some_and(|adapter| *adapter == Adapter::PostgreSql)
    });
    files.extend(on_servers.filter_map(|database| Path::new(&database.schema_file().known()?)));
    if has_solid_gem(&app) && !tree.has("db/queue_schema.rb") {
        files.push("db/schema.rb".into());
    }
    let clients = javascript::client_folders(tree);
    files.extend(clients.filter_map(|folder| Path::new(&format!("{folder}/package.json"))));
    if app.gems().locked("i18n-js").is_known() {
        files.push(javascript::TRANSLATIONS.into());
    }
    if tree.has("pnpm-lock.yaml") && app.javascript().wants_pnpm_lock() {
        files.push("pnpm-lock.yaml".into());
    }
    files
}

/// Whether a gem of the Solid trio is locked, whose tables may be among the app's own.
fn has_solid_gem(app: &App<'_>) -> bool {
    ["solid_queue", "solid_cache", "solid_cable"]
        .iter()
        .any(|gem| app.gems().locked(gem).is_known())
}

/// What surely runs, of the settings `path =` in a Ruby file: the last one that stands in no
/// condition, unless a conditional one follows it.
fn setting<'a>(source: &'a Source, path: &'static str) -> Answer<&'a Call> {
    let mut answer = Answer::Absent(Place::Slot {
        path: source.path().clone(),
        span: syntax::Span::default(),
        key: path.to_owned(),
    });
    for call in source.ruby().settings(path) {
        let place = Place::text(source.path(), call.span);
        let is_conditional = call
            .within()
            .iter()
            .any(|context| !matches!(context, Context::Block { .. } | Context::Namespace { .. }));
        answer = if is_conditional {
            Answer::Unknown(place, Why::Conditional)
        } else {
            Answer::Is(Fact::new(call, Origin::at(place, "set here")))
        };
    }
    if answer.is_absent() && !source.ruby().errors.is_empty() {
        return Answer::Unknown(Place::File(source.path().clone()), Why::Broken);
    }
    answer
}
