//! Packages of the distribution: what runs, and what only the build needs on top.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Notebook;
use super::basis::{Basis, Distribution};
use super::gems::GemsView;
use crate::facts::database::{Adapter, Database};
use crate::plan::intent::Choice;

/// What gems need of the distribution.
#[derive(Deserialize)]
pub(super) struct Table {
    gem: Vec<Row>,
}

/// What one gem needs.
#[derive(Deserialize)]
struct Row {
    name: String,
    #[serde(default)]
    build: Names,
    #[serde(default)]
    runtime: Names,
    #[serde(default)]
    alpine_unproven: Option<Alpine>,
    /// Whether it also comes compiled, with its libraries inside.
    #[serde(default)]
    precompiled: bool,
    /// Whether it comes in no other way.
    #[serde(default)]
    platform_only: bool,
    /// A toolchain that compiling it takes and Debian does not promise.
    #[serde(default)]
    toolchain: Option<String>,
    /// Nothing applies where one of these gems is there as well.
    #[serde(default)]
    unless: Vec<String>,
    /// Gems that depend on it without needing it.
    #[serde(default)]
    only_through: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// `build` or `runtime`, where the gem runs JavaScript.
    #[serde(default)]
    javascript: Option<String>,
    why: String,
}

#[derive(Default, Deserialize)]
struct Alpine {
    #[serde(default)]
    build: Vec<String>,
    #[serde(default)]
    runtime: Vec<String>,
}

/// Names that are the same in both releases of Debian, or differ.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    Same(Vec<String>),
    ByRelease(BTreeMap<String, Vec<String>>),
}

impl Default for Names {
    fn default() -> Self {
        Self::Same(Vec::new())
    }
}

impl Names {
    fn of(&self, distribution: Distribution) -> &[String] {
        match self {
            Self::Same(names) => names,
            Self::ByRelease(releases) => {
                releases.get(distribution.name()).map_or(&[], Vec::as_slice)
            }
        }
    }
}

impl Row {
    fn build(&self, distribution: Distribution) -> &[String] {
        match (&self.alpine_unproven, distribution) {
            (Some(alpine), Distribution::Alpine) => &alpine.build,
            (None, Distribution::Alpine) => &[],
            _ => self.build.of(distribution),
        }
    }

    fn runtime(&self, distribution: Distribution) -> &[String] {
        match (&self.alpine_unproven, distribution) {
            (Some(alpine), Distribution::Alpine) => &alpine.runtime,
            (None, Distribution::Alpine) => &[],
            _ => self.runtime.of(distribution),
        }
    }
}

/// The table, read once. Its text is part of the program, and a test reads it, too.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../knowledge/tables/gems.toml"))
        .expect("the table of gems is valid")
});

/// Packages of the image, and what gems want besides.
pub(super) struct Packages {
    pub(super) runtime: Vec<String>,
    pub(super) build: Vec<String>,
    /// Variables of the image that gems read.
    pub(super) variables: BTreeMap<String, String>,
    /// Whether a gem runs JavaScript while assets are compiled.
    pub(super) javascript_in_build: bool,
    /// The gem that runs JavaScript while the app serves requests.
    pub(super) javascript_at_runtime: Option<String>,
}

pub(super) fn think(basis: &Basis<'_>, gems: &GemsView, notebook: &mut Notebook) -> Packages {
    let mut wish = Wish::new(basis, notebook);
    wish.basics(gems);
    wish.database();
    wish.gems();
    wish.kamal();
    wish.chosen();
    wish.packages()
}

/// What is wished for, while it is put together.
struct Wish<'w, 'a> {
    basis: &'w Basis<'a>,
    notebook: &'w mut Notebook,
    runtime: BTreeSet<String>,
    build: BTreeSet<String>,
    variables: BTreeMap<String, String>,
    javascript_in_build: bool,
    javascript_at_runtime: Option<String>,
}

impl<'w, 'a> Wish<'w, 'a> {
    fn new(basis: &'w Basis<'a>, notebook: &'w mut Notebook) -> Self {
        Self {
            basis,
            notebook,
            runtime: BTreeSet::new(),
            build: BTreeSet::new(),
            variables: BTreeMap::new(),
            javascript_in_build: false,
            javascript_at_runtime: None,
        }
    }

    fn basics(&mut self, gems: &GemsView) {
        let git = if gems.ssh {
            &["git", "openssh-client"][..]
        } else {
            &["git"]
        };
        let git = if gems.git { git } else { &[] };
        if self.basis.is_alpine() {
            self.runtime.insert("tzdata".to_owned());
            self.build
                .extend(["build-base", "yaml-dev"].map(str::to_owned));
        } else {
            self.runtime.insert("libjemalloc2".to_owned());
            self.build
                .extend(["build-essential", "libyaml-dev", "pkg-config"].map(str::to_owned));
            let is_left_out = self
                .basis
                .intent
                .all(Choice::Without)
                .is_some_and(|without| without.value.iter().any(|name| name == "libjemalloc2"));
            if is_left_out {
                return self.build.extend(git.iter().map(|&name| name.to_owned()));
            }
            self.notebook.take(
                "malloc",
                "jemalloc",
                "it keeps the memory of a threaded Ruby from growing",
            );
        }
        self.build.extend(git.iter().map(|&name| name.to_owned()));
    }

    /// Clients that databases' tasks start: psql loads `structure.sql`, and consoles are clients.
    fn database(&mut self) {
        let adapter = self.basis.adapter.clone();
        let is_alpine = self.basis.is_alpine();
        let databases = self.basis.app.databases().known();
        let structure = databases
            .iter()
            .flat_map(|databases| databases.iter())
            .filter_map(|database: &Database<'_>| database.schema_file().known())
            .find(|file| file.ends_with("structure.sql"));
        let client = match adapter.value {
            Adapter::PostgreSql => "postgresql-client",
            Adapter::MySql | Adapter::Trilogy if is_alpine => "mysql-client",
            Adapter::MySql | Adapter::Trilogy => "default-mysql-client",
            Adapter::Sqlite if is_alpine => "sqlite",
            Adapter::Sqlite => "sqlite3",
        };
        match (adapter.value, structure) {
            (Adapter::Sqlite, _) => {
                self.notebook.decide(
                    "database client",
                    &adapter.map(|_| client),
                    "1 MB for `bin/rails dbconsole` and for backups",
                );
                self.runtime.insert(client.to_owned());
            }
            (_, Some(file)) => {
                self.notebook.decide(
                    "database client",
                    &file.map(|_| client),
                    "`db:prepare` loads structure.sql with it",
                );
                self.runtime.insert(client.to_owned());
            }
            (_, None) => self.notebook.decide(
                "database client",
                &adapter.map(|_| "its library alone"),
                format!("the gem needs no more; {client} would add 60 MB or more for a console"),
            ),
        }
    }

    fn gems(&mut self) {
        let gems = self.basis.app.gems();
        let shipped: BTreeSet<String> = gems.all_shipped().into_iter().collect();
        let declared: BTreeSet<String> = gems
            .declared()
            .into_iter()
            .map(|gem| gem.name.value)
            .collect();
        for row in &TABLE.gem {
            let name = row.name.as_str();
            let is_replaced = row.unless.iter().any(|gem| shipped.contains(gem));
            let is_named = declared.contains(name);
            // The processor that image_processing works with; the other one comes along unused.
            let is_processor = ["mini_magick", "ruby-vips"].contains(&name)
                && shipped.contains("image_processing")
                && self.works_on_images(name);
            let is_used = is_processor
                || row.only_through.is_empty()
                || gems
                    .dependents(name)
                    .iter()
                    .any(|gem| !row.only_through.contains(gem));
            if shipped.contains(name) && !is_replaced && (is_named || is_used) {
                self.gem(row);
            }
        }
    }

    fn gem(&mut self, row: &Row) {
        let distribution = self.basis.distribution.value;
        let name = row.name.as_str();
        let Some(gem) = self.basis.gem(name) else {
            return;
        };
        self.variables.extend(
            row.env
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        match row.javascript.as_deref() {
            Some("runtime") => self.javascript_at_runtime = Some(row.name.clone()),
            Some(_) => self.javascript_in_build = true,
            None => {}
        }
        if row.precompiled || row.platform_only {
            if self.is_precompiled(name) {
                return;
            }
            if row.platform_only || row.toolchain.is_some() {
                self.notebook.note(format!(
                    "{name} cannot be compiled with what Debian has, and Gemfile.lock lacks it for {}: `bundle lock --add-platform {}`.",
                    self.basis.arches().join(" and "),
                    self.basis.gem_platforms().join(" "),
                ));
                return;
            }
        }
        let runtime = row.runtime(distribution);
        if !runtime.is_empty() {
            let wanted = gem.map(|version| format!("{} for {name} {version}", runtime.join(" ")));
            self.notebook.decide("package", &wanted, row.why.clone());
        }
        self.runtime.extend(runtime.iter().cloned());
        self.build.extend(row.build(distribution).iter().cloned());
    }

    /// Whether `image_processing` works with one of the two libraries that it can work with: an uploader of
    /// `CarrierWave`'s or Shrine's names it, or Active Storage does, which needs nothing of the other (rails 8.1
    /// `activestorage/lib/active_storage/engine.rb`: vips since `load_defaults 7.0`).
    fn works_on_images(&self, gem: &str) -> bool {
        let app = self.basis.app;
        let uploaders = |class: &str| {
            let mut sources = app.tree().sources();
            sources.any(|source| {
                source.path().parent().as_str() == "app/uploaders" && source.text().contains(class)
            })
        };
        let class = match gem {
            "mini_magick" => "MiniMagick",
            _ => "Vips",
        };
        let processor = app
            .rails()
            .symbol("config.active_storage.variant_processor")
            .known();
        let of_storage = match processor {
            Some(processor) if processor.value == "mini_magick" => "mini_magick",
            _ => "ruby-vips",
        };
        // What Rails would take stays, as code that is not read may ask for it.
        uploaders(class) || gem == of_storage
    }

    /// Whether the lockfile has the gem ready-made for all that the image is built for.
    fn is_precompiled(&self, name: &str) -> bool {
        let gems = self.basis.app.gems();
        let is_alpine = self.basis.is_alpine();
        self.basis.arches().iter().all(|arch| {
            let platforms: &[&str] = match (arch.as_str(), is_alpine) {
                ("arm64", false) => &["aarch64-linux", "aarch64-linux-gnu", "arm64-linux"],
                ("arm64", true) => &["aarch64-linux", "aarch64-linux-musl"],
                (_, false) => &["x86_64-linux", "x86_64-linux-gnu"],
                (_, true) => &["x86_64-linux", "x86_64-linux-musl"],
            };
            gems.is_precompiled(name, platforms)
        })
    }

    /// Kamal 1 has Docker ask the container itself, with curl.
    fn kamal(&mut self) {
        if self.basis.kamal.is_one() {
            self.notebook.take(
                "curl",
                "curl",
                "Kamal 1 asks the app how it is with curl, inside the container",
            );
            self.runtime.insert("curl".to_owned());
        }
    }

    fn chosen(&mut self) {
        if let Some(packages) = self.basis.intent.all(Choice::Packages) {
            let fact = packages.clone().map(|packages| packages.join(" "));
            self.notebook.decide(
                "packages besides",
                &fact,
                "the image has them because you said so",
            );
            self.runtime.extend(packages.value);
        }
        if let Some(without) = self.basis.intent.all(Choice::Without) {
            let fact = without.clone().map(|names| names.join(" "));
            self.notebook.decide(
                "packages left out",
                &fact,
                "you said that the app does without them",
            );
            for name in &without.value {
                self.runtime.remove(name);
                self.build.remove(name);
            }
        }
    }

    fn packages(self) -> Packages {
        Packages {
            runtime: self.runtime.into_iter().collect(),
            build: self.build.into_iter().collect(),
            variables: self.variables,
            javascript_in_build: self.javascript_in_build,
            javascript_at_runtime: self.javascript_at_runtime,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::TABLE;

    #[test]
    fn the_table_has_each_gem_once_and_enough_of_them() {
        let names: BTreeSet<&str> = TABLE.gem.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names.len(), TABLE.gem.len());
        assert!(names.len() >= 80, "{}", names.len());
    }
}
