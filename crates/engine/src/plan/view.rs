//! All thinking of a plan: the app's facts and the user's choices, flattened for the templates,
//! with a decision for everything that could be otherwise.

use serde::Serialize;

use super::Decision;
use super::intent::{Choice, Intent};
use super::releases::{self, TABLE};
use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::facts::database::{Adapter, Database};
use crate::facts::javascript::PackageManager;
use crate::facts::process::Condition;
use crate::facts::setting::Value;

/// Where Rails' own Dockerfiles put the app, and what its documentation takes for granted.
const WORKDIR: &str = "/rails";

/// Something that stands in the way of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// What is, in a sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Obstacle {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// What the templates are filled with.
#[derive(Debug, Serialize)]
pub(super) struct View {
    #[serde(skip)]
    pub(super) summary: String,
    #[serde(skip)]
    pub(super) decisions: Vec<Decision>,
    #[serde(skip)]
    pub(super) notes: Vec<String>,
    app: String,
    workdir: &'static str,
    ruby_version: String,
    runtime_packages: Vec<&'static str>,
    build_packages: Vec<&'static str>,
    gem_folders: Vec<String>,
    gem_manifests: Vec<String>,
    bootsnap: bool,
    node: Option<NodeView>,
    assets: bool,
    writable: Vec<&'static str>,
    command: String,
    port: u16,
    service: String,
    image: String,
    servers: Vec<String>,
    job_role: Option<String>,
    ssl: bool,
    domain: Option<String>,
    registry: RegistryView,
    arch: String,
    clear: Vec<VariableView>,
    env_secrets: Vec<String>,
    secrets: Vec<SecretView>,
    storage: Option<StorageView>,
    asset_path: Option<String>,
    database: Option<DatabaseView>,
}

#[derive(Debug, Serialize)]
struct NodeView {
    version: String,
    is_berry: bool,
    yarn_version: String,
    folders: Vec<&'static str>,
    manifests: Vec<&'static str>,
    cache: &'static str,
    install: &'static str,
}

#[derive(Debug, Serialize)]
struct RegistryView {
    is_local: bool,
    server: Option<String>,
    username: String,
}

#[derive(Debug, Serialize)]
struct VariableView {
    name: String,
    value: String,
    comment: String,
}

#[derive(Debug, Serialize)]
struct SecretView {
    name: String,
    lookup: String,
    comment: String,
}

#[derive(Debug, Serialize)]
struct StorageView {
    volume: String,
    what: &'static str,
}

#[derive(Debug, Serialize)]
struct DatabaseView {
    image: String,
    user: String,
    name: String,
    folder: &'static str,
}

impl View {
    /// Thinks it all through.
    ///
    /// # Errors
    ///
    /// All that stands in the way.
    pub(super) fn of(app: &App<'_>, intent: &Intent) -> Result<View, Vec<Obstacle>> {
        let basis = Basis::of(app, intent)?;
        let mut thinking = Thinking {
            app,
            intent,
            basis: &basis,
            decisions: Vec::new(),
            notes: Vec::new(),
        };
        Ok(thinking.view())
    }
}

/// What everything else depends on; without it there is no plan.
struct Basis {
    name: String,
    adapter: Fact<Adapter>,
    manager: Option<Fact<PackageManager>>,
    servers: Vec<String>,
}

impl Basis {
    fn of(app: &App<'_>, intent: &Intent) -> Result<Self, Vec<Obstacle>> {
        let mut obstacles = Vec::new();
        lockfile_obstacles(app, &mut obstacles);
        let adapter = match app.adapter() {
            Answer::Is(adapter)
                if matches!(adapter.value, Adapter::PostgreSql | Adapter::Sqlite) =>
            {
                Some(adapter)
            }
            Answer::Is(adapter) => {
                obstacles.push(Obstacle::new(
                    format!(
                        "the app is on {}, which init writes no files for yet",
                        adapter.value
                    ),
                    "PostgreSQL and SQLite are written; `seaworthy check` reads every app",
                ));
                None
            }
            Answer::Absent(place) | Answer::Unknown(place, _) => {
                obstacles.push(Obstacle::new(
                    format!(
                        "{} does not tell which database production uses",
                        place.describe(app.tree())
                    ),
                    "give `production` an `adapter` in config/database.yml",
                ));
                None
            }
        };
        let manager = match app.javascript().package_manager() {
            Answer::Is(manager) => match manager.value {
                PackageManager::YarnClassic | PackageManager::YarnBerry => Some(manager),
                other => {
                    obstacles.push(Obstacle::new(
                        format!("the app's packages are installed with {other}, which init writes no files for yet"),
                        "import maps and Yarn are written; `seaworthy check` reads every app",
                    ));
                    None
                }
            },
            Answer::Absent(_) => None,
            Answer::Unknown(place, why) => {
                obstacles.push(Obstacle::new(
                    format!("{}: {why}, so the package manager cannot be told", place.describe(app.tree())),
                    "name it in package.json, as in \"packageManager\": \"yarn@1.22.22\", or remove the lockfile that is not used",
                ));
                None
            }
        };
        let servers = intent.all(Choice::Servers).map_or_else(
            || vec!["<server-address>".to_owned()],
            |servers| servers.value,
        );
        if servers.len() > 1
            && adapter
                .as_ref()
                .is_some_and(|adapter| adapter.value == Adapter::Sqlite)
        {
            obstacles.push(Obstacle::new(
                format!(
                    "the app keeps its data in SQLite, and {} servers are to run it",
                    servers.len()
                ),
                "a SQLite file belongs to one server: choose one, or move to PostgreSQL first",
            ));
        }
        let name = app
            .rails()
            .name()
            .known()
            .map_or_else(|| "app".to_owned(), |name| name.value);
        match adapter {
            Some(adapter) if obstacles.is_empty() => Ok(Self {
                name,
                adapter,
                manager,
                servers,
            }),
            _ => Err(obstacles),
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
    match app.gems().locked("kamal") {
        Answer::Is(version) if !at_least(&version, [2, 0]) => obstacles.push(Obstacle::new(
            format!(
                "Gemfile.lock has Kamal {}, and init writes for Kamal 2",
                version.value
            ),
            "run `bundle update kamal --conservative`",
        )),
        _ => {}
    }
}

/// Whether a version is at least `wanted`, by its first two numbers.
fn at_least(version: &str, wanted: [u64; 2]) -> bool {
    let mut numbers = version
        .split('.')
        .map(|part| part.parse::<u64>().unwrap_or_default());
    [
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    ] >= wanted
}

struct Thinking<'a> {
    app: &'a App<'a>,
    intent: &'a Intent,
    basis: &'a Basis,
    decisions: Vec<Decision>,
    notes: Vec<String>,
}

impl Thinking<'_> {
    fn view(&mut self) -> View {
        let ruby_version = self.ruby();
        let node = self.node();
        let (runtime_packages, build_packages) = self.packages();
        let gem_folders = self.gem_folders();
        let gem_manifests = self.gem_manifests();
        let bootsnap = self.bootsnap();
        let (assets, asset_path) = self.assets();
        let (command, port) = self.server();
        let service = self.service();
        let registry = self.registry();
        let image = match &registry {
            RegistryView { is_local: true, .. } => service.clone(),
            registry => format!("{}/{service}", registry.username),
        };
        let arch = self.arch();
        let (ssl, domain) = self.tls();
        let mut clear = Vec::new();
        let mut secrets = vec![self.key()];
        let job_role = self.jobs(&mut clear);
        let database = self.database(&service, &mut clear, &mut secrets);
        let storage = self.storage(&service);
        let env_secrets = secrets
            .iter()
            .map(|secret| secret.name.clone())
            .filter(|name| name != "POSTGRES_PASSWORD")
            .collect();
        if !registry.is_local {
            secrets.push(SecretView {
                name: "KAMAL_REGISTRY_PASSWORD".to_owned(),
                lookup: "$KAMAL_REGISTRY_PASSWORD".to_owned(),
                comment: "A token of the registry, from your environment.".to_owned(),
            });
        }
        self.platforms(&arch);
        View {
            summary: self.summary(),
            decisions: std::mem::take(&mut self.decisions),
            notes: std::mem::take(&mut self.notes),
            app: self.basis.name.clone(),
            workdir: WORKDIR,
            ruby_version,
            runtime_packages,
            build_packages,
            gem_folders,
            gem_manifests,
            bootsnap,
            node,
            assets,
            writable: vec![
                "log",
                "storage",
                "tmp",
                "tmp/cache",
                "tmp/pids",
                "tmp/sockets",
            ],
            command,
            port,
            service,
            image,
            servers: self.basis.servers.clone(),
            job_role,
            ssl,
            domain,
            registry,
            arch,
            clear,
            env_secrets,
            secrets,
            storage,
            asset_path,
            database,
        }
    }

    fn decide(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }

    fn summary(&self) -> String {
        let rails = self.app.rails().version().known();
        let rails = rails.map_or_else(
            || "Rails".to_owned(),
            |rails| format!("Rails {}", rails.value),
        );
        let javascript = match &self.basis.manager {
            Some(manager) => format!("JavaScript with {}", manager.value),
            None if self.app.javascript().importmap().is_known() => "import maps".to_owned(),
            None => "no JavaScript".to_owned(),
        };
        let databases = self
            .app
            .databases()
            .known()
            .map_or(1, |databases| databases.len());
        let adapter = self.basis.adapter.value;
        let databases = if databases > 1 {
            format!("{databases} databases on {adapter}")
        } else {
            adapter.to_string()
        };
        format!("{}: {rails}, {databases}, {javascript}", self.basis.name)
    }

    fn ruby(&mut self) -> String {
        let ruby = self.app.ruby().version().known().unwrap_or_else(|| {
            self.notes.push(format!(
                "Nothing in the app names its Ruby; {} was taken. Write the right one into .ruby-version.",
                releases::RUBY
            ));
            Fact::default(releases::RUBY.to_owned(), TABLE, "Ruby")
        });
        self.decide(Decision::of(
            "Ruby",
            &ruby,
            "the image must run the version that the app is tested with",
        ));
        ruby.value
    }

    fn node(&mut self) -> Option<NodeView> {
        let manager = self.basis.manager.clone()?;
        let node = self
            .app
            .javascript()
            .node_version()
            .known()
            .unwrap_or_else(|| Fact::default(releases::NODE.to_owned(), TABLE, "Node"));
        self.decide(Decision::of(
            "Node",
            &node,
            "it is copied from the official image of that version, for the build alone",
        ));
        let is_berry = manager.value == PackageManager::YarnBerry;
        let yarn = self
            .app
            .javascript()
            .package_manager_version()
            .known()
            .unwrap_or_else(|| Fact::default(releases::YARN.to_owned(), TABLE, "Yarn 1"));
        let flag = if is_berry {
            "--immutable"
        } else {
            "--frozen-lockfile"
        };
        self.decide(Decision::of(
            "packages",
            &manager,
            format!("`yarn install {flag}` fails where package.json and yarn.lock disagree"),
        ));
        let has = |name: &&'static str| self.app.tree().has(name);
        Some(NodeView {
            version: node.value,
            is_berry,
            yarn_version: yarn.value,
            folders: [".yarn"].into_iter().filter(has).collect(),
            manifests: ["package.json", "yarn.lock", ".yarnrc.yml", ".npmrc"]
                .into_iter()
                .filter(has)
                .collect(),
            cache: if is_berry {
                "/root/.yarn/berry/cache"
            } else {
                "/usr/local/share/.cache"
            },
            install: if is_berry {
                "yarn install --immutable"
            } else {
                "yarn install --frozen-lockfile"
            },
        })
    }

    /// Debian packages of the final image, and those that only the build needs on top.
    fn packages(&mut self) -> (Vec<&'static str>, Vec<&'static str>) {
        let mut runtime = vec!["libjemalloc2"];
        let mut build = vec!["build-essential", "libyaml-dev", "pkg-config"];
        self.decide(Decision::taken(
            "malloc",
            "jemalloc",
            "malloc",
            "it keeps the memory of a threaded Ruby from growing",
        ));
        if self.basis.adapter.value == Adapter::PostgreSql {
            runtime.push("libpq5");
            build.push("libpq-dev");
            let adapter = self.basis.adapter.clone().map(|_| "libpq5");
            self.decide(Decision::of(
                "database client",
                &adapter,
                "the pg gem needs the library alone; `postgresql-client` would add 60 MB for psql",
            ));
        }
        if let Some(gem) = ["image_processing", "ruby-vips"]
            .into_iter()
            .find_map(|gem| self.app.gems().shipped(gem).known())
        {
            runtime.push("libvips");
            self.decide(Decision::of(
                "images",
                &gem.map(|_| "libvips"),
                "the app makes variants of images; this adds 131 MB",
            ));
        }
        if let Answer::Is(git) = self.app.gems().git_source() {
            build.push("git");
            self.decide(Decision::of(
                "git",
                &git,
                "Bundler clones this repository in the build",
            ));
        }
        runtime.sort_unstable();
        build.sort_unstable();
        (runtime, build)
    }

    fn gem_folders(&mut self) -> Vec<String> {
        let mut folders: Vec<String> = Vec::new();
        for gem in self.app.gems().path_gems() {
            self.decide(Decision::of(
                "gems from a folder",
                &gem.folder,
                "it is copied before `bundle install`, which reads its gemspec",
            ));
            folders.push(gem.folder.value);
        }
        if self.app.tree().has("vendor/cache") {
            folders.push("vendor/cache".to_owned());
        }
        folders
    }

    fn gem_manifests(&mut self) -> Vec<String> {
        let mut manifests = vec!["Gemfile".to_owned(), "Gemfile.lock".to_owned()];
        if let Some(file) = self.app.ruby().version_file() {
            self.decide(Decision::of(
                "Ruby's file",
                &file,
                "the Gemfile reads it, so it is copied before `bundle install`",
            ));
            manifests.push(file.value);
        }
        manifests
    }

    fn bootsnap(&mut self) -> bool {
        let bootsnap = self.app.gems().shipped("bootsnap").known();
        if let Some(bootsnap) = &bootsnap {
            self.decide(Decision::of(
                "bootsnap",
                bootsnap,
                "compiled in the build, in one process: several hang under emulation",
            ));
        }
        bootsnap.is_some()
    }

    fn assets(&mut self) -> (bool, Option<String>) {
        let Some(pipeline) = self.app.assets().pipeline().known() else {
            return (false, None);
        };
        self.decide(Decision::of(
            "assets",
            &pipeline,
            "compiled in the build with a dummy key, so no real one is in a layer",
        ));
        let folder = self.app.assets().folder().known();
        (
            true,
            folder.map(|folder| format!("{WORKDIR}/public/{}", folder.value)),
        )
    }

    /// The image's command, and the port that it listens on.
    fn server(&mut self) -> (String, u16) {
        if let Some(thruster) = self.app.gems().shipped("thruster").known() {
            self.decide(Decision::of(
                "server",
                &thruster.map(|_| "Thruster in front of Puma"),
                "it compresses and caches, and listens on the port that Kamal asks",
            ));
            let thrust = if self.app.tree().has("bin/thrust") {
                r#""./bin/thrust""#
            } else {
                r#""bundle", "exec", "thrust""#
            };
            return (format!(r#"{thrust}, "./bin/rails", "server""#), 80);
        }
        let port = self.app.puma().port().known();
        let port = port.and_then(|port| {
            let number = port.value.text_or_default()?.parse::<u16>().ok()?;
            Some(port.map(|_| number))
        });
        let port = port.unwrap_or_else(|| Fact::default(3000, "Rails' defaults", "rails server"));
        self.decide(Decision::of(
            "server",
            &port.clone().map(|port| format!("Puma on port {port}")),
            "Thruster is not in the bundle, so Kamal talks to Puma",
        ));
        (r#""./bin/rails", "server""#.to_owned(), port.value)
    }

    fn service(&mut self) -> String {
        let service = self.basis.name.clone();
        let name = self.app.rails().name();
        let fact = Fact::new(
            service.clone(),
            Origin::at(name.place().clone(), "the app's module"),
        );
        self.decide(Decision::of(
            "service",
            &fact,
            "containers, volumes and accessories are named after it",
        ));
        service
    }

    fn registry(&mut self) -> RegistryView {
        let chosen = self.intent.one(Choice::Registry);
        if let Some(chosen) = &chosen
            && !chosen.value.starts_with("localhost:")
        {
            self.decide(Decision::of(
                "registry",
                chosen,
                "the image is pushed there, and pulled by the servers",
            ));
            let server = (chosen.value != "docker.io").then(|| chosen.value.clone());
            return RegistryView {
                is_local: false,
                server,
                username: self.registry_user(),
            };
        }
        let kamal = self.app.gems().locked("kamal").known();
        let is_new = kamal
            .as_ref()
            .is_none_or(|kamal| at_least(kamal, releases::KAMAL_LOCAL_REGISTRY));
        if chosen.is_none() && !is_new {
            if let Some(kamal) = kamal {
                let fact = kamal.map(|_| "Docker Hub");
                self.decide(Decision::of(
                    "registry",
                    &fact,
                    "Kamal before 2.8 cannot run a registry of its own",
                ));
            }
            return RegistryView {
                is_local: false,
                server: None,
                username: self.registry_user(),
            };
        }
        let server = chosen.map_or_else(|| "localhost:5555".to_owned(), |chosen| chosen.value);
        let why = "Kamal starts it here and the servers pull through SSH: no account, no password";
        match kamal {
            Some(kamal) => self.decide(Decision::of(
                "registry",
                &kamal.map(|_| server.clone()),
                why,
            )),
            None => {
                self.notes.push("Kamal is not in the bundle: `bundle add kamal --group development` pins its version.".to_owned());
                self.decide(Decision::taken("registry", server.clone(), "registry", why));
            }
        }
        RegistryView {
            is_local: true,
            server: Some(server),
            username: String::new(),
        }
    }

    fn registry_user(&self) -> String {
        self.intent
            .one(Choice::RegistryUser)
            .map_or_else(|| "<registry-user>".to_owned(), |user| user.value)
    }

    fn arch(&mut self) -> String {
        let arch = match self.intent.one(Choice::Arch) {
            Some(arch) => arch,
            None => Fact::default("amd64".to_owned(), "seaworthy's default", "arch"),
        };
        self.decide(Decision::of(
            "architecture",
            &arch,
            "Kamal 2 builds nothing without it; most servers are amd64",
        ));
        arch.value
    }

    fn tls(&mut self) -> (bool, Option<String>) {
        let domain = self.intent.one(Choice::Domain);
        let several = self.basis.servers.len() > 1;
        if let Some(servers) = self.intent.all(Choice::Servers) {
            let fact = servers.map(|servers| servers.join(", "));
            self.decide(Decision::of(
                "servers",
                &fact,
                "Kamal reaches them through SSH",
            ));
        }
        if let Some(domain) = &domain {
            self.decide(Decision::of("domain", domain, "kamal-proxy answers for it"));
        }
        if several {
            self.notes.push("Several servers share one app: TLS ends at a load balancer in front of them, which sets X-Forwarded-Proto.".to_owned());
            return (false, domain.map(|domain| domain.value));
        }
        self.decide(Decision::taken(
            "TLS",
            "Let's Encrypt, by kamal-proxy",
            "TLS",
            "one server, so it can fetch the certificate itself",
        ));
        (
            true,
            Some(domain.map_or_else(|| "<domain>".to_owned(), |domain| domain.value)),
        )
    }

    /// The secret that Rails cannot boot without.
    fn key(&mut self) -> SecretView {
        let files = [
            (
                "config/credentials/production.yml.enc",
                "config/credentials/production.key",
            ),
            ("config/credentials.yml.enc", "config/master.key"),
        ];
        let found = files
            .into_iter()
            .find(|(credentials, _)| self.app.tree().has(credentials));
        let Some((credentials, key)) = found else {
            self.decide(Decision::taken(
                "key",
                "SECRET_KEY_BASE",
                "key",
                "the app has no credentials file, so this is the key that Rails needs",
            ));
            return SecretView {
                name: "SECRET_KEY_BASE".to_owned(),
                lookup: "$SECRET_KEY_BASE".to_owned(),
                comment: "Signs cookies; `bin/rails secret` makes one. From your environment."
                    .to_owned(),
            };
        };
        let origin = Origin::at(Place::File(credentials.into()), "encrypted credentials");
        self.decide(Decision::of(
            "key",
            &Fact::new("RAILS_MASTER_KEY", origin),
            "it decrypts the credentials at boot",
        ));
        SecretView {
            name: "RAILS_MASTER_KEY".to_owned(),
            lookup: format!("$(cat {key})"),
            comment: format!("Decrypts {credentials}."),
        }
    }

    /// Has Solid Queue run inside Puma, or gives the command of a role for it.
    fn jobs(&mut self, clear: &mut Vec<VariableView>) -> Option<String> {
        let adapter = self.app.solid().job_adapter().known()?;
        if *adapter != "solid_queue" {
            self.notes.push(format!(
                "Jobs go to `{}`; init writes nothing that runs them.",
                adapter.value
            ));
            return None;
        }
        let plugin = self.app.puma().solid_queue_plugin().known();
        let one_server = self.basis.servers.len() == 1;
        match plugin {
            Some(Fact {
                value: Condition::Always,
                origin,
            }) => {
                let fact = Fact::new("inside Puma", origin);
                self.decide(Decision::of(
                    "jobs",
                    &fact,
                    "config/puma.rb always loads the plugin",
                ));
                None
            }
            Some(Fact {
                value: Condition::Set(variable),
                origin,
            }) if one_server => {
                let fact = Fact::new("inside Puma", origin);
                self.decide(Decision::of(
                    "jobs",
                    &fact,
                    "one server: a process of its own would cost memory and gain nothing",
                ));
                clear.push(VariableView {
                    comment:
                        "Puma runs Solid Queue inside itself while this is set, even to `false`."
                            .to_owned(),
                    name: variable,
                    value: "true".to_owned(),
                });
                None
            }
            _ => {
                self.decide(Decision::of(
                    "jobs",
                    &adapter.map(|_| "a role of their own"),
                    "the same image runs `bin/jobs` beside the web servers",
                ));
                let has_binstub = self.app.tree().has("bin/jobs");
                Some(
                    if has_binstub {
                        "bin/jobs"
                    } else {
                        "bundle exec rake solid_queue:start"
                    }
                    .to_owned(),
                )
            }
        }
    }

    /// What the app has to be told to reach its database, and the accessory that it is.
    fn database(
        &mut self,
        service: &str,
        clear: &mut Vec<VariableView>,
        secrets: &mut Vec<SecretView>,
    ) -> Option<DatabaseView> {
        if self.basis.adapter.value != Adapter::PostgreSql {
            return None;
        }
        let databases = self
            .app
            .databases()
            .known()
            .map(|databases| databases.value)
            .unwrap_or_default();
        let text = |value: Option<Answer<Value>>| {
            value
                .and_then(Answer::known)
                .and_then(|value| match value.value {
                    Value::Text(text) => Some(text),
                    Value::Variable { .. } => None,
                })
        };
        let primary = databases.first();
        let user = text(primary.map(Database::username)).unwrap_or_else(|| service.to_owned());
        let name = text(primary.map(Database::database))
            .unwrap_or_else(|| format!("{service}_production"));
        let given = self.intent.one(Choice::DatabaseHost);
        let is_accessory = given.is_none() && self.basis.servers.len() == 1;
        let host = match given {
            Some(host) => {
                self.decide(Decision::of(
                    "database",
                    &host,
                    "a server outside of this deploy",
                ));
                host.value
            }
            None if is_accessory => {
                let adapter = self
                    .basis
                    .adapter
                    .clone()
                    .map(|_| format!("PostgreSQL {} beside the app", releases::POSTGRESQL));
                self.decide(Decision::of(
                    "database",
                    &adapter,
                    "one server: an accessory, reached by its name, without a port to the outside",
                ));
                format!("{service}-db")
            }
            None => "<database-address>".to_owned(),
        };
        if is_accessory {
            secrets.push(SecretView {
                name: "POSTGRES_PASSWORD".to_owned(),
                lookup: "$POSTGRES_PASSWORD".to_owned(),
                comment: format!(
                    "What PostgreSQL is created with, for {user}. From your environment."
                ),
            });
        }
        let password = if is_accessory {
            "$POSTGRES_PASSWORD"
        } else {
            "$DATABASE_PASSWORD"
        };
        let mut named_host = false;
        for database in &databases {
            let mut variables = Variables { clear, secrets };
            named_host |= variables.tell(
                database,
                &Server {
                    host: &host,
                    user: &user,
                    name: &name,
                    password,
                    is_accessory,
                },
            );
        }
        if !named_host {
            clear.push(VariableView {
                name: "PGHOST".to_owned(),
                value: host,
                comment:
                    "Where PostgreSQL is; libpq reads it, as config/database.yml names no host."
                        .to_owned(),
            });
        }
        is_accessory.then(|| DatabaseView {
            image: format!("postgres:{}", releases::POSTGRESQL),
            user,
            name,
            folder: releases::POSTGRESQL_FOLDER,
        })
    }

    fn storage(&mut self, service: &str) -> Option<StorageView> {
        let sqlite = self.basis.adapter.value == Adapter::Sqlite;
        let kind = self.app.storage().kind().known();
        let disk = kind.filter(|kind| kind.value == "Disk");
        let what = match (sqlite, disk.is_some()) {
            (true, true) => "the SQLite databases and uploads",
            (true, false) => "the SQLite databases",
            (false, true) => "uploads",
            (false, false) => return None,
        };
        let origin = match &disk {
            Some(disk) if !sqlite => disk.origin.clone(),
            _ => self.basis.adapter.origin.clone(),
        };
        let fact = Fact::new(format!("{service}_storage"), origin);
        self.decide(Decision::of(
            "volume",
            &fact,
            format!("without it {what} are gone with every deploy"),
        ));
        if self.basis.servers.len() > 1 {
            self.notes.push("Uploads are kept on the disk of the server that took them: several servers need a service like S3.".to_owned());
        }
        Some(StorageView {
            volume: fact.value,
            what,
        })
    }

    fn platforms(&mut self, arch: &str) {
        let platform = if arch == "arm64" {
            "aarch64-linux"
        } else {
            "x86_64-linux"
        };
        let platforms = self.app.gems().platforms();
        let is_covered = platforms.iter().any(|known| {
            known.value == "ruby"
                || known.value == platform
                || known.value == format!("{platform}-gnu")
        });
        if !platforms.is_empty() && !is_covered {
            self.notes.push(format!("Gemfile.lock was not resolved for {platform}: run `bundle lock --add-platform {platform}`, else `bundle install` stops in the build."));
        }
    }
}

/// The database server as a deploy sees it.
struct Server<'a> {
    host: &'a str,
    user: &'a str,
    name: &'a str,
    password: &'a str,
    is_accessory: bool,
}

/// Where the variables that `database.yml` reads are collected.
struct Variables<'a> {
    clear: &'a mut Vec<VariableView>,
    secrets: &'a mut Vec<SecretView>,
}

impl Variables<'_> {
    /// Sets the variables that a database's entry reads and that have no default; whether one of
    /// them, or the entry itself, names the host.
    fn tell(&mut self, database: &Database<'_>, server: &Server<'_>) -> bool {
        let variable = |answer: Answer<Value>| match answer.known()?.value {
            Value::Variable {
                name,
                default: None,
            } => Some(name),
            _ => None,
        };
        if let Some(name) = variable(database.url()) {
            let known = |value: Answer<Value>| match value.known()?.value {
                Value::Text(text) => Some(text),
                Value::Variable { .. } => None,
            };
            let database_name =
                known(database.database()).unwrap_or_else(|| server.name.to_owned());
            let url = format!(
                "postgres://{}:{}@{}/{database_name}",
                server.user, server.password, server.host
            );
            self.secret(
                name,
                url,
                "The database's address, put together from the password above.",
            );
            return true;
        }
        if let Some(name) = variable(database.host()) {
            let comment = if server.is_accessory {
                "The accessory below, by the name that containers on this server reach it by."
            } else {
                "The database server."
            };
            self.clear_variable(name, server.host, comment);
        }
        if let Some(name) = variable(database.username()) {
            self.clear_variable(
                name,
                server.user,
                "The user that the accessory is created with.",
            );
        }
        if let Some(name) = variable(database.password()) {
            let (lookup, comment) = if server.is_accessory {
                (
                    server.password.to_owned(),
                    "The same password, by the name that config/database.yml reads.",
                )
            } else {
                (
                    format!("${name}"),
                    "The database's password, from your environment.",
                )
            };
            self.secret(name, lookup, comment);
        }
        !database.host().is_absent() || !database.url().is_absent()
    }

    fn clear_variable(&mut self, name: String, value: &str, comment: &str) {
        if self.clear.iter().all(|variable| variable.name != name) {
            let (value, comment) = (value.to_owned(), comment.to_owned());
            self.clear.push(VariableView {
                name,
                value,
                comment,
            });
        }
    }

    fn secret(&mut self, name: String, lookup: String, comment: &str) {
        if self.secrets.iter().all(|secret| secret.name != name) {
            self.secrets.push(SecretView {
                name,
                lookup,
                comment: comment.to_owned(),
            });
        }
    }
}
