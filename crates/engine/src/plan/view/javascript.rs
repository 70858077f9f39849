//! How the app's JavaScript is built, beside the gems.

use serde::Serialize;

use super::Notebook;
use super::basis::Basis;
use super::packages::Packages;
use crate::fact::Fact;
use crate::facts::javascript::PackageManager;
use crate::facts::support::end_of_node;
use crate::plan::releases::{self, TABLE};

/// Gems that build JavaScript or styles with Node's or Bun's packages.
const BUNDLERS: [&str; 8] = [
    "jsbundling-rails",
    "cssbundling-rails",
    "vite_ruby",
    "shakapacker",
    "webpacker",
    "react_on_rails",
    "inertia_rails",
    "autoprefixer-rails",
];

/// Those of them that call the `build` script.
const CALLERS: [&str; 2] = ["jsbundling-rails", "cssbundling-rails"];

/// Gems that run npm packages while the app serves requests.
const RUNNERS: [&str; 2] = ["grover", "mjml-rails"];

/// npm packages that are compiled where no ready-made binary fits.
const COMPILED: [&str; 8] = [
    "bcrypt",
    "better-sqlite3",
    "canvas",
    "node-gyp",
    "node-sass",
    "re2",
    "sqlite3",
    "usb",
];

/// Files that the installation reads, whichever manager it is.
pub(super) const MANIFESTS: [&str; 13] = [
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pnpmfile.cjs",
    "pnpm-workspace.yaml",
    "bunfig.toml",
];

/// Those of Yarn's folders that git is likely to have; the rest is of the machine that installed.
pub(super) const FOLDERS_OF_YARN: [&str; 3] = [".yarn/patches", ".yarn/plugins", ".yarn/releases"];

/// How JavaScript is built.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct JavaScriptView {
    /// The image with Node or Bun that the packages are installed in: its argument's name, the
    /// version, and the image.
    pub(super) argument: &'static str,
    pub(super) version: String,
    pub(super) from: String,
    /// Where Bun builds, but Node is needed as well.
    pub(super) node_besides: Option<String>,
    pub(super) compiles: bool,
    /// The command that brings the package manager, where the image has none of that version.
    pub(super) manager: Option<String>,
    pub(super) folders: Vec<String>,
    pub(super) manifests: Vec<String>,
    pub(super) secrets: Vec<String>,
    pub(super) cache_id: &'static str,
    pub(super) cache: &'static str,
    /// The frozen install; nothing where only a runtime for gems is needed.
    pub(super) install: Option<String>,
    /// What the installation leaves in the app's folder, and where it is copied to.
    installed: Vec<(String, String)>,
    /// Whether the running app needs the packages, too.
    #[serde(skip)]
    pub(super) keeps_packages: bool,
    /// The same, as the build throws it away.
    #[serde(skip)]
    pub(super) gone: Vec<String>,
    /// See [`left_behind`].
    left_behind: &'static [&'static str],
    pub(super) is_bun: bool,
    /// Whether the running app needs it, too.
    pub(super) stays: bool,
    /// What keeps assets from installing the packages once more.
    pub(super) skip_install: Option<&'static str>,
    /// The command that builds assets, where no gem calls it.
    #[serde(skip)]
    pub(super) build: Option<&'static str>,
}

pub(super) fn think(
    basis: &Basis<'_>,
    packages: &Packages,
    notebook: &mut Notebook,
) -> Option<JavaScriptView> {
    if let Some(server) = basis.app.assets().rendering_server() {
        notebook.note(format!(
            "{}: a server of Node renders Inertia's pages, and init writes no role for it, nor Node into the image: browsers render them instead. For a role with `cmd: bundle exec vite ssr`, put Node into the Dockerfile and tell Rails its address (`config.ssr_url`).",
            server.origin.place.describe(basis.app.tree())
        ));
    }
    let is_for_gems = packages.javascript_in_build || packages.javascript_at_runtime.is_some();
    let manager = basis.manager.clone().filter(|_| builds(basis, notebook));
    if manager.is_none() && !is_for_gems {
        return None;
    }
    if let Some(gem) = &packages.javascript_at_runtime
        && let Some(fact) = basis.gem(gem)
    {
        let fact = fact.map(|version| format!("{gem} {version}"));
        notebook.decide(
            "JavaScript at run time",
            &fact,
            "the gem runs JavaScript while the app serves requests, so Node stays in the image",
        );
    }
    let is_bun = manager
        .as_ref()
        .is_some_and(|manager| manager.value == PackageManager::Bun);
    let node = (!is_bun || is_for_gems || names_node(basis)).then(|| node(basis, notebook));
    let flavour = if basis.is_alpine() { "alpine" } else { "slim" };
    let (argument, version, from) = if is_bun {
        let bun = bun(basis, notebook);
        (
            "BUN_VERSION",
            bun,
            format!("docker.io/oven/bun:${{BUN_VERSION}}-{flavour}"),
        )
    } else {
        let node = node.clone().expect("Node is there where Bun is not");
        (
            "NODE_VERSION",
            node,
            format!("docker.io/library/node:${{NODE_VERSION}}-{flavour}"),
        )
    };
    let tree = basis.app.tree();
    let kind = manager.as_ref().map(|manager| manager.value);
    let is_berry = kind == Some(PackageManager::YarnBerry);
    let is_pnp = is_berry && basis.app.javascript().has_no_node_modules();
    let is_pnpm = kind == Some(PackageManager::Pnpm);
    let installed = installed(basis, is_pnp, is_pnpm);
    let runner = packages.javascript_at_runtime.as_deref();
    let keeps_packages = runner.is_some() && basis.first_gem(&RUNNERS).is_some();
    let build = kind.and_then(|kind| build(basis, kind, notebook));
    let how = manager.map(|manager| Installation::of(basis, &manager, notebook));
    let (is_installed, how) = (how.is_some(), how.unwrap_or_default());
    Some(JavaScriptView {
        argument,
        version,
        from,
        node_besides: node
            .filter(|_| is_bun)
            .map(|node| format!("docker.io/library/node:{node}-{flavour}")),
        compiles: is_installed && compiles(basis),
        manager: how.manager,
        folders: if is_installed {
            folders(basis)
        } else {
            Vec::new()
        },
        manifests: MANIFESTS
            .iter()
            .filter(|name| is_installed && tree.has(name))
            .map(|&name| name.to_owned())
            .collect(),
        secrets: if is_installed {
            secrets(basis, notebook)
        } else {
            Vec::new()
        },
        cache_id: how.cache_id,
        cache: how.cache,
        installed: installed
            .iter()
            .map(|(from, to, _)| (from.clone(), to.clone()))
            .collect(),
        gone: if keeps_packages {
            Vec::new()
        } else {
            // Yarn's own releases and plugins are of no use to the app that runs.
            let releases = (is_berry && !is_pnp).then(|| ".yarn".to_owned());
            let gone = installed.into_iter().map(|(_, _, gone)| gone);
            gone.chain(releases).collect()
        },
        left_behind: kind.map_or(&[], left_behind),
        keeps_packages,
        install: how.install,
        is_bun,
        stays: packages.javascript_at_runtime.is_some(),
        skip_install: skip_install(basis).filter(|_| is_installed),
        build,
    })
}

/// What runs the `build` script: no gem does that writes assets for the pipeline.
fn build(
    basis: &Basis<'_>,
    manager: PackageManager,
    notebook: &mut Notebook,
) -> Option<&'static str> {
    let javascript = basis.app.javascript();
    let is_called = if javascript.builds_assets() {
        basis.first_gem(&CALLERS).is_some()
    } else {
        basis.first_gem(&BUNDLERS).is_some()
    };
    let script = javascript.build_script().known()?;
    if is_called || !is_for_pipeline(basis) {
        return None;
    }
    let command = match manager {
        PackageManager::Npm => "npm run build",
        PackageManager::YarnClassic | PackageManager::YarnBerry => "yarn build",
        PackageManager::Pnpm => "pnpm run build",
        PackageManager::Bun => "bun run build",
    };
    notebook.decide(
        "build script",
        &script.map(|_| command),
        "no gem of the bundle calls it, so the build does, before the pipeline looks for what it writes",
    );
    Some(command)
}

/// Whether the `build` script writes what the pipeline serves: it says so, or nothing else makes JavaScript.
fn is_for_pipeline(basis: &Basis<'_>) -> bool {
    let javascript = basis.app.javascript();
    let has_pipeline = basis.app.assets().pipeline().is_known();
    let makes_all = javascript.build_script().is_known() && !javascript.importmap().is_known();
    has_pipeline && (makes_all || javascript.builds_assets())
}

/// What the installation on a user's machine leaves besides `node_modules`, for that machine.
pub(super) fn left_behind(manager: PackageManager) -> &'static [&'static str] {
    match manager {
        PackageManager::YarnBerry => &[
            ".pnp.*",
            ".yarn/cache",
            ".yarn/install-state.gz",
            ".yarn/unplugged",
        ],
        PackageManager::Pnpm => &[".pnpm-store"],
        PackageManager::Npm | PackageManager::YarnClassic | PackageManager::Bun => &[],
    }
}

/// Whether anything in the build uses the packages of `package.json`.
fn builds(basis: &Basis<'_>, notebook: &mut Notebook) -> bool {
    if basis.first_gem(&BUNDLERS).is_some() {
        return true;
    }
    let uses = is_for_pipeline(basis);
    if !uses && let Some(manager) = &basis.manager {
        notebook.decide(
            "packages",
            &manager
                .clone()
                .map(|manager| format!("{manager}, left out")),
            "no gem of the bundle builds assets with package.json, so the image needs none of it",
        );
    }
    uses
}

fn names_node(basis: &Basis<'_>) -> bool {
    basis.app.javascript().node_version().is_known()
}

fn node(basis: &Basis<'_>, notebook: &mut Notebook) -> String {
    let node = basis
        .app
        .javascript()
        .node_version()
        .known()
        .unwrap_or_else(|| Fact::default(releases::NODE.to_owned(), TABLE, "Node"));
    notebook.decide("Node", &node, "from the official image of that version");
    notebook.note_end("Node", end_of_node(&node));
    node.value
}

fn bun(basis: &Basis<'_>, notebook: &mut Notebook) -> String {
    let javascript = basis.app.javascript();
    let bun = javascript
        .package_manager_version()
        .or_else(|| basis.app.tool_version("bun"))
        .or_else(|| javascript.bun_version())
        .known()
        .unwrap_or_else(|| Fact::default(releases::BUN.to_owned(), TABLE, "Bun"));
    notebook.decide("Bun", &bun, "from the official image of that version");
    bun.value
}

/// What a package manager is told.
#[derive(Default)]
struct Installation {
    manager: Option<String>,
    cache_id: &'static str,
    cache: &'static str,
    install: Option<String>,
}

impl Installation {
    fn of(basis: &Basis<'_>, manager: &Fact<PackageManager>, notebook: &mut Notebook) -> Self {
        let version = basis.app.javascript().package_manager_version().known();
        let npm = |package: String| Some(format!("npm install --global --force {package}"));
        let or = |default: &str| {
            version
                .as_ref()
                .map_or_else(|| default.to_owned(), |version| version.value.clone())
        };
        let (cache_id, mut cache) = downloads(manager.value);
        let (bring, install) = match manager.value {
            PackageManager::Npm => (
                version
                    .as_ref()
                    .and_then(|version| npm(format!("npm@{}", version.value))),
                "npm ci",
            ),
            PackageManager::YarnClassic => (
                npm(format!("yarn@{}", or(releases::YARN))),
                "yarn install --frozen-lockfile",
            ),
            PackageManager::YarnBerry => {
                // Its package of the registry, as corepack asks another host, and once more for assets.
                let bring = npm(format!("@yarnpkg/cli-dist@{}", or(releases::YARN_BERRY)));
                if basis.app.javascript().has_no_node_modules() {
                    // Packages are run out of archives, which have to come along.
                    cache = "/root/.yarn/berry/metadata";
                    (
                        bring,
                        "YARN_ENABLE_GLOBAL_CACHE=false yarn install --immutable",
                    )
                } else {
                    (bring, "yarn install --immutable")
                }
            }
            PackageManager::Pnpm => {
                let is_old = basis.app.javascript().has_old_pnpm_lockfile();
                let default = if is_old {
                    releases::PNPM_OF_OLD_LOCKFILES
                } else {
                    releases::PNPM
                };
                (
                    npm(format!("pnpm@{}", or(default))),
                    "pnpm install --frozen-lockfile",
                )
            }
            PackageManager::Bun => (None, "bun install --frozen-lockfile"),
        };
        notebook.decide(
            "packages",
            manager,
            format!("`{install}` fails where package.json and the lockfile disagree"),
        );
        Self {
            manager: bring,
            cache_id,
            cache,
            install: Some(install.to_owned()),
        }
    }
}

/// Where a package manager keeps what it fetched, and what that is called.
pub(super) fn downloads(manager: PackageManager) -> (&'static str, &'static str) {
    match manager {
        PackageManager::Npm => ("npm", "/root/.npm"),
        PackageManager::YarnClassic => ("yarn", "/usr/local/share/.cache"),
        PackageManager::YarnBerry => ("yarn", "/root/.yarn/berry/cache"),
        PackageManager::Pnpm => ("pnpm", "/root/.local/share/pnpm/store"),
        PackageManager::Bun => ("bun", "/root/.bun/install/cache"),
    }
}

/// What the installation leaves: from where, to where, and what of it is thrown away.
fn installed(basis: &Basis<'_>, is_pnp: bool, is_pnpm: bool) -> Vec<(String, String, String)> {
    let whole = |name: &str| (name.to_owned(), format!("./{name}"), name.to_owned());
    if is_pnp {
        // The loader is beside the map only where packages are modules.
        return vec![
            (".pnp*".to_owned(), "./".to_owned(), ".pnp*".to_owned()),
            whole(".yarn"),
        ];
    }
    let mut installed = vec![whole("node_modules")];
    if is_pnpm {
        // pnpm keeps the dependencies of a workspace beside it.
        installed.extend(workspace_folders(basis).into_iter().map(|folder| {
            let gone = format!("{folder}/*/node_modules");
            (folder.clone(), format!("./{folder}"), gone)
        }));
    }
    installed
}

/// Folders that the installation reads: those of Yarn's, and those of workspaces.
fn folders(basis: &Basis<'_>) -> Vec<String> {
    let tree = basis.app.tree();
    let mut folders = workspace_folders(basis);
    folders.extend(
        FOLDERS_OF_YARN
            .into_iter()
            .chain(["patches"])
            .filter(|folder| tree.has(folder))
            .map(str::to_owned),
    );
    folders.sort();
    folders
}

/// The folders that workspaces are in.
fn workspace_folders(basis: &Basis<'_>) -> Vec<String> {
    let mut folders: Vec<String> = basis
        .app
        .javascript()
        .workspaces()
        .iter()
        // `packages/*` is everything below `packages`.
        .map(|pattern| {
            pattern
                .value
                .trim_start_matches("./")
                .split('*')
                .next()
                .unwrap_or_default()
        })
        .map(|folder| folder.trim_end_matches('/').to_owned())
        .filter(|folder| !folder.is_empty() && !folder.starts_with('!'))
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Whether a package that is often compiled is among those that `package.json` names.
fn compiles(basis: &Basis<'_>) -> bool {
    let names = basis.app.javascript().dependencies();
    names
        .iter()
        .any(|name| COMPILED.contains(&name.value.as_str()))
}

/// Variables that `.npmrc` and `.yarnrc.yml` read tokens from.
fn secrets(basis: &Basis<'_>, notebook: &mut Notebook) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for variable in basis.app.javascript().registry_variables() {
        if !names.contains(&variable.value) {
            notebook.decide(
                "package registry",
                &variable,
                "the token reaches the installation as a build secret, which no layer keeps",
            );
            names.push(variable.value);
        }
    }
    names
}

/// The variable that keeps `assets:precompile` from installing packages again
/// (jsbundling-rails `lib/tasks/jsbundling/build.rake`, cssbundling-rails the same,
/// `vite_ruby/lib/tasks/vite.rake`).
fn skip_install(basis: &Basis<'_>) -> Option<&'static str> {
    if basis
        .first_gem(&["jsbundling-rails", "cssbundling-rails"])
        .is_some()
    {
        return Some("SKIP_YARN_INSTALL=1");
    }
    basis
        .gem("vite_ruby")
        .map(|_| "VITE_RUBY_SKIP_ASSETS_PRECOMPILE_INSTALL=true")
}
