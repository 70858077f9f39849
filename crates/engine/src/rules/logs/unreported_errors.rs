use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Runtime)
    .pedantic()
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    let rails = app.gems().shipped("rails").known()?;
    if !destination.is_production()
        || destination.is_abandoned()
        || destination.carries_logs_away()
        || !app.error_reporter().is_absent()
    {
        return None;
    }
    report
        .at(
            &rails,
            "errors are written into the containers' logs alone, which nobody reads and the next deploys throw away",
        )
        .confidence(Confidence::Possible)
        .help("add a gem that reports errors, such as sentry-rails, honeybadger or solid_errors, or give `Rails.error` a subscriber");
    None
}
