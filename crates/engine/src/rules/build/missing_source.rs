use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    // A hook can make what is not there yet, but a clone of the commit does not have it.
    if !build.is_from_clone() && destination.app().has_hook("pre-build") {
        return None;
    }
    let manager = destination.app().javascript().package_manager().known();
    for source in build.named_sources() {
        let Some(missing) = build.surely_lacks(&source) else {
            continue;
        };
        let lack = if destination.app().tree().has(&missing) {
            format!("git has nothing in {missing}")
        } else {
            format!("the app has no {missing}")
        };
        let finding = report.at(&source, format!("the build copies {}, and {lack}", *source));
        if is_lockfile(missing.name())
            && let Some(manager) = &manager
        {
            finding.because(&manager.clone().labelled("what the app has instead"));
            finding.help(format!(
                "copy what {} has, and install with it",
                manager.value
            ));
            continue;
        }
        finding.help(if source.contains('*') {
            format!("take the line out, or commit {missing}/.keep")
        } else {
            "copy what is there, or take it out".to_owned()
        });
    }
    None
}

fn is_lockfile(name: &str) -> bool {
    [
        "yarn.lock",
        "package-lock.json",
        "pnpm-lock.yaml",
        "bun.lock",
        "bun.lockb",
    ]
    .contains(&name)
}
