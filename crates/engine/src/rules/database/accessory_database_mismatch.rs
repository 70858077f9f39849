use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    if !destination.is_production() || !role.runs_rails() {
        return None;
    }
    for database in destination.app().databases().known()?.iter() {
        let Some(server) = database.server(role).known() else {
            continue;
        };
        let Some(name) = role.resolved(database.database()).known() else {
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
        let Some(granted) = accessory.granted_database() else {
            continue;
        };
        if *user != *created || *name == *granted {
            continue;
        }
        report
            .at(
                &name.clone().labelled("the app's database"),
                format!("{user} may use the database {granted} of accessory `{}`, and not {name}", accessory.name()),
            )
            .because(&granted)
            .because(&created)
            .confidence(Confidence::Likely)
            .help(format!(
                "call both {name}, or grant {user} the other databases with a script in /docker-entrypoint-initdb.d"
            ));
        return None;
    }
    None
}
