use crate::fact::Place;
use crate::facts::{App, languages};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    for source in app.tree().sources() {
        // What follows from the first error in a file is noise.
        let Some((language, error)) = languages::first_error(source) else {
            continue;
        };
        let path = source.path();
        if language == "dotenv" && !app.is_read_for_secrets(path) {
            continue;
        }
        report
            .place(
                Place::text(path, error.span),
                "the parser stops here",
                format!("{path} is not valid {language}: {}", error.message),
            )
            .help("mend the file; what it says after this place may not have been read");
    }
    None
}
