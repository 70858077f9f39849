use crate::facts::dockerfile::Image;
use crate::facts::shells::Bashism;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .also(&["SC3014"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (script, fact) in image.bashisms(Bashism::DoubleEquals) {
        report
            .at(&fact, "dash's `[` has no `==`: the condition is never true")
            .fix(
                "compare with `=`",
                (script.text_of(&fact) == Some("=="))
                    .then(|| fact.replace("="))
                    .flatten(),
            );
    }
    None
}
