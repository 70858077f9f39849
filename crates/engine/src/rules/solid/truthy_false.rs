use crate::facts::kamal::Role;
use crate::facts::process::{self, Process, Runner};
use crate::facts::puma::Condition;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let plugin = role.puma().solid_queue_plugin().known()?;
    let Condition::Set(variable) = &plugin.value else {
        return None;
    };
    let Process::Web(_) = role.process()?.value else {
        return None;
    };
    let value = process::role_variable(role, variable).known()?;
    if !process::is_meant_as_no(&value) {
        return None;
    }
    let has_runner = destination
        .roles()
        .iter()
        .filter_map(Role::process)
        .any(|process| process.value == Process::Jobs(Runner::SolidQueue));
    let finding = report.at(
        &value.clone().labelled("a text, which Ruby takes for true"),
        format!(
            "{variable} is `{}`, and that makes Puma run Solid Queue",
            value.value
        ),
    );
    finding.because(&plugin);
    if has_runner {
        finding.fix(
            format!("remove {variable}: only then does Puma leave jobs alone"),
            destination.remove_variable(variable),
        );
    } else {
        finding.help(format!(
            "say `true`, as nothing else runs jobs, or add a role that runs `bin/jobs` and remove {variable}"
        ));
    }
    None
}
