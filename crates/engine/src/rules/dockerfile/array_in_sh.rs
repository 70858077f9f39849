use crate::facts::dockerfile::Image;
use crate::facts::shells::Bashism;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .also(&["SC3030"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (_, fact) in image.bashisms(Bashism::Array) {
        report
            .at(&fact, "dash has no arrays: it cannot read the step")
            .help(
                "write a list of words, or let bash run the step: `SHELL [\"/bin/bash\", \"-c\"]`",
            );
    }
    None
}
