use crate::facts::dockerfile::{Image, Stage};
use crate::facts::installs::YARN;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build)
    .pedantic()
    .also(&["DL3060"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for install in image.installs(&YARN) {
        let is_kept = image
            .stage_of(install.ran.instruction())
            .is_some_and(Stage::is_kept);
        if is_kept && install.leaves_cache() {
            report
                .at(
                    &install.ran.fact((), "keeps what it fetched"),
                    "`yarn install` leaves what it fetched in the image",
                )
                .help("install in a stage of its own, mount a cache, or end the step with `&& yarn cache clean`");
        }
    }
    None
}
