use crate::fact::Fact;
use crate::facts::kamal::{Destination, Role};
use crate::facts::process::{Process, Runner};
use crate::facts::puma::Condition;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;
use crate::version::at_least;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

/// The variable that has Solid Queue leave recurring tasks alone.
const VARIABLE: &str = "SOLID_QUEUE_SKIP_RECURRING";

/// The option of `bin/jobs` for the same.
const OPTION: &str = "--skip-recurring";

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let app = destination.app();
    let tasks = app.recurring().tasks();
    let task = tasks.first()?;
    let skipping = skipping(destination)?;
    let (_, first) = skipping.first()?;
    // Another destination may be the one that runs them.
    let others = app.destinations().into_iter();
    let mut others = others.filter(|other| other.option() != destination.option());
    if !others.all(|other| self::skipping(&other).is_some_and(|all| !all.is_empty())) {
        return None;
    }
    let what = match tasks.as_slice() {
        [_] => format!("`{}` never runs", task.name.value),
        tasks => format!("none of {} recurring tasks runs", tasks.len()),
    };
    let finding = report.at(
        first,
        format!("every process that works off jobs is told to skip recurring tasks: {what}"),
    );
    finding.because(&task.name);
    for (process, skips) in &skipping {
        finding.because(skips).follow(&process.origin);
    }
    finding.help("leave it out of one process in production; staging can set it in its own file");
    None
}

/// The processes of a destination that work off jobs, if each of them surely skips recurring tasks; with what
/// has it do so.
fn skipping(destination: &Destination<'_>) -> Option<Vec<(Fact<Process>, Fact<String>)>> {
    let solid_queue = destination.app().gems().shipped("solid_queue").known()?;
    // An accessory with the app's image may be the one that runs them.
    let has_other = destination
        .accessories()
        .iter()
        .any(|accessory| accessory.app_image().is_some() || accessory.image().is_unknown());
    if !destination.is_production() || !destination.has_settled_roles() || has_other {
        return None;
    }
    let mut skipping = Vec::new();
    for role in destination.roles() {
        let process = role.process()?;
        let runs_jobs = match &process.value {
            Process::Jobs(Runner::SolidQueue) => true,
            Process::Jobs(_) => false,
            Process::Web(_) => runs_in_puma(&role)?,
            Process::Other(_) => return None,
        };
        if runs_jobs {
            skipping.push((process, skips(&role, &solid_queue)?));
        }
    }
    Some(skipping)
}

/// Whether Puma runs Solid Queue; nothing if that cannot be told.
fn runs_in_puma(role: &Role<'_>) -> Option<bool> {
    let plugin = role.puma().solid_queue_plugin();
    if plugin.is_absent() {
        return Some(false);
    }
    match &plugin.known()?.value {
        Condition::Always => Some(true),
        Condition::Set(variable) => {
            let variable = role.variable(variable);
            (!variable.is_unknown()).then(|| variable.is_known())
        }
    }
}

/// What has a process skip recurring tasks, by the variable or by the option.
fn skips(role: &Role<'_>, solid_queue: &str) -> Option<Fact<String>> {
    // Words that are no to Active Model's booleans.
    const NO: [&str; 5] = ["", "0", "f", "false", "off"];
    if let Some(command) = role.command().known()
        && command.iter().any(|word| word == OPTION)
    {
        return Some(command.map(|_| OPTION.to_owned()).labelled("skips them"));
    }
    let set = role.variable(VARIABLE).known()?;
    // The variable came with 1.2.
    let is_yes = at_least(solid_queue, [1, 2]) && !NO.contains(&set.to_lowercase().as_str());
    is_yes.then(|| set.labelled("has Solid Queue skip them"))
}
