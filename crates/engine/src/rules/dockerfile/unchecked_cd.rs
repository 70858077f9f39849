use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .also(&["SC2164"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for script in image.scripted() {
        for span in script.unchecked_cds() {
            report
                .at(
                    &script.fact((), span, "if it fails, the rest goes on where it was"),
                    "nobody sees whether `cd` fails",
                )
                .help("go on with `&&` instead of `;`, or begin the step with `set -e;`");
        }
    }
    None
}
