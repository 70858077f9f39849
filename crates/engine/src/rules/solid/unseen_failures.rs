use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Runtime)
    .pedantic()
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    let adapter = app.solid().job_adapter().known()?;
    let solid_queue = app.gems().shipped("solid_queue").known()?;
    if adapter.value != "solid_queue"
        || !app.has_jobs()
        || !destination.is_production()
        || destination.is_abandoned()
        || destination.carries_logs_away()
        || !app.job_dashboard().is_absent()
        || !app.error_reporter().is_absent()
    {
        return None;
    }
    report
        .at(
            &adapter.labelled("jobs go to Solid Queue"),
            "a job that fails stays in a table that nothing shows: the bundle has no dashboard for jobs and nothing that reports errors",
        )
        .because(&solid_queue)
        .confidence(Confidence::Possible)
        .help("add mission_control-jobs behind a login, or a gem that reports errors");
    None
}
