//! Hooks of Kamal that were asked for.

use super::Notebook;
use super::basis::Basis;
use crate::plan::intent::{Choice, HOOKS};

/// The first Kamal that runs hooks around the start of containers.
const APP_BOOT_HOOKS: [u64; 2] = [2, 5];

pub(super) fn think(basis: &Basis<'_>, notebook: &mut Notebook) -> Vec<&'static str> {
    let Some(chosen) = basis.intent.all(Choice::Hooks) else {
        return Vec::new();
    };
    let hooks: Vec<&'static str> = HOOKS
        .into_iter()
        .filter(|hook| chosen.value.iter().any(|name| name == hook))
        .filter(|hook| {
            let is_known = *hook != "pre-app-boot" || basis.kamal.has(APP_BOOT_HOOKS);
            if !is_known {
                basis.say_what_is_missed(
                    APP_BOOT_HOOKS,
                    "run a hook before containers start",
                    notebook,
                );
            }
            is_known
        })
        .collect();
    notebook.decide(
        "hooks",
        &chosen.map(|_| hooks.join(", ")),
        "Kamal runs them on the machine that deploys; one that fails stops the deploy",
    );
    hooks
}
