use crate::facts::dockerfile::{Image, Stage};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Runtime)
    .also(&[
        "MultipleInstructionsDisallowed",
        "DL3012",
        "DL4003",
        "DL4004",
    ])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (first, second) in image.stages().into_iter().flat_map(Stage::overridden) {
        let keyword = &first.keyword.value;
        report
            .at(
                &image.fact((), first.span, "without effect"),
                format!(
                    "this {keyword} does nothing: a stage has one, and a later one replaces it"
                ),
            )
            .because(&image.fact((), second.span, "this one counts"))
            .help("keep one of them");
    }
    None
}
