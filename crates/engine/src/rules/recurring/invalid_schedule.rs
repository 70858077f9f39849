use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let version = app.recurring().refusing_version()?;
    for task in app.recurring().tasks() {
        let Some(schedule) = task.invalid_schedule() else {
            continue;
        };
        report
            .at(
                &schedule,
                format!(
                    "the recurring task {} has the schedule `{schedule}`, which is none: Solid Queue refuses to start",
                    task.name
                ),
            )
            .because(&version)
            .help("write five fields as cron has them, or words: `every 5 minutes`, `at 3am every day`");
    }
    None
}
