use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["SC2046"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for script in image.scripted() {
        for span in script.split_output() {
            report
                .at(
                    &script.fact((), span, "split at blanks, and `*` is filled in"),
                    "what a command prints stands without quotes",
                )
                .help("put it between double quotes, unless it is meant to be several words");
        }
    }
    None
}
