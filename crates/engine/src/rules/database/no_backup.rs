use crate::fact::Fact;
use crate::facts::database::{Adapter, Database};
use crate::facts::kamal::{Destination, Role};
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::DataLoss, Layer::Runtime)
    .pedantic()
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    if !destination.is_production() || destination.is_abandoned() || !app.has_no_backup()? {
        return None;
    }
    let help = "dump it each day to another machine, and restore one of the dumps once: an accessory or a job can do it; for SQLite, Litestream";
    for accessory in destination.accessories() {
        let Some(store) = accessory.store().filter(|_| !accessory.is_scratch()) else {
            continue;
        };
        report
            .at(
                &accessory.name().clone().labelled("the accessory"),
                format!(
                    "{} of accessory `{}` keeps its data on one server, and nothing that runs or deploys the app backs it up",
                    store.service,
                    accessory.name()
                ),
            )
            .because(&store)
            .confidence(Confidence::Possible)
            .help(help);
    }
    let databases = app.databases().known()?;
    let roles = destination.roles();
    let (database, file, mount) = databases.iter().find_map(|database| {
        let kept = roles.iter().find_map(|role| kept(database, role));
        kept.map(|(file, mount)| (database, file, mount))
    })?;
    report
        .at(
            &file.labelled("the database's file"),
            format!(
                "database `{}` is a file on one server, and nothing that runs or deploys the app backs it up",
                database.name()
            ),
        )
        .because(&mount)
        .confidence(Confidence::Possible)
        .help(help);
    None
}

/// The file of a SQLite database that is missed when it is gone, and the volume that keeps it.
fn kept(database: &Database<'_>, role: &Role<'_>) -> Option<(Fact<String>, Fact<String>)> {
    if database.adapter().known()?.value != Adapter::Sqlite || database.is_expendable() {
        return None;
    }
    let file = database.file(role).known()?;
    let mounts = role.mounts()?;
    let mount = mounts.into_iter().find(|mount| mount.has(&file))?;
    Some((file, mount.map(|mount| mount.target)))
}
