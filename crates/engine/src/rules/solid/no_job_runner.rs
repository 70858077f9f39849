use crate::fact::{Answer, Fact};
use crate::facts::kamal::Destination;
use crate::facts::process::{self, Process, Runner};
use crate::facts::puma::Condition;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

/// The variable that Rails' own config/puma.rb has the plugin wait for.
const USUAL: &str = "SOLID_QUEUE_IN_PUMA";

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    let adapter = app.solid().job_adapter().known()?;
    if !destination.is_production() || *adapter != "solid_queue" || !destination.has_settled_roles()
    {
        return None;
    }
    let mut puma = destination.puma();
    let mut web: Vec<Fact<Process>> = Vec::new();
    for role in destination.roles() {
        let process = role.process()?;
        match &process.value {
            Process::Jobs(Runner::SolidQueue) => return None,
            Process::Web(_) => {
                puma = role.puma();
                match puma.solid_queue_plugin() {
                    Answer::Is(Fact {
                        value: Condition::Set(variable),
                        ..
                    }) if process::role_variable(&role, &variable).is_absent() => {}
                    Answer::Absent(_) => {}
                    _ => return None,
                }
                web.push(process);
            }
            // Another queue's runner does not work off Solid Queue's jobs.
            Process::Jobs(_) => {}
            // Some script that may well start the runner.
            Process::Other(_) => return None,
        }
    }
    if destination
        .accessories()
        .iter()
        .any(|accessory| !accessory.get("cmd").is_absent())
    {
        return None;
    }
    if puma.solid_queue_plugin().is_unknown() {
        return None;
    }
    let adapter = adapter.labelled("jobs go to Solid Queue");
    let message = "jobs are queued with Solid Queue, but nothing works them off";
    let told = destination.environment().variable(USUAL).known();
    let (plugin, puma) = (puma.solid_queue_plugin(), puma.path());
    let finding = match (plugin, told) {
        (
            Answer::Is(Fact {
                value: Condition::Set(variable),
                origin,
            }),
            _,
        ) => {
            let slot = destination.environment().variable(&variable).absent()?;
            let finding = report.place(slot, format!("{variable} is not set"), message);
            finding
                .because(&adapter)
                .label(
                    origin.place,
                    format!("runs inside Puma only if {variable} is set"),
                )
                .fix(
                    format!("set {variable}, so that Puma runs Solid Queue"),
                    destination.set_variable(&variable, "true"),
                );
            finding
        }
        (Answer::Absent(slot), Some(told)) => {
            let finding = report.place(slot, "no `plugin :solid_queue`", message);
            finding
                .because(&adapter)
                .because(&told.labelled("meant for the plugin"))
                .help(format!(
                    "add `plugin :solid_queue if ENV[\"{USUAL}\"]` to {puma}"
                ));
            finding
        }
        _ => {
            let finding = report.at(&adapter, message);
            finding.help(format!(
                "add a role that runs `bin/jobs`, or `plugin :solid_queue` to {puma}"
            ));
            finding
        }
    };
    for process in &web {
        finding.follow(&process.origin);
    }
    None
}
