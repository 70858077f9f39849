use crate::fact::Place;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3010"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (copy, unpack) in image.unpacked_copies() {
        report
            .at(
                &image.fact((), copy.span, "the archive is a layer of its own"),
                "an archive is copied and then unpacked",
            )
            .label(Place::text(image.source().path(), unpack), "unpacks it")
            .help("let ADD unpack it: it does so with local archives");
    }
    None
}
