use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    if !role.has_settled_hosts() || role.has_network_of_its_own() {
        return None;
    }
    let (used, hosts) = (role.server_names(), role.hosts());
    for accessory in role.destination().accessories() {
        let own = accessory.hosts();
        if !accessory.has_settled_hosts() || !accessory.get("network").is_absent() {
            continue;
        }
        let Some(name) = accessory.host_name() else {
            continue;
        };
        let Some(used) = used.iter().find(|used| used.value.name == *name) else {
            continue;
        };
        let Some(away) = hosts
            .iter()
            .find(|host| own.iter().all(|own| own.value != host.value))
        else {
            continue;
        };
        let there: Vec<&str> = own.iter().map(|host| host.value.as_str()).collect();
        report
            .at(
                &used.clone().labelled(format!("reached as {name}")),
                format!(
                    "role `{}` runs on {away}, but {name} is a name on {} only",
                    role.name(),
                    there.join(", ")
                ),
            )
            .because(away)
            .because(&own[0].clone().labelled("the accessory's server"))
            .confidence(Confidence::Likely)
            .help(format!(
                "publish the accessory's port on a private address of {}, and give `{}` that address",
                there[0],
                role.name()
            ));
    }
    None
}
