use crate::fact::Place;
use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    for (path, why) in app.tree().unreadable() {
        report
            .place(
                Place::File(path.clone()),
                "not read",
                format!("{path} could not be read: {why}"),
            )
            .help("put a readable text there, or remove it");
    }
    None
}
