use crate::facts::dockerfile::{Image, Stage};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .also(&["ReservedStageName", "DL3063"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for name in image.stages().into_iter().filter_map(Stage::name) {
        let means = match name.to_lowercase().as_str() {
            "context" => "the files that are given to the build",
            "scratch" => "the empty image",
            _ => continue,
        };
        report
            .at(
                &name,
                format!("a stage is called {name}, which means {means}"),
            )
            .help("give it another name");
    }
    None
}
