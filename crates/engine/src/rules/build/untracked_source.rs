use crate::facts::build::Build;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build().filter(Build::is_from_clone)?;
    for source in build.named_sources() {
        let Some(path) = build.untracked(&source) else {
            continue;
        };
        report
            .at(
                &source,
                format!("the build copies {path}, and git does not have it"),
            )
            .help(format!(
                "run `git add --force {path}` and commit, if it belongs to the app"
            ));
    }
    None
}
