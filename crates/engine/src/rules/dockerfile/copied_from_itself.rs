use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .also(&["DL3023"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        for from in stage.copied_from() {
            if stage
                .name()
                .is_some_and(|own| own.eq_ignore_ascii_case(&from))
            {
                report
                    .at(&from, "the stage copies from itself")
                    .because(&stage.name()?)
                    .help("copy inside of it with `RUN cp`, or name another stage");
            }
        }
    }
    None
}
