use crate::facts::App;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let recurring = app.recurring();
    app.gems().shipped("solid_queue").known()?;
    // What stands below a name that is no environment is no task.
    if !recurring.unknown_environments().is_empty() {
        return None;
    }
    for task in recurring.tasks() {
        if task.lacks_schedule().is_some() {
            // Below the names of other environments there are no tasks of production's.
            if task.does_nothing() {
                continue;
            }
            let finding = report.at(
                &task.name,
                format!(
                    "the recurring task {} has no schedule: it never runs",
                    task.name
                ),
            );
            match task.schedule_by_another_name() {
                Some(name) => {
                    let title = format!("write `schedule` for `{name}`");
                    finding
                        .because(&name.clone().labelled("Solid Queue does not read this"))
                        .fix(title, name.replace("schedule"));
                }
                None => {
                    finding.help("add `schedule`, such as `every hour` or `0 3 * * *`");
                }
            }
        } else if task.does_nothing()
            && let Some(version) = recurring.refusing_version()
        {
            report
                .at(
                    &task.name,
                    format!(
                        "the recurring task {} has neither `class` nor `command`: Solid Queue refuses to start",
                        task.name
                    ),
                )
                .because(&version)
                .help("add `class`, the name of a job, or `command`, a line of Ruby");
        }
    }
    None
}
