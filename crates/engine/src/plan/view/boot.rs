//! What the app's configuration cannot do without as Rails boots: in the build, where assets are compiled, and
//! in containers.

use serde::Serialize;

use super::basis::Basis;
use super::secrets::SecretView;
use super::{Notebook, VariableView};
use crate::fact::Fact;
use crate::facts::boot::RequiredKey;
use crate::facts::database::Adapter;
use crate::facts::process::is_ambient;

/// The key that credentials are encrypted with, as a variable.
pub(super) const MASTER_KEY: &str = "RAILS_MASTER_KEY";

/// What Rails is given for `secret_key_base` as it compiles assets.
const DUMMY: &str = "SECRET_KEY_BASE_DUMMY";

/// What the step that compiles assets is given, as it boots Rails.
#[derive(Debug, Default, Serialize)]
pub(super) struct BootView {
    /// Variables with values that are made up, as the shell takes them: `REDIS_URL=redis://unused.invalid`.
    #[serde(skip)]
    pub(super) made_up: Vec<String>,
    /// Whether the credentials are asked for what is nil without their key.
    pub(super) needs_key: bool,
}

/// What the build is given.
pub(super) fn of_build(basis: &Basis<'_>, notebook: &mut Notebook) -> BootView {
    let made_up = fetched(basis)
        .iter()
        .map(|variable| format!("{variable}={}", made_up(basis, variable)))
        .collect();
    let reason = key_is_needed(basis);
    if let Some((what, why)) = &reason {
        notebook.decide("credentials", what, *why);
    }
    BootView {
        made_up,
        needs_key: reason.is_some(),
    }
}

/// What has the build ask for the key of the credentials, and what happens without it.
fn key_is_needed(basis: &Basis<'_>) -> Option<(Fact<String>, &'static str)> {
    basis.credentials()?;
    if let Some(required) = basis.app.required_key()
        && *required != RequiredKey::Unless(DUMMY.to_owned())
    {
        let what = required.map(|_| "their key is required at boot".to_owned());
        return Some((
            what,
            "without it the build ends: the step that compiles assets is lent the key",
        ));
    }
    let asked = basis.app.credentials_at_boot().first()?;
    Some((
        asked
            .clone()
            .map(|part| format!("asked for `{part}` at boot")),
        "without their key it is nil, and the build ends: the step that compiles assets is lent the key",
    ))
}

/// Adds what containers are to be given and nothing gives them yet.
pub(super) fn of_containers(
    basis: &Basis<'_>,
    clear: &[VariableView],
    secrets: &mut Vec<SecretView>,
    notebook: &mut Notebook,
) {
    let mut lacking = fetched(basis);
    lacking.retain(|variable| {
        let is_set = clear.iter().any(|own| own.name == variable.value);
        !is_set && secrets.iter().all(|own| own.name != variable.value)
    });
    let Some(first) = lacking.first() else {
        return;
    };
    let others = match lacking.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    notebook.decide(
        "asked at boot",
        &first.clone().map(|first| format!("{first}{others}")),
        "Rails does not boot without them: containers have them as secrets, and the step that compiles assets something made up",
    );
    for variable in lacking {
        let place = variable.origin.place.describe(basis.app.tree());
        secrets.push(SecretView::from_outside(
            variable.value,
            format!("Rails does not boot without it ({place}). It comes from your environment."),
        ));
    }
}

/// The variables that Rails fetches as it boots, and that no image and no container has by itself.
fn fetched(basis: &Basis<'_>) -> Vec<Fact<String>> {
    // `.dockerignore` keeps `.env` out.
    if basis.app.may_load_variables_without_dotenv() {
        return Vec::new();
    }
    let mut fetched = basis.app.fetched_at_boot().to_vec();
    fetched.retain(|variable| !is_ambient(variable));
    fetched
}

/// A value that leads nowhere, of the kind that the name promises.
fn made_up(basis: &Basis<'_>, name: &str) -> String {
    let has_end = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if has_end(&["_URL", "_URI"]) {
        let scheme = match basis.adapter.value {
            _ if name.contains("REDIS") => "redis",
            Adapter::PostgreSql if name.contains("DATABASE") => "postgresql",
            Adapter::MySql if name.contains("DATABASE") => "mysql2",
            Adapter::Trilogy if name.contains("DATABASE") => "trilogy",
            _ => "http",
        };
        return format!("{scheme}://unused.invalid");
    }
    // Libraries that encrypt want 32 bytes as 64 hexadecimal digits.
    let encrypts = ["BLIND_INDEX", "ENCRYPT", "LOCKBOX"];
    if name.ends_with("KEY") && encrypts.iter().any(|word| name.contains(word)) {
        return "0".repeat(64);
    }
    let counts = ["COUNT", "LIMIT", "PORT", "SIZE", "THREADS", "TIMEOUT"];
    if has_end(&counts) { "1" } else { "unused" }.to_owned()
}
