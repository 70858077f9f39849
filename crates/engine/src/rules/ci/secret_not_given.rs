use crate::fact::Fact;
use crate::facts::App;
use crate::facts::secrets::{Asked, Lookup};
use crate::facts::workflows::{Command, Job};
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Deploy).since("0.1");

/// What brings variables from elsewhere, or writes the file that asks for them.
const ELSEWHERE: [&str; 4] = ["github_env", ".env", ".kamal/", "secrets"];

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    for job in app.kamal_jobs() {
        if let Some(command) = job.deploy() {
            look(app, &job, command, report);
        }
    }
    None
}

fn look(app: &App<'_>, job: &Job<'_>, command: &Fact<Command>, report: &mut Report) -> Option<()> {
    if !job.is_hosted() || !job.has_known_steps() || !command.is_settled() {
        return None;
    }
    if ELSEWHERE.iter().any(|word| job.runs_text_with(word))
        || command.option("-c", "--config-file").is_some()
    {
        return None;
    }
    let option = command.option("-d", "--destination").flatten();
    let destinations = app.destinations();
    let destination = destinations
        .iter()
        .find(|destination| destination.option() == option.as_deref())?;
    let secrets = destination.secrets();
    let mut reported = Vec::new();
    // `deploy` leaves accessories alone.
    let boots_all = command.positional().first() == Some(&"setup");
    let asked = destination.asked_secrets();
    for Asked { name, .. } in asked
        .into_iter()
        .filter(|asked| boots_all || !asked.key.starts_with("accessories."))
    {
        let Some(lookup) = secrets.lookup(&name).known() else {
            continue;
        };
        let Lookup::Variable(variable) = &lookup.value else {
            continue;
        };
        let is_there = lookup.origin.place.path();
        if !is_there.is_some_and(|path| app.is_tracked(path))
            || job.names_variable(variable)
            || reported.contains(variable)
        {
            continue;
        }
        reported.push(variable.clone());
        report
            .at(
                command,
                format!(
                    "the workflow deploys without {variable}, so that the secret {name} is empty"
                ),
            )
            .because(&lookup.clone().labelled(format!("asks for ${variable}")))
            .because(&name.clone().labelled("the secret"))
            .confidence(Confidence::Likely)
            .help(format!(
                "give the job `{variable}: ${{{{ secrets.{variable} }}}}` below `env`"
            ));
    }
    None
}
