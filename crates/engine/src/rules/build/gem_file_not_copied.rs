use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let install = build.bundle_install()?;
    for needed in destination.app().gems().files_of_gemfile() {
        if install.may_have(&needed) {
            continue;
        }
        report
            .at(&install.step, format!("bundle install needs {}, which is not copied yet", needed.value))
            .because(&needed)
            .help(format!("copy {} before, beside the Gemfile", needed.value));
    }
    None
}
