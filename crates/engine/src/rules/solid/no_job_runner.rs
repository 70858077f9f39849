use crate::facts::kamal::Destination;
use crate::facts::process::{self, Condition, Process, Runner};
use crate::fact::{Answer, Fact};
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta =
    Meta::error(Consequence::Outage, Layer::Runtime).fix(Safety::Safe).since("0.1");

/// The variable that Rails' own config/puma.rb has the plugin wait for.
const USUAL: &str = "SOLID_QUEUE_IN_PUMA";

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    let adapter = app.solid().job_adapter().known()?;
    if !destination.is_production() || *adapter != "solid_queue" || !destination.has_settled_roles() {
        return None;
    }
    let plugin = match app.puma().solid_queue_plugin() {
        Answer::Is(plugin) => Some(plugin),
        Answer::Absent(_) => None,
        Answer::Unknown(..) => return None,
    };
    let mut web: Vec<Fact<Process>> = Vec::new();
    for role in destination.roles() {
        let process = role.process()?;
        match (&process.value, plugin.as_ref().map(|plugin| &plugin.value)) {
            (Process::Jobs(Runner::SolidQueue), _) | (Process::Web(_), Some(Condition::Always)) => {
                return None;
            }
            (Process::Web(_), Some(Condition::Set(variable))) => {
                if !process::role_variable(&role, variable).is_absent() {
                    return None;
                }
                web.push(process);
            }
            (Process::Web(_), None) => web.push(process),
            // Another queue's runner does not work off Solid Queue's jobs.
            (Process::Jobs(_), _) => {}
            // Some script that may well start the runner.
            (Process::Other(_), _) => return None,
        }
    }
    if destination.accessories().iter().any(|accessory| !accessory.get("cmd").is_absent()) {
        return None;
    }
    let adapter = adapter.labelled("jobs go to Solid Queue");
    let message = "jobs are queued with Solid Queue, but nothing works them off";
    let told = destination.environment().variable(USUAL).known();
    let finding = match (plugin, told) {
        (Some(Fact { value: Condition::Set(variable), origin }), _) => {
            let slot = destination.environment().variable(&variable).absent()?;
            let finding = report.place(slot, format!("{variable} is not set"), message);
            finding
                .because(&adapter)
                .label(origin.place, format!("runs inside Puma only if {variable} is set"))
                .fix(
                    format!("set {variable}, so that Puma runs Solid Queue"),
                    destination.set_variable(&variable, "true"),
                );
            finding
        }
        (None, Some(told)) => {
            let slot = app.puma().solid_queue_plugin().absent()?;
            let finding = report.place(slot, "no `plugin :solid_queue`", message);
            finding
                .because(&adapter)
                .because(&told.labelled("meant for the plugin"))
                .help(format!("add `plugin :solid_queue if ENV[\"{USUAL}\"]` to config/puma.rb"));
            finding
        }
        _ => {
            let finding = report.at(&adapter, message);
            finding.help("add a role that runs `bin/jobs`, or `plugin :solid_queue` to config/puma.rb");
            finding
        }
    };
    for process in &web {
        finding.follow(&process.origin);
    }
    None
}
