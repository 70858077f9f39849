use crate::facts::App;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    for job in app.kamal_jobs() {
        let Some(command) = job.deploy() else {
            continue;
        };
        let Some(cancels) = job.cancelled_by_next() else {
            continue;
        };
        report
            .at(&cancels, "a deploy is stopped halfway when the next one is asked for, and leaves its lock behind")
            .because(command)
            .fix("let it end: the next run waits", cancels.replace("false"));
    }
    None
}
