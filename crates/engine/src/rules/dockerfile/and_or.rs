use crate::fact::Place;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["SC2015"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for script in image.scripted() {
        for (list, last) in script.false_alternatives() {
            report
                .at(
                    &script.fact((), last, "runs as well if what is between fails"),
                    "`a && b || c` is no `if`: `c` runs when `b` fails too",
                )
                .label(
                    Place::text(image.source().path(), script.span(list)),
                    "the whole list",
                )
                .help("write `if a; then b; else c; fi`");
        }
    }
    None
}
