//! Scripts that the app should have and does not.

use serde::Serialize;

use super::basis::Basis;
use super::image::ImageView;
use crate::facts::javascript::PackageManager;

/// Which scripts are written, and what goes into them.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct ScriptsView {
    pub(in crate::plan) thrust: bool,
    pub(in crate::plan) jobs: bool,
    pub(in crate::plan) setup: bool,
    pub(in crate::plan) dev: bool,
    pub(in crate::plan) procfile: bool,
    /// What development runs beside the server: a name, and the command.
    processes: Vec<(&'static str, String)>,
    /// The command that installs packages of JavaScript.
    install: Option<&'static str>,
}

pub(super) fn think(basis: &Basis<'_>, image: &ImageView) -> ScriptsView {
    let tree = basis.app.tree();
    let missing = |path: &str| !tree.has(path);
    let processes = processes(basis);
    let adapter = basis.app.solid().job_adapter().known();
    let uses_queue = basis.gem("solid_queue").is_some()
        && adapter.is_some_and(|adapter| adapter.value == "solid_queue");
    ScriptsView {
        thrust: image.has_thruster && missing("bin/thrust"),
        jobs: uses_queue && missing("bin/jobs"),
        setup: missing("bin/setup"),
        dev: missing("bin/dev"),
        // Somebody's own bin/dev has its own way.
        procfile: missing("Procfile.dev") && !processes.is_empty() && missing("bin/dev"),
        install: image.javascript.as_ref().and(install(basis)),
        processes,
    }
}

/// What has to be built again while one works.
fn processes(basis: &Basis<'_>) -> Vec<(&'static str, String)> {
    let mut processes = Vec::new();
    let run = match basis.manager.as_ref().map(|manager| manager.value) {
        Some(PackageManager::Npm) => "npm run",
        Some(PackageManager::Pnpm) => "pnpm",
        Some(PackageManager::Bun) => "bun run",
        Some(PackageManager::YarnClassic | PackageManager::YarnBerry) | None => "yarn",
    };
    let is_npm = run == "npm run";
    if basis.gem("jsbundling-rails").is_some() {
        let watch = if is_npm { " -- --watch" } else { " --watch" };
        processes.push(("js", format!("{run} build{watch}")));
    }
    if basis.gem("cssbundling-rails").is_some() {
        let watch = if is_npm { " -- --watch" } else { " --watch" };
        processes.push(("css", format!("{run} build:css{watch}")));
    }
    let has_css = |processes: &[(&str, String)]| processes.iter().any(|(name, _)| *name == "css");
    if basis.gem("tailwindcss-rails").is_some() && !has_css(&processes) {
        processes.push(("css", "bin/rails tailwindcss:watch".to_owned()));
    }
    if basis.gem("dartsass-rails").is_some() && !has_css(&processes) {
        processes.push(("css", "bin/rails dartsass:watch".to_owned()));
    }
    if basis.gem("vite_ruby").is_some() {
        processes.push(("vite", "bin/vite dev".to_owned()));
    }
    processes
}

fn install(basis: &Basis<'_>) -> Option<&'static str> {
    Some(match basis.manager.as_ref()?.value {
        PackageManager::Npm => "npm install",
        PackageManager::Pnpm => "pnpm install",
        PackageManager::Bun => "bun install",
        PackageManager::YarnClassic | PackageManager::YarnBerry => "yarn install",
    })
}
