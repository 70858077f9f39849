use crate::fact::Answer;
use crate::facts::assets::{Bridge, Pipeline};
use crate::facts::kamal::Role;
use crate::facts::mounts::is_below;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let bridge = role.bridge()?;
    let stage = process::stage(role)?;
    let working = stage.working_folder().known()?;
    let inside = working.trim_end_matches('/');
    if !is_below(&bridge.folder, inside) {
        let top: String = bridge.folder.split_inclusive('/').take(2).collect();
        if stage.image().names_folder(top.trim_end_matches('/')) {
            return None;
        }
        let finding = report.at(
            &bridge.folder,
            format!(
                "asset_path is {}, and the image has the app in {inside}",
                bridge.folder
            ),
        );
        finding.because(&working.clone().labelled("the app is here"));
        match bridge.folder.find("/public") {
            Some(public) => {
                let folder = format!("{inside}{}", &bridge.folder[public..]);
                finding.fix(format!("name {folder}"), bridge.set(&folder));
            }
            None => {
                finding.help(format!("name the folder of the assets below {inside}"));
            }
        }
        return None;
    }
    in_app(role, &bridge, inside, report)
}

/// The folder that assets go to where nothing else is said.
const USUAL: &str = "assets";

fn in_app(role: &Role<'_>, bridge: &Bridge<'_>, inside: &str, report: &mut Report) -> Option<()> {
    let app = role.destination().app();
    let assets = app.assets();
    let is_usual = bridge.folder.value == format!("{inside}/public/{USUAL}");
    if !is_usual || assets.are_tracked(USUAL) || assets.may_be_built_otherwise(role) {
        return None;
    }
    if !assets.vite_folder().is_absent() || !app.gems().shipped("shakapacker").is_absent() {
        return None;
    }
    if assets.pipeline().is_known() {
        let folder = assets.folder().known()?;
        if is_below(&folder, USUAL) {
            return None;
        }
        let built = format!("{inside}/public/{folder}");
        report
            .at(
                &bridge.folder,
                format!(
                    "asset_path is {}, and assets are built into {built}",
                    bridge.folder
                ),
            )
            .because(&folder.labelled("assets are built there"))
            .fix(format!("name {built}"), bridge.set(&built));
        return None;
    }
    let gems = ["propshaft", "sprockets-rails"];
    let [Answer::Absent(place), Answer::Absent(_)] = gems.map(|gem| app.gems().shipped(gem)) else {
        return None;
    };
    app.tree().source("Gemfile.lock")?;
    let root = role.destination().root();
    report
        .at(
            &bridge.folder,
            format!(
                "asset_path is {}, and nothing builds it: the bundle has neither {} nor {}",
                bridge.folder,
                Pipeline::Propshaft,
                Pipeline::Sprockets
            ),
        )
        .label(place, "the bundle")
        .fix("remove asset_path", root.remove("asset_path"));
    None
}
