use crate::facts::dockerfile::Image;
use crate::facts::shells::Bashism;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .also(&["SC3040"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (_, fact) in image.bashisms(Bashism::Pipefail) {
        report
            .at(&fact, "the base image's dash has no `pipefail`: the step ends here")
            .help("let bash run the stage's steps: `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]`");
    }
    None
}
