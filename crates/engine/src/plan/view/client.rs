//! A single-page app in a folder of its own, which Rails serves.

use serde::Serialize;

use super::Notebook;
use super::basis::Basis;
use crate::fact::Fact;
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
    lockfile: &'static str,
    install: &'static str,
    build: &'static str,
    /// What the build writes, below the folder.
    output: String,
}

pub(super) fn think(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<ClientView> {
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
    let (lockfile, bring, install, run) = *MANAGERS
        .iter()
        .find(|(lockfile, ..)| listed.iter().any(|file| file.name == *lockfile))?;
    // Vite writes `dist`, Create React App `build` (vitejs/vite `build.outDir`,
    // facebook/create-react-app `config/paths.js`).
    let told = command
        .split_once("--outDir")
        .map(|(_, rest)| rest.trim_start_matches(['=', ' ']));
    let told = told.and_then(|rest| rest.split_whitespace().next());
    if told.is_some_and(|folder| folder.starts_with("..")) {
        notebook.note(format!("{folder} builds into a folder outside of itself, which no stage of its own can: write into {folder}/dist."));
        return None;
    }
    let output = match told {
        Some(folder) => folder.to_owned(),
        None if command.contains("react-scripts") => "build".to_owned(),
        None => "dist".to_owned(),
    };
    notebook.decide(
        "client",
        &build.map(|_| format!("{folder}, served from public")),
        format!("a stage of its own builds it; what it writes into {output} is copied to public"),
    );
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
    let version = match lockfile {
        "pnpm-lock.yaml" => releases::PNPM,
        "yarn.lock" => releases::YARN,
        _ => releases::BUN,
    };
    let named = root
        .get("packageManager")
        .and_then(|named| named.as_str()?.split_once('@'));
    let version = named.map_or(version, |(_, version)| {
        version.split('+').next().unwrap_or(version)
    });
    Some(ClientView {
        folder,
        node_version: node.value,
        flavour: if basis.is_alpine() { "alpine" } else { "slim" },
        manager: (!bring.is_empty()).then(|| format!("{bring}{version}")),
        lockfile,
        install,
        build: run,
        output,
    })
}
