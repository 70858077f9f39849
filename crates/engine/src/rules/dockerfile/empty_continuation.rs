use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .also(&["NoEmptyContinuation"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for interrupted in image.interrupted() {
        let Some(swallowed) = interrupted.swallowed else {
            report
                .at(
                    &interrupted.end,
                    "a blank line follows, which Docker is going to refuse in the middle of an instruction",
                )
                .fix("take the blank line out", interrupted.joined);
            continue;
        };
        report
            .at(
                &interrupted.end,
                format!("a blank line follows the backslash, and {} below it is no instruction of its own", swallowed.value),
            )
            .because(&swallowed)
            .help("take the backslash out, or the blank line");
    }
    None
}
