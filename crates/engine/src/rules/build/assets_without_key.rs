use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;
use crate::version::at_least;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .since("0.1");

/// What gives Rails a key, or a way to one.
const KEYS: [&str; 4] = [
    "SECRET_KEY_BASE",
    "RAILS_MASTER_KEY",
    "master.key",
    "secret_key_base",
];

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let rails = destination
        .app()
        .rails()
        .version()
        .known()
        .filter(|rails| at_least(rails, [7, 1]))?;
    let source = build.image().source();
    destination
        .app()
        .rails()
        .setting("config.secret_key_base")
        .absent()?;
    if KEYS.iter().any(|key| source.text().contains(key)) || build.may_have_key() {
        return None;
    }
    for (stage, step) in build.asset_steps() {
        let fact = stage.step_fact((), step.span, "Rails starts here as production");
        let written = step.span.of(source.text());
        report
            .at(
                &fact,
                "assets are compiled in production, and nothing gives Rails a key",
            )
            .because(&rails)
            .fix(
                "give it the one that is made up for this: `SECRET_KEY_BASE_DUMMY=1`",
                fact.replace(format!("SECRET_KEY_BASE_DUMMY=1 {written}")),
            )
            .confidence(Confidence::Likely);
    }
    None
}
