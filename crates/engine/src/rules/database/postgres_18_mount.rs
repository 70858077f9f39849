use crate::facts::kamal::Accessory;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let store = accessory.store()?;
    let mounts = accessory.mounts()?;
    let mount = store.refused_mount(&mounts)?;
    let major = store.major?;
    report
        .at(
            mount,
            format!("PostgreSQL {major} does not start with a mount at {}: its data is in {}", mount.target, store.folders[0]),
        )
        .because(&store)
        .help(format!(
            "mount {} instead; data of an older version has to be dumped and loaded, or moved with pg_upgrade",
            store.volume
        ));
    None
}
