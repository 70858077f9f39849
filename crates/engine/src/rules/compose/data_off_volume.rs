use crate::facts::compose::Service;
use crate::facts::mounts::{Mount, is_below};
use crate::facts::stores::Store;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::DataLoss, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    let store = service.store()?;
    let mounts = service.mounts()?;
    if store.is_kept_by(&mounts) || store.refused_mount(&mounts).is_some() {
        return None;
    }
    // A database without any volume may be meant to be empty.
    let mount = mounts.iter().find(|mount| is_meant_for(mount, &store))?;
    let (server, folder) = (store.service, &store.folders[0]);
    report
        .at(
            mount,
            format!("{server} keeps its data in {folder}, and what is mounted at {} does not reach it", mount.target),
        )
        .because(&store)
        .confidence(Confidence::Likely)
        .help(format!("mount it at {} instead; dump the data first, as the next start begins with an empty database", store.volume));
    None
}

/// Whether a mount is for the data: near its folder, and no single file.
fn is_meant_for(mount: &Mount, store: &Store) -> bool {
    let root = store.volume.trim_end_matches("/data");
    let last = mount.target.rsplit('/').next().unwrap_or_default();
    !last.contains('.')
        && mount.target != "/"
        && (is_below(&mount.target, root) || is_below(root, &mount.target))
}
