use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .also(&["DL3022"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        for from in stage.copied_from() {
            let before = image.stages().into_iter().take(stage.index());
            let is_known = before.chain([stage]).any(|stage| stage.is_called(&from));
            let has_version = from.contains(['@', ':']);
            if is_known || has_version {
                continue;
            }
            let names: Vec<String> = image
                .stages()
                .into_iter()
                .take(stage.index())
                .filter_map(|stage| Some(stage.name()?.value))
                .collect();
            let finding = report.at(
                &from,
                format!(
                    "no stage before is called `{}`, so Docker looks for an image of that name",
                    from.value
                ),
            );
            match nearest(&from, names.iter().map(String::as_str)) {
                Some(meant) => finding.help(format!("name the stage: `{meant}`")),
                None => finding.help("name an earlier stage, or the image with its version"),
            };
        }
    }
    None
}
