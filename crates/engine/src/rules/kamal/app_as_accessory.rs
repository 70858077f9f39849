use crate::facts::kamal::{Accessory, Destination};
use crate::facts::workflows;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;
use crate::tree::Source;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let image = accessory.app_image()?;
    let destination = accessory.destination();
    // One version by name is meant to stay.
    let tag = image.rsplit('/').next()?.split_once([':', '@']);
    let is_named = tag.is_some_and(|(_, tag)| !tag.starts_with("latest"));
    if is_named || destination.is_abandoned() || reboots_accessories(destination) {
        return None;
    }
    let name = accessory.name();
    let finding = report.at(
        &image,
        format!(
            "accessory `{name}` runs the app's own image, and no deploy touches it: it keeps the code of the day that it was booted"
        ),
    );
    if let Some(app) = destination.image().known() {
        finding.because(&app.labelled("what is deployed"));
    }
    finding
        // Somebody may reboot it by hand each time.
        .confidence(Confidence::Likely)
        .help(format!(
            "make it a role: `servers.{name}` with the same `cmd`, then `kamal accessory remove {name}`"
        ));
    None
}

/// Whether something that may run Kamal has to do with accessories: a hook, a workflow, a script, a task, an
/// alias.
fn reboots_accessories(destination: &Destination<'_>) -> bool {
    let app = destination.app();
    let may_run = |source: &Source| {
        let folders = [".kamal/hooks", workflows::FOLDER, "bin", "lib/tasks"];
        let path = source.path();
        folders.contains(&path.parent().as_str())
            || ["Makefile", "Rakefile"].contains(&path.as_str())
    };
    let mut sources = app.tree().sources();
    let mut aliases = destination.aliases().into_iter();
    // Scripts in these folders are not read.
    let scripts = app.tree().index().is_some_and(|index| {
        index.files().any(|file| {
            ["script/", "scripts/"]
                .iter()
                .any(|folder| file.starts_with(folder))
                && file.contains("deploy")
        })
    });
    scripts
        || !destination.root().get("hooks_path").is_absent()
        || aliases.any(|alias| alias.command.line().contains("boot"))
        || sources.any(|source| may_run(source) && source.text().contains("accessory"))
}
