use crate::facts::dockerfile::Image;
use crate::facts::installs::APK;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["DL3019"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for install in image.installs(&APK) {
        let (ran, verb) = (install.ran, install.verb);
        if ran.has_flag(&["--no-cache"]) || install.is_cache_mounted() {
            continue;
        }
        report
            .at(
                &ran.fact_at((), verb, "keeps the index that it fetched"),
                "`apk add` leaves its index in the image",
            )
            .fix(
                "keep nothing with `--no-cache`",
                Some(ran.with(verb, "--no-cache")),
            );
    }
    None
}
