//! How the app's JavaScript is made.

use std::fmt;

use syntax::version_file;

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::setting::Setting;
use crate::tree::Tree;
use crate::version::at_least;

/// The app's JavaScript.
#[derive(Clone, Copy)]
pub struct JavaScript<'a> {
    app: &'a App<'a>,
}

/// What installs the packages of `package.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageManager {
    /// npm.
    Npm,
    /// Yarn 1.
    YarnClassic,
    /// Yarn 2 and later.
    YarnBerry,
    /// pnpm.
    Pnpm,
    /// Bun.
    Bun,
}

impl fmt::Display for PackageManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Npm => "npm",
            Self::YarnClassic => "Yarn 1",
            Self::YarnBerry => "Yarn (2 or later)",
            Self::Pnpm => "pnpm",
            Self::Bun => "Bun",
        })
    }
}

/// Lockfiles, and whose they are. Yarn's name does not tell its version.
const LOCKFILES: [(&str, PackageManager); 6] = [
    ("yarn.lock", PackageManager::YarnClassic),
    ("package-lock.json", PackageManager::Npm),
    ("npm-shrinkwrap.json", PackageManager::Npm),
    ("pnpm-lock.yaml", PackageManager::Pnpm),
    ("bun.lock", PackageManager::Bun),
    ("bun.lockb", PackageManager::Bun),
];

/// What i18n-js is to export (i18n-js 4.2 `lib/i18n-js/cli/export_command.rb`).
pub(super) const TRANSLATIONS: &str = "config/i18n.yml";

/// Where Vite looks for its configuration, the first that is there
/// (vite 7.1 `packages/vite/src/node/constants.ts`, `DEFAULT_CONFIG_FILES`).
pub const VITE_CONFIGS: [&str; 6] = [
    "vite.config.js",
    "vite.config.mjs",
    "vite.config.ts",
    "vite.config.cjs",
    "vite.config.mts",
    "vite.config.cts",
];

impl<'a> App<'a> {
    /// How the app's JavaScript is made.
    pub fn javascript(&'a self) -> JavaScript<'a> {
        JavaScript { app: self }
    }
}

impl JavaScript<'_> {
    /// Whether the browser loads modules through an import map, without a build.
    pub fn importmap(self) -> Answer<String> {
        self.app.gems().shipped("importmap-rails")
    }

    /// What installs the packages: `packageManager`, else the lockfile that is there. Two
    /// lockfiles are unknown.
    pub fn package_manager(self) -> Answer<PackageManager> {
        if !self.app.tree().has("package.json") {
            return Answer::Absent(Place::File("package.json".into()));
        }
        self.named_manager().or_else(|| self.locked_manager())
    }

    /// The package manager's exact version, from `packageManager`.
    pub fn package_manager_version(self) -> Answer<String> {
        self.package_json(&["packageManager"]).and_then(|named| {
            let version = named.value.split_once('@').map(|(_, version)| version);
            match version.and_then(|version| version.split('+').next()) {
                Some(version) => Answer::Is(named.clone().map(|_| version.to_owned())),
                None => Answer::Unknown(named.origin.place, Why::NotRead("no version".to_owned())),
            }
        })
    }

    fn named_manager(self) -> Answer<PackageManager> {
        self.package_json(&["packageManager"]).and_then(|named| {
            let (name, version) = named.value.split_once('@').unwrap_or((&named.value, ""));
            let manager = match name {
                "npm" => PackageManager::Npm,
                "pnpm" => PackageManager::Pnpm,
                "bun" => PackageManager::Bun,
                "yarn" if version.starts_with("1.") => PackageManager::YarnClassic,
                "yarn" => PackageManager::YarnBerry,
                _ => {
                    let why = Why::NotRead(format!("`{name}` is no package manager known here"));
                    return Answer::Unknown(named.origin.place, why);
                }
            };
            Answer::Is(named.map(|_| manager))
        })
    }

    fn locked_manager(self) -> Answer<PackageManager> {
        let found: Vec<(&'static str, PackageManager)> = LOCKFILES
            .into_iter()
            .filter(|(lockfile, _)| self.app.tree().has(lockfile))
            .collect();
        match found.as_slice() {
            [] => Answer::Absent(Place::File("package.json".into())),
            [(lockfile, manager)] => {
                let manager = if *lockfile == "yarn.lock" {
                    self.yarn()
                } else {
                    *manager
                };
                let place = Place::File((*lockfile).into());
                Answer::Is(Fact::new(manager, Origin::at(place, "the lockfile")))
            }
            [(first, _), .., (last, _)] => Answer::Unknown(
                Place::File((*first).into()),
                Why::NotRead(format!("{first} and {last} are both there")),
            ),
        }
    }

    /// Which Yarn wrote `yarn.lock`: 2 and later begin it with `__metadata`.
    fn yarn(self) -> PackageManager {
        let tree = self.app.tree();
        let is_berry = tree.has(".yarnrc.yml")
            || tree.source("yarn.lock").is_some_and(|lock| {
                lock.text()
                    .lines()
                    .take(20)
                    .any(|line| line.starts_with("__metadata:"))
            });
        if is_berry {
            PackageManager::YarnBerry
        } else {
            PackageManager::YarnClassic
        }
    }

    /// Whether only `yarn.lock` itself can tell which Yarn wrote it.
    pub(super) fn wants_yarn_lock(self) -> bool {
        self.named_manager().is_absent() && !self.app.tree().has(".yarnrc.yml")
    }

    /// Whether only `pnpm-lock.yaml` itself can tell which pnpm wrote it.
    pub(super) fn wants_pnpm_lock(self) -> bool {
        self.named_manager().is_absent()
    }

    /// Whether `pnpm-lock.yaml` is of a version before 9, which pnpm 9 and later write anew.
    pub fn has_old_pnpm_lockfile(self) -> bool {
        let source = self.app.tree().source("pnpm-lock.yaml");
        let version = source.and_then(|source| {
            let line = source
                .text()
                .lines()
                .take(5)
                .find_map(|line| line.strip_prefix("lockfileVersion:"))?;
            let digits = line.trim().trim_matches(['\'', '"']);
            digits.split('.').next()?.parse::<u32>().ok()
        });
        version.is_some_and(|version| version < 9)
    }

    /// Whether Yarn 2 and later keep packages in archives, which they do unless `.yarnrc.yml` says
    /// otherwise (yarnpkg/berry `packages/plugin-nm`, `nodeLinker`).
    pub fn has_no_node_modules(self) -> bool {
        let Some(source) = self.app.tree().source(".yarnrc.yml") else {
            return true;
        };
        let linker = Setting::of_file(source)
            .and_then(|root| root.get("nodeLinker"))
            .and_then(|linker| linker.text());
        linker.known().is_none_or(|linker| linker.value == "pnp")
    }

    /// The folders of the app's own packages, as `package.json` or `pnpm-workspace.yaml` write them.
    pub fn workspaces(self) -> Vec<Fact<String>> {
        let mut found = Vec::new();
        if let Some(source) = self.app.tree().source("package.json") {
            let workspaces = source
                .json()
                .root
                .as_ref()
                .and_then(|root| root.get("workspaces"));
            let list = workspaces.and_then(|workspaces| {
                workspaces
                    .elements()
                    .or_else(|| workspaces.get("packages")?.elements())
            });
            for node in list.unwrap_or_default() {
                if let Some(text) = node.as_str() {
                    found.push(Fact::read(
                        text.to_owned(),
                        source.path(),
                        node.span,
                        "a workspace",
                    ));
                }
            }
        }
        if let Some(source) = self.app.tree().source("pnpm-workspace.yaml") {
            let packages = Setting::of_file(source).and_then(|root| root.get("packages"));
            found.extend(
                packages
                    .known()
                    .map(|packages| packages.texts())
                    .unwrap_or_default(),
            );
        }
        found
    }

    /// The `build` scripts of packages beside the app, in folders that are called as those of single-page apps
    /// are, but for workspaces of the app's own package.
    pub fn packages_beside(self) -> Vec<Fact<String>> {
        let tree = self.app.tree();
        let workspaces = self.workspaces();
        let is_workspace = |folder: &str| {
            let mut patterns = workspaces.iter();
            patterns.any(|pattern| pattern.trim_start_matches("./").starts_with(folder))
        };
        let folders = client_folders(tree).filter(|folder| !is_workspace(folder));
        let built = folders.filter_map(|folder| {
            let source = tree.source(&format!("{folder}/package.json"))?;
            let script = source.json().get("scripts")?.get("build")?;
            let folder = folder.to_owned();
            Some(Fact::read(folder, source.path(), script.span, "builds it"))
        });
        built.collect()
    }

    /// The version of Bun, from `.bun-version`.
    pub fn bun_version(self) -> Answer<String> {
        self.in_file(".bun-version")
    }

    /// The packages that `package.json` names, of development as well.
    pub fn dependencies(self) -> Vec<Fact<String>> {
        let Some(source) = self.app.tree().source("package.json") else {
            return Vec::new();
        };
        let root = source.json().root.as_ref();
        ["dependencies", "devDependencies", "optionalDependencies"]
            .iter()
            .filter_map(|key| root?.get(key)?.members())
            .flatten()
            .map(|member| {
                Fact::read(
                    member.key.clone(),
                    source.path(),
                    member.key_span,
                    "a package",
                )
            })
            .collect()
    }

    /// The variables that tokens of registries are read from: `${NAME}` in `.npmrc` and
    /// `.yarnrc.yml`.
    pub fn registry_variables(self) -> Vec<Fact<String>> {
        let mut found = Vec::new();
        for path in [".npmrc", ".yarnrc.yml"] {
            let Some(source) = self.app.tree().source(path) else {
                continue;
            };
            for (start, _) in source.text().match_indices("${") {
                let rest = &source.text()[start + 2..];
                let Some(end) = rest.find('}') else { continue };
                // `${NAME-default}` does without the variable.
                let name = &rest[..end];
                let is_name = !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if is_name {
                    let span = syntax::Span::new(start, start + end + 3);
                    found.push(Fact::read(
                        name.to_owned(),
                        source.path(),
                        span,
                        "read here",
                    ));
                }
            }
        }
        found
    }

    /// The version of Node, as precise as the app gives it.
    pub fn node_version(self) -> Answer<String> {
        self.in_file(".node-version")
            .or_else(|| self.in_file(".nvmrc"))
            .or_else(|| self.app.tool_version("node"))
            .or_else(|| self.app.tool_version("nodejs"))
            .or_else(|| self.in_engines())
    }

    fn in_file(self, path: &'static str) -> Answer<String> {
        let source = match self.app.file(path) {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        match version_file::single(source.text()) {
            Some(version) if version.value.starts_with(|c: char| c.is_ascii_digit()) => Answer::Is(
                Fact::read(version.value, source.path(), version.span, "the app's Node"),
            ),
            Some(version) => Answer::Unknown(
                Place::text(source.path(), version.span),
                Why::NotRead(format!("`{}` is no version number", version.value)),
            ),
            None => Answer::Absent(Place::File(source.path().clone())),
        }
    }

    fn in_engines(self) -> Answer<String> {
        self.package_json(&["engines", "node"]).and_then(|range| {
            let is_exact = range
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
            if is_exact {
                Answer::Is(range)
            } else {
                let why = format!("`{}` is a range of versions, not one", range.value);
                Answer::Unknown(range.origin.place, Why::NotRead(why))
            }
        })
    }

    /// The `build` script, that jsbundling-rails and cssbundling-rails run for assets.
    pub fn build_script(self) -> Answer<String> {
        self.package_json(&["scripts", "build"])
    }

    /// A file of translations that i18n-js writes and git leaves out, so that each build has to write it
    /// (i18n-js 4.2 `lib/i18n-js/cli/export_command.rb`).
    pub fn exported_translations(self) -> Option<Fact<String>> {
        let gem = self.app.gems().shipped("i18n-js").known()?;
        let source = self.app.tree().source(TRANSLATIONS)?;
        if !at_least(&gem, [4, 0]) {
            return None;
        }
        let root = Setting::of_file(source).known()?;
        let translations = root.get("translations").known()?;
        let files = translations.items().into_iter();
        let mut files = files.filter_map(|item| item.get("file").known()?.text().known());
        files.find(|file| self.app.is_ignored_by_git(file) && !self.app.is_tracked(file))
    }

    /// Whether the `build` script surely writes assets that the pipeline serves: it, or a script that it names,
    /// speaks of `app/assets/builds`.
    pub fn builds_assets(self) -> bool {
        let Answer::Is(build) = self.build_script() else {
            return false;
        };
        let source = self.app.tree().source("package.json");
        let root = source.and_then(|source| source.json().root.as_ref());
        let scripts = root.and_then(|root| root.get("scripts")?.members());
        let writes = |script: &str| script.contains("app/assets/builds");
        let mut named = scripts.unwrap_or_default().iter().filter(|script| {
            let mut words = build.split_whitespace();
            words.any(|word| word == script.key)
        });
        writes(&build) || named.any(|script| script.value.as_str().is_some_and(writes))
    }

    fn package_json(self, keys: &[&str]) -> Answer<String> {
        let source = match self.app.file("package.json") {
            Ok(source) => source,
            Err(answer) => return answer,
        };
        let document = source.json();
        let absent = Place::Slot {
            path: source.path().clone(),
            span: syntax::Span::default(),
            key: keys.join("."),
        };
        let mut node = document.root.as_ref();
        for key in keys {
            node = node.and_then(|node| node.get(key));
        }
        match node.map(|node| (node, node.as_str())) {
            Some((node, Some(text))) => Answer::Is(Fact::read(
                text.to_owned(),
                source.path(),
                node.span,
                "set here",
            )),
            Some((node, None)) => Answer::Unknown(
                Place::text(source.path(), node.span),
                Why::NotRead("it is no text".to_owned()),
            ),
            None if document.errors.is_empty() => Answer::Absent(absent),
            None => Answer::Unknown(absent, Why::Broken),
        }
    }
}

/// Folders at the root that are called as those of single-page apps are: `web`, `frontend_admin`.
pub(super) fn client_folders(tree: &Tree) -> impl Iterator<Item = &str> {
    let listed = tree.folder("").unwrap_or_default().iter();
    let folders = listed.filter(|listed| listed.is_folder);
    folders.map(|folder| folder.name.as_str()).filter(|name| {
        let is_client = name.starts_with("client") || name.starts_with("frontend");
        is_client || ["spa", "ui", "web", "webapp"].contains(name)
    })
}
