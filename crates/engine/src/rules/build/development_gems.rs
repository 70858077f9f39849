use crate::facts::gems::Declared;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination
        .build()
        .filter(|_| destination.is_production())?;
    let (stage, install) = build.gem_step()?;
    build.left_out(stage).absent()?;
    let gems = gems_of(destination, &["development", "test"]);
    let first = gems.first()?;
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

/// The Gemfile's gems that are for some of these groups alone.
pub(super) fn gems_of(destination: &Destination<'_>, groups: &[&str]) -> Vec<Declared> {
    let mut gems = destination.app().gems().declared();
    gems.retain(|gem| {
        !gem.groups.is_empty()
            && gem
                .groups
                .iter()
                .all(|group| groups.contains(&group.as_str()))
    });
    gems
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
