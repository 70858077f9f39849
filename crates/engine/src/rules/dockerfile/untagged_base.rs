use crate::facts::dockerfile::Image;
use crate::facts::reference::tag;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .also(&["DL3006"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        let Some(base) = stage.pulled().filter(|base| tag(base).is_none()) else {
            continue;
        };
        report
            .at(
                &base,
                format!("`{}` has no version: it is whatever is newest", base.value),
            )
            .help(format!("name one in its tag: `{}:VERSION`", base.value));
    }
    None
}
