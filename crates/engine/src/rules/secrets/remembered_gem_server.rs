use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    for remembered in build.remembered_servers() {
        let variable = remembered.variable();
        let finding = report.at(
            &remembered.step,
            format!(
                "the credentials of {} are written into the image, where Bundler remembers them",
                remembered.host
            ),
        );
        if let Some(copied) = &remembered.copied {
            finding.because(copied);
        }
        finding
            .confidence(Confidence::Likely)
            .help("hand them over for the one step that installs gems, in a variable that Bundler reads")
            .snippet(format!(
                "RUN --mount=type=secret,id={variable},env={variable} \\\n    bundle install"
            ));
    }
    None
}
