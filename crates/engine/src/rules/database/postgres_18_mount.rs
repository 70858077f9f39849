use crate::fact::Fact;
use crate::facts::kamal::Accessory;
use crate::facts::mounts::Mount;
use crate::facts::stores::{POSTGRES_WITH_VERSIONED_FOLDER, Store};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let store = accessory.store()?;
    let mounts = accessory.mounts()?;
    let mount = unused_mount(&store, &mounts)?;
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

/// The mount that the image refuses to start with: where 17 kept its data
/// (docker-library postgres, `docker-entrypoint.sh`, `docker_setup_env`).
pub(super) fn unused_mount<'m>(store: &Store, mounts: &'m [Fact<Mount>]) -> Option<&'m Fact<Mount>> {
    let is_new = store.service == "PostgreSQL" && store.major? >= POSTGRES_WITH_VERSIONED_FOLDER;
    let is_default = store.folders.iter().all(|folder| folder.ends_with("/docker"));
    if !is_new || !is_default {
        return None;
    }
    mounts.iter().find(|mount| mount.target == "/var/lib/postgresql/data")
}
