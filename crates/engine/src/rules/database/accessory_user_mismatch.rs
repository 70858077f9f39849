use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    if !destination.is_production() || !role.runs_rails() {
        return None;
    }
    for database in destination.app().databases().known()?.iter() {
        let Some(server) = database.server(role).known() else {
            continue;
        };
        let Some(user) = role.resolved(database.username()).known() else {
            continue;
        };
        let Some(accessory) = destination.accessory_called(&server) else {
            continue;
        };
        let Some(created) = accessory.created_user() else {
            continue;
        };
        if *user == *created || user.value == "root" {
            continue;
        }
        report
            .at(
                &user.clone().labelled("the app's user"),
                format!("the app signs in to accessory `{}` as {user}, but the user that it creates is {created}", accessory.name()),
            )
            .because(&created)
            .confidence(Confidence::Likely)
            .help(format!("let both name the same user, or create {user} on the server"));
        return None;
    }
    None
}
