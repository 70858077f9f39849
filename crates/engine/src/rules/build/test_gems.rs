use super::development_gems::counted;
use crate::facts::bundler::groups;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build)
    .pedantic()
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination
        .build()
        .filter(|_| destination.is_production())?;
    let (stage, install) = build.gem_step()?;
    let left_out = build.left_out(stage).known()?;
    let without: Vec<&str> = groups(&left_out).collect();
    if without.contains(&"test") {
        return None;
    }
    let all_gems = destination.app().gems();
    let mut gems = all_gems.of_groups(&["development", "test"]);
    gems.retain(|gem| {
        gem.groups
            .iter()
            .any(|group| !without.contains(&group.as_str()))
    });
    let first = gems.first()?;
    if gems.iter().any(|gem| all_gems.is_asked_for(&gem.name)) {
        return None;
    }
    let all = [&without[..], &["test"]].concat().join(":");
    let written = left_out.source_text(destination.app().tree());
    let fix = written
        .contains(left_out.as_str())
        .then(|| left_out.replace(written.replacen(left_out.as_str(), &all, 1)))
        .flatten();
    report
        .at(
            &left_out
                .clone()
                .labelled("the group test is not among them"),
            format!(
                "the image has {} and what they need, which production never loads",
                counted(&gems)
            ),
        )
        .because(&first.name)
        .because(&stage.step_fact((), install.span, "gems are installed here"))
        .fix("leave the group test out as well", fix);
    None
}
