use crate::fact::Place;
use crate::facts::kamal::{Destination, Role};
use crate::facts::provided::who_lacks;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

/// Each of these is enough for Rails to have a `secret_key_base`.
const ENOUGH: [&str; 3] = [
    "RAILS_MASTER_KEY",
    "SECRET_KEY_BASE",
    "SECRET_KEY_BASE_DUMMY",
];

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let credentials = destination.credentials()?;
    let is_given_elsewhere = destination.may_ship(&credentials.key)
        || !destination.has_settled_roles()
        || ENOUGH
            .into_iter()
            .any(|name| destination.has_replaced(name));
    if !destination.is_production() || is_given_elsewhere {
        return None;
    }
    let roles: Vec<Role<'_>> = destination
        .roles()
        .into_iter()
        .filter(Role::runs_rails)
        .collect();
    let lacks_all = |role: &&Role<'_>| ENOUGH.iter().all(|name| role.variable(name).is_absent());
    let lacking: Vec<&Role<'_>> = roles.iter().filter(lacks_all).collect();
    let first = lacking.first()?;
    let who = who_lacks(&lacking, &roles);
    let place = first.environment().variable("RAILS_MASTER_KEY").absent()?;
    let finding = report.place(
        place,
        "no RAILS_MASTER_KEY here",
        format!(
            "{} has the secret_key_base, and {who} its key",
            credentials.file
        ),
    );
    finding.label(Place::File(credentials.file.clone()), "encrypted");
    if let Some(lookup) = destination.secrets().lookup("RAILS_MASTER_KEY").known() {
        finding.label(lookup.origin.place, "looked up here, and given to nobody");
    }
    finding.help("add RAILS_MASTER_KEY to `env.secret`");
    None
}
