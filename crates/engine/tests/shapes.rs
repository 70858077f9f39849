//! Shapes of apps, each with choices of the command line: what holds for every plan.
//!
//! A shape is drawn at random, always from the same seed, and is planned once for all tests. Where
//! something does not hold, the shape is made as small as it can be and shown.
//! `PROPTEST_CASES` draws more of them.

// Tests say what they expect by panicking.
#![allow(
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::type_complexity
)]

mod harness;

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use engine::change::Changes;
use engine::finding::Finding;
use engine::plan::{Choice, FILE, Intent, Obstacle, Plan, PlannedFile, State, Values, plan};
use engine::render::json;
use engine::tree::{Path, Source, Tree};
use engine::{App, Selection, check};
use harness::is_said_by_init;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use syntax::dockerfile::{Arguments, Dockerfile, Instruction, Keyword, Word};
use syntax::yaml::Node;

/// How many shapes are drawn.
const CASES: u32 = 170;

/// Values that must never be seen again, by the file that has them.
const SECRETS: [(&str, &str); 4] = [
    ("config/master.key", "0b5e55ed0b5e55ed0b5e55ed0b5e55ed"),
    (".env", "gulls-over-the-breakwater-at-dawn"),
    (".kamal/secrets", "moored-beside-the-old-customs-house"),
    ("config/deploy.yml", "tar-and-oakum-in-the-lower-hold"),
];

// What an app is.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Database {
    PostgreSql,
    MySql,
    Trilogy,
    Sqlite,
    /// PostgreSQL, of which `database.yml` says a URL alone.
    Url,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JavaScript {
    ImportMaps,
    Npm,
    Yarn,
    YarnBerry,
    Pnpm,
    Bun,
}

/// How far the Solid trio is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trio {
    Missing,
    /// As its installers leave it.
    Separate,
    /// The gems and the schemas are there, and nothing uses them.
    GemsAlone,
    /// One entry of three, and schemas of all.
    QueueAlone,
    /// Tables in the app's own database.
    Single,
}

/// A file of the user's that init writes as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Own {
    Dockerfile,
    DockerfileElsewhere,
    /// Puma alone, whether Thruster is in the bundle or not.
    DockerfileOfPuma,
    Dockerignore,
    Entrypoint,
    Deploy,
    Secrets,
    Compose,
}

const OWN: [Own; 8] = [
    Own::Dockerfile,
    Own::DockerfileElsewhere,
    Own::DockerfileOfPuma,
    Own::Dockerignore,
    Own::Entrypoint,
    Own::Deploy,
    Own::Secrets,
    Own::Compose,
];

/// What was said on the command line.
type Choices = Vec<(Choice, Vec<String>)>;

#[derive(Clone, Debug)]
struct Shape {
    database: Database,
    /// What the database is called on its server.
    name: &'static str,
    javascript: JavaScript,
    trio: Trio,
    ruby: Option<&'static str>,
    kamal: Option<&'static str>,
    thruster: bool,
    bootsnap: bool,
    credentials: bool,
    /// Puma's port where `PORT` is not set.
    port: u16,
    uploads: bool,
    /// The app's folder in its repository, and one with a gem, seen from there.
    beside: Option<(&'static str, &'static str)>,
    gems: Vec<&'static str>,
    own: Vec<Own>,
    /// Whether the user's own files may be overwritten.
    replace: bool,
    choices: Choices,
    destinations: Vec<(&'static str, Choices)>,
}

/// Gems with what they are locked at, besides those that every shape has.
const GEMS: [(&str, &str); 12] = [
    ("redis", "5.4.1"),
    ("sidekiq", "8.1.6"),
    ("good_job", "4.13.0"),
    ("image_processing", "1.14.0"),
    ("ruby-vips", "2.3.0"),
    ("rmagick", "6.1.5"),
    ("charlock_holmes", "0.7.9"),
    ("grover", "1.2.6"),
    ("nokogiri", "1.19.4"),
    ("sassc", "2.4.0"),
    ("mini_racer", "0.19.1"),
    ("vite_rails", "3.0.20"),
];

/// All of some things or none, each as likely as the next.
fn some<T: Clone + std::fmt::Debug + 'static>(
    all: Vec<T>,
    sizes: impl Into<prop::sample::SizeRange>,
) -> BoxedStrategy<Vec<T>> {
    prop::sample::subsequence(all, sizes).boxed()
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|&text| text.to_owned()).collect()
}

/// Values that a choice may have.
fn values(choice: Choice) -> BoxedStrategy<Vec<String>> {
    let one_of = |all: &[&str]| {
        prop::sample::select(texts(all))
            .prop_map(|one| vec![one])
            .boxed()
    };
    match (choice, choice.values()) {
        (Choice::Arch | Choice::Hooks, Values::Of(known)) => some(texts(known), 1..=known.len()),
        (_, Values::Of(known)) => one_of(known),
        (Choice::Servers, _) => some(texts(&["203.0.113.1", "203.0.113.2", "203.0.113.3"]), 1..=3),
        (Choice::Service, _) => one_of(&["harbour"]),
        (Choice::Workdir, _) => one_of(&["/srv/app"]),
        (Choice::Domain, _) => one_of(&["harbour.example.org"]),
        (Choice::Email, _) => one_of(&["harbour-master@example.org"]),
        (Choice::Registry, _) => one_of(&["localhost:5000", "docker.io", "registry.example.org"]),
        (Choice::RegistryUser, _) => one_of(&["marina"]),
        (Choice::DatabaseHost, _) => one_of(&["10.0.0.5"]),
        (Choice::DatabaseVersion, _) => one_of(&["16", "18"]),
        (Choice::Packages, _) => some(texts(&["poppler-utils", "ffmpeg"]), 1..=2),
        (Choice::Without, _) => one_of(&["libvips42", "libvips42t64"]),
        (Choice::SecretsAccount, _) => one_of(&["harbour"]),
        (Choice::SecretsVault, _) => one_of(&["Production"]),
        (other, Values::Any) => panic!("say what {} may be", other.key()),
    }
}

/// Some of these choices, each seldom enough that most of a plan stays as it is by default.
fn choices(all: Vec<Choice>, likely: f64) -> BoxedStrategy<Choices> {
    let each: Vec<_> = all
        .into_iter()
        .map(|choice| {
            let given = values(choice).prop_map(move |values| (choice, values));
            prop::option::weighted(likely, given).boxed()
        })
        .collect();
    each.prop_map(|given| given.into_iter().flatten().collect())
        .boxed()
}

fn shapes() -> BoxedStrategy<Shape> {
    let of_destination: Vec<Choice> = Choice::ALL
        .into_iter()
        .filter(|choice| choice.is_of_destination())
        .collect();
    let one = choices(of_destination.clone(), 0.5);
    let other = choices(of_destination, 0.5);
    let app = (
        prop::sample::select(vec![
            Database::PostgreSql,
            Database::Url,
            Database::MySql,
            Database::Trilogy,
            Database::Sqlite,
        ]),
        prop::sample::select(vec![
            JavaScript::ImportMaps,
            JavaScript::Npm,
            JavaScript::Yarn,
            JavaScript::YarnBerry,
            JavaScript::Pnpm,
            JavaScript::Bun,
        ]),
        prop::sample::select(vec![
            Trio::Missing,
            Trio::Separate,
            Trio::GemsAlone,
            Trio::QueueAlone,
            Trio::Single,
        ]),
        prop::sample::select(vec![
            Some("3.4.10"),
            Some("4.0.6"),
            Some("3.3.12"),
            Some("3.2.9"),
            None,
        ]),
        prop::sample::select(vec![Some("2.12.0"), Some("2.3.0"), None]),
        prop::sample::select(vec![3000_u16, 8080]),
        prop::sample::select(vec!["harbour_production", "boats"]),
    );
    let flags = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let rest = (
        some(GEMS.iter().map(|(name, _)| *name).collect(), 0..=3),
        prop_oneof![2 => Just(Vec::new()), 1 => some(OWN.to_vec(), 1..=3)],
        choices(Choice::ALL.to_vec(), 0.18),
        prop::option::weighted(0.25, one),
        prop::option::weighted(0.1, other),
        prop::option::weighted(
            0.15,
            prop::sample::select(vec![
                ("web", "../berths"),
                ("apps/web", "../../gems/berths"),
            ]),
        ),
    );
    (app, flags, rest)
        .prop_map(
            |(app, flags, (gems, own, choices, staging, canary, beside))| {
                let (database, javascript, trio, ruby, kamal, port, name) = app;
                let (thruster, bootsnap, credentials, uploads, replace) = flags;
                let named = [("staging", staging), ("canary", canary)];
                Shape {
                    database,
                    name,
                    javascript,
                    trio,
                    ruby,
                    kamal,
                    thruster,
                    bootsnap,
                    credentials,
                    port,
                    uploads,
                    beside,
                    gems,
                    own,
                    replace,
                    choices,
                    destinations: named
                        .into_iter()
                        .filter_map(|(name, choices)| Some((name, choices?)))
                        .collect(),
                }
            },
        )
        .boxed()
}

// Its files.

impl Shape {
    fn tree(&self) -> Tree {
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        for (path, text) in [
            ("config/application.rb", APPLICATION),
            ("config/routes.rb", ROUTES),
            ("config/boot.rb", BOOT),
            ("config/environment.rb", ENVIRONMENT),
            ("app/models/application_record.rb", RECORD),
            ("app/assets/stylesheets/application.css", ""),
            ("public/404.html", "<!doctype html>\n"),
            ("log/.keep", ""),
            ("tmp/.keep", ""),
            ("storage/.keep", ""),
            ("lib/tasks/.keep", ""),
            ("vendor/.keep", ""),
            (
                ".gitignore",
                "/.env\n/config/*.key\n/log/*\n/tmp/*\n/node_modules\n",
            ),
        ] {
            files.insert(path, text.to_owned());
        }
        files.insert("Gemfile", self.gemfile());
        files.insert("Gemfile.lock", self.lockfile());
        files.insert("config/database.yml", self.database_yml());
        files.insert("config/environments/production.rb", self.production_rb());
        files.insert("config/puma.rb", self.puma_rb());
        files.insert(".env", format!("STRIPE_KEY={}\n", SECRETS[1].1));
        if let Some(ruby) = self.ruby {
            files.insert(".ruby-version", format!("{ruby}\n"));
        }
        if self.credentials {
            files.insert(
                "config/credentials.yml.enc",
                "c2VhbGVk--aXY=--dGFn".to_owned(),
            );
            files.insert("config/master.key", SECRETS[0].1.to_owned());
        }
        if self.uploads {
            let service = "local:\n  service: Disk\n  root: <%= Rails.root.join(\"storage\") %>\n";
            files.insert("config/storage.yml", service.to_owned());
        }
        self.solid_files(&mut files);
        self.javascript_files(&mut files);
        self.own_files(&mut files);
        let mut tree =
            Tree::of(files.into_iter().map(|(path, text)| {
                Source::new(Path::new(path).expect("paths are relative"), text)
            }));
        for (path, text) in [
            (
                "bin/rails",
                "#!/usr/bin/env ruby\nAPP_PATH = File.expand_path(\"../config/application\", __dir__)\nrequire_relative \"../config/boot\"\nrequire \"rails/commands\"\n",
            ),
            (
                "bin/rake",
                "#!/usr/bin/env ruby\nrequire_relative \"../config/boot\"\nrequire \"rake\"\nRake.application.run\n",
            ),
        ] {
            tree.insert(Source::new(path.into(), text).with_executable(true));
        }
        if self.own.contains(&Own::Entrypoint) {
            let path = "bin/docker-entrypoint";
            tree.insert(Source::new(path.into(), ENTRYPOINT).with_executable(true));
        }
        if let Some((place, _)) = self.beside {
            tree.set_place(place.into());
        }
        tree
    }

    fn has_trio(&self) -> bool {
        self.trio != Trio::Missing
    }

    /// All gems of the bundle with their versions; those with a `-` behind the version too.
    fn bundle(&self) -> Vec<(String, String)> {
        let mut gems = vec![
            ("rails", "8.1.3.1"),
            ("propshaft", "1.3.2"),
            ("puma", "8.0.2"),
        ];
        gems.push(match self.database {
            Database::PostgreSql | Database::Url => ("pg", "1.6.3"),
            Database::MySql => ("mysql2", "0.5.7"),
            Database::Trilogy => ("trilogy", "2.12.6"),
            Database::Sqlite => ("sqlite3", "2.9.5"),
        });
        if self.javascript == JavaScript::ImportMaps {
            gems.push(("importmap-rails", "2.2.3"));
        } else {
            gems.push(("jsbundling-rails", "1.3.1"));
        }
        if self.has_trio() {
            gems.extend([
                ("solid_cache", "1.0.10"),
                ("solid_queue", "1.5.0"),
                ("solid_cable", "4.0.0"),
            ]);
        }
        gems.extend(self.kamal.map(|kamal| ("kamal", kamal)));
        gems.extend(self.thruster.then_some(("thruster", "0.1.22")));
        gems.extend(self.bootsnap.then_some(("bootsnap", "1.24.6")));
        gems.extend(GEMS.iter().filter(|(name, _)| self.gems.contains(name)));
        if self.gems.contains(&"vite_rails") {
            gems.push(("vite_ruby", "3.9.3"));
        }
        gems.into_iter()
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .collect()
    }

    fn gemfile(&self) -> String {
        let mut text = "source \"https://rubygems.org\"\n\n".to_owned();
        for (name, _) in self.bundle() {
            writeln!(text, "gem \"{name}\"").expect("a string takes all");
        }
        text
    }

    fn lockfile(&self) -> String {
        let mut specs: Vec<String> = Vec::new();
        for (name, version) in self.bundle() {
            specs.push(format!("    {name} ({version})\n"));
            // Gems that come compiled as well do so here on one of the two architectures alone.
            if matches!(name.as_str(), "nokogiri" | "pg" | "sqlite3" | "thruster") {
                specs.push(format!("    {name} ({version}-x86_64-linux)\n"));
            }
        }
        if self.gems.contains(&"image_processing") {
            specs.retain(|spec| !spec.starts_with("    image_processing"));
            specs.push(
                "    image_processing (1.14.0)\n      mini_magick (>= 4.9.5, < 6)\n      ruby-vips (>= 2.0.17, < 3)\n"
                    .to_owned(),
            );
            specs.push("    mini_magick (5.3.1)\n".to_owned());
            if !self.gems.contains(&"ruby-vips") {
                specs.push("    ruby-vips (2.3.0)\n".to_owned());
            }
        }
        specs.sort();
        let mut names: Vec<String> = self.bundle().into_iter().map(|(name, _)| name).collect();
        names.sort();
        let beside = self.beside.map_or_else(String::new, |(_, folder)| {
            format!("PATH\n  remote: {folder}\n  specs:\n    berths (0.1.0)\n\n")
        });
        format!(
            "{beside}GEM\n  remote: https://rubygems.org/\n  specs:\n{}\nPLATFORMS\n  aarch64-linux\n  x86_64-linux\n\nDEPENDENCIES\n{}\nBUNDLED WITH\n   2.7.2\n",
            specs.concat(),
            indented(&names.join("\n"), "  ")
        )
    }

    fn database_yml(&self) -> String {
        let adapter = match self.database {
            Database::PostgreSql | Database::Url => "postgresql",
            Database::MySql => "mysql2",
            Database::Trilogy => "trilogy",
            Database::Sqlite => "sqlite3",
        };
        let names: &[&str] = match self.trio {
            Trio::Separate => &["cache", "queue", "cable"],
            Trio::QueueAlone => &["queue"],
            _ => &[],
        };
        let settings = match self.database {
            Database::Sqlite => "<<: *default\ndatabase: storage/production.sqlite3\n".to_owned(),
            Database::Url => "<<: *default\nurl: <%= ENV[\"DATABASE_URL\"] %>\n".to_owned(),
            _ => format!(
                "<<: *default\nhost: <%= ENV[\"DB_HOST\"] %>\ndatabase: {}\nusername: harbour\npassword: <%= ENV[\"HARBOUR_DATABASE_PASSWORD\"] %>\n",
                self.name
            ),
        };
        let mut text = format!(
            "default: &default\n  adapter: {adapter}\n  max_connections: 10\n\ndevelopment:\n  <<: *default\n  database: harbour_development\n\nproduction:\n"
        );
        if names.is_empty() {
            return text + &indented(&settings, "  ");
        }
        text += "  primary: &primary_production\n";
        text += &indented(&settings, "    ");
        for name in names {
            let own = match self.database {
                Database::Sqlite => format!("database: storage/production_{name}.sqlite3"),
                Database::Url => {
                    format!("url: <%= ENV[\"{}_DATABASE_URL\"] %>", name.to_uppercase())
                }
                _ => format!("database: {}_{name}", self.name),
            };
            write!(
                text,
                "  {name}:\n    <<: *primary_production\n    {own}\n    migrations_paths: db/{name}_migrate\n"
            )
            .expect("a string takes all");
        }
        text
    }

    fn production_rb(&self) -> String {
        let mut lines = vec![
            "config.enable_reloading = false",
            "config.eager_load = true",
            "config.assume_ssl = true",
            "config.force_ssl = true",
            "config.logger = ActiveSupport::TaggedLogging.logger(STDOUT)",
        ];
        if self.uploads {
            lines.push("config.active_storage.service = :local");
        }
        match self.trio {
            Trio::Separate => lines.extend([
                "config.cache_store = :solid_cache_store",
                "config.active_job.queue_adapter = :solid_queue",
                "config.solid_queue.connects_to = { database: { writing: :queue } }",
            ]),
            Trio::QueueAlone => lines.extend([
                "config.active_job.queue_adapter = :solid_queue",
                "config.solid_queue.connects_to = { database: { writing: :queue } }",
            ]),
            Trio::Single => lines.extend([
                "config.cache_store = :solid_cache_store",
                "config.active_job.queue_adapter = :solid_queue",
            ]),
            Trio::Missing | Trio::GemsAlone => {
                for queue in ["sidekiq", "good_job"] {
                    if self.gems.contains(&queue) {
                        lines.push(if queue == "sidekiq" {
                            "config.active_job.queue_adapter = :sidekiq"
                        } else {
                            "config.active_job.queue_adapter = :good_job"
                        });
                        break;
                    }
                }
            }
        }
        let body = indented(&lines.join("\n"), "  ");
        format!("Rails.application.configure do\n{body}end\n")
    }

    fn puma_rb(&self) -> String {
        let plugin = if matches!(self.trio, Trio::Separate | Trio::Single) {
            "plugin :solid_queue if ENV[\"SOLID_QUEUE_IN_PUMA\"]\n"
        } else {
            ""
        };
        format!(
            "threads 3, 3\nport ENV.fetch(\"PORT\", {})\nplugin :tmp_restart\n{plugin}",
            self.port
        )
    }

    fn solid_files(&self, files: &mut BTreeMap<&str, String>) {
        let schema = |tables: &[&str]| -> String {
            let tables: String = tables
                .iter()
                .flat_map(|table| {
                    [
                        "  create_table \"",
                        table,
                        "\" do |t|\n    t.text \"value\"\n  end\n",
                    ]
                })
                .collect();
            format!("ActiveRecord::Schema[8.1].define(version: 1) do\n{tables}end\n")
        };
        let tables = [
            ("db/cache_schema.rb", "solid_cache_entries"),
            ("db/queue_schema.rb", "solid_queue_jobs"),
            ("db/cable_schema.rb", "solid_cable_messages"),
        ];
        match self.trio {
            Trio::Missing => files.insert("db/schema.rb", schema(&["boats"])),
            Trio::Single => {
                let all: Vec<&str> = tables.iter().map(|(_, table)| *table).collect();
                files.insert("db/schema.rb", schema(&all))
            }
            _ => {
                for (path, table) in tables {
                    files.insert(path, schema(&[table]));
                }
                files.insert("db/schema.rb", schema(&["boats"]))
            }
        };
        let cable = match self.trio {
            Trio::Separate => {
                "  adapter: solid_cable\n  connects_to:\n    database:\n      writing: cable\n"
            }
            Trio::Single => "  adapter: solid_cable\n",
            _ => "  adapter: async\n",
        };
        files.insert(
            "config/cable.yml",
            format!("development:\n  adapter: async\n\nproduction:\n{cable}"),
        );
    }

    fn javascript_files(&self, files: &mut BTreeMap<&str, String>) {
        let (lock, text, manager) = match self.javascript {
            JavaScript::ImportMaps => return,
            JavaScript::Npm => (
                "package-lock.json",
                "{\n  \"name\": \"harbour\",\n  \"lockfileVersion\": 3,\n  \"packages\": {}\n}\n",
                "",
            ),
            JavaScript::Yarn => ("yarn.lock", "# yarn lockfile v1\n", ""),
            JavaScript::YarnBerry => (
                "yarn.lock",
                "__metadata:\n  version: 8\n",
                "  \"packageManager\": \"yarn@4.9.2\",\n",
            ),
            JavaScript::Pnpm => (
                "pnpm-lock.yaml",
                "lockfileVersion: '9.0'\n",
                "  \"packageManager\": \"pnpm@10.4.1\",\n",
            ),
            JavaScript::Bun => ("bun.lock", "{\n  \"lockfileVersion\": 1\n}\n", ""),
        };
        files.insert(lock, text.to_owned());
        files.insert(
            "package.json",
            format!(
                "{{\n  \"name\": \"harbour\",\n{manager}  \"scripts\": {{ \"build\": \"esbuild app/javascript/*.* --bundle --outdir=app/assets/builds\" }},\n  \"dependencies\": {{ \"esbuild\": \"0.25.12\" }}\n}}\n"
            ),
        );
        files.insert("app/javascript/application.js", String::new());
        files.insert("app/assets/builds/.keep", String::new());
    }

    fn own_files(&self, files: &mut BTreeMap<&str, String>) {
        for own in &self.own {
            match own {
                Own::Dockerfile => {
                    files.insert("Dockerfile", self.dockerfile("/rails", self.thruster))
                }
                Own::DockerfileElsewhere => {
                    files.insert("Dockerfile", self.dockerfile("/app", self.thruster))
                }
                Own::DockerfileOfPuma => {
                    files.insert("Dockerfile", self.dockerfile("/rails", false))
                }
                Own::Dockerignore => files.insert(
                    ".dockerignore",
                    "/.git\n**/.env*\n**/*.key\n/.kamal\n".to_owned(),
                ),
                Own::Entrypoint => None,
                Own::Deploy => files.insert("config/deploy.yml", self.deploy_yml()),
                Own::Secrets => files.insert(
                    ".kamal/secrets",
                    format!(
                        "RAILS_MASTER_KEY=$(cat config/master.key)\nSMTP_PASSWORD={}\n",
                        SECRETS[2].1
                    ),
                ),
                Own::Compose => files.insert(
                    "docker-compose.yml",
                    "services:\n  database:\n    image: postgres:17\n".to_owned(),
                ),
            };
        }
    }

    /// As somebody writes it who has read Rails' own.
    fn dockerfile(&self, folder: &str, thruster: bool) -> String {
        let ruby = self.ruby.unwrap_or("3.4.10");
        let (command, port) = if thruster {
            ("\"./bin/thrust\", \"./bin/rails\", \"server\"", 80)
        } else {
            ("\"./bin/rails\", \"server\"", self.port)
        };
        format!(
            "FROM docker.io/library/ruby:{ruby}-slim AS base\nWORKDIR {folder}\nENV RAILS_ENV=production BUNDLE_DEPLOYMENT=1 BUNDLE_PATH=/usr/local/bundle BUNDLE_WITHOUT=development:test\n\nFROM base AS build\nRUN apt-get update -qq && apt-get install --no-install-recommends -y build-essential libyaml-dev pkg-config && rm -rf /var/lib/apt/lists/*\nCOPY Gemfile Gemfile.lock ./\nRUN bundle install\nCOPY . .\nRUN SECRET_KEY_BASE_DUMMY=1 ./bin/rails assets:precompile\n\nFROM base\nRUN groupadd --system --gid 1000 rails && useradd rails --uid 1000 --gid 1000 --create-home\nUSER 1000:1000\nCOPY --chown=1000:1000 --from=build /usr/local/bundle /usr/local/bundle\nCOPY --chown=1000:1000 --from=build {folder} {folder}\nENTRYPOINT [\"{folder}/bin/docker-entrypoint\"]\nEXPOSE {port}\nCMD [{command}]\n"
        )
    }

    fn deploy_yml(&self) -> String {
        let port = if self.thruster { 80 } else { self.port };
        format!(
            "service: harbour\nimage: marina/harbour\nservers:\n  web:\n    - 203.0.113.9\nproxy:\n  ssl: true\n  host: harbour.example.org\n  app_port: {port}\nregistry:\n  username: marina\n  password:\n    - KAMAL_REGISTRY_PASSWORD\nbuilder:\n  arch: amd64\nenv:\n  clear:\n    SMTP_PASSWORD: {}\n  secret:\n    - RAILS_MASTER_KEY\n",
            SECRETS[3].1
        )
    }

    fn intent(&self, app: &App<'_>) -> Intent {
        let mut intent = Intent::remembered(app);
        for (choice, values) in &self.choices {
            intent.choose(*choice, values.clone());
        }
        for (name, choices) in &self.destinations {
            intent.add_destination(name);
            for (choice, values) in choices {
                intent.choose_for(name, *choice, values.clone());
            }
        }
        if self.replace {
            intent.replace = [
                "Dockerfile",
                ".dockerignore",
                "bin/docker-entrypoint",
                "config/deploy.yml",
                ".kamal/secrets",
                "docker-compose.yml",
            ]
            .into_iter()
            .map(Path::from)
            .collect();
        }
        intent
    }

    fn chose(&self, choice: Choice, value: &str) -> bool {
        self.choices
            .iter()
            .any(|(given, values)| *given == choice && values.iter().any(|given| given == value))
    }
}

/// The lines of a text, each further in.
fn indented(text: &str, by: &str) -> String {
    text.lines().flat_map(|line| [by, line, "\n"]).collect()
}

const APPLICATION: &str = "\
require_relative \"boot\"
require \"rails/all\"
Bundler.require(*Rails.groups)

module Harbour
  class Application < Rails::Application
    config.load_defaults 8.1
  end
end
";
const ROUTES: &str = "\
Rails.application.routes.draw do
  get \"up\" => \"rails/health#show\", as: :rails_health_check
end
";
const BOOT: &str = "\
ENV[\"BUNDLE_GEMFILE\"] ||= File.expand_path(\"../Gemfile\", __dir__)
require \"bundler/setup\"
";
const ENVIRONMENT: &str = "\
require_relative \"application\"
Rails.application.initialize!
";
const RECORD: &str = "\
class ApplicationRecord < ActiveRecord::Base
  primary_abstract_class
end
";
const ENTRYPOINT: &str = "\
#!/bin/bash -e
if [ \"${@: -2:1}\" == \"./bin/rails\" ] && [ \"${@: -1:1}\" == \"server\" ]; then
  ./bin/rails db:prepare
fi
exec \"${@}\"
";

// What comes of it.

enum Outcome {
    Planned(Box<Planned>),
    Refused(Vec<Obstacle>),
    Panicked(String),
}

struct Planned {
    before: Tree,
    plan: Plan,
}

impl Outcome {
    fn of(shape: &Shape) -> Self {
        let planned = catch_unwind(AssertUnwindSafe(|| {
            let before = shape.tree();
            let app = App::new(&before);
            let planned = plan(&app, &shape.intent(&app));
            planned.map(|plan| Planned { before, plan })
        }));
        match planned {
            Ok(Ok(planned)) => Self::Planned(Box::new(planned)),
            Ok(Err(obstacles)) => Self::Refused(obstacles),
            Err(panic) => Self::Panicked(said(panic.as_ref())),
        }
    }
}

fn said(panic: &dyn Any) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| Some((*panic.downcast_ref::<&str>()?).to_owned()))
        .unwrap_or_default()
}

fn runner() -> TestRunner {
    TestRunner::deterministic()
}

/// All shapes with what comes of them, drawn and planned once.
fn all() -> &'static [(Shape, Outcome)] {
    static ALL: OnceLock<Vec<(Shape, Outcome)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let cases = std::env::var_os("PROPTEST_CASES").map_or(CASES, |_| Config::default().cases);
        let (mut runner, shapes) = (runner(), shapes());
        (0..cases)
            .map(|_| {
                let shape = shapes
                    .new_tree(&mut runner)
                    .expect("nothing is rejected")
                    .current();
                let outcome = Outcome::of(&shape);
                (shape, outcome)
            })
            .collect()
    })
}

type Verdict = Result<(), String>;

/// Every outcome passes; the first that does not is made smaller for as long as it still fails.
fn holds_for_outcomes(judge: impl Fn(&Shape, &Outcome) -> Verdict) {
    let failing: Vec<(usize, String)> = all()
        .iter()
        .enumerate()
        .filter_map(|(index, (shape, outcome))| Some((index, judge(shape, outcome).err()?)))
        .collect();
    let Some((index, _)) = failing.first() else {
        return;
    };
    let mut reasons: BTreeMap<String, u32> = BTreeMap::new();
    for (_, why) in &failing {
        let start: String = why.chars().take(200).collect();
        *reasons.entry(start).or_default() += 1;
    }
    let (mut runner, shapes) = (runner(), shapes());
    let mut tree = shapes.new_tree(&mut runner).expect("nothing is rejected");
    for _ in 0..*index {
        tree = shapes.new_tree(&mut runner).expect("nothing is rejected");
    }
    let fails = |shape: &Shape| judge(shape, &Outcome::of(shape)).err();
    let mut smallest = (tree.current(), fails(&tree.current()).expect("it failed"));
    for _ in 0..150 {
        let shape = tree.current();
        let goes_on = match fails(&shape) {
            Some(why) => {
                smallest = (shape, why);
                tree.simplify()
            }
            None => tree.complicate(),
        };
        if !goes_on {
            break;
        }
    }
    let (shape, why) = smallest;
    panic!(
        "{} of {} fail: {reasons:#?}\n{why}\n{shape:?}",
        failing.len(),
        all().len()
    );
}

/// The same for what is planned.
fn holds(judge: impl Fn(&Shape, &Planned) -> Verdict) {
    holds_for_outcomes(|shape, outcome| match outcome {
        Outcome::Planned(planned) => judge(shape, planned),
        Outcome::Refused(_) | Outcome::Panicked(_) => Ok(()),
    });
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(why()) }
}

impl Planned {
    /// A file that init writes, and the user did not have.
    fn ours(&self, path: &str) -> Option<&PlannedFile> {
        let file = self
            .plan
            .files
            .iter()
            .find(|file| file.path.as_str() == path)?;
        let is_ours = matches!(file.state, State::New | State::Replaced | State::Updated);
        is_ours.then_some(file)
    }

    fn image(&self) -> Option<Dockerfile> {
        Some(syntax::dockerfile::parse(&self.ours("Dockerfile")?.text))
    }

    /// Everything that a person or a file gets to see.
    fn texts(&self) -> Vec<(String, String)> {
        let plan = &self.plan;
        let mut texts: Vec<(String, String)> = plan
            .files
            .iter()
            .map(|file| (file.path.to_string(), file.text.clone()))
            .collect();
        for decision in &plan.decisions {
            let origin = decision.origin.place.describe(&self.before);
            texts.push((
                format!("the decision on {}", decision.subject),
                format!("{} {} {origin}", decision.value, decision.why),
            ));
        }
        texts.extend(
            plan.notes
                .iter()
                .map(|note| ("a note".to_owned(), note.clone())),
        );
        texts.extend(
            plan.next
                .iter()
                .map(|step| ("a step".to_owned(), step.command.clone())),
        );
        let left_out = plan.left_out.iter().map(|left| format!("{left:?}"));
        texts.extend(left_out.map(|text| ("what is left out".to_owned(), text)));
        texts.push((
            "the audit".to_owned(),
            json::report(&plan.audit, &plan.after, 1).to_string(),
        ));
        texts
    }
}

fn stages(image: &Dockerfile) -> Vec<Vec<&Instruction>> {
    let mut stages: Vec<Vec<&Instruction>> = Vec::new();
    for instruction in &image.instructions {
        if *instruction.keyword == Keyword::From {
            stages.push(Vec::new());
        }
        if let Some(stage) = stages.last_mut() {
            stage.push(instruction);
        }
    }
    stages
}

/// The words of the last instruction of a kind in the last stage, or in all.
fn words(instruction: &Instruction) -> Vec<String> {
    match &instruction.arguments {
        Arguments::Words(words) => words.iter().filter_map(Word::literal).collect(),
        Arguments::Exec(words) => words.iter().map(|word| word.value.clone()).collect(),
        _ => Vec::new(),
    }
}

fn last(image: &Dockerfile, keyword: &Keyword) -> Option<Vec<String>> {
    let found = image
        .instructions
        .iter()
        .rfind(|instruction| *instruction.keyword == *keyword)?;
    Some(words(found))
}

/// A value below a mapping, by keys.
fn dig<'d>(node: Option<Node<'d>>, keys: &[&str]) -> Option<Node<'d>> {
    keys.iter()
        .try_fold(node?, |node, key| Some(node.get(key)?.value))
}

fn scalar(node: Node<'_>) -> Option<String> {
    Some(node.scalar()?.text()?.to_owned())
}

/// The items of a list, or one text.
fn list(node: Option<Node<'_>>) -> Vec<String> {
    let Some(node) = node else { return Vec::new() };
    if node.is_sequence() {
        node.items().into_iter().filter_map(scalar).collect()
    } else {
        scalar(node).into_iter().collect()
    }
}

#[test]
fn most_shapes_are_planned() {
    let planned = |outcome: &Outcome| matches!(outcome, Outcome::Planned(_));
    let count = all().iter().filter(|(_, outcome)| planned(outcome)).count();
    assert!(
        count * 3 >= all().len() * 2,
        "{count} of {} are too few to show anything",
        all().len()
    );
}

#[test]
fn no_shape_makes_it_panic() {
    holds_for_outcomes(|_, outcome| match outcome {
        Outcome::Panicked(why) => Err(why.clone()),
        _ => Ok(()),
    });
}

#[test]
fn what_stands_in_the_way_says_what_and_what_to_do() {
    holds_for_outcomes(|_, outcome| {
        let Outcome::Refused(obstacles) = outcome else {
            return Ok(());
        };
        ensure(!obstacles.is_empty(), || {
            "refused without a reason".to_owned()
        })?;
        for obstacle in obstacles {
            let is_said = !obstacle.message.trim().is_empty() && !obstacle.help.trim().is_empty();
            ensure(is_said, || format!("{obstacle:?}"))?;
        }
        Ok(())
    });
}

#[test]
fn an_image_has_three_stages_or_more_and_no_errors() {
    holds(|_, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        ensure(image.errors.is_empty(), || format!("{:?}", image.errors))?;
        ensure(image.empty_continuations.is_empty(), || {
            "a blank line continues an instruction".to_owned()
        })?;
        let count = stages(&image).len();
        ensure(count >= 3, || format!("{count} stages"))
    });
}

#[test]
fn what_is_copied_from_a_stage_comes_from_one_before() {
    holds(|_, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        let mut known: Vec<String> = Vec::new();
        for instruction in &image.instructions {
            if let Arguments::From {
                stage: Some(stage), ..
            } = &instruction.arguments
            {
                known.push(stage.value.clone());
            }
            for flag in instruction
                .flags
                .iter()
                .filter(|flag| flag.name.value == "from")
            {
                let from = flag
                    .value
                    .as_ref()
                    .map(|from| from.value.clone())
                    .unwrap_or_default();
                // An image has a tag.
                let is_known = known.contains(&from) || from.contains(':');
                ensure(is_known, || format!("{from} is no stage before"))?;
            }
        }
        Ok(())
    });
}

#[test]
fn containers_run_as_a_numbered_user_who_is_not_root() {
    holds(|_, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        let stages = stages(&image);
        let user = stages
            .last()
            .and_then(|stage| stage.iter().rfind(|one| *one.keyword == Keyword::User))
            .map(|user| words(user).concat())
            .unwrap_or_default();
        let ids: Vec<Option<u32>> = user.split(':').map(|id| id.parse().ok()).collect();
        let is_numbered = ids.iter().all(|id| id.is_some_and(|id| id > 0));
        ensure(is_numbered, || format!("USER `{user}`"))
    });
}

#[test]
fn manifests_are_copied_before_the_code() {
    holds(|shape, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        let folder = shape
            .beside
            .map_or_else(String::new, |(place, _)| format!("{place}/"));
        let mut wanted = vec![format!("{folder}Gemfile"), format!("{folder}Gemfile.lock")];
        if shape.javascript != JavaScript::ImportMaps {
            wanted.push(format!("{folder}package.json"));
        }
        if let Some((_, gem)) = shape.beside {
            wanted.push(gem.trim_start_matches("../").to_owned());
        }
        let mut copied: BTreeSet<String> = BTreeSet::new();
        for instruction in &image.instructions {
            if *instruction.keyword != Keyword::Copy
                || instruction
                    .flags
                    .iter()
                    .any(|flag| flag.name.value == "from")
            {
                continue;
            }
            let words = words(instruction);
            if words == [".", "."] || words == [folder.as_str(), "."] {
                let missing: Vec<&String> = wanted
                    .iter()
                    .filter(|path| !copied.contains(*path))
                    .collect();
                return ensure(missing.is_empty(), || {
                    format!("{missing:?} come with the code alone")
                });
            }
            copied.extend(words);
        }
        Err("the code is never copied".to_owned())
    });
}

#[test]
fn what_is_copied_is_given_to_docker_and_secrets_are_not() {
    holds(|shape, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        let (name, folder) = match shape.beside {
            Some((place, _)) => ("Dockerfile.dockerignore", format!("{place}/")),
            None => (".dockerignore", String::new()),
        };
        let Some(ignored) = planned.ours(name) else {
            return Ok(());
        };
        let ignored = syntax::dockerignore::parse(&ignored.text);
        for instruction in &image.instructions {
            let is_from = |flag: &syntax::dockerfile::Flag| flag.name.value == "from";
            if *instruction.keyword != Keyword::Copy || instruction.flags.iter().any(is_from) {
                continue;
            }
            let mut sources = words(instruction);
            sources.pop();
            for source in sources.iter().filter(|source| *source != ".") {
                ensure(!ignored.excludes(source), || {
                    format!("{source} is copied and ignored")
                })?;
            }
        }
        for path in [
            "config/master.key",
            ".env",
            ".kamal/secrets",
            "config/deploy.yml",
        ] {
            let path = format!("{folder}{path}");
            ensure(ignored.excludes(&path), || {
                format!("{path} is given to Docker")
            })?;
        }
        if shape.beside.is_some() {
            ensure(ignored.excludes("docs/plan.md"), || {
                "all of the repository is given".to_owned()
            })?;
        }
        Ok(())
    });
}

/// The commands that begin with `bundle`, each as its words.
fn bundle_commands(text: &str) -> Vec<Vec<&str>> {
    let is_end = |word: &str| matches!(word, "&&" | "||" | "|" | ";" | "exec");
    let mut commands: Vec<Vec<&str>> = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
    {
        let goes_on = line.trim_end().ends_with('\\');
        for word in line.split_whitespace() {
            if word == "bundle" {
                commands.extend(open.replace(Vec::new()));
            } else if is_end(word) {
                commands.extend(open.take());
            } else if let Some(open) = &mut open {
                open.push(word.trim_matches(['"', '\'', ';']));
            }
        }
        if !goes_on {
            commands.extend(open.take());
        }
    }
    commands.extend(open);
    commands
}

#[test]
fn bundler_gets_no_flag_that_it_lost() {
    const LOST: [&str; 9] = [
        "--deployment",
        "--without",
        "--with",
        "--path",
        "--frozen",
        "--clean",
        "--binstubs",
        "--system",
        "--no-prune",
    ];
    holds(|_, planned| {
        let mut count = 0;
        for file in &planned.plan.files {
            for command in bundle_commands(&file.text) {
                count += 1;
                let lost = command.iter().find(|word| {
                    let flag = word.split('=').next().unwrap_or_default();
                    LOST.contains(&flag)
                });
                ensure(lost.is_none(), || {
                    format!("{}: bundle {}", file.path, command.join(" "))
                })?;
            }
        }
        let has_image = planned.ours("Dockerfile").is_some();
        ensure(!has_image || count >= 1, || {
            "nothing calls Bundler".to_owned()
        })
    });
}

#[test]
fn a_secret_of_the_users_is_in_no_text() {
    holds(|_, planned| {
        for (name, text) in planned.texts() {
            for (path, value) in SECRETS {
                ensure(!text.contains(value), || {
                    format!("{name} has what {path} hides")
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn yaml_is_yaml() {
    holds(|_, planned| {
        for change in &planned.plan.changes.0 {
            let path = change.path().as_str();
            let is_yaml = std::path::Path::new(path)
                .extension()
                .is_some_and(|ending| ending == "yml" || ending == "yaml");
            if !is_yaml {
                continue;
            }
            let source = planned.plan.after.source(path).expect("it was written");
            let yaml = syntax::yaml::parse(source.text());
            ensure(yaml.errors.is_empty(), || {
                format!("{path}: {:?}", yaml.errors)
            })?;
            ensure(yaml.root().is_some_and(Node::is_mapping), || {
                format!("{path} is no mapping")
            })?;
            repeated_key(path, yaml.root())?;
        }
        Ok(())
    });
}

/// No mapping has a key twice: the later would hide the earlier.
fn repeated_key(path: &str, node: Option<Node<'_>>) -> Verdict {
    let Some(node) = node else { return Ok(()) };
    let mut seen = BTreeSet::new();
    for entry in node.own_entries() {
        if let Some(key) = scalar(entry.key).filter(|key| key != "<<") {
            ensure(seen.insert(key.clone()), || {
                format!("{path}: `{key}` is there twice")
            })?;
        }
        if !matches!(entry.value.kind(), syntax::yaml::Kind::Alias(_)) {
            repeated_key(path, Some(entry.value))?;
        }
    }
    node.items()
        .into_iter()
        .try_for_each(|item| repeated_key(path, Some(item)))
}

#[test]
fn the_trio_has_all_its_databases_or_none() {
    holds(|shape, planned| {
        // Half of them is what the user wrote, and stays until they say otherwise.
        let is_users = shape.trio == Trio::QueueAlone && !shape.chose(Choice::Solid, "separate");
        if !shape.has_trio() || is_users {
            return Ok(());
        }
        let app = App::new(&planned.plan.after);
        let databases = app
            .databases()
            .known()
            .map(|all| all.value)
            .unwrap_or_default();
        let names: BTreeSet<String> = databases
            .iter()
            .map(|database| database.name().value.clone())
            .collect();
        let has = |name: &str| names.contains(name);
        let trio = ["cache", "queue", "cable"];
        let count = trio.iter().filter(|name| has(name)).count();
        ensure(has("primary"), || format!("no primary among {names:?}"))?;
        ensure(count == 0 || count == 3, || format!("{names:?}"))?;
        let wants_all = shape.chose(Choice::Solid, "separate");
        ensure(!wants_all || count == 3, || {
            format!("chosen apart, and there is {names:?}")
        })?;
        // Two that are one in truth: the second finds the first one's tables, and loads no schema.
        let source = planned.plan.after.source("config/database.yml");
        let text = source.map(Source::text).unwrap_or_default();
        let yaml = syntax::yaml::parse(text);
        let written = |name: &str, key: &str| {
            let several = dig(yaml.root(), &["production", name, key]);
            let node = several.or_else(|| dig(yaml.root(), &["production", key]))?;
            Some(text[node.span().range()].to_owned())
        };
        let places: BTreeSet<Option<String>> = names
            .iter()
            .map(|name| written(name, "url").or_else(|| written(name, "database")))
            .collect();
        ensure(places.len() == databases.len(), || {
            format!("two share one of {places:?}")
        })
    });
}

#[test]
fn scripts_can_be_started() {
    holds(|_, planned| {
        for file in &planned.plan.files {
            let path = file.path.as_str();
            let is_script = path.starts_with("bin/") || path.starts_with(".kamal/hooks/");
            if !is_script || file.state == State::Kept {
                continue;
            }
            ensure(file.text.starts_with("#!/"), || {
                format!("{path} has no shebang")
            })?;
            ensure(!file.text.contains('\r'), || format!("{path} has CR"))?;
            ensure(file.text.ends_with('\n'), || {
                format!("{path} ends without a newline")
            })?;
            let source = planned.plan.after.source(path).expect("it was written");
            ensure(file.executable && source.is_executable(), || {
                format!("{path} is not executable")
            })?;
            if file.text.starts_with("#!/bin/sh") {
                let script = syntax::shell::parse(&file.text);
                ensure(script.errors.is_empty(), || {
                    format!("{path}: {:?}", script.errors)
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn all_speak_of_one_port() {
    holds(|shape, planned| {
        let (Some(image), Some(deploy)) = (planned.image(), planned.ours("config/deploy.yml"))
        else {
            return Ok(());
        };
        let command = last(&image, &Keyword::Cmd).unwrap_or_default();
        let starts = command.iter().any(|word| word.ends_with("rails"));
        ensure(starts, || format!("CMD {command:?} starts no server"))?;
        let port = if command.first().is_some_and(|word| word.ends_with("thrust")) {
            "80".to_owned()
        } else {
            shape.port.to_string()
        };
        let exposed = last(&image, &Keyword::Expose).unwrap_or_default();
        ensure(exposed == [port.clone()], || {
            format!("EXPOSE {exposed:?}, and the command listens on {port}")
        })?;
        let yaml = syntax::yaml::parse(&deploy.text);
        let asked = if shape.chose(Choice::Kamal, "1") {
            list(dig(yaml.root(), &["healthcheck", "port"]))
        } else {
            list(dig(yaml.root(), &["proxy", "app_port"]))
        };
        let asked = asked.first().map_or("80", String::as_str);
        ensure(asked == port, || {
            format!("Kamal asks {asked}, and the command listens on {port}")
        })
    });
}

#[test]
fn folders_of_the_deploy_are_folders_of_the_image() {
    holds(|_, planned| {
        let Some(deploy) = planned.ours("config/deploy.yml") else {
            return Ok(());
        };
        let Some(image) = planned.plan.after.source("Dockerfile") else {
            return Ok(());
        };
        let image = syntax::dockerfile::parse(image.text());
        // Further stages, as of a client, have folders of their own.
        let stages = stages(&image);
        let folder = stages
            .first()
            .and_then(|stage| stage.iter().rfind(|one| *one.keyword == Keyword::Workdir))
            .map(|folder| words(folder).concat())
            .unwrap_or_default();
        ensure(folder.starts_with('/'), || format!("WORKDIR `{folder}`"))?;
        let yaml = syntax::yaml::parse(&deploy.text);
        let root = yaml.root();
        let mut paths = list(dig(root, &["asset_path"]));
        for volume in list(dig(root, &["volumes"])) {
            paths.extend(volume.split(':').nth(1).map(str::to_owned));
        }
        for path in &paths {
            ensure(path.starts_with(&format!("{folder}/")), || {
                format!("{path} is not below {folder}")
            })?;
        }
        let entrypoint = last(&image, &Keyword::Entrypoint)
            .unwrap_or_default()
            .concat();
        ensure(entrypoint.starts_with(&folder), || {
            format!("ENTRYPOINT {entrypoint} is not below {folder}")
        })
    });
}

/// Names of secrets that a deploy file speaks of.
fn secrets_of(root: Option<Node<'_>>) -> BTreeSet<String> {
    let mut names = Vec::new();
    for keys in [
        &["env", "secret"][..],
        &["registry", "password"],
        &["builder", "secrets"],
        &["proxy", "ssl", "certificate_pem"],
        &["proxy", "ssl", "private_key_pem"],
    ] {
        names.extend(list(dig(root, keys)));
    }
    for section in ["accessories", "servers"] {
        for entry in dig(root, &[section]).map(Node::entries).unwrap_or_default() {
            names.extend(list(dig(Some(entry.value), &["env", "secret"])));
        }
    }
    // `NAME:SOURCE` looks up the second.
    names
        .into_iter()
        .map(|name| name.rsplit(':').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn each_secret_that_a_deploy_names_is_looked_up() {
    holds(|shape, planned| {
        let Some(deploy) = planned.ours("config/deploy.yml") else {
            return Ok(());
        };
        let base = syntax::yaml::parse(&deploy.text);
        let base = secrets_of(base.root());
        let looked_up = |path: &str| -> Option<BTreeSet<String>> {
            let text = &planned.ours(path)?.text;
            let lines = text.lines().filter_map(|line| line.split_once('='));
            Some(lines.map(|(name, _)| name.to_owned()).collect())
        };
        let covers = |path: &str, names: &BTreeSet<String>| {
            let Some(known) = looked_up(path) else {
                return Ok(());
            };
            let missing: Vec<&String> = names.difference(&known).collect();
            ensure(missing.is_empty(), || {
                format!("{path} does not look up {missing:?}")
            })
        };
        let is_kamal_1 = shape.chose(Choice::Kamal, "1");
        covers(
            if is_kamal_1 {
                ".env.erb"
            } else {
                ".kamal/secrets"
            },
            &base,
        )?;
        for (name, _) in &shape.destinations {
            let path = format!("config/deploy.{name}.yml");
            let file = planned
                .ours(&path)
                .ok_or_else(|| format!("{path} was not planned"))?;
            let own = syntax::yaml::parse(&file.text);
            let mut names: BTreeSet<String> =
                base.union(&secrets_of(own.root())).cloned().collect();
            // `ssl: true` takes the place of the base's certificate.
            if dig(own.root(), &["proxy", "ssl"]).is_some_and(|ssl| ssl.scalar().is_some()) {
                names.retain(|name| !name.ends_with("_PEM"));
            }
            covers(&format!(".kamal/secrets.{name}"), &names)?;
        }
        Ok(())
    });
}

/// What a destination merges: its own value, else the base's.
fn merged(base: Option<Node<'_>>, own: Option<Node<'_>>, keys: &[&str]) -> Vec<String> {
    match dig(own, keys) {
        None => list(dig(base, keys)),
        own => list(own),
    }
}

/// The deploy files that are merged for `config/deploy.yml` alone, and for each destination.
fn deploys(shape: &Shape, planned: &Planned) -> Vec<(String, String, String)> {
    let Some(base) = planned.ours("config/deploy.yml") else {
        return Vec::new();
    };
    let mut all = vec![(
        "config/deploy.yml".to_owned(),
        base.text.clone(),
        String::new(),
    )];
    for (name, _) in &shape.destinations {
        let path = format!("config/deploy.{name}.yml");
        if let Some(own) = planned.ours(&path) {
            all.push((path, base.text.clone(), own.text.clone()));
        }
    }
    all
}

/// The servers that requests go to.
fn web(base: Option<Node<'_>>, own: Option<Node<'_>>) -> Vec<String> {
    let web = dig(own, &["servers", "web"]).or_else(|| dig(base, &["servers", "web"]));
    match list(dig(web, &["hosts"])) {
        none if none.is_empty() => list(web),
        hosts => hosts,
    }
}

#[test]
fn several_servers_neither_fetch_certificates_nor_prepare_databases_at_once() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            let count = web(base, own).len();
            if count < 2 {
                continue;
            }
            let ssl = merged(base, own, &["proxy", "ssl"]).concat();
            ensure(ssl != "true", || {
                format!("{path}: {count} servers fetch one certificate")
            })?;
            let limit = merged(base, own, &["boot", "limit"]).concat();
            ensure(limit == "1", || {
                format!("{path}: {count} servers boot at once, and each runs db:prepare")
            })?;
        }
        Ok(())
    });
}

#[test]
fn what_the_locked_kamal_cannot_read_is_not_written() {
    holds(|shape, planned| {
        if shape.kamal != Some("2.3.0") || shape.chose(Choice::Kamal, "1") {
            return Ok(());
        }
        for (path, base, own) in deploys(shape, planned) {
            for text in [base, own] {
                let yaml = syntax::yaml::parse(&text);
                let root = yaml.root();
                for keys in [
                    &["proxy", "run"][..],
                    &["proxy", "ssl", "certificate_pem"],
                    &["proxy", "path_prefix"],
                    &["stop_timeout"],
                    &["error_pages_path"],
                ] {
                    ensure(dig(root, keys).is_none(), || {
                        format!("{path}: {}", keys.join("."))
                    })?;
                }
                let registry = dig(root, &["registry"]);
                let has_user = registry.is_none() || dig(registry, &["username"]).is_some();
                ensure(has_user, || format!("{path}: a registry without a user"))?;
            }
        }
        for (path, _, text) in secret_files(shape, planned) {
            let adapter = text.split_once("--adapter ").map(|(_, rest)| rest);
            let is_known = adapter.is_none_or(|rest| {
                let old = ["1password ", "bitwarden ", "lastpass "];
                old.iter().any(|name| rest.starts_with(name))
            });
            ensure(is_known, || format!("{path}: {text}"))?;
        }
        Ok(())
    });
}

#[test]
fn nothing_that_a_deploy_needs_is_empty() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            for keys in [&["service"][..], &["image"], &["env", "secret"]] {
                let value = merged(base, own, keys).concat();
                ensure(!value.is_empty(), || {
                    format!("{path}: {} is empty", keys.join("."))
                })?;
            }
            for keys in [
                &["registry", "username"][..],
                &["registry", "server"],
                &["proxy", "host"],
            ] {
                let node = dig(base, keys);
                let is_said = node.is_none_or(|node| !list(Some(node)).concat().is_empty());
                ensure(is_said, || format!("{path}: {} is empty", keys.join(".")))?;
            }
            let image = merged(base, own, &["image"]).concat();
            ensure(image.split('/').all(|part| !part.is_empty()), || {
                format!("{path}: image {image}")
            })?;
        }
        Ok(())
    });
}

#[test]
fn packages_are_installed_as_they_are_locked() {
    holds(|shape, planned| {
        let Some(image) = planned.ours("Dockerfile") else {
            return Ok(());
        };
        let command = match shape.javascript {
            JavaScript::ImportMaps => return Ok(()),
            JavaScript::Npm => "npm ci",
            JavaScript::Yarn => "yarn install --frozen-lockfile",
            JavaScript::YarnBerry => "yarn install --immutable",
            JavaScript::Pnpm => "pnpm install --frozen-lockfile",
            JavaScript::Bun => "bun install --frozen-lockfile",
        };
        ensure(image.text.contains(command), || format!("no `{command}`"))
    });
}

#[test]
fn accessories_run_on_servers_of_their_own_destination() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            let servers = web(base, own);
            for accessory in ["db", "redis", "traefik"] {
                for key in ["host", "hosts"] {
                    let hosts = merged(base, own, &["accessories", accessory, key]);
                    let strange = hosts.iter().find(|host| !servers.contains(host));
                    ensure(strange.is_none(), || {
                        format!("{path}: {accessory} runs elsewhere than the app")
                    })?;
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_destination_takes_no_requests_for_another_and_trusts_no_stranger() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let is_base = own.is_empty();
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            let own_host = list(dig(own, &["proxy", "host"]));
            let host = merged(base, own, &["proxy", "host"]);
            ensure(is_base || host == own_host, || {
                format!("{path}: the proxy answers for the other domain")
            })?;
            let labels = merged(base, own, &["proxy", "run", "options", "label"]);
            let rule = labels.iter().find(|label| label.contains(".rule="));
            let leads_here = rule.is_none_or(|rule| rule.contains(&format!("`{}`", host.concat())));
            ensure(leads_here, || {
                format!("{path}: Traefik leads another domain here")
            })?;
            // kamal-proxy would believe what a browser says of where a request comes from.
            let ends_tls = merged(base, own, &["proxy", "ssl"]).concat() != "false"
                && dig(base, &["proxy"]).is_some();
            let believes = merged(base, own, &["proxy", "forward_headers"]).concat() == "true";
            ensure(!(ends_tls && believes), || {
                format!("{path}: TLS ends here, and X-Forwarded-For is believed")
            })?;
        }
        Ok(())
    });
}

/// The files of secrets that are ours, each with the destination that reads it.
fn secret_files<'p>(
    shape: &Shape,
    planned: &'p Planned,
) -> Vec<(String, Option<&'static str>, &'p str)> {
    let mut all = vec![(".kamal/secrets".to_owned(), None)];
    for (name, _) in &shape.destinations {
        all.push((format!(".kamal/secrets.{name}"), Some(*name)));
    }
    all.into_iter()
        .filter_map(|(path, name)| {
            let text = planned.ours(&path)?.text.as_str();
            Some((path, name, text))
        })
        .collect()
}

#[test]
fn urls_lead_to_the_database_of_their_own_destination() {
    holds(|shape, planned| {
        for (path, destination, text) in secret_files(shape, planned) {
            let choices = match destination {
                None => &shape.choices,
                Some(name) => {
                    let found = shape.destinations.iter().find(|(own, _)| *own == name);
                    &found.expect("it was planned").1
                }
            };
            let given = |wanted| choices.iter().find(|(choice, _)| *choice == wanted);
            // A destination has the accessories of config/deploy.yml alone.
            let base = |wanted| shape.choices.iter().find(|(choice, _)| *choice == wanted);
            let has_none = base(Choice::DatabaseHost).is_some()
                || base(Choice::Servers).is_some_and(|(_, servers)| servers.len() > 1);
            let host = match (given(Choice::DatabaseHost), given(Choice::Servers)) {
                (Some((_, host)), _) => host[0].as_str(),
                _ if destination.is_some() && has_none => "<database-address>",
                (None, Some((_, servers))) if servers.len() > 1 => "<database-address>",
                _ => "harbour-db",
            };
            let deploy_is_users = shape.own.contains(&Own::Deploy);
            for line in text.lines().filter(|line| line.contains("DATABASE_URL=")) {
                ensure(
                    deploy_is_users || line.contains(&format!("@{host}/")),
                    || format!("{path}: {line}, and its database is {host}"),
                )?;
            }
        }
        Ok(())
    });
}

#[test]
fn each_variable_that_a_lookup_reads_comes_from_somewhere() {
    holds(|shape, planned| {
        let given = |wanted| shape.choices.iter().find(|(choice, _)| *choice == wanted);
        let is_environment =
            given(Choice::Secrets).is_none_or(|(_, values)| values[0] == "environment");
        let workflow = planned.ours(".github/workflows/deploy.yml");
        for (path, _, text) in secret_files(shape, planned) {
            let secrets = syntax::dotenv::parse(text);
            ensure(secrets.errors.is_empty(), || {
                format!("{path}: {:?}", secrets.errors)
            })?;
            let mut known = BTreeSet::new();
            for entry in &secrets.entries {
                for variable in entry.value.variables() {
                    let name = variable.value.as_str();
                    if known.contains(name) {
                        continue;
                    }
                    ensure(is_environment, || {
                        format!("{path}: no password manager is asked for {name}")
                    })?;
                    let is_handed_over =
                        workflow.is_none_or(|file| file.text.contains(&format!("{name}:")));
                    ensure(is_handed_over, || {
                        format!("{path}: the workflow does not hand over {name}")
                    })?;
                }
                known.insert(entry.key.value.clone());
            }
        }
        Ok(())
    });
}

#[test]
fn urls_have_the_scheme_of_their_adapter() {
    holds(|shape, planned| {
        let scheme = match shape.database {
            Database::PostgreSql | Database::Url => "postgres",
            Database::MySql => "mysql2",
            Database::Trilogy => "trilogy",
            Database::Sqlite => return Ok(()),
        };
        for file in &planned.plan.files {
            for line in file.text.lines() {
                let Some((name, url)) = line.split_once('=') else {
                    continue;
                };
                let is_url = name.ends_with("DATABASE_URL") && url.contains("://");
                ensure(!is_url || url.starts_with(&format!("{scheme}://")), || {
                    format!("{}: {line}", file.path)
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn the_users_grants_are_for_all_its_databases() {
    holds(|_, planned| {
        let Some(grants) = planned.ours("config/mysql/grants.sql") else {
            return Ok(());
        };
        let patterns: Vec<String> = grants
            .text
            .split('`')
            .skip(1)
            .step_by(2)
            .map(|pattern| pattern.replace("\\_", "_"))
            .collect();
        let source = planned.plan.after.source("config/database.yml");
        let yaml = syntax::yaml::parse(source.map(Source::text).unwrap_or_default());
        let production = dig(yaml.root(), &["production"]);
        // The first is the image's own doing.
        let databases = production.map(Node::entries).unwrap_or_default();
        for entry in databases.into_iter().skip(1) {
            let Some(name) = dig(Some(entry.value), &["database"]).and_then(scalar) else {
                continue;
            };
            let is_granted = patterns
                .iter()
                .any(|pattern| match pattern.strip_suffix('%') {
                    Some(start) => name.starts_with(start),
                    None => name == *pattern,
                });
            ensure(is_granted, || format!("nothing of {patterns:?} is {name}"))?;
        }
        Ok(())
    });
}

#[test]
fn kamal_1_leads_to_accessories_by_an_address_that_there_is() {
    holds(|shape, planned| {
        if !shape.chose(Choice::Kamal, "1") {
            return Ok(());
        }
        for path in ["config/deploy.yml", ".env.erb"] {
            let text = planned.ours(path).map_or("", |file| file.text.as_str());
            for line in text
                .lines()
                .filter(|line| !line.trim_start().starts_with('#'))
            {
                // Containers of Kamal 1 are on Docker's first network, which knows no names.
                let is_named = line.contains("harbour-db") || line.contains("harbour-redis");
                ensure(!is_named, || format!("{path}: {}", line.trim()))?;
            }
        }
        Ok(())
    });
}

#[test]
fn the_library_that_makes_variants_is_in_the_image() {
    holds(|shape, planned| {
        let Some(image) = planned.ours("Dockerfile") else {
            return Ok(());
        };
        let is_left_out = shape
            .choices
            .iter()
            .any(|(choice, _)| *choice == Choice::Without);
        if !shape.gems.contains(&"image_processing") || !shape.uploads || is_left_out {
            return Ok(());
        }
        let has_it = ["libvips", " vips"]
            .iter()
            .any(|name| image.text.contains(name));
        ensure(has_it, || {
            "Active Storage makes variants with libvips, and the image has none".to_owned()
        })
    });
}

#[test]
fn packages_that_node_runs_while_the_app_serves_stay() {
    holds(|shape, planned| {
        let Some(image) = planned.image() else {
            return Ok(());
        };
        // Grover has Node run Puppeteer, which is a package of the app's.
        if !shape.gems.contains(&"grover") || shape.javascript == JavaScript::ImportMaps {
            return Ok(());
        }
        let text = &planned.ours("Dockerfile").expect("it was read").text;
        let stages = stages(&image);
        let copies = stages.last().into_iter().flatten().any(|instruction| {
            words(instruction)
                .iter()
                .any(|word| word.ends_with("node_modules"))
        });
        ensure(copies || !text.contains("rm -rf node_modules"), || {
            "node_modules are removed, and Puppeteer with them".to_owned()
        })?;
        let packages = text.split("AS packages").nth(1).unwrap_or_default();
        let packages = packages.split("\nFROM ").next().unwrap_or_default();
        ensure(packages.contains("PUPPETEER_SKIP_DOWNLOAD"), || {
            "npm downloads a browser that nothing uses".to_owned()
        })
    });
}

#[test]
fn mysql_can_be_reached_without_a_certificate_that_nobody_signed() {
    const VARIABLE: &str = "MARIADB_TLS_DISABLE_PEER_VERIFICATION";
    holds(|shape, planned| {
        let Some(image) = planned.ours("Dockerfile") else {
            return Ok(());
        };
        let deploy = planned
            .ours("config/deploy.yml")
            .map_or("", |file| file.text.as_str());
        // MariaDB's library asks for one since 3.4, which Debian 13 has; MySQL's image signs its own.
        let is_old = shape.chose(Choice::Base, "bookworm") || image.text.contains("VERSION=3.2");
        if shape.database != Database::MySql || is_old || !deploy.contains("image: mysql:") {
            return Ok(());
        }
        let is_told = image.text.contains(VARIABLE) || deploy.contains(VARIABLE);
        ensure(is_told, || {
            "mysql2 refuses the accessory: self-signed certificate in certificate chain".to_owned()
        })
    });
}

#[test]
fn an_accessory_that_is_spoken_of_runs_where_the_app_does() {
    holds(|shape, planned| {
        for (path, base, own) in deploys(shape, planned) {
            let (base, own) = (syntax::yaml::parse(&base), syntax::yaml::parse(&own));
            let (base, own) = (base.root(), own.root());
            let servers = web(base, own);
            let texts = [
                ("DB_HOST", "db"),
                ("PGHOST", "db"),
                ("REDIS_URL", "redis"),
                ("DATABASE_HOST", "db"),
            ];
            for (variable, accessory) in texts {
                let value = merged(base, own, &["env", "clear", variable]).concat();
                if !value.contains(&format!("harbour-{accessory}")) {
                    continue;
                }
                let hosts = merged(base, own, &["accessories", accessory, "host"]);
                ensure(
                    hosts.first().is_some_and(|host| servers == [host.clone()]),
                    || {
                        format!(
                            "{path}: {variable} is {value}, which runs on {hosts:?}, and the app on {servers:?}"
                        )
                    },
                )?;
            }
        }
        Ok(())
    });
}

/// Whether a finding is about what init wrote, and not about what the user has.
fn is_about_ours(finding: &Finding, planned: &Planned) -> bool {
    // What a secrets file of the user's lacks is for the user to add.
    if finding.rule.id() == "secrets/not-found" && planned.ours(".kamal/secrets").is_none() {
        return false;
    }
    let path = finding.primary.place.path();
    path.is_none_or(|path| planned.ours(path.as_str()).is_some())
}

#[test]
fn check_says_nothing_of_what_is_written() {
    holds(|_, planned| {
        for finding in &planned.plan.audit.findings {
            let is_said = is_said_by_init(finding, &planned.plan.notes);
            ensure(is_said || !is_about_ours(finding, planned), || {
                format!("{}: {}", finding.rule.id(), finding.message)
            })?;
        }
        Ok(())
    });
}

#[test]
fn check_says_nothing_where_nothing_was_there_before() {
    holds(|shape, planned| {
        // With files of the user's, what they have may have mistakes of its own.
        if shape.own.is_empty() || shape.replace {
            for finding in &planned.plan.audit.findings {
                ensure(is_said_by_init(finding, &planned.plan.notes), || {
                    format!("{}: {}", finding.rule.id(), finding.message)
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn the_audit_is_what_check_says_afterwards() {
    holds(|_, planned| {
        let again = check(&App::new(&planned.plan.after), &Selection::default());
        let ids = |report: &engine::finding::Report| -> Vec<String> {
            report
                .findings
                .iter()
                .map(|finding| finding.rule.id() + &finding.message)
                .collect()
        };
        ensure(ids(&again) == ids(&planned.plan.audit), || {
            format!("{:?} became {:?}", ids(&planned.plan.audit), ids(&again))
        })
    });
}

#[test]
fn a_second_run_changes_nothing() {
    holds(|_, planned| {
        let mut after = planned.before.clone();
        planned
            .plan
            .changes
            .apply(&mut after)
            .map_err(|conflict| format!("{conflict:?}"))?;
        ensure(after.has(FILE), || format!("{FILE} was not written"))?;
        let app = App::new(&after);
        let second = plan(&app, &Intent::remembered(&app)).map_err(|all| format!("{all:?}"))?;
        let changed: Vec<String> = second
            .changes
            .0
            .iter()
            .map(|change| change.path().to_string())
            .collect();
        ensure(second.changes == Changes::default(), || {
            let mut why = String::new();
            for path in changed.iter().filter(|path| *path != FILE) {
                let text = |tree: &Tree| {
                    let source = tree.source(path);
                    source.map(|one| one.text().to_owned()).unwrap_or_default()
                };
                let (before, after) = (text(&after), text(&second.after));
                let diff = similar::TextDiff::from_lines(&before, &after);
                let lines: Vec<String> = diff
                    .iter_all_changes()
                    .filter(|line| line.tag() != similar::ChangeTag::Equal)
                    .map(|line| format!("{}{}", line.tag(), line.value().trim()))
                    .collect();
                let _ = write!(why, "{path}: {}; ", lines.join(" "));
            }
            why
        })
    });
}

#[test]
fn the_same_shape_gives_the_same_bytes() {
    for (shape, outcome) in all().iter().step_by(3) {
        let (Outcome::Planned(one), Outcome::Planned(other)) = (outcome, &Outcome::of(shape))
        else {
            continue;
        };
        assert_eq!(one.plan.changes, other.plan.changes, "{shape:?}");
        assert_eq!(one.texts(), other.texts(), "{shape:?}");
    }
}
