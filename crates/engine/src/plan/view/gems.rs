//! How the image gets its gems: what is copied before `bundle install`, and what that needs to
//! reach them.

use serde::Serialize;

use super::basis::Basis;
use super::{Notebook, context};

/// Servers whose gems are for everybody.
const PUBLIC_SERVERS: [&str; 4] = [
    "rubygems.org",
    "index.rubygems.org",
    "gem.coop",
    "rails-assets.org",
];

/// The image's gems.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct GemsView {
    pub(super) folders: Vec<String>,
    pub(super) manifests: Vec<String>,
    /// Variables with credentials that Bundler needs, and nothing may keep.
    pub(super) secrets: Vec<String>,
    /// Whether repositories are cloned through SSH.
    pub(super) ssh: bool,
    /// Whether any repository is cloned.
    #[serde(skip)]
    pub(super) git: bool,
    /// Files of gems that only the build runs, as patterns.
    left_out: Vec<&'static str>,
}

/// The program of tailwindcss-ruby, and of tailwindcss-rails before 3, which had it itself. Neither
/// Bundler nor the gem asks for it before it is run (tailwindcss-ruby 4.3 `lib/tailwindcss/ruby.rb`).
const TAILWIND: &str = "**/gems/tailwindcss-r*/exe/*/tailwindcss";

pub(super) fn think(basis: &Basis<'_>, notebook: &mut Notebook) -> GemsView {
    let gems = basis.app.gems();
    let repositories = gems.repositories();
    if let Some(repository) = repositories.first() {
        notebook.decide(
            "git",
            repository,
            "Bundler clones this repository in the build",
        );
    }
    let through_ssh = repositories
        .iter()
        .find(|remote| remote.starts_with("git@") || remote.starts_with("ssh://"));
    if let Some(remote) = through_ssh {
        notebook.decide(
            "SSH agent",
            remote,
            "the build asks your SSH agent and keeps no key",
        );
    }
    GemsView {
        folders: folders(basis, notebook),
        manifests: manifests(basis, notebook),
        secrets: secrets(basis, notebook),
        ssh: through_ssh.is_some(),
        git: !repositories.is_empty(),
        left_out: left_out(basis, notebook),
    }
}

/// `COPY --exclude` is in Dockerfile's syntax since 1.19 (moby/buildkit `frontend/dockerfile/docs/reference.md`).
fn left_out(basis: &Basis<'_>, notebook: &mut Notebook) -> Vec<&'static str> {
    let Some(gem) = basis.first_gem(&["tailwindcss-ruby", "tailwindcss-rails"]) else {
        return Vec::new();
    };
    notebook.decide(
        "left out",
        &gem.map(|gem| format!("the program of {gem}")),
        "only assets:precompile runs it, and it weighs about 105 MB",
    );
    vec![TAILWIND]
}

/// What is copied to where it lies, before `bundle install`: folders, and files that are in one.
fn folders(basis: &Basis<'_>, notebook: &mut Notebook) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for gem in basis.app.gems().path_gems() {
        // A gemspec at the root: the app is the gem, and all of it is copied. What lies outside
        // of the app is copied with the context.
        if gem.folder.value == "." || context::levels(&gem.folder) > 0 {
            continue;
        }
        notebook.decide(
            "gems from a folder",
            &gem.folder,
            "it is copied before `bundle install`, which reads its gemspec",
        );
        folders.push(gem.folder.value);
    }
    let evaluated = basis.app.gems().evaluated().into_iter();
    folders.extend(
        evaluated
            .map(|file| file.value)
            .filter(|file| file.contains('/')),
    );
    if basis.app.tree().has("vendor/cache") {
        folders.push("vendor/cache".to_owned());
    }
    // `COPY vendor/* ./vendor/` would put what is in the folders below vendor beside them.
    if folders.iter().any(|folder| folder.starts_with("vendor/")) {
        folders.retain(|folder| !folder.starts_with("vendor/"));
        folders.push("vendor".to_owned());
    }
    folders.sort();
    folders.dedup();
    folders
}

fn manifests(basis: &Basis<'_>, notebook: &mut Notebook) -> Vec<String> {
    let mut manifests = vec!["Gemfile".to_owned(), "Gemfile.lock".to_owned()];
    if let Some(file) = basis.app.ruby().version_file() {
        notebook.decide(
            "Ruby's file",
            &file,
            "the Gemfile reads it, so it is copied before `bundle install`",
        );
        manifests.push(file.value);
    }
    for file in basis.app.gems().evaluated() {
        notebook.decide(
            "part of the Gemfile",
            &file,
            "the Gemfile reads it, so it is copied before `bundle install`",
        );
        if !file.contains('/') {
            manifests.push(file.value);
        }
    }
    manifests.extend(
        basis
            .app
            .tree()
            .folder("")
            .unwrap_or_default()
            .iter()
            .filter(|listed| !listed.is_folder && listed.name.ends_with(".gemspec"))
            .map(|listed| listed.name.clone()),
    );
    manifests
}

/// The variables that Bundler reads credentials of private servers from
/// (rubygems `bundler/lib/bundler/settings.rb`, `key_for`).
fn secrets(basis: &Basis<'_>, notebook: &mut Notebook) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for server in basis.app.gems().servers() {
        let Some(host) = host(&server) else { continue };
        if PUBLIC_SERVERS.contains(&host) || basis.app.gems().are_optional(&server) {
            continue;
        }
        let name = format!(
            "BUNDLE_{}",
            host.replace('-', "___").replace('.', "__").to_uppercase()
        );
        if !names.contains(&name) {
            notebook.decide(
                "gem server",
                &server.map(|_| name.clone()),
                "its credentials reach `bundle install` as a build secret, which no layer keeps",
            );
            names.push(name);
        }
    }
    names
}

/// The host of an address, without a user or a port.
fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit('@').next()?;
    host.split(':').next().filter(|host| !host.is_empty())
}
