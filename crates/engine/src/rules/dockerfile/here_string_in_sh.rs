use crate::facts::dockerfile::Image;
use crate::facts::shells::Bashism;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .also(&["SC3011"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (_, fact) in image.bashisms(Bashism::HereString) {
        report
            .at(&fact, "dash has no `<<<`: it cannot read the step")
            .help("pipe the text: `printf %s TEXT |`");
    }
    None
}
