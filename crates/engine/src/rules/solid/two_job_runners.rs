use crate::facts::kamal::Destination;
use crate::facts::process::{self, Process, Runner};
use crate::facts::puma::Condition;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let mut runner = None;
    let mut told = None;
    for role in destination.roles() {
        let process = role.process()?;
        // Workers of one kind here and of another there are meant.
        if !process::role_variable(&role, "SOLID_QUEUE_CONFIG").is_absent() {
            return None;
        }
        match &process.value {
            Process::Jobs(Runner::SolidQueue) if process.origin.place.path().is_some() => {
                let arguments = role.command().known()?;
                if arguments.iter().any(|word| word.starts_with('-')) {
                    return None;
                }
                runner.get_or_insert(process);
            }
            Process::Web(_) if told.is_none() => {
                let plugin = role.puma().solid_queue_plugin().known()?;
                let Condition::Set(variable) = plugin.value.clone() else {
                    return None;
                };
                let given = process::role_variable(&role, &variable).known();
                told = given.map(|given| (given, variable, plugin));
            }
            _ => {}
        }
    }
    let (runner, (told, variable, plugin)) = (runner?, told?);
    // That one says what it does not do, which is a finding of its own.
    if process::is_meant_as_no(&told) {
        return None;
    }
    report
        .at(
            &told.labelled("makes Puma run Solid Queue"),
            "jobs are worked off in two places: inside Puma, and by a role of their own",
        )
        .because(&runner)
        .because(&plugin)
        .fix(
            format!("remove {variable}, so that the role alone runs jobs"),
            destination.remove_variable(&variable),
        );
    None
}
