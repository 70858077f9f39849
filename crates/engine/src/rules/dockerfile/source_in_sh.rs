use crate::facts::dockerfile::Image;
use crate::facts::shells::Bashism;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .also(&["SC3046"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (script, fact) in image.bashisms(Bashism::Source) {
        report.at(&fact, "dash has no `source`").fix(
            "write it as `.`",
            (script.text_of(&fact) == Some("source"))
                .then(|| fact.replace("."))
                .flatten(),
        );
    }
    None
}
