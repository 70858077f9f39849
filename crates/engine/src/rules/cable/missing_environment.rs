use crate::facts::cable::FILE;
use crate::facts::kamal::{Destination, Role};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let (environment, slot) = destination.lacks_environment(FILE)?;
    let channel = destination.app().cable().channel()?;
    let servers: Vec<_> = destination
        .roles()
        .into_iter()
        .filter(Role::runs_rails)
        .collect();
    // The gem takes the address by itself.
    let has_redis = servers
        .iter()
        .any(|role| !role.variable("REDIS_URL").is_absent());
    let configured = ["action_cable.cable", "config/cable"];
    if destination.is_abandoned()
        || servers.is_empty()
        || has_redis
        || destination.app().rails().configures_any(&configured)
    {
        return None;
    }
    report
        .at(
            &environment,
            format!(
                "Rails runs as `{0}`, and {FILE} has no `{0}`: Action Cable looks for a Redis in its own container",
                environment.value
            ),
        )
        .label(slot, format!("no `{}` in it", environment.value))
        .because(&channel)
        .help(format!("add `{}` to {FILE}", environment.value));
    None
}
