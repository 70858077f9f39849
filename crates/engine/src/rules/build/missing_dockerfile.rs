use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let named = destination.lacks_dockerfile()?;
    // Where nothing names one, the image may be built by something else.
    if !matches!(named.origin.place, Place::Text { .. }) {
        return None;
    }
    let tree = destination.app().tree();
    let there = tree.folder(&named.parent()).unwrap_or_default();
    let names = there
        .iter()
        .filter(|listed| !listed.is_folder)
        .map(|listed| listed.name.as_str());
    let meant = nearest(named.name(), names);
    let finding = report.at(
        &named.clone().labelled("Kamal builds from this file"),
        format!("there is no file {}", named.value),
    );
    match meant {
        Some(meant) => finding.help(format!("write {meant}, if that is what is meant")),
        None => finding.help(
            "name the Dockerfile as seen from the app's folder, or leave `builder.dockerfile` out",
        ),
    };
    None
}
