use super::unpinned_apt::unpinned;
use crate::facts::dockerfile::Image;
use crate::facts::installs::GEM;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3028"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    unpinned(
        image,
        &GEM,
        "name a version: `gem:version`, or put the gem into the Gemfile",
        report,
    )
}
