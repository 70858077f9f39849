use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Slow, Layer::Build).since("0.1");

/// What hands a step the token of the cache, or names it.
const WAYS: [&str; 4] = [
    "ghaction-github-runtime",
    "actions_cache_url",
    "actions_results_url",
    "actions_runtime_token",
];

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let kind = destination
        .root()
        .dig(&["builder", "cache", "type"])
        .and_then(|kind| kind.text())
        .known()?;
    let (job, command) = destination.deploy_job()?;
    let is_built = command.option("-P", "--skip-push").is_none();
    if kind.value != "gha"
        || !is_built
        || !job.has_known_steps()
        || WAYS.iter().any(|way| job.mentions(way))
    {
        return None;
    }
    report
        .at(
            &kind.labelled("the cache of GitHub Actions"),
            format!(
                "the build in {} does not reach its cache: a step that runs `{}` is not given the cache's token",
                job.path(),
                command.line()
            ),
        )
        .because(&command)
        .help("put a step with `uses: crazy-max/ghaction-github-runtime@v3` before it, or use `type: registry`");
    None
}
