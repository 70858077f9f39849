use crate::facts::kamal::Destination;
use crate::facts::process::is_ambient;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let app = destination.app();
    let (stage, step) = build.asset_steps().into_iter().next()?;
    let place = stage.step_fact((), step.span, "assets are compiled here, which boots Rails");
    for variable in app.fetched_at_boot() {
        // Kamal's own are for containers alone.
        let has_each_image = is_ambient(variable) && !variable.starts_with("KAMAL_");
        // Whoever names it in the Dockerfile gives it somehow.
        if has_each_image
            || build.image().source().text().contains(variable.as_str())
            || app.may_load_variables()
        {
            continue;
        }
        report
            .at(
                variable,
                format!(
                    "the image cannot be built: {} is not set while assets are compiled",
                    variable.value
                ),
            )
            .because(&place)
            .confidence(Confidence::Likely)
            .help(format!(
                "give `fetch` a default, or that step a value that is made up: `{}=unused`",
                variable.value
            ));
    }
    None
}
