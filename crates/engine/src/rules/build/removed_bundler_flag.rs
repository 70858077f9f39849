use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;
use crate::version::at_least;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    // Without the lockfile Bundler is the image's own.
    if !build.bundle_install()?.may_have("Gemfile.lock") {
        return None;
    }
    for stage in build.stages() {
        let bundler = build.bundler(stage);
        let Some(bundler) = bundler.filter(|bundler| at_least(bundler, [4, 0])) else {
            continue;
        };
        for step in stage
            .commands()
            .iter()
            .filter(|step| step.is_bundle_install())
        {
            let flags = step.remembered_flags();
            if flags.is_empty() {
                continue;
            }
            let names: Vec<String> = flags
                .iter()
                .map(|flag| format!("`{}`", flag.flag))
                .collect();
            let variables: Vec<String> = flags
                .iter()
                .map(|flag| {
                    let value = flag.value.as_deref().unwrap_or("…");
                    format!("{}=\"{value}\"", flag.variable)
                })
                .collect();
            report
                .at(
                    &stage.step_fact((), step.span, "it remembers nothing any more"),
                    format!(
                        "`bundle install` stops: Bundler {bundler} does not take {}",
                        names.join(" and ")
                    ),
                )
                .because(&bundler)
                .help(
                    "set variables in the first stage, which containers need as well, and take the flags out",
                )
                .snippet(format!("ENV {}", variables.join(" \\\n    ")));
        }
    }
    None
}
