use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    if !destination.is_production() {
        return None;
    }
    let worked = destination.worked_queues()?;
    let first = worked
        .names()
        .first()?
        .clone()
        .labelled("jobs are taken from here");
    let names: Vec<String> = worked
        .names()
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    for queue in destination.app().queues_of_jobs() {
        if worked.has(&queue) {
            continue;
        }
        report
            .at(
                &queue,
                format!(
                    "jobs go into queue `{}`, and processes take them from {} only",
                    queue.value,
                    names.join(", ")
                ),
            )
            .because(&first)
            // Whoever puts it into a queue may name another one.
            .confidence(Confidence::Likely)
            .help(format!("add `{}` to the queues of a worker", queue.value));
    }
    None
}
