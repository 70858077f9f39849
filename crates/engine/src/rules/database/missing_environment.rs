use crate::facts::database::FILE;
use crate::facts::kamal::{Destination, Role};
use crate::facts::rails::APPLICATION;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let (environment, slot) = destination.lacks_environment(FILE)?;
    let mut roles = destination.roles();
    roles.retain(Role::runs_rails);
    // A URL in the environment makes a database where the file has none.
    let has_no_url = roles.iter().all(|role| {
        let urls = ["DATABASE_URL", "PRIMARY_DATABASE_URL"];
        urls.iter().all(|name| role.variable(name).is_absent())
    });
    let rails = destination.app().rails();
    let has_records = rails.configures_any(&["rails/all", "active_record/railtie"]);
    let lacks_records = destination.app().tree().has(APPLICATION) && !has_records;
    if lacks_records || rails.configures_any(&["config/database"]) {
        return None;
    }
    if roles.is_empty() || !has_no_url || destination.is_abandoned() {
        return None;
    }
    report
        .at(
            &environment,
            format!(
                "Rails runs as `{0}`, and {FILE} has no `{0}`: the containers have no database",
                environment.value
            ),
        )
        .label(slot, format!("no `{}` in it", environment.value))
        .help(format!(
            "add `{0}` to {FILE}, or run it as `production` with other values",
            environment.value
        ));
    None
}
