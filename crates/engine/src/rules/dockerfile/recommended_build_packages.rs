use super::recommended_packages::takes_recommended;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Slow, Layer::Build)
    .pedantic()
    .fix(Safety::Unsafe)
    .also(&["DL3015"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    takes_recommended(image, false, report)
}
