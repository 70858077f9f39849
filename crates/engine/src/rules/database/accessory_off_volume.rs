use crate::facts::kamal::Accessory;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::DataLoss, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let store = accessory.store()?;
    let mounts = accessory.mounts()?;
    let name = accessory.name();
    if store.is_kept_by(&mounts) || accessory.is_scratch() {
        return None;
    }
    // Such a container does not start, which is another rule's news.
    if store.refused_mount(&mounts).is_some() {
        return None;
    }
    let (service, folder) = (store.service, &store.folders[0]);
    let finding = report.at(
        &name.clone().labelled("the accessory"),
        format!(
            "{service} of accessory `{name}` keeps its data in {folder}, where nothing is mounted"
        ),
    );
    finding.because(&store).confidence(Confidence::Likely);
    for mount in &mounts {
        finding.because(mount);
    }
    let target = store.volume;
    finding.unsafe_fix(
        format!("mount a directory at {target}; dump the data first, as the next boot begins with an empty one"),
        accessory.add_list("directories", vec![format!("data:{target}")]),
    );
    None
}
