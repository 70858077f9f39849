use super::unnoticed_failure::unnoticed;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .also(&["DL4006"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let message =
        "a download that fails is not noticed: the step has the status of the last command";
    unnoticed(image, true, message, report)
}
