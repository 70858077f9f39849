use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["SC2155"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for script in image.scripted() {
        for span in script.masked_failures() {
            report
                .at(
                    &script.fact((), span, "succeeds whatever the command says"),
                    "the command that gives this value may fail, and nobody sees it",
                )
                .help("assign it first, then export it: `NAME=\"$(…)\" && export NAME`");
        }
    }
    None
}
