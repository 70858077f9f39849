use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

/// Where Whenever reads what it is to write into a crontab.
const SCHEDULE: &str = "config/schedule.rb";

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    let whenever = app.gems().shipped("whenever").known()?;
    if !app.tree().has(SCHEDULE)
        || !destination.has_settled_roles()
        || destination.roles().is_empty()
    {
        return None;
    }
    if destination.may_run("cron") || destination.may_run("whenever") {
        return None;
    }
    report
        .place(
            Place::File(SCHEDULE.into()),
            "a schedule for cron",
            "Whenever is to write a crontab, and no container runs cron",
        )
        .because(&whenever)
        // Somebody may have put it into the server's own.
        .confidence(Confidence::Likely)
        .help("move the schedule to what works off jobs, such as config/recurring.yml of Solid Queue, or add a role that runs cron");
    None
}
