use crate::facts::App;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let version = app.recurring().refusing_version()?;
    for task in app.recurring().tasks() {
        let Some(class) = task.missing_class().known() else {
            continue;
        };
        let finding = report.at(
            &class,
            format!(
                "the recurring task {} runs {class}, which nothing in the app defines: Solid Queue refuses to start",
                task.name
            ),
        );
        // A gem may define it.
        finding.because(&version).confidence(Confidence::Likely);
        match task.nearest_job(&class) {
            Some(near) => finding.fix(format!("write it {near}"), class.replace(near.clone())),
            None => finding.help("name a job that there is, or remove the task"),
        };
    }
    None
}
