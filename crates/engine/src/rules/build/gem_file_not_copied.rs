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
        let (needs, misplaced) = (needed.value.clone(), install.misplaced(&needed));
        let finding = report.at(
            &install.step,
            match misplaced {
                Some(source) => format!(
                    "bundle install needs {needs}, and `{source}` copies what is in folders, not the folders"
                ),
                None => format!("bundle install needs {needs}, which is not copied yet"),
            },
        );
        finding.because(&needed);
        if let Some(source) = misplaced {
            finding.because(&source.clone().labelled("the contents alone"));
            finding.help(format!("copy it to where it is: `COPY {needs} ./{needs}`"));
        } else {
            finding.help(format!("copy {needs} before, beside the Gemfile"));
        }
    }
    None
}
