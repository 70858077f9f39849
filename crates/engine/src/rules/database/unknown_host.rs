use crate::facts::kamal::{Accessory, Role};
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let accessories = role.destination().accessories();
    let names: Option<Vec<_>> = accessories.iter().map(Accessory::host_name).collect();
    let names = names?;
    if role.has_network_of_its_own() {
        return None;
    }
    for used in role.server_names() {
        let host = used.value.name.as_str();
        let is_known = host.contains('.')
            || host == "localhost"
            || names.iter().any(|name| name.value == host)
            || role.hosts().iter().any(|own| own.value == host)
            || accessories
                .iter()
                .any(|accessory| accessory.has_alias(host));
        if is_known {
            continue;
        }
        let meant = accessories.iter().zip(&names).find(|(accessory, name)| {
            accessory.name().value == host || is_slip(host, accessory, name)
        });
        let Some((accessory, name)) = meant else {
            continue;
        };
        report
            .at(
                &used
                    .clone()
                    .labelled(format!("the server is called {host} here")),
                format!(
                    "no container is called {host}; accessory `{}` is called {name}",
                    accessory.name()
                ),
            )
            .because(accessory.name())
            .confidence(Confidence::Likely)
            .unsafe_fix(format!("call it {name}"), used.value.renamed(name));
    }
    None
}

/// Whether a name is the accessory's with a slip in it, or with another service's name: then nothing
/// else uses the accessory.
fn is_slip(host: &str, accessory: &Accessory<'_>, name: &str) -> bool {
    let ends_alike = host
        .rsplit_once(['-', '_'])
        .is_some_and(|(_, last)| last == accessory.name().value);
    !accessory.is_reached_by_name()
        && (ends_alike || host.contains(&accessory.name().value))
        && nearest(host, [name]).is_some()
}
