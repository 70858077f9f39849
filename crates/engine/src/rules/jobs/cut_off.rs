use crate::fact::Fact;
use crate::facts::kamal::Role;
use crate::facts::process::{self, Process, Runner};
use crate::facts::puma::Condition;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::DataLoss, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

/// What a process needs besides to come to its end.
const AIR: i64 = 5;

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let app = destination.app();
    let process = role.process()?;
    let (runner, grace): (&str, Fact<i64>) = match &process.value {
        Process::Jobs(Runner::Sidekiq) => ("Sidekiq", app.sidekiq().timeout(role).known()?),
        Process::Jobs(Runner::GoodJob) => {
            ("GoodJob", app.good_job().shutdown_timeout(role).known()?)
        }
        Process::Jobs(Runner::SolidQueue) => {
            ("Solid Queue", app.solid().shutdown_timeout().known()?)
        }
        Process::Web(_) => {
            let plugin = role.puma().solid_queue_plugin().known()?;
            if let Condition::Set(variable) = &plugin.value {
                process::role_variable(role, variable).known()?;
            }
            ("Solid Queue", app.solid().shutdown_timeout().known()?)
        }
        Process::Jobs(Runner::DelayedJob) | Process::Other(_) => return None,
    };
    let stop = role.stop_timeout()?;
    if grace.value <= stop.value {
        return None;
    }
    let kamal = app.kamal()?;
    // `drain_timeout` stops roles without a proxy, and `stop_timeout` came with 2.12; before that
    // nothing can be said of the others.
    let key = match (kamal.version.has(2, 12), role.surely_has_no_proxy()) {
        (true, _) => "stop_timeout",
        (false, true) if kamal.version.has(2, 0) => "drain_timeout",
        (false, _) => return None,
    };
    let seconds = (grace.value + AIR).to_string();
    report
        .at(
            &grace.clone().labelled("running jobs have so long to end"),
            format!(
                "{runner} gives running jobs {grace} seconds to end, and Docker kills the container after {stop}"
            ),
        )
        .because(&stop)
        .because(&process)
        .fix(
            format!("let Docker wait {seconds} seconds"),
            destination.root().set(&[key], &seconds),
        );
    None
}
