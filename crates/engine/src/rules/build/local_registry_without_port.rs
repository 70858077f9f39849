use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let server = destination
        .registry_server()
        .known()
        .filter(|server| server.value == "localhost")?;
    if !destination.kamal()?.version.has(2, 8) {
        return None;
    }
    let change = destination
        .root()
        .set(&["registry", "server"], "localhost:5555");
    report
        .at(
            &server.labelled("the registry"),
            "`registry.server` is localhost without a port, and Kamal takes it for a registry that somebody else runs",
        )
        .fix("write localhost:5555", change)
        .confidence(Confidence::Likely);
    None
}
