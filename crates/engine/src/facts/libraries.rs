//! Libraries that gems load as they start, and whether the image has them.

use crate::fact::{Answer, Fact};
use crate::facts::build::{Build, is_official_ruby, ruby_tag};
use crate::facts::dockerfile::Stage;
use crate::facts::kamal::Destination;
use crate::facts::setting::Setting;
use crate::facts::steps::Instructed;

/// A library of the distribution that a gem cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Library {
    /// The gem.
    pub gem: &'static str,
    /// What the loader looks for.
    pub file: &'static str,
    /// The Debian package that has it.
    pub package: &'static str,
    /// What the names of all packages have in them that bring it along.
    brought_by: &'static [&'static str],
}

/// Those of which is known what brings them along: `libmariadb3` comes with every client of MySQL.
const LIBRARIES: [Library; 3] = [
    Library {
        gem: "mysql2",
        file: "libmariadb.so.3",
        package: "libmariadb3",
        brought_by: &["mariadb", "mysql"],
    },
    Library {
        gem: "pg",
        file: "libpq.so.5",
        package: "libpq5",
        brought_by: &["libpq", "postgresql", "postgis", "gdal"],
    },
    Library {
        gem: "ruby-vips",
        file: "libvips.so.42",
        package: "libvips",
        brought_by: &["vips"],
    },
];

/// What a gem is compiled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headers {
    /// The gem.
    pub gem: &'static str,
    /// The Debian package that has it.
    pub package: &'static str,
    /// What the names of all packages have in them that bring it along.
    brought_by: &'static [&'static str],
}

/// Gems that `bundle install` surely fails to compile without: `nio4r` stands for all that need a
/// compiler, as each Rails app has it.
const HEADERS: [Headers; 9] = [
    Headers {
        gem: "charlock_holmes",
        package: "libicu-dev",
        brought_by: &["libicu-dev"],
    },
    Headers {
        gem: "curb",
        package: "libcurl4-openssl-dev",
        brought_by: &["libcurl-dev", "libcurl4-gnutls-dev", "libcurl4-openssl-dev"],
    },
    Headers {
        gem: "idn-ruby",
        package: "libidn-dev",
        brought_by: &["libidn-dev", "libidn11-dev"],
    },
    Headers {
        gem: "mysql2",
        package: "default-libmysqlclient-dev",
        brought_by: &["libmariadb-dev", "libmysqlclient-dev"],
    },
    Headers {
        gem: "nio4r",
        package: "build-essential",
        brought_by: &["build-essential", "clang", "g++", "gcc"],
    },
    Headers {
        gem: "pg",
        package: "libpq-dev",
        brought_by: &["libpq-dev", "postgresql-server-dev"],
    },
    Headers {
        gem: "rmagick",
        package: "libmagickwand-dev",
        brought_by: &["libmagickwand-"],
    },
    Headers {
        gem: "rugged",
        package: "cmake",
        brought_by: &["cmake"],
    },
    Headers {
        gem: "tiny_tds",
        package: "freetds-dev",
        brought_by: &["freetds-dev"],
    },
];

/// Programs of steps before gems are installed that bring no package of Debian's along.
const BEFORE_GEMS: [&str; 7] = [
    "corepack",
    "curl",
    "gem",
    "node-build",
    "npm",
    "tar",
    "yarn",
];

impl Destination<'_> {
    /// What gems of the bundle are compiled with and the stage that installs them surely has not, each
    /// with the gem; and the step that installs them.
    pub fn lacking_headers(&self) -> Option<(Fact<()>, Vec<Fact<Headers>>)> {
        let build = self.build()?;
        let (stage, step) = build.gem_step()?;
        let base = build.base_of(stage)?;
        if !is_official_ruby(&base) || !base.contains("slim") {
            return None;
        }
        let mut packages = Vec::new();
        for stage in stage.lineage() {
            collect(stage, &BEFORE_GEMS, &mut packages)?;
        }
        let lacking = HEADERS
            .into_iter()
            .filter(|headers| {
                let brings =
                    |package: &String| headers.brought_by.iter().any(|part| package.contains(part));
                !packages.iter().any(brings) && !self.may_be_precompiled(headers.gem)
            })
            .filter_map(|headers| {
                let gem = self.app().gems().shipped(headers.gem).known()?;
                Some(gem.map(|_| headers).labelled("compiled as it is installed"))
            })
            .collect();
        Some((
            stage.step_fact((), step.span, "gems are installed here"),
            lacking,
        ))
    }

    /// The libraries that gems of the bundle load and the image surely has not, each with the gem.
    pub fn lacking_libraries(&self) -> Vec<Fact<Library>> {
        let Some(packages) = self.build().and_then(|build| installed(&build)) else {
            return Vec::new();
        };
        let left_out = self.packages_left_out();
        let has = |library: &Library| {
            packages
                .iter()
                .chain(&left_out)
                .any(|package| library.brought_by.iter().any(|part| package.contains(part)))
        };
        LIBRARIES
            .into_iter()
            .filter(|library| !has(library))
            .filter_map(|library| {
                let gem = self.app().gems().shipped(library.gem).known()?;
                let is_needed = library.gem != "ruby-vips" || self.uses_vips();
                (is_needed && !self.may_be_precompiled(library.gem)).then(|| gem.map(|_| library))
            })
            .collect()
    }

    /// The packages that `config/seaworthy.yml` says the app does without.
    fn packages_left_out(&self) -> Vec<String> {
        let memory = self.app().tree().source("config/seaworthy.yml");
        let without = memory.and_then(|memory| Setting::root([memory])?.get("without").known());
        let names = without.map(|without| without.texts()).unwrap_or_default();
        names.into_iter().map(|name| name.value).collect()
    }

    /// Whether Active Storage surely works with vips (rails 8.1
    /// `activestorage/lib/active_storage/engine.rb`).
    fn uses_vips(&self) -> bool {
        let app = self.app();
        let names_gem = |gem: &str| {
            let declared = app.gems().declared();
            declared.iter().any(|declared| *declared.name == gem)
        };
        let by_default = || names_gem("image_processing") && app.storage().works_with_vips();
        let processor = app
            .rails()
            .symbol("config.active_storage.variant_processor");
        match processor {
            Answer::Is(processor) => *processor == "vips",
            Answer::Absent(_) => names_gem("ruby-vips") || by_default(),
            Answer::Unknown(..) => false,
        }
    }

    /// Whether the lockfile has the gem for Linux with its libraries inside.
    fn may_be_precompiled(&self, gem: &str) -> bool {
        let platforms = [
            "aarch64-linux",
            "aarch64-linux-gnu",
            "x86_64-linux",
            "x86_64-linux-gnu",
        ];
        self.app().gems().is_precompiled(gem, &platforms)
    }
}

/// The packages that the image has besides those of the official slim image; nothing if they cannot be
/// told.
fn installed(build: &Build<'_>) -> Option<Vec<String>> {
    let stage = build.stage()?;
    let base = build.base_of(stage)?;
    ruby_tag(&base).filter(|tag| tag.contains("slim"))?;
    let mut packages = Vec::new();
    for stage in stage.lineage() {
        collect(stage, &[], &mut packages)?;
    }
    (!packages.is_empty()).then_some(packages)
}

/// Adds what the steps of a stage install, up to the one that installs gems if there are `others` that are
/// known to bring nothing before it; nothing if a step may install what cannot be seen.
fn collect(stage: Stage<'_>, others: &[&str], packages: &mut Vec<String>) -> Option<()> {
    for step in stage.steps() {
        match step {
            Instructed::Copies(copy) => {
                let is_system = |source: &Fact<String>| {
                    let source = source.trim_end_matches('/');
                    source.is_empty()
                        || ["/usr", "/lib"].iter().any(|folder| {
                            source == *folder
                                || source.starts_with(&format!("{folder}/lib"))
                                || source.starts_with("/lib/")
                        })
                };
                if copy.from.is_some() && copy.sources.iter().any(is_system) {
                    return None;
                }
            }
            Instructed::Runs(_, commands) => {
                if commands.is_empty() {
                    return None;
                }
                for command in commands {
                    if !others.is_empty() && command.is_bundle_install() {
                        return Some(());
                    }
                    match command.program()? {
                        "apt" | "apt-get" if command.has("install") => {
                            let words: Option<Vec<String>> = command.words.into_iter().collect();
                            packages.extend(words?);
                        }
                        program if KNOWN.contains(&program) || others.contains(&program) => {}
                        _ => return None,
                    }
                }
            }
            Instructed::Other => {}
        }
    }
    Some(())
}

/// Programs that install no packages.
const KNOWN: [&str; 24] = [
    "[", "adduser", "apt", "apt-get", "bundle", "chmod", "chown", "cp", "echo", "export", "find",
    "groupadd", "install", "ln", "ls", "mkdir", "mv", "rm", "sed", "set", "test", "touch", "uname",
    "useradd",
];
