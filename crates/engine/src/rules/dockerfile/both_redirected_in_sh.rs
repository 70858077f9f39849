use crate::facts::dockerfile::Image;
use crate::facts::shells::Bashism;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .also(&["SC3020"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (_, fact) in image.bashisms(Bashism::BothRedirected) {
        report
            .at(
                &fact,
                "dash reads `&>` as two things: run it in the background, and empty the file",
            )
            .help("write `> FILE 2>&1`");
    }
    None
}
