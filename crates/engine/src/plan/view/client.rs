//! A single-page app in a folder of its own, which Rails serves.

use serde::Serialize;
use syntax::javascript::{self, Lookup, Value as Config};
use syntax::json::Node;

use super::Notebook;
use super::basis::Basis;
use super::javascript::{FOLDERS_OF_YARN, MANIFESTS, downloads, left_behind};
use crate::fact::Fact;
use crate::facts::javascript::{PackageManager, VITE_CONFIGS};
use crate::facts::support::end_of_node;
use crate::plan::releases::{self, TABLE};

/// Folders that single-page apps are kept in.
const FOLDERS: [&str; 2] = ["client", "frontend"];

/// Lockfiles, with the frozen install and the build, nearest first.
const MANAGERS: [(&str, &str, &str, &str); 5] = [
    (
        "pnpm-lock.yaml",
        "npm install --global --force pnpm@",
        "pnpm install --frozen-lockfile",
        "pnpm run build",
    ),
    (
        "yarn.lock",
        "npm install --global --force yarn@",
        "yarn install --frozen-lockfile",
        "yarn build",
    ),
    ("package-lock.json", "", "npm ci", "npm run build"),
    (
        "bun.lock",
        "npm install --global --force bun@",
        "bun install --frozen-lockfile",
        "bun run build",
    ),
    (
        "bun.lockb",
        "npm install --global --force bun@",
        "bun install --frozen-lockfile",
        "bun run build",
    ),
];

/// How the single-page app is built.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct ClientView {
    pub(super) folder: &'static str,
    node_version: String,
    flavour: &'static str,
    manager: Option<String>,
    /// What the installation reads, below the folder.
    manifests: Vec<&'static str>,
    folders: Vec<&'static str>,
    left_behind: &'static [&'static str],
    cache_id: &'static str,
    cache: &'static str,
    install: &'static str,
    build: &'static str,
    /// What the build writes, below the folder.
    output: String,
}

pub(super) fn think(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<ClientView> {
    let known = notebook.notes.len();
    let client = built(basis, notebook);
    let is_told = client.is_some() || notebook.notes.len() > known;
    let mut beside = basis.app.javascript().packages_beside();
    beside.retain(|folder| !(is_told && FOLDERS.contains(&folder.as_str())));
    if let Some(first) = beside.first() {
        let folders: Vec<&str> = beside.iter().map(|folder| folder.as_str()).collect();
        notebook.note(format!(
            "{}: the image is built without {}: if Rails serves what is built there, give it a stage of the Dockerfile that copies it into public.",
            first.origin.place.describe(basis.app.tree()),
            folders.join(" and ")
        ));
    }
    client
}

/// The client that a stage of its own builds.
fn built(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<ClientView> {
    // Workspaces of the root are installed with it.
    if basis.app.tree().has("package.json") {
        return None;
    }
    let (folder, source) = FOLDERS.iter().find_map(|folder| {
        let source = basis.app.tree().source(&format!("{folder}/package.json"))?;
        Some((*folder, source))
    })?;
    let root = source.json().root.as_ref()?;
    let script = root.get("scripts")?.get("build")?;
    let command = script.as_str()?.to_owned();
    let build = Fact::read(
        command.clone(),
        source.path(),
        script.span,
        "builds the client",
    );
    let listed = basis.app.tree().folder(folder)?;
    let has = |name: &str| listed.iter().any(|file| file.name == name);
    let manager = Manager::of(root, has)?;
    // Vite writes `dist`, Create React App `build` (vitejs/vite `build.outDir`,
    // facebook/create-react-app `config/paths.js`).
    let told = command
        .split_once("--outDir")
        .map(|(_, rest)| rest.trim_start_matches(['=', ' ']));
    let told = told.and_then(|rest| rest.split_whitespace().next());
    let scripts = root.get("scripts").and_then(Node::members);
    let is_vites = scripts.unwrap_or_default().iter().any(|script| {
        let text = script.value.as_str().unwrap_or_default();
        // Another configuration or another root would have to be looked for.
        text.contains("vite build") && !text.contains("--config") && !text.contains(" -c ")
    });
    let configured = if told.is_none() && is_vites {
        configured(basis, folder, notebook)
    } else {
        None
    };
    let told = told.or(configured.as_ref().map(|folder| folder.value.as_str()));
    let told = told.map(|folder| folder.strip_prefix("./").unwrap_or(folder));
    if told.is_some_and(|folder| folder.starts_with("..") || folder.starts_with('/')) {
        notebook.note(format!("{folder} builds into a folder outside of itself, which no stage of its own can: write into {folder}/dist."));
        return None;
    }
    let output = match told {
        Some(folder) => folder.trim_end_matches('/').to_owned(),
        None if command.contains("react-scripts") => "build".to_owned(),
        None => "dist".to_owned(),
    };
    notebook.decide(
        "client",
        &build.map(|_| format!("{folder}, served from public")),
        format!("a stage of its own builds it; what it writes into {output} is copied to public"),
    );
    if let Some(configured) = configured {
        notebook.decide(
            "client's output",
            &configured,
            "Vite's configuration says so, where the script does not",
        );
    }
    let node = root
        .get("engines")
        .and_then(|engines| engines.get("node"))
        .and_then(|node| {
            let text = node.as_str()?;
            let is_exact = text
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
            is_exact.then(|| {
                Fact::read(
                    text.to_owned(),
                    source.path(),
                    node.span,
                    "the client's Node",
                )
            })
        })
        .or_else(|| basis.app.javascript().node_version().known())
        .unwrap_or_else(|| Fact::default(releases::NODE.to_owned(), TABLE, "Node"));
    notebook.decide("Node", &node, "the client is built with it");
    let (cache_id, cache) = downloads(manager.kind);
    notebook.note_end("Node", end_of_node(&node));
    Some(ClientView {
        folder,
        node_version: node.value,
        flavour: if basis.is_alpine() { "alpine" } else { "slim" },
        manager: manager.bring,
        manifests: MANIFESTS
            .into_iter()
            .filter(|name| *name == manager.lockfile || (!is_lockfile(name) && has(name)))
            .collect(),
        folders: FOLDERS_OF_YARN
            .into_iter()
            .filter(|name| basis.app.tree().has(&format!("{folder}/{name}")))
            .collect(),
        left_behind: left_behind(manager.kind),
        cache_id,
        cache,
        install: manager.install,
        build: manager.build,
        output,
    })
}

/// What installs the client's packages and builds it.
struct Manager {
    lockfile: &'static str,
    bring: Option<String>,
    install: &'static str,
    build: &'static str,
    kind: PackageManager,
}

impl Manager {
    /// Whose lockfile is in the folder that has these files.
    fn of(package: &Node, has: impl Fn(&str) -> bool) -> Option<Self> {
        let (lockfile, bring, install, build) =
            *MANAGERS.iter().find(|(lockfile, ..)| has(lockfile))?;
        let named = package
            .get("packageManager")
            .and_then(|named| named.as_str()?.split_once('@'))
            .map(|(_, version)| version.split('+').next().unwrap_or(version));
        // Yarn 2 and later read `.yarnrc.yml`, Yarn 1 does not.
        let is_berry = lockfile == "yarn.lock"
            && named.map_or_else(|| has(".yarnrc.yml"), |version| !version.starts_with("1."));
        if is_berry {
            let version = named.unwrap_or(releases::YARN_BERRY);
            return Some(Self {
                lockfile,
                bring: Some(format!(
                    "npm install --global --force @yarnpkg/cli-dist@{version}"
                )),
                install: "yarn install --immutable",
                build,
                kind: PackageManager::YarnBerry,
            });
        }
        let (default, kind) = match lockfile {
            "pnpm-lock.yaml" => (releases::PNPM, PackageManager::Pnpm),
            "yarn.lock" => (releases::YARN, PackageManager::YarnClassic),
            "package-lock.json" => ("", PackageManager::Npm),
            _ => (releases::BUN, PackageManager::Bun),
        };
        Some(Self {
            lockfile,
            bring: (!bring.is_empty()).then(|| format!("{bring}{}", named.unwrap_or(default))),
            install,
            build,
            kind,
        })
    }
}

fn is_lockfile(name: &str) -> bool {
    MANAGERS.iter().any(|(lockfile, ..)| *lockfile == name)
}

/// `build.outDir` as Vite's configuration has it, where it stands there plainly; `None` is Vite's own.
fn configured(basis: &Basis<'_>, folder: &str, notebook: &mut Notebook) -> Option<Fact<String>> {
    let source = VITE_CONFIGS
        .iter()
        .find_map(|name| basis.app.tree().source(&format!("{folder}/{name}")))?;
    let text = source.text();
    let exported = javascript::exported(text);
    let root = exported.as_ref().map(|config| config.get("root"));
    let read = match exported.as_ref().map(|config| config.get("build")) {
        // What Vite writes is relative to its root, which is the client's folder unless it is set.
        _ if root != Some(Lookup::Absent) => None,
        Some(Lookup::Absent) => Some(Lookup::Absent),
        Some(Lookup::Is(Config::Object(build))) => Some(build.get("outDir")),
        _ => None,
    };
    match read {
        Some(Lookup::Is(Config::String(folder, span))) => Some(Fact::read(
            folder.clone(),
            source.path(),
            *span,
            "Vite writes here",
        )),
        Some(Lookup::Absent) => None,
        _ => {
            if javascript::has_word(text, "outDir") {
                notebook.note(format!(
                    "{} does not say plainly where Vite writes to, so `dist` was taken: `build.outDir` as a text of its own would be read.",
                    source.path()
                ));
            }
            None
        }
    }
}
