use crate::facts::kamal::{Destination, Role};
use crate::facts::process;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    let roles = destination.roles();
    let names: Vec<&str> = roles
        .iter()
        .map(|role: &Role<'_>| role.name().as_str())
        .collect();
    let is_built_elsewhere = !destination.root().dig(&["builder", "context"]).is_absent();
    for alias in destination.aliases() {
        // Another destination has other roles.
        if alias.command.option("-d", "--destination").is_some() {
            continue;
        }
        let roles = alias.command.option("-r", "--roles").flatten();
        let roles = roles.as_deref().unwrap_or_default().split(',');
        let unknown = roles
            .filter(|role| !role.is_empty() && !role.contains(['*', '?', '[']))
            .find(|role| !names.contains(role));
        if let Some(role) = unknown.filter(|_| destination.has_settled_roles() && !names.is_empty())
        {
            let finding = report.at(
                &alias.command,
                format!(
                    "the alias {} is for the role {role}, and there is none",
                    alias.name
                ),
            );
            match nearest(role, names.iter().copied()) {
                Some(meant) => finding.help(format!("write it {meant}")),
                None => finding.help(format!("name a role that there is: {}", names.join(", "))),
            };
            continue;
        }
        let Some(path) = alias.program() else {
            continue;
        };
        let is_listed = app.tree().folder("bin").is_some();
        let is_made = process::stage_of(destination).is_none_or(|stage| {
            stage.image().mentions("binstubs") || stage.image().mentions(&path)
        });
        if is_built_elsewhere || !is_listed || app.tree().has(&path) || is_made {
            continue;
        }
        report
            .at(
                &alias.command,
                format!(
                    "the alias {} starts {path}, and there is no such file",
                    alias.name
                ),
            )
            .confidence(Confidence::Likely)
            .help(format!("add {path}, or start something else"));
    }
    None
}
