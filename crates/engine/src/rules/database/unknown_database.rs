use crate::fact::Fact;
use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let solid = app.solid();
    let uses = |answer: crate::fact::Answer<String>, adapter: &str| {
        answer.known().is_some_and(|used| *used == adapter)
    };
    let used: [Option<Fact<String>>; 3] = [
        // Its models are loaded at boot, whatever works off jobs.
        app.gems()
            .shipped("solid_queue")
            .known()
            .and_then(|_| solid.queue_database().known()),
        uses(solid.cache_store(), "solid_cache_store")
            .then(|| solid.cache_database().known())
            .flatten(),
        uses(solid.cable_adapter(), "solid_cable")
            .then(|| solid.cable_database().known())
            .flatten(),
    ];
    for database in used.into_iter().flatten() {
        let Some(known) = app.lacks_database(&database) else {
            continue;
        };
        let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        let finding = report.at(
            &database.clone().labelled("named here"),
            format!(
                "database `{database}` is not in config/database.yml; production has {}",
                names.join(", ")
            ),
        );
        finding.because(&known);
        match nearest(&database, known.iter().map(String::as_str)) {
            Some(meant) => finding.help(format!("call it `{meant}`, or add `{database}` to production")),
            None => finding.help(format!(
                "add `{database}` to production in config/database.yml, or leave it out here to use the primary database"
            )),
        };
    }
    None
}
