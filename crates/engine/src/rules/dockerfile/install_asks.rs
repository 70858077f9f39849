use crate::facts::dockerfile::Image;
use crate::facts::installs::{APT, Manager};
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .also(&["DL3014"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    asks(image, &APT, "asks before it installs", report)
}

/// Reports what one of these programs asks.
pub(super) fn asks(
    image: Image<'_>,
    manager: &'static Manager,
    why: &'static str,
    report: &mut Report,
) -> Option<()> {
    for question in image.questions(manager) {
        let (ran, verb) = (question.ran, question.verb);
        report
            .at(
                &ran.fact_at((), verb, why),
                format!(
                    "`{}` asks whether to continue, and nobody answers in a build",
                    question.name
                ),
            )
            .fix("answer it with `-y`", Some(ran.with(verb, "-y")));
    }
    None
}
