use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let has = build.ruby()?;
    let wants = destination
        .app()
        .ruby()
        .required()
        .known()
        .filter(|wants| wants.refuses(&has))?;
    let fix = wants.exact().and_then(|version| build.with_ruby(version));
    report
        .at(
            &has,
            format!("the image has Ruby {has}, and the Gemfile wants {wants}"),
        )
        .because(&wants)
        .fix("build with the Ruby that the Gemfile wants", fix);
    None
}
