use crate::facts::dockerfile::{Image, Stage};
use crate::facts::installs::APT;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build)
    .fix(Safety::Unsafe)
    .also(&["DL3015"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    takes_recommended(image, true, report)
}

/// Reports the installs that take what packages recommend, in stages that are kept or in others.
pub(super) fn takes_recommended(
    image: Image<'_>,
    in_kept: bool,
    report: &mut Report,
) -> Option<()> {
    for install in image.installs(&APT) {
        let (ran, verb) = (install.ran, install.verb);
        let is_kept = image
            .stage_of(ran.instruction())
            .is_some_and(Stage::is_kept);
        if install.leaves_recommended_out() || is_kept != in_kept {
            continue;
        }
        report
            .at(
                &ran.fact_at((), verb, "with all that Debian recommends beside it"),
                "`apt-get install` takes what packages recommend as well",
            )
            .fix(
                "leave it out with `--no-install-recommends`, and name what is missed",
                Some(ran.with(verb, "--no-install-recommends")),
            );
    }
    None
}
