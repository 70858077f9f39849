use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let base = build.base_of(build.stage()?)?.labelled("has none of it");
    for library in destination.lacking_libraries() {
        report
            .at(
                &base,
                format!(
                    "{} loads {}, and the image that runs does not have it",
                    library.gem, library.file
                ),
            )
            .because(&library)
            .help(format!(
                "install {} in the last stage, or in one that it starts from",
                library.package
            ))
            .confidence(Confidence::Likely);
    }
    None
}
