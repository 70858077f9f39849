use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .also(&["DL3004"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for ran in image.running(&["sudo"]) {
        report
            .at(
                &ran.fact((), "runs as another user"),
                "a step of the build runs `sudo`",
            )
            .help("switch with USER before the step, and back behind it");
    }
    None
}
