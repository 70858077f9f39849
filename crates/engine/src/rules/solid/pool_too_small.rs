use crate::fact::Answer;
use crate::facts::kamal::Role;
use crate::facts::process::{self, Process, Runner};
use crate::facts::puma::Condition;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;
use crate::version::numbers;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

/// A worker's own connections: one to fetch jobs with, one for its heartbeat.
const OF_THE_WORKER: i64 = 2;

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let app = role.destination().app();
    let locked = app.gems().locked("solid_queue").known()?;
    if !refuses_to_start(&locked) {
        return None;
    }
    match (&role.process()?.value, role.puma().solid_queue_plugin()) {
        (Process::Jobs(Runner::SolidQueue), _) => {}
        (Process::Web(_), Answer::Is(plugin)) => match &plugin.value {
            Condition::Always => {}
            Condition::Set(variable) => drop(process::role_variable(role, variable).known()?),
        },
        _ => return None,
    }
    if !process::role_variable(role, "SOLID_QUEUE_CONFIG").is_absent() {
        return None;
    }
    let threads = app.solid().worker_threads().known()?;
    let name = match app.solid().queue_database() {
        Answer::Is(name) => name.value,
        Answer::Absent(_) => "primary".to_owned(),
        Answer::Unknown(..) => return None,
    };
    let pool = role.resolved(app.database(&name)?.pool()).known()?;
    let connections: i64 = pool.parse().ok()?;
    let needed = *threads + OF_THE_WORKER;
    if connections >= needed || connections < 1 {
        return None;
    }
    report
        .at(
            &pool.labelled("the connections of each process"),
            format!(
                "Solid Queue's workers need {needed} connections, and the pool has {connections}: they refuse to start"
            ),
        )
        .because(&threads.labelled("the threads of a worker"))
        .because(&locked)
        .help(format!(
            "let the pool have {needed} connections, or run fewer threads"
        ));
    None
}

/// Whether this version of Solid Queue exits where later ones only warn.
fn refuses_to_start(version: &str) -> bool {
    ([1, 1, 1]..[1, 5, 0]).contains(&numbers(version))
}
