use crate::facts::gems::Declared;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    let build = destination.build()?;
    let environment = destination.rails_environment().clone().known()?;
    // Development wants them in what it runs.
    if *environment != "production" || app.is_built_by_compose(build.image().source().path()) {
        return None;
    }
    let (stage, install) = build.gem_step()?;
    build.left_out(stage).absent()?;
    let gems = app.gems().of_groups(&["development", "test"]);
    let first = gems.first()?;
    if gems.iter().any(|gem| app.gems().is_asked_for(&gem.name)) {
        return None;
    }
    report
        .at(
            &stage.step_fact((), install.span, "all groups are installed"),
            format!(
                "the image has {} and what they need, which production never loads",
                counted(&gems)
            ),
        )
        .because(
            &first
                .name
                .clone()
                .labelled("for development or tests alone"),
        )
        .help("leave their groups out, in the first stage so that containers know of it as well")
        .snippet("ENV BUNDLE_WITHOUT=\"development:test\"");
    None
}

/// `debug`, `debug and brakeman`, `debug and 7 other gems`.
pub(super) fn counted(gems: &[Declared]) -> String {
    match gems {
        [only] => only.name.value.clone(),
        [one, other] => format!("{} and {}", one.name.value, other.name.value),
        [first, others @ ..] => format!("{} and {} other gems", first.name.value, others.len()),
        [] => String::new(),
    }
}
