use crate::facts::dockerfile::Image;
use crate::facts::shells::Bashism;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .also(&["SC3010"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (_, fact) in image.bashisms(Bashism::DoubleBrackets) {
        report
            .at(&fact, "dash has no `[[`: it looks for a program of that name")
            .help("write the condition with `[`, or let bash run the step: `SHELL [\"/bin/bash\", \"-c\"]`");
    }
    None
}
