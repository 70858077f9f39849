use crate::fact::{Answer, Fact};
use crate::facts::kamal::{Destination, Role};
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    destination.kamal()?;
    if !destination.is_deployed() || !destination.has_settled_roles() {
        return None;
    }
    let roles = destination.roles();
    let names: Vec<&str> = roles.iter().map(|role| role.name().as_str()).collect();
    if !names.is_empty() {
        primary(destination, &roles, &names, report);
    }
    for accessory in destination.accessories() {
        for role in ["role", "roles"]
            .into_iter()
            .filter_map(|key| accessory.get(key).known())
        {
            for role in role.texts() {
                if !names.contains(&role.as_str()) {
                    let message = format!(
                        "accessory `{}` is to run where `{role}` does, and there is no such role",
                        accessory.name()
                    );
                    unknown(&role, message, &names, report);
                }
            }
        }
    }
    None
}

fn primary(destination: &Destination<'_>, roles: &[Role<'_>], names: &[&str], report: &mut Report) {
    match destination
        .root()
        .get("primary_role")
        .and_then(|role| role.text())
    {
        Answer::Is(primary) if primary.value != "false" && !names.contains(&primary.as_str()) => {
            unknown(
                &primary,
                format!("`primary_role` is `{primary}`, and there is no such role"),
                names,
                report,
            );
        }
        Answer::Absent(_) if !names.contains(&"web") => {
            let first = &roles[0];
            report
                .at(
                    first.name(),
                    "there is no role `web`, and no `primary_role` says which one takes its place",
                )
                .fix(
                    format!("say that `{}` is the primary role", first.name()),
                    destination.root().set(&["primary_role"], first.name()),
                );
        }
        _ => {}
    }
}

fn unknown(role: &Fact<String>, message: String, names: &[&str], report: &mut Report) {
    let finding = report.at(&role.clone().labelled("no such role"), message);
    match nearest(role, names.iter().copied()) {
        Some(meant) => {
            finding.unsafe_fix(format!("write it `{meant}`"), role.replace(meant));
        }
        None if names.is_empty() => {
            finding.help("name hosts instead");
        }
        None => {
            finding.help(format!(
                "name one of the roles that there are: {}",
                names.join(", ")
            ));
        }
    }
}
