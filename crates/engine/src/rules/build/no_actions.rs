use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Slow, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let kind = destination
        .root()
        .dig(&["builder", "cache", "type"])
        .and_then(|kind| kind.text())
        .known()?;
    let tree = destination.app().tree();
    // Workflows stand at the root of the repository, which the app may be a folder of.
    let is_root = tree.place().is_none_or(|place| place.is_empty());
    let has_workflow = tree
        .folder(".github/workflows")
        .is_none_or(|files| !files.is_empty());
    if kind.value != "gha" || !is_root || has_workflow {
        return None;
    }
    report
        .at(
            &kind.labelled("the cache of GitHub Actions"),
            "the build's cache is the one of GitHub Actions, and the app has no workflow",
        )
        .help("use `type: registry`, which any machine can reach, or leave the cache out")
        .confidence(Confidence::Likely);
    None
}
