use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::DataLoss, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    if !destination.is_production() || !role.runs_rails() {
        return None;
    }
    let mounts = role.mounts()?;
    let databases = destination.app().databases().known()?;
    let lost: Vec<_> = databases
        .iter()
        .filter(|database| !database.is_expendable())
        .filter_map(|database| Some((database, database.file(role).known()?)))
        .filter(|(_, file)| mounts.iter().all(|mount| !mount.has(file)))
        .collect();
    let (first, file) = lost.first()?;
    let (folder, _) = file.rsplit_once('/')?;
    let finding = report.at(
        &file.clone().labelled("the database's file"),
        format!(
            "database `{}` is a file in the container, {}, which the next deploy throws away",
            first.name(),
            file.value
        ),
    );
    for (_, file) in &lost {
        finding.because(&file.clone().labelled("the database's file"));
    }
    for mount in &mounts {
        finding.because(mount);
    }
    let volume = destination.storage_volume(folder)?;
    let inside = role.path("")?;
    let title = format!("mount a volume at {folder}");
    // A volume over the whole app, or over what git brings, would hide it.
    if folder == format!("{inside}/storage") {
        finding.fix(title, destination.root().add_list("volumes", vec![volume]));
    } else {
        finding.help(format!(
            "move it to {inside}/storage and mount a volume there"
        ));
    }
    None
}
