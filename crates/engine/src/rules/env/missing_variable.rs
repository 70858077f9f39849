use crate::facts::kamal::{Destination, Role};
use crate::facts::process::is_ambient;
use crate::facts::provided::who_lacks;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let is_settled = destination.has_settled_roles() && destination.is_deployed();
    if !destination.is_production() || !is_settled {
        return None;
    }
    let roles: Vec<Role<'_>> = destination
        .roles()
        .into_iter()
        .filter(Role::runs_rails)
        .collect();
    for variable in destination.app().fetched_at_boot() {
        let lacks = |role: &&Role<'_>| role.variable(variable).is_absent();
        let lacking: Vec<&Role<'_>> = roles.iter().filter(lacks).collect();
        // A list of secrets that a destination replaces by mistake is found itself.
        if lacking.is_empty() || is_ambient(variable) || destination.has_replaced(variable) {
            continue;
        }
        let who = who_lacks(&lacking, &roles);
        report
            .at(
                variable,
                format!(
                    "Rails does not boot without {}, which {who}",
                    variable.value
                ),
            )
            .because(lacking[0].name())
            .confidence(Confidence::Likely)
            .help(format!(
                "add {} to `env` in config/deploy.yml, or give `fetch` a default",
                variable.value
            ));
    }
    None
}
