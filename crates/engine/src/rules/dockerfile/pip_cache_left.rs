use crate::facts::dockerfile::Image;
use crate::facts::installs::PIP;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["DL3042"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for install in image.installs(&PIP) {
        let (ran, verb) = (install.ran, install.verb);
        if install.program() == "pipx"
            || install.keeps_no_pip_cache()
            || image.keeps_no_pip_cache(ran.instruction())
            || install.is_cache_mounted()
        {
            continue;
        }
        report
            .at(
                &ran.fact_at((), verb, "keeps what it fetched"),
                "`pip install` leaves what it fetched in the image",
            )
            .fix(
                "keep nothing with `--no-cache-dir`",
                Some(ran.with(verb, "--no-cache-dir")),
            );
    }
    None
}
