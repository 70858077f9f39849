//! The files of a shape.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use engine::App;
use engine::plan::{Choice, Intent};
use engine::tree::{Path, Source, Tree};

use super::shape::{Database, GEMS, JavaScript, Own, SECRETS, Shape, Trio};

impl Shape {
    pub(super) fn tree(&self) -> Tree {
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

    pub(super) fn has_trio(&self) -> bool {
        self.trio != Trio::Missing
    }

    /// All gems of the bundle with their versions; those with a `-` behind the version too.
    pub(super) fn bundle(&self) -> Vec<(String, String)> {
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

    pub(super) fn gemfile(&self) -> String {
        let mut text = "source \"https://rubygems.org\"\n\n".to_owned();
        for (name, _) in self.bundle() {
            writeln!(text, "gem \"{name}\"").expect("a string takes all");
        }
        text
    }

    pub(super) fn lockfile(&self) -> String {
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

    pub(super) fn database_yml(&self) -> String {
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

    pub(super) fn production_rb(&self) -> String {
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

    pub(super) fn puma_rb(&self) -> String {
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

    pub(super) fn solid_files(&self, files: &mut BTreeMap<&str, String>) {
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

    pub(super) fn javascript_files(&self, files: &mut BTreeMap<&str, String>) {
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

    pub(super) fn own_files(&self, files: &mut BTreeMap<&str, String>) {
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
                    "services:\n  database:\n    image: postgres:17\n    env_file: .env\n"
                        .to_owned(),
                ),
            };
        }
    }

    /// As somebody writes it who has read Rails' own.
    pub(super) fn dockerfile(&self, folder: &str, thruster: bool) -> String {
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

    pub(super) fn deploy_yml(&self) -> String {
        let port = if self.thruster { 80 } else { self.port };
        format!(
            "service: harbour\nimage: marina/harbour\nservers:\n  web:\n    - 203.0.113.9\nproxy:\n  ssl: true\n  host: harbour.example.org\n  app_port: {port}\nregistry:\n  username: marina\n  password:\n    - KAMAL_REGISTRY_PASSWORD\nbuilder:\n  arch: amd64\nenv:\n  clear:\n    SMTP_PASSWORD: {}\n  secret:\n    - RAILS_MASTER_KEY\n",
            SECRETS[3].1
        )
    }

    pub(super) fn intent(&self, app: &App<'_>) -> Intent {
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

    pub(super) fn chose(&self, choice: Choice, value: &str) -> bool {
        self.choices
            .iter()
            .any(|(given, values)| *given == choice && values.iter().any(|given| given == value))
    }
}

/// The lines of a text, each further in.
pub(super) fn indented(text: &str, by: &str) -> String {
    text.lines().flat_map(|line| [by, line, "\n"]).collect()
}

pub(super) const APPLICATION: &str = "\
require_relative \"boot\"
require \"rails/all\"
Bundler.require(*Rails.groups)

module Harbour
  class Application < Rails::Application
    config.load_defaults 8.1
  end
end
";

pub(super) const ROUTES: &str = "\
Rails.application.routes.draw do
  get \"up\" => \"rails/health#show\", as: :rails_health_check
end
";

pub(super) const BOOT: &str = "\
ENV[\"BUNDLE_GEMFILE\"] ||= File.expand_path(\"../Gemfile\", __dir__)
require \"bundler/setup\"
";

pub(super) const ENVIRONMENT: &str = "\
require_relative \"application\"
Rails.application.initialize!
";

pub(super) const RECORD: &str = "\
class ApplicationRecord < ActiveRecord::Base
  primary_abstract_class
end
";

pub(super) const ENTRYPOINT: &str = "\
#!/bin/bash -e
if [ \"${@: -2:1}\" == \"./bin/rails\" ] && [ \"${@: -1:1}\" == \"server\" ]; then
  ./bin/rails db:prepare
fi
exec \"${@}\"
";
