use crate::facts::dockerfile::Image;
use crate::facts::shells::Bashism;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .also(&["SC3009"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (_, fact) in image.bashisms(Bashism::Braces) {
        report
            .at(
                &fact,
                "dash does not expand `{…}`: it is a name like any other",
            )
            .help("write the words out, or let bash run the step: `SHELL [\"/bin/bash\", \"-c\"]`");
    }
    None
}
