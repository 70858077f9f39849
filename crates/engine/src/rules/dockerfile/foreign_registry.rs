use crate::fact::Fact;
use crate::facts::App;
use crate::facts::dockerfile::Image;
use crate::facts::reference::registry;
use crate::facts::setting::Setting;
use crate::finding::{Consequence, Layer, Report};
use crate::plan::{FILE, TRUSTED_REGISTRIES};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Build)
    .also(&["DL3026"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, app: &App<'_>, report: &mut Report) -> Option<()> {
    let trusted = Setting::root([app.tree().source(FILE)?])?
        .get(TRUSTED_REGISTRIES)
        .known()?;
    let registries = trusted.texts();
    let stages = image.stages();
    for stage in &stages {
        let base = stage.base().known().filter(|_| stage.parent().is_none());
        let copied = stage.copied_from().into_iter();
        let copied = copied.filter(|from| !stages.iter().any(|stage| stage.is_called(from)));
        for pulled in base.into_iter().chain(copied) {
            // A variable may have the registry in it.
            let first = pulled.split('/').next().unwrap_or_default();
            if pulled.value == "scratch" || first.contains('$') {
                continue;
            }
            let own = registry(&pulled);
            if registries.iter().any(|known| is_meant(known, own)) {
                continue;
            }
            let finding = report.at(
                &pulled,
                format!("`{}` comes from {own}, which is not trusted", pulled.value),
            );
            finding.because(&trusted.clone().map(|_| ()).labelled("these are"));
            let names: Vec<&str> = registries.iter().map(|known| known.as_str()).collect();
            finding.help(format!(
                "take it from {}, or add {own} to `{TRUSTED_REGISTRIES}`",
                names.join(" or ")
            ));
        }
    }
    None
}

/// Whether a registry is the one that is meant; a star at either end stands for anything.
fn is_meant(known: &Fact<String>, registry: &str) -> bool {
    let known = known.as_str();
    match (known.strip_prefix('*'), known.strip_suffix('*')) {
        (Some(end), _) => registry.ends_with(end),
        (None, Some(start)) => registry.starts_with(start),
        (None, None) => registry == known,
    }
}
