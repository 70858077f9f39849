use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    app.tree().folder("bin")?;
    if app.tree().has("bin/kamal") {
        return None;
    }
    for job in app.kamal_jobs() {
        // Both may make the file.
        if job.changes_folder() || job.mentions("binstub") || job.uses_own_action() {
            continue;
        }
        let commands = job.commands();
        let Some(command) = commands
            .iter()
            .find(|command| ["bin/kamal", "./bin/kamal"].contains(&command.program.as_str()))
        else {
            continue;
        };
        report
            .at(
                command,
                "the workflow runs bin/kamal, and there is no such file",
            )
            .help("run `bundle binstubs kamal` and commit the file, or run `bundle exec kamal`");
    }
    None
}
