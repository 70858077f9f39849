use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::facts::kamal_keys::Version;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    if destination.kamal()?.version < Version::TWO {
        return None;
    }
    for old in destination.traefik_hooks() {
        let new = old.name().replace("traefik", "proxy");
        report
            .place(
                Place::File(old.clone()),
                "a hook of Kamal 1",
                format!("`{old}` is a hook of Kamal 1, and Kamal 2 does nothing while it is there"),
            )
            .help(format!("rename it to `{new}`, and read what it does"));
    }
    None
}
