use crate::facts::kamal::Role;
use crate::facts::mounts::is_below;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let bridge = role.bridge()?;
    let assets = role.destination().app().assets();
    let vite = || Some((assets.vite_folder().known()?, "Vite's bundle"));
    let packs = || Some((assets.packs_folder().known()?, "Shakapacker's bundle"));
    let (folder, what) = vite().or_else(packs)?;
    let public = role.path("public")?;
    let bundle = role.path(&format!("public/{folder}"))?;
    if is_below(&bundle, &bridge.folder) || is_below(&bridge.folder, &bundle) {
        return None;
    }
    let wanted = if assets.pipeline().is_absent() {
        &bundle
    } else {
        &public
    };
    report
        .at(
            &bridge.folder,
            format!(
                "asset_path is {}, and {what} is in {bundle}, which Kamal does not keep",
                bridge.folder
            ),
        )
        .because(&folder.labelled(what))
        // Browsers may load it from a server that keeps old files.
        .confidence(Confidence::Likely)
        .fix(format!("name {wanted}"), bridge.set(wanted));
    None
}
