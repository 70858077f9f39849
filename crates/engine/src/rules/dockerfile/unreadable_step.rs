use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .also(&["SC1072", "SC1070", "SC1089", "SC1133"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for script in image.scripted() {
        // What follows from the first error is noise.
        let Some(error) = script.script().errors.first() else {
            continue;
        };
        report
            .at(
                &script.fact((), error.span, "the shell stops here"),
                format!("no shell can read this step: {}", error.message),
            )
            .help("mend the command line");
    }
    None
}
