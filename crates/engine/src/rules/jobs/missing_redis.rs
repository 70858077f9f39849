use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let app = destination.app();
    if !destination.is_production() || !role.runs_rails() || role.has_network_of_its_own() {
        return None;
    }
    let uses = role.uses_sidekiq()?;
    let reason = app.sidekiq().without_server(role).known()?;
    // A URL that is set and leads nowhere is found itself.
    if role.has_url_to_itself_at(&reason.origin.place) {
        return None;
    }
    let host = destination
        .accessory_name_of("Redis")
        .map_or_else(|| "HOST".to_owned(), |name| name.value);
    report
        .at(
            &reason,
            "Sidekiq looks for Redis in the app's own container, where none runs",
        )
        .because(&uses)
        .confidence(Confidence::Likely)
        .help(format!(
            "set {} in `env` to Redis' address: redis://{host}:6379/0",
            reason.value
        ));
    None
}
