use crate::facts::environment::HostTag;
use crate::facts::kamal::{Accessory, Role};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let destination = accessory.destination();
    let servers = destination.root().get("servers").known()?;
    let is_placed = ["host", "hosts", "role", "roles"]
        .iter()
        .any(|key| !accessory.get(key).is_absent());
    if is_placed || !servers.is_mapping() || !destination.kamal()?.version.has(2, 6) {
        return None;
    }
    let roles = destination.roles();
    for tag in accessory.tags() {
        let has_tag = |role: &&Role<'_>| {
            role.tags()
                .iter()
                .any(|HostTag { tag: other, .. }| other.value == tag.value)
        };
        let having: Vec<&Role<'_>> = roles.iter().filter(has_tag).collect();
        // A role that is a plain list is where Kamal looks.
        let first = having.first()?;
        if having.iter().any(|role| role.setting().is_sequence()) {
            continue;
        }
        report
            .at(
                &tag,
                format!("the accessory `{}` runs nowhere: Kamal does not find the tag `{}` below `hosts`", accessory.name(), tag.value),
            )
            .label(first.setting().name(), "the hosts stand below `hosts` here")
            .help(format!("give the accessory the role, `role: {}`, or the host itself", first.name()));
    }
    None
}
