use super::yum_cache_left::leaves;
use crate::facts::dockerfile::Image;
use crate::facts::installs::ZYPPER;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build)
    .pedantic()
    .also(&["DL3036"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    leaves(
        image,
        &ZYPPER,
        "end the step with `&& zypper clean`",
        report,
    )
}
