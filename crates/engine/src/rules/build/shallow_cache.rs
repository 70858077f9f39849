use crate::fact::Answer;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Slow, Layer::Build)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let cache = build.get("cache").known()?;
    let kind = cache.get("type").and_then(|kind| kind.text()).known()?;
    let first = build.stage()?.lineage().len();
    if !["gha", "registry"].contains(&kind.as_str()) || build.stages().len() <= first {
        return None;
    }
    // Only a workflow reaches the cache of GitHub's Actions.
    if *kind == "gha" && destination.app().kamal_jobs().is_empty() {
        return None;
    }
    let options = match cache.get("options").and_then(|options| options.text()) {
        Answer::Is(options) if options.contains("mode=") => return None,
        Answer::Is(options) => Some(options),
        Answer::Absent(_) => None,
        Answer::Unknown(..) => return None,
    };
    let wanted = match &options {
        Some(options) => format!("{},mode=max", options.value),
        None => "mode=max".to_owned(),
    };
    let change = destination
        .root()
        .set(&["builder", "cache", "options"], &wanted);
    let finding = report.at(
        &kind.labelled("the cache"),
        "the cache keeps the last stage alone, and gems and assets are built in others",
    );
    if let Some(options) = &options {
        finding.because(&options.clone().labelled("nothing says `mode`"));
    }
    finding.fix("keep all stages: `mode=max`", change);
    None
}
