//! Where Kamal finds each secret: names and lookups, never values.

use serde::Serialize;

use super::Notebook;
use super::basis::{Basis, Kamal, Obstacle};
use crate::plan::intent::Choice;
use crate::plan::releases;

/// A line of `.kamal/secrets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct SecretView {
    pub(super) name: String,
    pub(super) lookup: String,
    /// The same for Kamal 1, whose secrets are a template in ERB.
    erb: String,
    pub(super) comment: String,
    /// Whether containers get it; else only Kamal or the build need it.
    #[serde(skip)]
    pub(super) is_of_containers: bool,
    /// Whether a password manager can have it: not what a file or another secret gives.
    #[serde(skip)]
    pub(super) is_from_outside: bool,
}

impl SecretView {
    /// A secret that comes from outside of the app, by its own name.
    pub(super) fn from_outside(name: impl Into<String>, comment: impl Into<String>) -> Self {
        let name = name.into();
        let lookup = format!("${name}");
        Self {
            is_from_outside: true,
            ..Self::looked_up(name, lookup, comment)
        }
    }

    /// A secret that is put together here.
    pub(super) fn looked_up(
        name: impl Into<String>,
        lookup: impl Into<String>,
        comment: impl Into<String>,
    ) -> Self {
        let lookup = lookup.into();
        Self {
            name: name.into(),
            erb: erb(&lookup),
            lookup,
            comment: comment.into(),
            is_of_containers: true,
            is_from_outside: false,
        }
    }

    /// The same, for Kamal or the build alone.
    pub(super) fn kept_from_containers(self) -> Self {
        Self {
            is_of_containers: false,
            ..self
        }
    }
}

/// Secrets of one file.
#[derive(Clone, Debug, Serialize)]
pub(in crate::plan) struct SecretsView {
    /// The command that fetches all that a password manager has, in one call.
    fetch: Option<String>,
    pub(super) all: Vec<SecretView>,
}

impl SecretsView {
    /// The secrets, looked up where the user keeps them.
    pub(super) fn of(basis: &Basis<'_>, mut all: Vec<SecretView>, notebook: &mut Notebook) -> Self {
        let store = basis.intent.one(Choice::Secrets);
        let store = store.filter(|store| store.value != "environment");
        let Some(store) = store else {
            return Self { fetch: None, all };
        };
        notebook.decide(
            "secrets",
            &store,
            "`kamal secrets fetch` asks it once for all of them, on the machine that deploys",
        );
        let names: Vec<String> = all
            .iter()
            .filter(|secret| secret.is_from_outside)
            .map(|secret| secret.name.clone())
            .collect();
        for secret in all.iter_mut().filter(|secret| secret.is_from_outside) {
            secret.lookup = format!("$(kamal secrets extract {} $SECRETS)", secret.name);
            secret.comment = secret
                .comment
                .replace("from your environment", "from the password manager");
        }
        let fetch = (!names.is_empty()).then(|| fetch(basis, &store.value, &names));
        Self { fetch, all }
    }
}

/// A password manager that the Kamal which is written for cannot ask: every command that needs a
/// secret would stop there.
pub(super) fn obstacle(basis: &Basis<'_>) -> Option<Obstacle> {
    let store = basis.intent.one(Choice::Secrets)?;
    if store.value == "environment" {
        return None;
    }
    match &basis.kamal {
        Kamal::One => Some(Obstacle::new(
            format!(
                "secrets are to come from {}, and Kamal 1 asks no password manager",
                store.value
            ),
            "leave --secrets away, and let the manager's own program put them into the environment of `kamal envify`",
        )),
        Kamal::Two(None) => None,
        Kamal::Two(Some(locked)) => {
            let (_, since) = releases::KAMAL_SECRET_STORES
                .into_iter()
                .find(|(name, since)| *name == store.value && !basis.kamal.has(*since))?;
            let [major, minor] = since;
            let place = locked.origin.place.describe(basis.app.tree());
            Some(Obstacle::new(
                format!(
                    "{place}: Kamal {} has no adapter for {}, which came with {major}.{minor}",
                    locked.value, store.value
                ),
                "run `bundle update kamal --conservative`, or keep secrets in the environment",
            ))
        }
    }
}

/// `kamal secrets fetch` for one store. Which options each takes:
/// kamal 2.12 `lib/kamal/secrets/adapters/*.rb`, `requires_account?` and `fetch_secrets`.
fn fetch(basis: &Basis<'_>, store: &str, names: &[String]) -> String {
    let is_aws = store == "aws_secrets_manager";
    let needs_account = matches!(store, "1password" | "bitwarden" | "lastpass" | "gcp")
        || (is_aws && !basis.kamal.has(releases::KAMAL_AWS_WITHOUT_ACCOUNT));
    let takes_account = needs_account || is_aws;
    let account = basis
        .intent
        .one(Choice::SecretsAccount)
        .map(|account| account.value);
    let account = match account {
        Some(account) if takes_account => format!(" --account {}", quoted(&account)),
        None if needs_account => " --account <account>".to_owned(),
        _ => String::new(),
    };
    let vault = basis
        .intent
        .one(Choice::SecretsVault)
        .map(|vault| vault.value);
    let from = match (store, vault) {
        (_, Some(vault)) => format!(" --from {}", quoted(&vault)),
        ("1password", None) => " --from <vault>/<item>".to_owned(),
        ("doppler", None) => " --from <project>/<config>".to_owned(),
        ("enpass", None) => " --from <vault>".to_owned(),
        _ => String::new(),
    };
    // Bitwarden's Secrets Manager is asked for everything, as it knows single ones by their ids alone.
    if store == "bitwarden-sm" {
        let project = basis.intent.one(Choice::SecretsVault);
        let all = project.map_or_else(
            || "all".to_owned(),
            |project| format!("{}/all", project.value),
        );
        return format!("$(kamal secrets fetch --adapter {store} {})", quoted(&all));
    }
    format!(
        "$(kamal secrets fetch --adapter {store}{account}{from} {})",
        names.join(" ")
    )
}

/// A word of the shell's, in quotes where it needs them.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@-".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A lookup of the shell's as ERB: `$NAME` anywhere, or `$(cat FILE)`.
fn erb(lookup: &str) -> String {
    if let Some(file) = lookup
        .strip_prefix("$(cat ")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        return format!("<%= File.read(\"{file}\").strip %>");
    }
    let mut pieces = lookup.split('$');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        let end = piece
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(piece.len());
        let (name, rest) = piece.split_at(end);
        format!("{text}<%= ENV.fetch(\"{name}\") %>{rest}")
    })
}

#[cfg(test)]
mod tests {
    use super::erb;

    #[test]
    fn lookups_are_written_as_erb() {
        for (lookup, expected) in [
            ("$TOKEN", "<%= ENV.fetch(\"TOKEN\") %>"),
            (
                "$(cat config/master.key)",
                "<%= File.read(\"config/master.key\").strip %>",
            ),
            (
                "postgres://me:$PASSWORD@db/app",
                "postgres://me:<%= ENV.fetch(\"PASSWORD\") %>@db/app",
            ),
        ] {
            assert_eq!(erb(lookup), expected);
        }
    }
}
