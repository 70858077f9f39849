use super::unpinned_apt::unpinned;
use crate::facts::dockerfile::Image;
use crate::facts::installs::YUM;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3033"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    unpinned(image, &YUM, "name a version: `package-version`", report)
}
