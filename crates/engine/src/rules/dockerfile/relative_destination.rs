use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .also(&["DL3045"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        for target in stage.relative_destinations() {
            report
                .at(
                    &target,
                    format!(
                        "`{}` is in whatever folder the base image starts in",
                        target.value
                    ),
                )
                .help("set WORKDIR before, or begin the destination with a slash");
        }
    }
    None
}
