use crate::facts::App;
use crate::facts::kamal::Accessory;
use crate::facts::workflows;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let image = accessory.app_image()?;
    let destination = accessory.destination();
    // One version by name is meant to stay.
    let tag = image.rsplit('/').next()?.split_once([':', '@']);
    let is_named = tag.is_some_and(|(_, tag)| !tag.starts_with("latest"));
    if is_named || destination.is_abandoned() || reboots_accessories(destination.app()) {
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

/// Whether a hook, a workflow or a script does something with accessories.
fn reboots_accessories(app: &App<'_>) -> bool {
    app.tree().sources().any(|source| {
        let folder = source.path().parent();
        let runs_kamal = [".kamal/hooks", workflows::FOLDER, "bin"].contains(&folder.as_str());
        runs_kamal && source.text().contains("accessory")
    })
}
