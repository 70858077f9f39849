use crate::facts::App;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .also(&["CopyIgnoredFile"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, app: &App<'_>, report: &mut Report) -> Option<()> {
    for ignored in image.ignored_sources(app) {
        let source = &ignored.source;
        if image.surely_lacks(app, source) {
            continue;
        }
        let file = ignored.pattern.origin.place.path()?.clone();
        report
            .at(
                source,
                format!(
                    "{} takes {source}, which {file} keeps out of the build",
                    ignored.keyword
                ),
            )
            .because(&ignored.pattern)
            .help("take the pattern out, or the copy");
    }
    None
}
