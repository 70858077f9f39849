use crate::fact::Place;
use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;
use crate::tree::Source;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

/// The variable in which Kamal tells a hook the destination.
const TOLD: &str = "KAMAL_DESTINATION";

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let destinations = app.destinations();
    let named = destinations
        .iter()
        .find(|destination| destination.option().is_some() && !destination.may_stand_alone())?;
    let has_base = destinations
        .iter()
        .any(|destination| destination.name().is_none());
    let name = named.option()?;
    for hook in app.hooks() {
        // It asks by itself what is deployed.
        let asks = |source: &Source| {
            let told = [TOLD, "KAMAL_HOSTS", "KAMAL_ROLE"];
            told.iter().any(|variable| source.text().contains(variable))
        };
        if hook.source().is_none_or(asks) {
            continue;
        }
        for command in hook.kamal_commands() {
            let is_told = command.option("-d", "--destination").is_some()
                || command.option("-c", "--config-file").is_some();
            if is_told || !command.is_settled() || !command.reads_configuration() {
                continue;
            }
            let (line, path) = (command.line(), hook.path());
            let (what, option) = if has_base {
                // Kamal takes an empty destination for one.
                (
                    format!(
                        "`{line}` in {path} acts on what config/deploy.yml alone says, with `-d {name}`, too"
                    ),
                    format!("${{{TOLD}:+-d \"${TOLD}\"}}"),
                )
            } else {
                (
                    format!(
                        "`{line}` in {path} has no destination, and without one there is nothing to act on"
                    ),
                    format!("-d \"${TOLD}\""),
                )
            };
            report
                .at(&command, what)
                .label(
                    Place::File(named.root().uppermost().clone()),
                    format!("the destination `{name}`"),
                )
                .help(format!("give it `{option}`"));
        }
    }
    None
}
