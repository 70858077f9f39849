use crate::facts::kamal::Accessory;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

/// The keys that say where an accessory runs; the last ones came with Kamal 2.6.
const PLACES: [&str; 6] = ["host", "hosts", "roles", "role", "tag", "tags"];

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let destination = accessory.destination();
    let version = destination.kamal()?.version;
    if !destination.is_deployed() {
        return None;
    }
    let places = if version.has(2, 6) {
        &PLACES[..]
    } else {
        &PLACES[..3]
    };
    if places
        .iter()
        .all(|key| accessory.setting().lacks(key).is_some())
    {
        report
            .at(
                accessory.name(),
                format!(
                    "nothing says where the accessory `{}` runs",
                    accessory.name()
                ),
            )
            .help("give it a `host`, or the `role` whose hosts it is to run on");
    }
    // Kamal looks for tags in roles alone, and fails where there are none
    // (kamal 2.12 `lib/kamal/configuration/accessory.rb`).
    let servers = destination.root().get("servers").known()?;
    if version.has(2, 10)
        && servers.is_sequence()
        && let Some(tag) = accessory.get("tag").and_then(|tag| tag.text()).known()
    {
        report
            .at(&tag, format!("accessory `{}` runs on hosts with a tag, and Kamal looks for tags in roles alone", accessory.name()))
            .because(&servers)
            .help("give the hosts a role: `servers: {web: [...]}`");
    }
    None
}
