use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    for (file, source) in build.secret_files() {
        let finding = report.at(
            &source.labelled("it is copied here"),
            format!("{file} gets into the image"),
        );
        if let Some(context) = build.get("context").known() {
            finding.label(context.place(), "so Kamal builds from the folder as it is");
        }
        finding.help(match build.ignore() {
            Some(ignore) => format!("keep it out: `**/{}` in {}", file.name(), ignore.path()),
            None => format!("keep it out: `**/{}` in a .dockerignore", file.name()),
        });
    }
    None
}
