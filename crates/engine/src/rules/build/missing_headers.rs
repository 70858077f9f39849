use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let (step, lacking) = destination.lacking_headers()?;
    for headers in lacking {
        report
            .at(
                &step,
                format!(
                    "{} is compiled here, and {} is not installed before",
                    headers.gem, headers.package
                ),
            )
            .because(&headers)
            .confidence(Confidence::Likely)
            .help(format!("install {} in a step above", headers.package));
    }
    None
}
