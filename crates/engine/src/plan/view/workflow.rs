//! A workflow that builds and deploys after a push.

use serde::Serialize;

use super::Notebook;
use super::basis::Basis;
use super::deploy::{DeployView, DestinationView};
use crate::facts::setting::Setting;
use crate::facts::workflows::FOLDER;
use crate::plan::intent::Choice;

/// `.github/workflows/deploy.yml`.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct WorkflowView {
    /// Secrets of the repository that the deploy reads.
    secrets: Vec<String>,
    /// Whether another architecture than the runner's is built.
    emulates: bool,
    ruby_version: String,
    /// Whether a hook asks the remote, for which it needs the credentials of the clone.
    fetches: bool,
    kamal: &'static str,
    installs_kamal: bool,
    /// The app's folder, where it is not the root of its repository.
    folder: Option<String>,
    key_file: Option<String>,
    branch: String,
}

pub(super) fn think(
    basis: &Basis<'_>,
    deploy: &DeployView,
    destinations: &[DestinationView],
    notebook: &mut Notebook,
) -> Option<WorkflowView> {
    let ci = basis.intent.one(Choice::Ci)?;
    if ci.value != "github" {
        return None;
    }
    let branch = branch(basis);
    notebook.decide(
        "workflow",
        &ci,
        format!("a push to {branch} is built for the servers' architecture and deployed"),
    );
    let all = std::iter::once(&deploy.secrets).chain(destinations.iter().map(|own| &own.secrets));
    let mut secrets: Vec<String> = Vec::new();
    for secret in all.flat_map(|secrets| &secrets.all) {
        if secret.lookup == format!("${}", secret.name) && !secrets.contains(&secret.name) {
            secrets.push(secret.name.clone());
        }
    }
    let key_file = deploy
        .secrets
        .all
        .iter()
        .find(|secret| secret.name == "RAILS_MASTER_KEY")
        .and_then(|secret| secret.lookup.strip_prefix("$(cat ")?.strip_suffix(')'))
        .map(str::to_owned);
    if key_file.is_some() {
        secrets.insert(0, "RAILS_MASTER_KEY".to_owned());
    }
    notebook.note(format!(
        "The workflow needs these secrets of the repository: SSH_PRIVATE_KEY, {}.",
        secrets.join(", ")
    ));
    if let Some(store) = basis.intent.one(Choice::Secrets)
        && store.value != "environment"
    {
        notebook.note(format!(
            "The workflow has to log in to {} as well: its command line and a token of it.",
            store.value
        ));
    }
    if deploy.registry.is_local {
        notebook.note("The workflow's runner starts the registry itself and keeps nothing: each deploy pushes all layers. A registry outside (--registry) keeps them.");
    }
    let folder = basis.app.tree().place().filter(|place| !place.is_empty());
    if let Some(folder) = folder {
        notebook.note(format!("GitHub looks for workflows at the root of a repository only: move {folder}/.github/workflows/deploy.yml there."));
    }
    let has_kamal = basis.app.gems().locked("kamal").is_known();
    Some(WorkflowView {
        secrets,
        emulates: basis.arches().iter().any(|arch| arch != "amd64"),
        ruby_version: basis.ruby.value.clone(),
        fetches: basis
            .intent
            .all(Choice::Hooks)
            .is_some_and(|hooks| hooks.value.iter().any(|hook| hook == "pre-connect")),
        kamal: if has_kamal {
            "bundle exec kamal"
        } else {
            "kamal"
        },
        installs_kamal: !has_kamal,
        folder: folder.map(ToString::to_string),
        key_file,
        branch,
    })
}

/// The branch that is deployed: the one whose pushes other workflows look at, `main` where they look at several
/// or at none.
fn branch(basis: &Basis<'_>) -> String {
    let sources = basis.app.tree().sources();
    let workflows = sources.filter(|source| source.path().parent().as_str() == FOLDER);
    let branches: Vec<String> = workflows
        .filter_map(|source| Setting::of_file(source).known())
        .filter_map(|root| root.dig(&["on", "push", "branches"]).known())
        .flat_map(|branches| branches.texts())
        .map(|branch| branch.value)
        .collect();
    let is_main = branches.iter().any(|branch| branch == "main");
    let named = branches
        .into_iter()
        .find(|branch| !branch.contains(['*', '!', '/']));
    named
        .filter(|_| !is_main)
        .unwrap_or_else(|| "main".to_owned())
}
