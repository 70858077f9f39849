//! A workflow that builds and deploys after a push.

use serde::Serialize;

use super::Notebook;
use super::basis::Basis;
use super::deploy::DeployView;
use crate::plan::intent::Choice;

/// `.github/workflows/deploy.yml`.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct WorkflowView {
    /// Secrets of the repository that the deploy reads.
    secrets: Vec<String>,
    /// Whether another architecture than the runner's is built.
    emulates: bool,
    has_master_key: bool,
    key_file: Option<String>,
}

pub(super) fn think(
    basis: &Basis<'_>,
    deploy: &DeployView,
    notebook: &mut Notebook,
) -> Option<WorkflowView> {
    let ci = basis.intent.one(Choice::Ci)?;
    if ci.value != "github" {
        return None;
    }
    notebook.decide(
        "workflow",
        &ci,
        "a push to main is built for the servers' architecture and deployed",
    );
    let mut secrets: Vec<String> = deploy
        .secrets
        .all
        .iter()
        .filter(|secret| secret.lookup == format!("${}", secret.name))
        .map(|secret| secret.name.clone())
        .collect();
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
    Some(WorkflowView {
        secrets,
        emulates: basis.arches().iter().any(|arch| arch != "amd64"),
        has_master_key: key_file.is_some(),
        key_file,
    })
}
