use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::DataLoss, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let storage = destination.app().storage();
    if !destination.is_production() || !role.runs_rails() || !storage.is_used() {
        return None;
    }
    let kind = storage.kind().known()?;
    let folder = storage.folder().known()?;
    let path = role.path(&folder)?;
    let mounts = role.mounts()?;
    if *kind != "Disk" || mounts.iter().any(|mount| mount.has(&path)) {
        return None;
    }
    let finding = report.at(
        &folder.clone().labelled("uploads are kept here"),
        format!("uploads are kept in the container, in {path}, which the next deploy throws away"),
    );
    // The tables may be there without a model that uses them.
    finding.confidence(Confidence::Likely);
    for mount in &mounts {
        finding.because(mount);
    }
    let volume = destination.storage_volume(&path)?;
    finding.fix(
        format!("mount a volume at {path}"),
        destination.root().add_list("volumes", vec![volume]),
    );
    None
}
