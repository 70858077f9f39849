use super::install_asks::asks;
use crate::facts::dockerfile::Image;
use crate::facts::installs::YUM;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .also(&["DL3030"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    asks(image, &YUM, "asks before it does so", report)
}
