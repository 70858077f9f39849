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
    let vite = assets.vite_folder().known()?;
    let public = role.path("public")?;
    let bundle = role.path(&format!("public/{vite}"))?;
    if is_below(&bundle, &bridge.folder) || is_below(&bridge.folder, &bundle) {
        return None;
    }
    let folder = if assets.pipeline().is_absent() {
        &bundle
    } else {
        &public
    };
    report
        .at(
            &bridge.folder,
            format!(
                "asset_path is {}, and Vite's bundle is in {bundle}, which Kamal does not keep",
                bridge.folder
            ),
        )
        .because(&vite.labelled("Vite's bundle"))
        // Browsers may load it from a server that keeps old files.
        .confidence(Confidence::Likely)
        .fix(format!("name {folder}"), bridge.set(folder));
    None
}
