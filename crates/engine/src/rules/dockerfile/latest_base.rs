use crate::facts::dockerfile::Image;
use crate::facts::reference::tag;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .also(&["DL3007"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        let Some(base) = stage.pulled().filter(|base| tag(base) == Some("latest")) else {
            continue;
        };
        report
            .at(
                &base,
                format!("`{}` is another image with each release", base.value),
            )
            .help("name a version in its tag");
    }
    None
}
