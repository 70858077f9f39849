use crate::facts::assets::{MANIFEST, Pipeline};
use crate::facts::kamal::Role;
use crate::facts::mounts::is_below;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let app = destination.app();
    let assets = app.assets();
    let bridge = role.bridge()?;
    let pipeline = assets.pipeline().known()?;
    if pipeline.value != Pipeline::Sprockets || !destination.is_production() {
        return None;
    }
    let folder = assets.folder().known()?;
    // What is in git has one name in all builds, and what is not compiled has none.
    let is_compiled = process::stage(role)?.image().mentions("assets:precompile");
    if !is_compiled || assets.are_tracked(&folder) {
        return None;
    }
    let built = role.path(&format!("public/{folder}"))?;
    if !is_below(&built, &bridge.folder) {
        return None;
    }
    assets.manifest().absent()?;
    report
        .at(
            &bridge.folder,
            "Sprockets finds two manifests here, its own and that of the version before, and takes either",
        )
        .because(&pipeline.labelled("Sprockets"))
        .fix(
            "give the manifest a place outside of the assets",
            app.rails().set(
                MANIFEST,
                "Rails.root.join(\"config/manifest.json\")",
                "config.assets.compile",
            ),
        );
    None
}
