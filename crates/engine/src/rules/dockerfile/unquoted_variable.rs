use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["SC2086"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for script in image.scripted() {
        for (name, span) in script.split_variables() {
            report
                .at(
                    &script.fact((), span, "split at blanks, and `*` is filled in"),
                    format!("${name} stands without quotes"),
                )
                .help("put it between double quotes, unless it is meant to be several words");
        }
    }
    None
}
